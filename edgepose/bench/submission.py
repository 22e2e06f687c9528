"""What a user sends as a proof on a board: a record, doctor's findings and the board's tree, with nothing private.

schemas/submission-1.schema.json has its form.
"""

import json
import subprocess
import sys
from pathlib import Path

from edgepose import board
from edgepose.bench import plan, private
from edgepose.errors import BoardError, first_line

SCHEMA = "edgepose.submission/1"
_PATIENCE_S = 300.0  # doctor loads every runtime, and a small board reads them from a slow card


def build(whole, options):
    """A submission.

    Parameters
    ----------
    whole : the record, its samples packed
    options : namespace of the command line, settled

    Raises
    ------
    BoardError : edgepose doctor does not answer
    """
    found = {"schema": SCHEMA, "edgepose": whole["edgepose"], "date": whole["date"],
             "board": whole["machine"]["board"], "model": board.model_of(),
             "bench": whole | {"command": _command(options)}, "doctor": _findings(), "tree": _tree()}
    return private.redact(found, private.secrets(), private.names())


def _command(options):
    """What was measured, as a command; names of files were for its user alone."""
    words = ["edgepose bench", f"--model {options.model}", f"--backend {options.backend}",
             f"--threads {options.threads}", f"--seconds {options.seconds:g}", f"--processes {options.processes}"]
    words += [f"--precision {options.precision}"] if options.precision else []
    return " ".join(words + ([f"--cpus {','.join(map(str, options.cpus))}"] if options.cpus else []))


def _findings():
    text = _doctor("--json")
    try:
        return json.loads(text)
    except ValueError as error:
        raise BoardError(f"edgepose doctor --json gives no JSON: {first_line(error)}; run it and see") from error


def _tree():
    """The lines of the board's recorded tree, tests/data/boards/README.md."""
    return [line for line in _doctor("--record", "-").splitlines() if line and not line.startswith("#")]


def _doctor(*arguments):
    """What edgepose doctor prints; in a process of its own, for it loads whatever is installed."""
    try:
        done = subprocess.run([sys.executable, "-m", "edgepose", "doctor", *arguments], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=_PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BoardError(f"edgepose doctor {arguments[0]}: {first_line(error)}; run it and see") from error
    if done.returncode not in (0, 1):  # 1: something is missing, and it says so
        raise BoardError(f"edgepose doctor {arguments[0]}: {first_line(done.stderr)}; run it and see")
    return done.stdout


def refusals(found):
    """Why a submission proves nothing, a line each; none where it does.

    Parameters
    ----------
    found : a submission that its schema takes
    """
    return [*_of_machine(found), *_of_cells(found["bench"]["cells"])]


def _of_machine(found):
    machine = found["bench"]["machine"]
    if found["board"] != machine.get("board"):
        yield "the record is of another board than the file says"
    if found["board"]["tier"] == "unknown":
        yield f"{found['board']['title']}: edgepose is not made for this architecture"
    if machine.get("emulated"):
        yield "the processor was emulated"
    elif machine["virtual"]:
        yield "it was measured in a virtual machine"
    if (machine["commit"] or "").endswith("+"):
        yield f"edgepose itself had been changed: {machine['commit']}"


def _of_cells(cells):
    clips = [Path(clip).name for clip in plan.CLIPS]
    for cell in cells:
        if cell["error"]:
            yield f"{cell['name']}: {cell['error']}"
        elif cell["cell"]["sources"] != clips or cell["cell"]["mode"] != "closed" or cell["cell"]["track"]:
            yield f"{cell['name']}: not measured on the clips that ship, as fast as they go, without the tracker"
        for doubt in cell["doubts"]:
            if doubt["spoils"] == "all":
                yield f"{cell['name']}: NOT trustworthy: {doubt['text']}"
