"""`edgepose doctor`: what this machine has, what it lacks, and what to do about it."""

import json

from edgepose.errors import ConfigError


def add_arguments(parser):
    """Declare what `edgepose doctor` takes."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
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
    from edgepose import doctor
    from edgepose.doctor import table

    findings = doctor.examine()
    if options.json:
        print(json.dumps(findings, indent=2))
    else:
        print("\n".join(table.rows(findings)))
    return 0 if all(finding["ok"] for finding in findings.values() if finding["needed"]) else 1


def _tune(options):
    from edgepose.cli import tune

    if options.json:
        raise ConfigError("--tune has no --json; run edgepose doctor --json after it")
    options.threads = 1 if options.threads is None else options.threads
    return tune.main(options)
