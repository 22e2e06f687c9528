"""The `edgepose` command. Each command is a file here, imported only when it is called."""

import argparse
import importlib
import sys

import edgepose
from edgepose.errors import EdgePoseError

COMMANDS = {
    "run": "find poses in a picture, a directory, a video or a camera",
    "eval": "measure the accuracy of a model, or of any tool's results, on COCO annotations",
    "bench": "measure what a pipeline costs here, in time, memory and energy",
    "daemon": "watch cameras for months: poses, zones, events, a page",
    "models": "list, describe and verify the installed models",
    "doctor": "say what this machine has and what it lacks",
}


class Parser(argparse.ArgumentParser):
    """Wrong usage is one line and exit code 2."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(arguments=None):
    """Run the command line; returns the exit code."""
    if edgepose.WRONG_PYTHON:
        print(edgepose.WRONG_PYTHON, file=sys.stderr)
        return 2
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = Parser(prog="edgepose", description="Human pose on edge boards.")
    parser.add_argument("--version", action="version", version=f"edgepose {edgepose.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if name in arguments[:1]:
            importlib.import_module(f"edgepose.cli.{name}").add_arguments(command)
    options = parser.parse_args(arguments)
    try:
        return importlib.import_module(f"edgepose.cli.{options.command}").main(options)
    except EdgePoseError as error:
        print(f"edgepose: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before anything had begun; a run that has begun ends by itself
        return 130
