"""The options of `edgepose run` and `edgepose eval` that say which backend runs the network, and how."""

#: {setting of a backend: its option}
SETTINGS = {"device": "--device", "precision": "--precision", "pin_threads": "--pin-threads",
            "letterbox": "--letterbox"}


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
