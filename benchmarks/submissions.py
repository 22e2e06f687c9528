"""What others sent: a row for ports/README.md of each file of `edgepose bench --submit-file`, or why there is none.

    python benchmarks/submissions.py FILE ...

Exit code 0 where all of them prove something, 1 where one does not, 2 where one is no such file.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import jsonschema
from referencing import Registry, Resource

import edgepose
from edgepose import board
from edgepose.bench import reading, submission
from edgepose.bench.wording import ms
from edgepose.errors import ConfigError
from edgepose.evaluate import jsonfile

#: All that detection reads; nothing else of a stranger's tree is laid out.
READ = ("proc/device-tree/model", "proc/device-tree/compatible", "proc/sys/kernel/arch", "edgepose/userland")
HEAD = ("| board | model, backend, threads | frame p50 ms | p99 | network p50 ms | frames a second | memory MiB | power"
        " | edgepose, date |\n|---|---|---|---|---|---|---|---|---|")


def main(arguments=None):
    """Print the rows; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("files", nargs="+", metavar="FILE")
    try:
        found = {path: read(path) for path in parser.parse_args(arguments).files}
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    against = [f"{path}: {why}" for path, entry in found.items() for why in refusals(entry)]
    proofs = [row for entry in found.values() if not refusals(entry) for row in rows(entry)]
    print("\n".join([HEAD, *proofs] if proofs else []), end="\n" if proofs else "")
    print("\n".join(against), end="\n" if against else "", file=sys.stderr)
    return 1 if against else 0


def read(path):
    """A submission; ConfigError in one line where it is none, or damaged."""
    found = jsonfile.parse(jsonfile.read(path), path)
    fault = jsonschema.exceptions.best_match(_validator().iter_errors(found))
    if fault is not None:
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault.absolute_path)
        raise ConfigError(f"{path}:{where} {fault.message[:200]}; it takes what edgepose bench --submit-file wrote")
    reading.check(found["bench"], path)
    return found


def _validator():
    folder = Path(edgepose.__file__).parent / "schemas"
    schemas = {name: json.loads((folder / f"{name}-1.schema.json").read_text()) for name in ("submission", "bench")}
    registry = Registry().with_resources([(schema["$id"], Resource.from_contents(schema))
                                          for schema in schemas.values()])
    return jsonschema.Draft202012Validator(schemas["submission"], registry=registry)


def refusals(found):
    """Why a submission proves nothing, a line each."""
    seen = _board_of(found["tree"])
    other = [f"its tree is of {seen.title} ({seen.name}), not of {found['board']['name']}"]
    return submission.refusals(found) + (other if seen.name != found["board"]["name"] else [])


def _board_of(lines):
    """The Board that a tree's lines show."""
    with tempfile.TemporaryDirectory() as folder:
        for path in READ:
            end = "\0" if path.startswith("proc/device-tree/") else "\n"
            texts = [line[len(path) + 2:] + end for line in lines if line.startswith(f"{path}: ")]
            if texts:
                (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(folder) / path).write_text("".join(texts))
        return board.detect(folder)


def rows(found):
    """A row for every cell."""
    own = found["model"] or found["bench"]["machine"]["name"]
    title = f"{found['board']['title']}: {own}" if found["board"]["generic"] else found["board"]["title"]
    for cell in found["bench"]["cells"]:
        numbers, machine = cell["summary"], found["bench"]["machine"]
        work, network = numbers["times_ns"]["work"], numbers["times_ns"]["network"]
        power = "; ".join(f"{row['mean_mw'] / 1000:.2f} W ({row['covers']})" for row in cell["energy"]) or "-"
        yield (f"| {title} | {cell['name']} | {ms(work['p50'])} | {ms(work['p99'])} |"
               f" {ms(network['p50'])} | {numbers['throughput_hz']:.1f} | {numbers['memory']['peak_bytes'] / 2**20:.0f}"
               f" | {power} | {found['edgepose']} {machine['commit'] or ''}, {found['date'][:10]} |")


if __name__ == "__main__":
    sys.exit(main())
