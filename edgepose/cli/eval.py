"""`edgepose eval`: how accurate a model, or any tool's results, is on COCO keypoint annotations."""

import errno
import shlex
import signal
import sys
from types import SimpleNamespace

from edgepose import model
from edgepose.cli.backend_options import SETTINGS, add_settings, given_settings
from edgepose.cli.progress import progress
from edgepose.errors import ConfigError, EdgePoseError

_RUN_DEFAULTS = {"model": model.DEFAULT, "backend": "auto", "threads": 1, "decoder": "int"}


def add_arguments(parser):
    """Declare what `edgepose eval` takes."""
    parser.add_argument("--images", metavar="DIR", help="where the annotated pictures are")
    parser.add_argument("--annotations", required=True, metavar="FILE", help="ground truth in COCO's keypoint format")
    parser.add_argument("--protocol", choices=("crops", "images"), default="crops",
                        help="crops: pictures of one person, cut to the person; images: whole pictures, all people;"
                             " default: crops")
    parser.add_argument("--model", metavar="NAME", help=f"default: {model.DEFAULT}")
    parser.add_argument("--backend", metavar="NAME", help="tflite, openvino, replay, or auto: the fastest here,"
                                                          " measured once; default: auto")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of the runtime; default: 1")
    add_settings(parser)
    parser.add_argument("--decoder", choices=("int", "float"),
                        help="the model's own integer decoder, or an exact one of the same outputs; default: int")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N pictures by id")
    parser.add_argument("--results", metavar="FILE",
                        help="score these poses (COCO results or JSON lines of edgepose run) instead of a model's")
    parser.add_argument("--resume", metavar="FILE",
                        help="keep each picture's poses in FILE, and go on there if it exists")
    parser.add_argument("--json", metavar="FILE", help="write all numbers")
    parser.add_argument("--worst", metavar="DIR", help="draw the worst pictures, ground truth beside prediction")
    parser.add_argument("--worst-count", type=int, default=20, metavar="N", help="how many; default: %(default)s")


def main(options):
    """Run `edgepose eval`; returns the exit code."""
    from edgepose.evaluate.session import Session

    _check(options)
    options.settings = given_settings(options)
    signal.signal(signal.SIGTERM, _end)
    with Session(options, "edgepose " + shlex.join(sys.argv[1:])) as session:
        return _run(session, options)


def _check(options):
    for key in ("limit", "worst_count"):
        if getattr(options, key) is not None and getattr(options, key) < 1:
            raise ConfigError(f"--{key.replace('_', '-')} {getattr(options, key)}: it takes 1 or more")
    given = [key for key in (*_RUN_DEFAULTS, *SETTINGS, "resume") if getattr(options, key) is not None]
    if options.results and given:
        option = given[0].replace("_", "-")
        raise ConfigError(f"--{option} has no use beside --results, which runs no network; leave one of them out")
    if not options.images and (options.worst or not options.results):
        raise ConfigError("--images DIR is missing: the directory of the annotated pictures")
    for key, value in _RUN_DEFAULTS.items():
        if getattr(options, key) is None:
            setattr(options, key, value)


def _end(*_):
    raise KeyboardInterrupt


def _run(session, options):
    """1 when something broke on the way, 130 when the user ended it."""
    try:
        with progress(len(session.task.pictures), "images", not options.results, session.n_done) as bar:
            poses = session.find(bar)
        whole = session.judge(poses)
        _print(whole)
    except KeyboardInterrupt:
        way_on = f"; the same command goes on in {options.resume}" if options.resume else ""
        print(f"edgepose: interrupted{way_on}", file=sys.stderr)
        return 130
    except EdgePoseError as fault:
        if getattr(fault, "errno", None) == errno.EPIPE:  # the reader has seen enough, as in `| head`
            return 0
        print(f"edgepose: {fault}", file=sys.stderr)
        return 1
    return 1 if whole["counts"]["broken"] else 0


def _print(whole):
    """The table, whole, to standard output."""
    from edgepose.evaluate import report
    from edgepose.sinks.lines import LineOutput

    lines = LineOutput(sys.stdout)
    lines.open(SimpleNamespace(live=False, source=""))
    lines.write(report.table(whole))
    lines.close()
