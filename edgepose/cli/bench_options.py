"""What `edgepose bench` takes, and checks of it that need nothing to be loaded."""

from edgepose.board.defaults import read_cores
from edgepose.errors import ConfigError

_OF_PIPELINES = ("fps", "cameras", "json", "compare", "plot", "markdown", "track", "submit_file")
#: What leaves the clips that ship, on which boards are compared
_OWN_WAYS = ("source", "fps", "cameras", "track")


def add_arguments(parser):
    """Declare what `edgepose bench` takes."""
    parser.add_argument("source", metavar="SOURCE", nargs="?",
                        help="picture, directory, video, camera or synthetic:; default: two clips that ship, one with"
                             " people and one without")
    parser.add_argument("--model", metavar="NAMES",
                        help="one, or several with commas: a sweep; default: the board's, mostly movenet-lightning")
    parser.add_argument("--backend", metavar="NAMES",
                        help="tflite, openvino, opencl, replay, auto, or several with commas; default: the board's,"
                             " else auto")
    parser.add_argument("--threads", metavar="NUMBERS",
                        help="of the runtime, such as 1,2,4; default: the board's, 1 on a PC")
    parser.add_argument("--precision", metavar="KINDS", help="f32, f16, bf16, of backends that take it")
    parser.add_argument("--device", metavar="NAME", help="of backends that take it")
    parser.add_argument("--track", action="store_true", help="with the tracker and its crops, without the motion gate")
    _add_pace(parser)
    _add_output(parser)


def _add_pace(parser):
    parser.add_argument("--fps", type=float, metavar="N", help="at a camera's pace instead of as fast as it goes")
    parser.add_argument("--cameras", type=float, metavar="N", help="find out how many cameras of N frames a second fit")
    parser.add_argument("--seconds", type=float, default=20.0, metavar="S",
                        help="measured time of each cell, all its processes together; default: %(default)g")
    parser.add_argument("--processes", type=int, default=10, metavar="N",
                        help="that share this time, each a cold start; 24 to compare; default: %(default)s")
    parser.add_argument("--warm-up", type=float, default=0.5, metavar="S", dest="warm_up_s",
                        help="of each process, kept apart; default: %(default)g")
    parser.add_argument("--idle", type=float, default=3.0, metavar="S", dest="idle_s",
                        help="baseline before everything; default: %(default)g")
    parser.add_argument("--gap", type=float, metavar="S", dest="gap_s",
                        help="rest before each process; default: 0.5, in a sweep 3")
    parser.add_argument("--cpus", metavar="LIST", help="keep the measured processes on these cores, such as 2,3;"
                                                       " default: the board's")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the order of a sweep; default: 1")


def _add_output(parser):
    parser.add_argument("--power", default="auto", metavar="SENSOR",
                        help="auto, none, rapl, ina3221, pmic, hwmon, supply, serial:/dev/ttyUSB0?baud=115200 or"
                             " csv:FILE; default: auto")
    parser.add_argument("--json", metavar="FILE", help="write everything, all samples too")
    parser.add_argument("--submit-file", metavar="FILE",
                        help="write a proof on your board that you can send, with nothing private in it")
    parser.add_argument("--compare", metavar="OLD", help="a file of --json; exit code 1 where we got slower")
    parser.add_argument("--tolerance", type=float, default=3.0, metavar="P",
                        help="percent that are no regression even where they are sure; default: %(default)g")
    parser.add_argument("--markdown", action="store_true", help="the table as Markdown")
    parser.add_argument("--plot", metavar="FILE", help="draw a picture: .png, .svg or .pdf; needs matplotlib")
    parser.add_argument("--profile", action="store_true", help="where the network's time goes, operation by operation")


def check(options):
    """Raise ConfigError where an option is out of its limits; `cpus` becomes a list of int, empty if not given."""
    for name, least in (("seconds", 0.1), ("processes", 1), ("warm_up_s", 0), ("idle_s", 0), ("tolerance", 0),
                        ("fps", 0.01), ("cameras", 0.01)):
        value = getattr(options, name)
        if value is not None and not value >= least:
            raise ConfigError(f"--{name.removesuffix('_s').replace('_', '-')} {value:g}: it takes {least} or more")
    useless = [name for name in _OF_PIPELINES if options.profile and getattr(options, name)]
    if useless:
        raise ConfigError(f"--profile looks at the network alone; leave --{useless[0].replace('_', '-')} out")
    other = [name for name in _OWN_WAYS if options.submit_file and getattr(options, name)]
    if other:
        raise ConfigError("--submit-file measures the clips that ship, as fast as they go; leave"
                          f" {'SOURCE' if other[0] == 'source' else f'--{other[0]}'} out")
    if options.track and options.cameras:
        raise ConfigError("--cameras measures without the tracker; leave --track out")
    if options.fps and options.cameras:
        raise ConfigError("--fps and --cameras are two ways to measure; give one of them")
    options.cpus = read_cores(options.cpus) if options.cpus else []
    options.slow = {}
