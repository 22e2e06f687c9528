"""The options of `edgepose run` and `edgepose eval` that say which model, which backend runs it, and how."""

from edgepose import board
from edgepose.board import defaults

#: {setting of a backend: its option}
SETTINGS = {"device": "--device", "precision": "--precision", "pin_threads": "--pin-threads",
            "letterbox": "--letterbox"}


def add_choice(parser):
    """Declare model, backend and threads; None where they are not given, and `settle` asks the board."""
    parser.add_argument("--model", metavar="NAME", help="default: the board's, mostly movenet-lightning")
    parser.add_argument("--backend", metavar="NAME",
                        help="tflite, openvino, opencl, replay, or auto: the fastest here, measured once; default: the"
                             " board's, else auto")
    parser.add_argument("--threads", type=int, metavar="N",
                        help="threads of the runtime; default: the board's, 1 on a PC")


def settle(options):
    """Give model, backend and threads that were not given what suits the board; the Board."""
    here = board.detect()
    options.model, options.backend, options.threads = defaults.settle(
        here, options.model, options.backend, options.threads, given_settings(options))
    return here


def add_settings(parser):
    """Declare the settings that only some backends take; None where they are not given."""
    parser.add_argument("--device", metavar="NAME",
                        help="of openvino: CPU, GPU, or AUTO for a GPU where there is one; default: CPU. Of opencl: a"
                             " number, a type (gpu, cpu, accelerator) or part of a name; default: a GPU, else what"
                             " there is")
    parser.add_argument("--precision", metavar="KIND",
                        help="of openvino's layers that are not int8: f32, f16 or bf16; default: f32 on a CPU")
    parser.add_argument("--pin-threads", action="store_true", default=None,
                        help="of openvino: keep each of its threads on one core")
    parser.add_argument("--letterbox", metavar="PLACE",
                        help="of opencl: scale frames on the host or on the device; default: device if it is a GPU")


def given_settings(options):
    """{setting: value} of those that were given, for `backends.create`."""
    return {setting: getattr(options, setting) for setting in SETTINGS if getattr(options, setting) is not None}
