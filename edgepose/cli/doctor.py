"""`edgepose doctor`: what this machine has, what it lacks, and what to do about it."""

import json
import os
import sys
import tempfile
from pathlib import Path

from edgepose.errors import ConfigError, SinkError


def add_arguments(parser):
    """Declare what `edgepose doctor` takes."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--tree", metavar="PATH",
                        help="examine a recorded tree, a file or the folder that it is laid out in, not this machine")
    parser.add_argument("--record", metavar="FILE",
                        help="write the kernel's files of this machine, for a profile of its board; - for standard"
                             " output")
    parser.add_argument("--tune", action="store_true",
                        help="measure how an OpenCL device best runs each layer, and keep it; takes some minutes")
    parser.add_argument("--model", action="append", metavar="NAME",
                        help="of --tune: a model; may be given several times; default: all that are here")
    parser.add_argument("--device", metavar="NAME",
                        help="of --tune: number, gpu, accelerator, cpu or a part of the name; default: a GPU, if any")
    parser.add_argument("--threads", type=int, metavar="N", help="of --tune: threads of a CPU device; default: 1")


def main(options):
    """Run `edgepose doctor`; 1 when something that is needed is missing."""
    if options.tune:
        return _tune(options)
    for name in ("model", "device", "threads"):
        if getattr(options, name) is not None:
            raise ConfigError(f"--{name} is of --tune; see edgepose doctor --help")
    if options.record:
        return _record(options)
    with tempfile.TemporaryDirectory() as folder:
        return _examine(options, _root(options.tree, Path(folder)))


def _root(tree, folder):
    """Where the files are that are examined; a recording is laid out in the folder."""
    from edgepose.doctor import tree as trees

    if tree is None or Path(tree).is_dir():
        return tree or "/"
    trees.lay_out(tree, folder)
    return folder


def _examine(options, root):
    """Print what is found at a root; the exit code."""
    from edgepose import doctor
    from edgepose.doctor import table

    report = doctor.examine(doctor.Place(root))
    text = json.dumps(report, indent=2) if options.json else "\n".join(table.rows(report, table.width()))
    _say(text)
    return 0 if doctor.is_fit(report) else 1


def _say(text):
    """Print a text, without the sinks: they need NumPy, and that it is missing may be what there is to say."""
    try:
        print(text, flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more as it ends
        gone = isinstance(error, BrokenPipeError)
        why = "the program that was reading it has ended" if gone else error.strerror
        raise SinkError(f"standard output: {why}") from error


def _record(options):
    """Write the recording; what it was written to goes to standard error, for nothing else is worth a line."""
    from edgepose import doctor
    from edgepose.doctor import tree as trees

    if options.json or options.tree:
        raise ConfigError("--record takes neither --json nor --tree; examine what it wrote with --tree")
    text = trees.record(doctor.Place())
    if options.record == "-":
        print(text, end="")
        return 0
    try:
        Path(options.record).write_text(text)
    except OSError as error:
        raise ConfigError(f"--record {options.record}: {error.strerror}") from error
    print(f"edgepose: {options.record} has what this machine's kernel says; ports/README.md says where to send it",
          file=sys.stderr)
    return 0


def _tune(options):
    from edgepose.cli import tune

    if options.json or options.tree or options.record:
        raise ConfigError("--tune has no --json, --tree or --record; run edgepose doctor after it")
    options.threads = 1 if options.threads is None else options.threads
    return tune.main(options)
