"""`edgepose eval`: how accurate a model, or any tool's results, is on COCO keypoint annotations, or on tracks."""

import errno
import shlex
import signal
import sys

from edgepose.board.defaults import keep_to_own
from edgepose.cli.backend_options import SETTINGS, add_choice, add_settings, given_settings, settle
from edgepose.cli.printing import print_whole
from edgepose.cli.progress import progress
from edgepose.cli.track_options import FIELDS, add_tracking
from edgepose.errors import ConfigError, EdgePoseError

_OF_RUNS = ("model", "backend", "threads", "decoder")


def add_arguments(parser):
    """Declare what `edgepose eval` takes."""
    parser.add_argument("--images", metavar="DIR", help="where the annotated pictures are")
    parser.add_argument("--annotations", metavar="FILE", help="ground truth in COCO's keypoint format")
    parser.add_argument("--tracks", metavar="FILE",
                        help="ground truth of a video instead, boxes with identities in MOT format: how well people are"
                             " found and told apart")
    parser.add_argument("--source", metavar="FILE", help="the video that --tracks is about")
    parser.add_argument("--protocol", choices=("crops", "images"), default="crops",
                        help="crops: pictures of one person, cut to the person; images: whole pictures, all people;"
                             " default: crops")
    add_choice(parser)
    add_settings(parser)
    add_tracking(parser)
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
    options.settings, command = given_settings(options), "edgepose " + shlex.join(sys.argv[1:])
    signal.signal(signal.SIGTERM, _end)
    if options.tracks:
        from edgepose.cli import eval_tracks

        return eval_tracks.main(options, command)
    from edgepose.evaluate.session import Session

    _check(options)
    with Session(options, command) as session:
        return _run(session, options)


def fill_in(options):
    """Give the options of a run that were not given their defaults; keep to the board's cores."""
    here = settle(options)
    options.decoder = options.decoder or "int"
    keep_to_own(here, options.threads)


def _check(options):
    _refuse_tracking(options)
    for key in ("limit", "worst_count"):
        if getattr(options, key) is not None and getattr(options, key) < 1:
            raise ConfigError(f"--{key.replace('_', '-')} {getattr(options, key)}: it takes 1 or more")
    given = [key for key in (*_OF_RUNS, *SETTINGS, "resume") if getattr(options, key) is not None]
    if options.results and given:
        option = given[0].replace("_", "-")
        raise ConfigError(f"--{option} has no use beside --results, which runs no network; leave one of them out")
    if not options.images and (options.worst or not options.results):
        raise ConfigError("--images DIR is missing: the directory of the annotated pictures")
    fill_in(options)


def _refuse_tracking(options):
    for key, option in {"source": "--source", **FIELDS}.items():
        if getattr(options, key) is not None:
            raise ConfigError(f"{option} is for --tracks; leave it out, or give that")
    if not options.annotations:
        raise ConfigError("--annotations FILE is missing: the ground truth, or --tracks FILE for a video's")


def _end(*_):
    raise KeyboardInterrupt


def _run(session, options):
    """1 when something broke on the way, 130 when the user ended it."""
    from edgepose.evaluate import report

    try:
        with progress(len(session.task.pictures), "images", not options.results, session.n_done) as bar:
            poses = session.find(bar)
        whole = session.judge(poses)
        print_whole(report.table(whole))
    except KeyboardInterrupt:
        way_on = f"; the same command goes on in {options.resume}" if options.resume else ""
        print(f"edgepose: interrupted{way_on}", file=sys.stderr)
        return 130
    except EdgePoseError as fault:
        return tell(fault)
    return 1 if whole["counts"]["broken"] else 0


def tell(fault):
    """The exit code of a fault, which is told, unless the reader has seen enough, as in `| head`."""
    if getattr(fault, "errno", None) == errno.EPIPE:
        return 0
    print(f"edgepose: {fault}", file=sys.stderr)
    return 1
