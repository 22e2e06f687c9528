"""Writes what doctor prints of recorded boards into docs/doctor.md: python tests/doctor_outputs.py [--check].

Behind each line `<!-- tree: NAME -->` of the page stands the output for tests/data/boards/NAME.txt.
"""

import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from edgepose import doctor  # noqa: E402
from edgepose.doctor import table, tree  # noqa: E402

PAGE, COLUMNS = ROOT / "docs" / "doctor.md", 100
_BLOCK = re.compile(r"<!-- tree: (\S+) -->\n+```.*?```", re.DOTALL)


def output(name):
    """The marked block of a recorded tree."""
    with tempfile.TemporaryDirectory() as folder:
        tree.lay_out(ROOT / "tests" / "data" / "boards" / f"{name}.txt", Path(folder))
        lines = "\n".join(table.rows(doctor.examine(doctor.Place(folder)), COLUMNS))
    return f"<!-- tree: {name} -->\n\n```\n{lines}\n```"


def main():
    """Rewrite the page, or with --check say whether it is true; returns the exit code."""
    old = PAGE.read_text()
    new = _BLOCK.sub(lambda match: output(match[1]), old)
    if "--check" in sys.argv[1:]:
        if new != old:
            print(f"{PAGE}: not what doctor prints; run python tests/doctor_outputs.py", file=sys.stderr)
        return int(new != old)
    PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
