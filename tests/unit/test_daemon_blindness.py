"""Cameras that see nothing, or something else than they should: a real street, spoilt on the way."""

import numpy as np
import pytest

from edgepose.daemon.cameras.blindness import ADOPT_NS, FROZEN_NS, BlindWatch
from edgepose.letterbox import Letterbox
from edgepose.ring import Slot
from edgepose.sources import open_source

SECOND = 1_000_000_000
LOOK_NS = SECOND // 2


def looks_of(clip):
    """Slots of a clip, two a second."""
    letterbox, next_ns = Letterbox(192, 192), 0
    with open_source(str(clip)) as source:
        for frame in source:
            if frame.t_ns >= next_ns:
                slot, next_ns = Slot(192, 192), frame.t_ns + LOOK_NS
                letterbox.write(frame, slot)
                slot.describe(frame)
                yield slot


@pytest.fixture(scope="module")
def street():
    """Half a minute of a street with people: Slots."""
    return []


@pytest.fixture
def watch(street, data):
    """A BlindWatch that knows the street, and a function that shows it more: (seconds, how to spoil) to the kinds."""
    if not street:
        street.extend(slot for slot, _ in zip(looks_of(data / "clips" / "vtest.avi"), range(80)))
    watch, spoilt, begun = BlindWatch(), Slot(192, 192), [0]

    def show(seconds, spoil=None):
        kinds = []
        for n in range(begun[0], begun[0] + round(seconds * SECOND / LOOK_NS)):
            slot = street[n % len(street)]
            spoilt.tensor[:], spoilt.t_ns = slot.tensor, n * LOOK_NS
            spoilt.fit.copy_from(slot.fit)
            if spoil is not None:
                inside = spoilt.fit.inside
                spoil(spoilt.tensor[inside[2]:inside[3], inside[0]:inside[1]])
            kinds.append(watch.update(spoilt))
        begun[0] += len(kinds)
        return kinds

    return show


def darken(picture):
    picture //= 12


def cover(picture):
    """A hand before the lens: a smooth, lit blob."""
    rows, columns = picture.shape[:2]
    picture[:] = (90 + np.arange(rows)[:, None, None] // 4 + np.arange(columns)[None, :, None] // 8)


def shift(picture):
    """Turned by less than a tenth of the picture."""
    picture[:] = np.roll(picture, picture.shape[1] // 12, axis=1)


def other_way(picture):
    picture[:] = picture[:, ::-1].copy()


def dusk(picture):
    picture //= 2


def someone_close(picture):
    """Somebody stands before a third of it."""
    picture[:, :picture.shape[1] // 3] = 70


@pytest.mark.parametrize("spoil, kind, within_s", [(darken, "dark", 6), (cover, "covered", 6), (shift, "moved", 11),
                                                   (other_way, "moved", 11)])
def test_blindness_when_a_known_street_is_spoilt_then_told_in_time_and_over_when_it_is(watch, spoil, kind, within_s):
    assert set(watch(40)) == {None}
    kinds = watch(30, spoil)
    assert kinds.index(kind) <= 2 * within_s and set(kinds) == {None, kind} and kinds[-1] == kind
    kinds = watch(20)
    assert kinds[-1] is None and kinds.index(None) <= 2 * 4


@pytest.mark.parametrize("spoil", [darken, cover, shift])
def test_blindness_when_it_passes_within_seconds_then_nothing_is_told(watch, spoil):
    watch(30)
    for _ in range(3):
        assert set(watch(4, spoil) + watch(6)) == {None}


@pytest.mark.parametrize("spoil", [None, dusk, someone_close])
def test_blindness_when_light_changes_or_somebody_stands_close_then_clear(watch, spoil):
    assert set(watch(40)) == {None} and set(watch(40, spoil)) == {None}


@pytest.mark.parametrize("spoil, kind", [(darken, "dark"), (cover, "covered")])
def test_blindness_when_nothing_was_ever_seen_then_told_all_the_same(watch, spoil, kind):
    assert watch(10, spoil)[-1] == kind


def test_blindness_when_the_picture_stands_still_then_frozen_after_a_minute(watch):
    watch(10)
    still = []

    def freeze(picture):
        still.append(picture.copy())
        picture[:] = still[0]

    kinds = watch(90, freeze)
    assert abs(kinds.index("frozen") - FROZEN_NS // LOOK_NS) <= 1 and set(kinds) == {None, "frozen"}
    assert watch(5)[-1] is None


def test_blindness_when_it_stays_moved_then_the_new_view_becomes_the_known_one(watch):
    watch(30)
    kinds = watch(ADOPT_NS / SECOND + 60, shift)
    assert kinds[60] == "moved" and kinds[-1] is None
    kinds = watch(30)
    assert kinds[-1] == "moved"  # back is elsewhere now


def test_blindness_when_the_size_changes_then_it_learns_anew(watch, street):
    watch(40)
    small, other = BlindWatch(), Slot(192, 192)
    other.fit.inside = 0, 192, 60, 132
    other.tensor[60:132] = street[0].tensor[40:112]
    assert small.update(street[0]) is None and small.update(other) is None


def test_blindness_when_frames_come_faster_than_looks_then_most_cost_nothing(street, watch):
    watch(1)
    blind, slot = BlindWatch(), Slot(192, 192)
    slot.tensor[:], slot.fit = street[0].tensor, street[0].fit
    read, looks = blind._read, []
    blind._read = lambda tensor: (looks.append(0), read(tensor))
    for n in range(100):
        slot.t_ns = n * SECOND // 25
        blind.update(slot)
    assert len(looks) <= 9


@pytest.mark.parametrize("name", ["vtest.avi", "Yoga2.mp4", "pool-underwater.mp4", "falls-urfd", "activities-upfall"])
def test_blindness_when_a_real_clip_is_looped_then_clear(data, name):
    path = data / "clips" / name
    clips = sorted(path.glob("*.mp4"))[::4] if path.is_dir() else [path]
    for clip in clips:
        watch, slots, shift_ns = BlindWatch(), list(looks_of(clip)), 0
        for _ in range(3):
            for slot in slots:
                slot.t_ns += shift_ns
                assert watch.update(slot) is None, clip
            shift_ns = slots[-1].t_ns + LOOK_NS - slots[0].t_ns
