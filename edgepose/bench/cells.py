"""The cells of a call: every combination of models, backends, threads and precisions; what was not given, settled."""

from itertools import product

from edgepose import backends, board, model
from edgepose.bench import plan
from edgepose.board import defaults
from edgepose.errors import ConfigError
from edgepose.sources.kinds import kind_of


def wanted_cells(options, report):
    """The cells that the options ask for, in order; "auto" is settled here.

    Parameters
    ----------
    options : namespace of the command line
    report : callable of one line, told what "auto" chose

    Raises
    ------
    SourceError : there is no such source
    ConfigError, ModelError, BackendError, BackendUnavailable : the first that a combination meets

    Notes
    -----
    A backend that takes no precision is measured once, not once for each of them.
    """
    _check_source(options)
    lists = [options.model, options.backend, options.threads, options.precision or ""]
    found = []
    for name, backend, threads, precision in product(*(text.split(",") for text in lists)):
        settings = {key: value for key, value in (("precision", precision), ("device", options.device)) if value}
        if "," not in options.backend:
            backends.check(backend, settings)
        cell = _cell(options, name, backend, _whole(threads), settings, report)
        if cell not in found:
            found.append(cell)
    return found


def settle(options):
    """Give model, backend, threads and cores that were not given what suits the board; the Board."""
    here, given = board.detect(), [setting for setting in (options.device, options.precision) if setting]
    options.model, options.backend, threads = defaults.settle(here, options.model, options.backend, settings=given)
    options.threads = str(threads) if options.threads is None else options.threads
    if not options.cpus:
        options.cpus = list(defaults.cores_to_keep(here, max(map(_whole, options.threads.split(",")))))
    return here


def _cell(options, name, backend, threads, settings, report):
    if backend == "auto":
        with_auto = backends.create("auto", model.load(name), report, threads=threads, **settings)
        with_auto.close()
        backend = with_auto.name
    model.load(name)
    sources = (options.source,) if options.source else plan.CLIPS
    mode = "cameras" if options.cameras else "paced" if options.fps else "closed"
    return plan.Cell(sources, name, backend, threads, backends.known_settings(backend, settings), mode,
                     options.fps or options.cameras, track=options.track)


def _check_source(options):
    """SourceError where there is none; ConfigError where it is to be tracked and has no times."""
    if options.source and kind_of(options.source) == "images" and options.track:
        raise ConfigError(f"--track: {options.source} is pictures, which have no times; take a video, or leave it out")


def _whole(text):
    try:
        return int(text)
    except ValueError as error:
        raise ConfigError(f"--threads {text}: it takes whole numbers, such as 1,2,4") from error
