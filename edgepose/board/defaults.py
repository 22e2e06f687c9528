"""What a board's profile says where its user does not: model, backend, threads, and the cores to keep to."""

import os

from edgepose import machine
from edgepose.board.detection import model_of
from edgepose.board.profile import MACHINES
from edgepose.errors import ConfigError


def settle(here, model=None, backend=None, threads=None, settings=()):
    """(model, backend, threads): what was given, and for each None what suits the board.

    Parameters
    ----------
    here : Board
    model, backend : str or None
    threads : int or None
    settings : what was given that only some backends take; with any, none but "auto" is taken for granted
    """
    if backend is None:
        backend = "auto" if settings else here.defaults.backend
    if threads is None:
        threads = min(here.cores.threads, machine.n_usable_cores())
    return here.defaults.model if model is None else model, backend, threads


def cores_to_keep(here, threads):
    """The cores of the profile, where nothing speaks against them; else ().

    Parameters
    ----------
    here : Board
    threads : int, of the network

    Notes
    -----
    Against them speaks that this process may not run on all cores as it is (`taskset`, a container), that they are not
    there or switched off, or that there are more threads than cores.
    """
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    pin = here.cores.pin
    if len(usable) < (os.cpu_count() or 1) or not usable.issuperset(pin) or threads > len(pin):
        return ()
    return pin


def read_cores(text):
    """The numbers of cores in a text such as "2,3"; ConfigError where there are none."""
    try:
        return [int(core) for core in text.split(",")]
    except ValueError as error:
        raise ConfigError(f"--cpus {text}: it takes numbers of cores, such as 2,3") from error


def keep_to(cores):
    """Keep this process on some cores, before any runtime starts its threads; ConfigError where there are no such."""
    try:
        os.sched_setaffinity(0, cores)
    except (ValueError, OSError, OverflowError, AttributeError) as error:
        usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
        raise ConfigError(f"--cpus {_listed(cores)}: {error}; this machine lets us use {_listed(usable)}") from error


def keep_to_own(here, threads):
    """Keep this process on the cores of its board, where nothing speaks against it; those cores, or ()."""
    cores = cores_to_keep(here, threads)
    if cores:
        keep_to(cores)
    return cores


def _listed(cores):
    return ",".join(map(str, sorted(cores)))


def words(here, threads, cores=()):
    """What a user should know of the board's part in this, in one line, or None where there is nothing to know."""
    if here.tier == "unknown":
        return f"{here.title}: edgepose knows {', '.join(MACHINES)}; here it takes nothing for granted"
    if here.generic:
        model = model_of()
        return model and f"{model} has no profile of its own; the generic one is taken, {here.name}"
    kept = f" on cores {_listed(cores)}" if cores else ""
    return f"{here.title}: {threads} thread(s){kept}"
