"""Write README's accuracy tables from the manifests: one table a protocol, one row a model.

    python models/build/table.py            # --check only says whether the README is up to date
"""

import argparse
import re

from checkout import ROOT

from edgepose import model

README = ROOT / "README.md"
PLACE = re.compile(r"(<!-- accuracy (\w+): .*? -->\n).*?(<!-- end -->)", re.DOTALL)
HEAD = """\
| model | input | file | float32 AP | **int8 AP** | of float | int8 AP50 | int8 AP75 | publisher's int8 AP |
|---|---|---|---|---|---|---|---|---|
"""


def main():
    """Write the tables, or compare them with those that are there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 if the README is out of date")
    check, old = parser.parse_args().check, README.read_text()
    new = PLACE.sub(lambda place: place[1] + table(place[2]) + place[3], old)
    if not check:
        README.write_text(new)
    elif new != old:
        raise SystemExit(f"{README.name}: its accuracy tables are not what manifests say; run models/build/table.py")


def table(protocol):
    """The table of one protocol, as Markdown."""
    models = [model.load(name) for name in model.known()]
    return HEAD + "".join(row(one, one.accuracy[protocol]) for one in models if protocol in one.accuracy)


def row(one, measured):
    """One model's line."""
    floats, int8 = measured.get("float"), measured["int8"]
    published = measured.get("published_int8")
    cells = [
        one.name,
        f"{one.input.width}x{one.input.height}",
        f"{one.files[0].size_bytes / 1e6:.1f} MB",
        f"{floats['ap']:.3f}" if floats else "-",
        f"**{int8['ap']:.3f}**",
        f"{int8['ap'] / floats['ap']:.3f}" if floats else "-",
        f"{int8['ap50']:.3f}",
        f"{int8['ap75']:.3f}",
        f"{published['ap']:.3f}" if published else "-",
    ]
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    main()
