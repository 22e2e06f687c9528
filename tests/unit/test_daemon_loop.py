"""The loop that all cameras share: turns, the newest frame, coming and going, one backend."""

import threading
from collections import Counter

import pytest

from edgepose import backends, model
from edgepose.daemon.config.settings import Settings
from edgepose.daemon.loop import InferenceLoop
from edgepose.errors import BackendError, ModelError
from tests.cameras import WAIT_S, Door

LIGHTNING, NO_SETTINGS = model.load(model.DEFAULT), Settings(())


class Heard:
    """What a loop said: (camera, seq) of every frame, and how often it was idle."""

    def __init__(self):
        self.frames, self.n_idle, self.times = [], 0, []

    def frame(self, name, poses, slot):
        self.frames.append((name, slot.seq))
        self.times.append((poses.t_ns, slot.t_ns, slot.frame.t_ns))

    def idle(self, now_ns):
        self.n_idle += 1


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def made():
    """Backends that were made, in order."""
    return []


@pytest.fixture
def loop(heard, made):
    """A function that makes a loop for some doors; closed at the end."""
    loops = []

    def make(*doors, make_backend=None, settings=NO_SETTINGS):
        def replay(chosen):
            made.append(backends.create("replay"))
            return made[-1]

        loops.append(InferenceLoop(settings, LIGHTNING, make_backend or replay, doors, heard.frame, heard.idle))
        return loops[-1]

    yield make
    for one in loops:
        one.close()
        one.close()


def test_loop_when_several_cameras_have_frames_then_they_take_turns(loop, heard):
    doors = [Door(name) for name in "abc"]
    steps = loop(*doors)
    for _ in range(3):
        for door in doors:
            door.send()
        for _ in doors:
            assert steps.step(0)
    assert [name for name, _ in heard.frames] == list("abc" * 3) and not steps.step(0)


def test_loop_when_one_camera_floods_then_the_others_get_every_second_turn_or_more(loop, heard):
    flood, calm = Door("flood"), Door("calm")
    steps = loop(flood, calm)
    for _ in range(20):
        flood.send(7)
        calm.send()
        steps.step(0), steps.step(0)
    counts = Counter(name for name, _ in heard.frames)
    assert counts == {"flood": 20, "calm": 20}
    assert [seq for name, seq in heard.frames if name == "calm"] == list(range(20))  # none was lost


def test_loop_when_a_camera_floods_from_a_thread_of_its_own_then_it_never_starves_another(loop, heard):
    flood, calm, stop = Door("flood"), Door("calm"), threading.Event()

    def pour():
        while not stop.is_set():
            flood.send()

    steps, pouring = loop(flood, calm), threading.Thread(target=pour)
    pouring.start()
    for n in range(30):
        calm.send()
        steps.step(WAIT_S), steps.step(WAIT_S)
        assert ("calm", n) in heard.frames[-3:]
    stop.set()
    pouring.join(WAIT_S)
    ring = flood.ring
    assert ring.published == ring.taken + ring.dropped + ring.inside and ring.dropped > 0


def test_loop_when_frames_have_piled_up_then_the_newest_is_looked_at_and_the_rest_counted(loop, heard):
    door = Door("a")
    steps = loop(door)
    door.send(3)
    assert steps.step(0) and heard.frames == [("a", 2)] and door.ring.dropped == 2
    assert len(set(heard.times[0])) == 1 and heard.times[0][0] > 0


def test_loop_when_nothing_comes_then_idle_once_a_step(loop, heard):
    steps = loop(Door("a"))
    assert not steps.step(0.001) and not steps.step(0) and heard.n_idle == 2 and not heard.frames


def test_loop_when_a_frame_comes_while_it_waits_then_it_wakes(loop, heard):
    door = Door("a")
    steps, sending = loop(door), threading.Timer(0.01, door.send)
    sending.start()
    assert steps.step(WAIT_S) and heard.frames == [("a", 0)] and not heard.n_idle


def test_loop_when_a_camera_is_added_and_removed_then_the_others_keep_their_tracks(loop, heard, made):
    first, second, third = Door("a"), Door("b"), Door("c")
    steps = loop(first, second)
    views = [seat.view for seat in steps._seats]
    steps.add(third)
    for door in (first, second, third):
        door.send()
        steps.step(0)
    assert steps.remove("b") is second and second.bell is None
    assert [seat.view for seat in steps._seats][:1] == views[:1] and len(made) == 1
    for door in (first, second, third):
        door.send()
    assert [steps.step(0) for _ in range(3)] == [True, True, False]
    assert Counter(name for name, _ in heard.frames) == {"a": 2, "b": 1, "c": 2}
    with pytest.raises(KeyError, match="b"):
        steps.remove("b")


