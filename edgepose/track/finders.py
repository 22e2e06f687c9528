"""Puts together what finds people over time, for a model and what the user chose."""

from edgepose import decoders
from edgepose import model as models
from edgepose.backends import AUTOMATIC
from edgepose.errors import ConfigError
from edgepose.track.budget import Budget
from edgepose.track.crops import CropFinder
from edgepose.track.look import Look
from edgepose.track.picture import PictureFinder
from edgepose.track.scan import Scan
from edgepose.track.tracker import Tracker

MAX_PEOPLE = 8  # with a network that finds one person at a time
SCOUT = "lightweight-openpose"
SCOUT_SCORE = 0.1  # of its poses: a person is vouched for by the look that follows
#: ns from one part of the picture to the next: where nothing moves, and where something does
OWN_SCAN_NS, SCOUT_SCAN_NS = (150_000_000, 100_000_000), (1_000_000_000, 500_000_000)


def create(model, backend, decoder, options, make_backend):
    """(finder, backends that it has made), not open yet.

    Parameters
    ----------
    model, backend, decoder : of the pipeline
    options : Options
    make_backend : callable of a Model, gives a Backend for a scout like the pipeline's own

    Raises
    ------
    ConfigError, ModelError : the scout is not known, not pulled, or does not fit
    """
    if decoder.capacity > 1 or getattr(backend, "recorded", False):
        tracker = Tracker(decoder.capacity, decoder.skeleton, options.max_people)
        return PictureFinder(backend, decoder, tracker, Budget()), []
    n = options.max_people or MAX_PEOPLE
    look = Look(model, backend, decoder, n + 1)
    own = Look(model, backend, decoders.create(model, decoder.skeleton.name, several=True), ring_is_ours=True)
    scans, made = [Scan(own, *OWN_SCAN_NS)], []
    scout = find_scout(options.scout, backend)
    if scout is not None:
        made.append((scout, make_backend(scout)))
        scans.append(Scan(_scout_look(scout, made[0][1], decoder.skeleton), *SCOUT_SCAN_NS))
    budget = Budget(options.budget_ms and round(options.budget_ms * 1e6), 2 * n + 2)
    return CropFinder(look, scans, Tracker(2 * n, decoder.skeleton, n), budget, 2 * n), made


def find_scout(name, backend):
    """The Model of a scout, or None for none."""
    if name == "none":
        return None
    if name == "auto":
        scout = models.load(SCOUT)
        return scout if scout.installed and backend.name in AUTOMATIC else None
    scout = models.load(name)
    if decoders.create(scout).capacity == 1:
        raise ConfigError(f"scout {name} finds one person at a time; it takes a model of several, such as {SCOUT}")
    return scout


def _scout_look(scout, backend, skeleton):
    decoder = decoders.create(scout, skeleton.name)
    decoder.set_min_score(SCOUT_SCORE)
    return Look(scout, backend, decoder)
