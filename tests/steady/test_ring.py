"""The ring: order, drops, waiting, and its conservation law under two free-running threads."""

import threading

import pytest

from edgepose.errors import ConfigError
from edgepose.ring import FrameRing


def ring(overrun, n_slots=3):
    return FrameRing(8, 8, n_slots, overrun)


def publish(ring, seq):
    slot = ring.claim()
    slot.seq = seq
    ring.publish(slot)


def holds(ring):
    return ring.published == ring.taken + ring.dropped + ring.inside


def test_ring_hands_slots_out_in_order():
    r = ring("block")
    for seq in range(3):
        publish(r, seq)
    assert [r.take().seq for _ in range(3)] == [0, 1, 2]


def test_full_ring_that_drops_gives_up_the_oldest():
    r = ring("drop")
    for seq in range(5):
        publish(r, seq)
    assert (r.dropped, r.take().seq, r.take().seq) == (2, 2, 3)


def test_slot_that_was_taken_is_not_dropped():
    r = ring("drop")
    publish(r, 0)
    taken = r.take()
    for seq in range(1, 9):
        publish(r, seq)
    assert taken.seq == 0 and taken not in [r.take() for _ in range(r.inside)]


def test_full_ring_that_blocks_waits_for_a_release():
    r, claimed = ring("block", 2), threading.Event()
    publish(r, 0)
    publish(r, 1)
    waiting = threading.Thread(target=lambda: (r.claim(), claimed.set()))
    waiting.start()
    slot = r.take()
    assert not claimed.is_set()  # a slot in the consumer's hands is not free
    r.release(slot)
    waiting.join(10)
    assert claimed.is_set() and r.dropped == 0


def test_closed_ring_yields_what_is_inside_then_none():
    r = ring("block")
    publish(r, 7)
    r.close()
    r.close()
    assert (r.claim(), r.take().seq, r.take()) == (None, 7, None)


@pytest.mark.parametrize("wait", ["claim", "take"])
def test_closing_wakes_who_waits(wait):
    r, answers = ring("block", 2), []
    if wait == "claim":
        publish(r, 0)
        publish(r, 1)
    waiting = threading.Thread(target=lambda: answers.append(getattr(r, wait)()))
    waiting.start()
    r.close()
    waiting.join(10)
    assert answers == [None]


@pytest.mark.parametrize("overrun", ["drop", "block"])
@pytest.mark.parametrize("n_slots", [3, 5])
def test_conservation_law_holds_between_two_free_threads(overrun, n_slots):
    r, n, seen, broken = ring(overrun, n_slots), 20000, [], []

    def produce():
        for seq in range(n):
            publish(r, seq)
            with r._changed:
                if not holds(r):
                    broken.append(repr(r))
        r.close()

    producer = threading.Thread(target=produce)
    producer.start()
    while (slot := r.take()) is not None:
        seen.append(slot.seq)
        r.release(slot)
    producer.join(60)
    assert not broken and seen == sorted(set(seen)) and seen[-1] == n - 1
    assert r.published == n == len(seen) + r.dropped and (overrun == "drop" or r.dropped == 0)


@pytest.mark.parametrize("overrun, n_slots", [("drop", 2), ("block", 1)])
def test_ring_with_too_few_slots_is_refused(overrun, n_slots):
    with pytest.raises(ConfigError, match=f"a ring that {overrun}s needs"):
        ring(overrun, n_slots)


def test_ring_with_an_unknown_overrun_is_refused():
    with pytest.raises(ConfigError, match="'drop' or 'block'"):
        ring("wait")