@pytest.mark.parametrize("gone", ["a", "b", "c"])
def test_loop_when_a_camera_is_removed_then_turns_go_on_where_they_were(loop, heard, gone):
    doors = {name: Door(name) for name in "abc"}
    steps = loop(*doors.values())
    for name in "ab":
        doors[name].send()
        steps.step(0)
    steps.remove(gone)
    for name in "abc":
        doors[name].send()
    steps.step(0)
    assert heard.frames[-1][0] == ("a" if gone == "c" else "c")


def test_loop_when_a_camera_is_dark_then_its_capture_says_so(loop):
    door = Door("a")
    door.frame.planes[0][:] = 0
    steps, begun_ns = loop(door), 10**12
    for second in range(8):
        slot = door.ring.claim()
        door._letterbox.write(door.frame, slot)
        slot.describe(door.frame)
        slot.keep(door.frame)
        slot.t_ns = begun_ns + second * 10**9
        door.ring.publish(slot)
        steps.step(0)
    assert door.blind == "dark"


def test_loop_when_asked_then_it_tells_frames_latency_and_looks(loop):
    door = Door("a")
    steps = loop(door)
    for _ in range(3):
        door.send()
        steps.step(0)
    health = steps.health()
    assert health["n_frames"] == health["latency_us"]["count"] == 3 and health["latency_us"]["sum"] > 0
    assert health["latency_us"]["buckets"][-1][1] == 3 and health["busy_share"] == 0.0
    assert health["cameras"]["a"]["n_looks"] + health["cameras"]["a"]["n_still"] == 3


def test_loop_when_a_listener_stumbles_then_it_hears_of_it_and_the_slot_is_free_again(loop, heard, monkeypatch):
    door = Door("a")
    monkeypatch.setattr(heard, "frame", lambda *_: 1 / 0)
    steps = loop(door)
    for _ in range(5):
        door.send()
        with pytest.raises(ZeroDivisionError):
            steps.step(0)
    assert len(door.ring._free) == 3


class Failing:
    """A backend that works for a while."""

    name, package, letterbox, recorded = "replay", "failing", None, True

    def __init__(self, n):
        self._left, self._inner = n, backends.create("replay")

    def open(self, chosen, ring):
        self._inner.open(chosen, ring)
        self.outputs = self._inner.outputs

    def infer(self, slot):
        self._left -= 1
        if self._left < 0:
            raise BackendError("the device is gone")
        self._inner.infer(slot)

    def close(self):
        self._inner.close()


def test_loop_when_its_backend_fails_then_another_takes_over_on_the_very_frame(loop, heard):
    from edgepose.backends.standby import Standby

    doors, said = [Door("a"), Door("b")], []
    steps = loop(*doors, make_backend=lambda _: Standby(Failing(1), ["replay"], {}, said.append))
    for door in doors:
        door.send()
        assert steps.step(0)
    assert len(heard.frames) == 2 and said == ["the device is gone; going on with " + steps.backend.package]


def test_loop_when_no_backend_takes_over_then_the_step_says_so(loop):
    door = Door("a")
    steps = loop(door, make_backend=lambda _: Failing(0))
    door.send()
    with pytest.raises(BackendError, match="the device is gone"):
        steps.step(0)
    assert len(door.ring._free) == 3


def test_loop_when_its_backend_does_not_open_then_the_fault_and_nothing_stays_open(loop, monkeypatch):
    closed = []
    monkeypatch.setattr(Failing, "open", lambda self, *_: (_ for _ in ()).throw(ModelError("damaged")))
    monkeypatch.setattr(Failing, "close", lambda self: closed.append(self))
    with pytest.raises(ModelError, match="damaged"):
        loop(Door("a"), make_backend=lambda _: Failing(0))
    assert closed


def test_loop_when_a_scout_helps_then_one_for_all_cameras(heard, lightweight):
    from tests.conftest import create_backend

    made = []

    def make(chosen):
        made.append(chosen.name)
        return create_backend("tflite")

    doors = [Door("a"), Door("b")]
    steps = InferenceLoop(Settings(()), LIGHTNING, make, doors, heard.frame, heard.idle, scout=lightweight.name)
    assert made == [LIGHTNING.name, lightweight.name]
    doors[0].send()
    assert steps.step(0)
    steps.close()


@pytest.mark.parametrize("budget_ms, shares", [(None, [60.0, 60.0, 40.0]), (25.0, [25.0] * 3)])
def test_loop_when_no_budget_is_set_then_cameras_share_one(loop, monkeypatch, budget_ms, shares):
    from edgepose.daemon import loop as module

    given, view = [], module.View

    def make(chosen, backend, decoder, options, make_backend):
        given.append((options.max_people, options.budget_ms, options.scout))
        return view(chosen, backend, decoder, options, make_backend)

    monkeypatch.setattr(module, "View", make)
    steps = loop(Door("a"), Door("b", max_people=3), settings=Settings((), budget_ms=budget_ms))
    steps.add(Door("c"))
    assert given == [(people, share, "none") for people, share in zip((8, 3, 8), shares)]
