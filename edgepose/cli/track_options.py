"""The options of `edgepose run` and `edgepose eval` that say how people are tracked."""

from edgepose.errors import ConfigError

#: {field of `edgepose.track.options.Options`: its option}
FIELDS = {"max_people": "--max-people", "budget_ms": "--budget-ms", "scout": "--scout"}


def add_tracking(parser):
    """Declare the options; None where they are not given."""
    parser.add_argument("--max-people", type=int, metavar="N",
                        help="tracks at most; default: 8 with a network that finds one person at a time, else all")
    parser.add_argument("--budget-ms", type=float, metavar="MS",
                        help="what looking at one frame may take with such a network; people take turns when it is"
                             " short; default: no limit")
    parser.add_argument("--scout", metavar="NAME",
                        help="model that helps such a network to find new people; default: lightweight-openpose where"
                             " it has been pulled, none for no model")


def given_tracking(options, **more):
    """The track Options that were given; ConfigError names the option where a value is wrong."""
    from edgepose.track.options import Options

    given = {field: getattr(options, field) for field in FIELDS if getattr(options, field) is not None}
    if given and getattr(options, "track", None) is False:
        raise ConfigError(f"{FIELDS[next(iter(given))]} has no use beside --no-track")
    try:
        return Options(**given, **more)
    except ConfigError as error:
        raise ConfigError(_named(str(error))) from error


def _named(message):
    """A message that begins with a field, beginning with its option."""
    for field, option in FIELDS.items():
        if message.startswith(field.replace("_", " ")):
            return option + message[len(field):]
    return message
