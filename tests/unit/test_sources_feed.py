"""The thread that waits for what cannot be interrupted."""

import gc
import threading
import weakref

import pytest

from edgepose.sources.feed import Feed

WAIT_S = 10


def gated(gate, items=()):
    """Items, then silence until the gate opens."""
    yield from items
    gate.wait(WAIT_S)


def close(feed):
    feed.stop()
    feed.close()


def test_feed_when_items_come_then_in_order_and_none_at_the_end():
    feed = Feed(iter("abc"), lambda: None)
    assert [feed.take(WAIT_S) for _ in range(5)] == ["a", "b", "c", None, None]


def test_feed_when_nothing_comes_then_timeout():
    gate = threading.Event()
    feed = Feed(gated(gate), lambda: None)
    with pytest.raises(TimeoutError, match="nothing came for 0.01 s"):
        feed.take(0.01)
    gate.set()


def test_feed_when_iterator_raises_then_items_before_it_and_then_the_error():
    def failing():
        yield 1
        raise OSError("unplugged")

    feed = Feed(failing(), lambda: None)
    assert feed.take(WAIT_S) == 1
    for _ in range(2):
        with pytest.raises(OSError, match="unplugged"):
            feed.take(WAIT_S)


def test_feed_when_stopped_while_taking_then_take_gives_none_at_once():
    gate, taken = threading.Event(), []
    feed = Feed(gated(gate), lambda: None)
    taker = threading.Thread(target=lambda: taken.append(feed.take(WAIT_S)))
    taker.start()
    feed.stop()
    taker.join(WAIT_S)
    assert taken == [None] and not gate.is_set()
    gate.set()


def test_feed_when_thread_still_waits_at_close_then_it_releases_later():
    gate, released = threading.Event(), threading.Event()
    feed = Feed(gated(gate), released.set)
    close(feed)
    assert not released.is_set()
    gate.set()
    assert released.wait(WAIT_S)


def test_feed_when_thread_has_ended_before_close_then_close_releases():
    released = []
    feed = Feed(iter(()), lambda: released.append(threading.current_thread()))
    assert feed.take(WAIT_S) is None
    [thread.join(WAIT_S) for thread in threading.enumerate() if thread.name == "edgepose-feed"]
    assert not released
    close(feed)
    assert released == [threading.current_thread()]


def test_feed_when_nobody_takes_then_no_more_than_its_depth_is_fetched():
    fetched, full = [], threading.Event()

    def counting():
        for i in range(1000):
            fetched.append(i)
            if i == 4:
                full.set()
            yield i

    feed = Feed(counting(), lambda: None, depth=4)
    assert full.wait(WAIT_S) and len(fetched) == 5  # four are ready, one is in the thread's hands
    assert [feed.take(WAIT_S) for _ in range(1000)] == list(range(1000))


def test_feed_when_closed_then_nothing_holds_its_items():
    class Item:
        pass

    gate, item = threading.Event(), Item()
    feed, seen = Feed(gated(gate, [item]), lambda: None), weakref.ref(item)
    close(feed)
    gate.set()
    [thread.join(WAIT_S) for thread in threading.enumerate() if thread.name == "edgepose-feed"]
    del item, feed
    gc.collect()
    assert seen() is None
