"""What stands around a capture thread: waits, pace, loops of files, health, counts of durations."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from edgepose.daemon.cameras.backoff import STEADY_S, Backoff
from edgepose.daemon.cameras.health import Health
from edgepose.daemon.cameras.looped import LATE_NS, Looped
from edgepose.daemon.cameras.pace import Pace
from edgepose.daemon.histogram import Histogram
from edgepose.errors import SourceError
from edgepose.ring import FrameRing
from tests.cameras import Watched

MS = 1_000_000


class Clock:
    """Time that passes only when told, or when somebody waits for it."""

    def __init__(self):
        self.now_ns, self.is_over = 5_000 * MS, False

    def __call__(self):
        return self.now_ns

    def wait(self, seconds):
        self.now_ns += round(seconds * 1e9)
        return self.is_over


# ---- waits

def test_backoff_when_it_fails_again_and_again_then_waits_double_up_to_a_minute():
    low, high = Backoff(random=lambda: 0.0), Backoff(random=lambda: 1.0)
    assert [low.next_s() for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert [high.next_s() for _ in range(8)] == [2, 4, 8, 16, 32, 60, 60, 60]


def test_backoff_when_many_cameras_wait_then_not_for_the_same_time():
    waits = [Backoff().next_s() for _ in range(50)]
    assert len(set(waits)) > 40 and all(1 <= wait <= 2 for wait in waits)


@pytest.mark.parametrize("ran_s, next_s", [(0, 16), (STEADY_S - 0.1, 16), (STEADY_S, 1), (1000, 1)])
def test_backoff_when_the_camera_ran_for_a_while_then_it_starts_again(ran_s, next_s):
    backoff = Backoff(random=lambda: 0.0)
    assert [backoff.next_s() for _ in range(4)][-1] == 8
    backoff.ran(ran_s)
    assert backoff.next_s() == next_s


def test_backoff_when_the_camera_ran_for_less_than_it_was_waited_for_then_it_goes_on():
    backoff = Backoff(random=lambda: 0.0)
    assert [backoff.next_s() for _ in range(6)][-1] == 30
    backoff.ran(29)
    assert backoff.next_s() == 30


# ---- pace

@pytest.mark.parametrize("camera_fps, fps, passed", [(25, 10, 100), (30, 10, 100), (10, 10, 100), (5, 10, 50),
                                                     (1000, 10, 100), (24, 10, 100), (15, 10, 100), (25, 0.5, 5)])
def test_pace_when_ten_seconds_pass_then_no_more_frames_than_the_rate(camera_fps, fps, passed):
    pace = Pace(fps)
    n = sum(pace.is_due(round(i * 1e9 / camera_fps)) for i in range(10 * camera_fps))
    assert abs(n - passed) <= 1


def test_pace_when_a_camera_of_that_rate_trembles_then_every_frame_passes(rng):
    pace, times = Pace(10), [i * 100 * MS + int(shift) for i, shift in enumerate(rng.integers(0, 45 * MS, 300))]
    assert all([pace.is_due(t_ns) for t_ns in times])


def test_pace_when_the_camera_was_away_then_no_burst_makes_up_for_it():
    pace = Pace(10)
    assert pace.is_due(0)
    assert sum(pace.is_due(60_000 * MS + i * MS) for i in range(1000)) <= 11


# ---- files as cameras

class Clip:
    """Three frames of 40 ms, over and over, each round as `open` begins it."""

    name, live, timed, fps = "clip", False, True, 25.0

    def __init__(self, n=3):
        self.n, self.n_open, self.n_broken = n, 0, 0
        self.open()

    def open(self):
        self._seq, self.n_open, self.n_broken = 0, self.n_open + 1, 0

    def read(self):
        if self._seq == self.n:
            self.n_broken = 2
            return None
        self._seq += 1
        return SimpleNamespace(seq=self._seq - 1, t_ns=(self._seq - 1) * 40 * MS)

    def close(self):
        """Nothing to free."""


def test_looped_when_read_then_frames_come_at_their_own_pace_in_real_time():
    clock, clip = Clock(), Clip()
    source, start_ns = Looped(clip, clock, clock), clock.now_ns
    frames = [source.read() for _ in range(8)]
    assert [(frame.t_ns - start_ns) // MS for frame in frames] == [0, 40, 80, 120, 160, 200, 240, 280]
    assert [frame.seq for frame in frames] == list(range(8))
    assert clip.n_open == 3 and source.n_broken == 4 and source.live


def test_looped_when_pictures_have_no_times_then_one_a_second():
    clock, clip = Clock(), Clip(2)
    clip.timed, clip.fps = False, None
    source, start_ns = Looped(clip, clock, clock), clock.now_ns
    assert [(source.read().t_ns - start_ns) // MS for _ in range(5)] == [0, 1000, 2000, 3000, 4000]


def test_looped_when_it_is_late_then_it_goes_on_from_now():
    clock = Clock()
    source = Looped(Clip(100), clock, clock)
    source.read()
    clock.now_ns += 2 * LATE_NS
    first, second = source.read().t_ns, source.read().t_ns
    assert first == clock.now_ns - 40 * MS and second - first == 40 * MS


def test_looped_when_stopped_while_it_waits_then_none():
    clock = Clock()
    source = Looped(Clip(), clock, clock)
    source.read()
    clock.is_over = True
    assert source.read() is None


def test_looped_when_there_is_no_picture_then_an_error_instead_of_a_race():
    clock = Clock()
    with pytest.raises(SourceError, match="^clip: no picture in it"):
        Looped(Clip(0), clock, clock).read()


# ---- health

def frame():
    return SimpleNamespace(width=640, height=480)


def test_health_when_a_camera_comes_and_goes_then_state_and_counts_tell():
    clock = Clock()
    health = Health(10, clock, lambda: 1_000 * MS)
    assert health.as_table()["state"] == "connecting"
    health.saw(frame(), 0)
    clock.wait(4)
    health.saw(frame(), 3)
    assert health.as_table(7) == {
        "state": "live", "since_ms": 1000, "fps": 0.2, "width": 640, "height": 480, "n_frames": 2, "n_drops": 7,
        "n_broken": 3, "n_reconnects": 0, "last_error": None, "blind": None}
    assert health.lost("gone", False) == 4.0 and health.as_table()["state"] == "down"
    assert health.lost("still gone", False) == 0.0 and health.as_table()["fps"] == 0
    health.saw(frame(), 1)
    table = health.as_table()
    assert (table["state"], table["n_reconnects"], table["n_broken"]) == ("live", 1, 4)
    assert table["last_error"] == "still gone"


def test_health_when_no_frame_comes_for_a_while_then_stalled_before_anybody_says_so():
    clock = Clock()
    health = Health(10, clock)
    health.saw(frame(), 0)
    clock.wait(10)
    assert health.as_table()["state"] == "live"
    clock.wait(0.1)
    assert health.as_table()["state"] == "stalled"
    health.lost("nothing came", True)
    assert health.as_table()["state"] == "stalled"
    health.lost("no answer", True)
    assert health.as_table()["state"] == "stalled"
    health.lost("refused", False)
    assert health.as_table()["state"] == "down"


def test_health_when_the_wall_clock_jumps_then_only_the_time_for_people_follows():
    clock, wall = Clock(), Clock()
    health = Health(10, clock, wall)
    health.saw(frame(), 0)
    wall.now_ns = 10**18
    assert health.as_table()["state"] == "live"
    health.lost("gone", False)
    wall.now_ns = 0
    health.saw(frame(), 0)
    assert health.as_table()["state"] == "live" and health.as_table()["since_ms"] == 0


# ---- a capture's own mind

def test_capture_when_a_stage_stumbles_then_that_is_a_loss_like_any_other_and_hides_the_password(monkeypatch):
    def stumble(spec, **_):
        raise ValueError(f"bad {spec}")

    monkeypatch.setattr("edgepose.sources.prepare_source", stumble)
    with Watched("rtsp://user:secret@door/live") as camera:
        camera.loss()
        health = camera.loss()
    assert health["last_error"] == "rtsp://user:***@door/live: ValueError: bad rtsp://user:***@door/live"


def test_capture_when_frames_come_faster_than_the_cap_then_the_letterbox_sees_those_that_are_due(monkeypatch):
    with Watched("synthetic:64x48@200?frames=0", fps=20) as camera:
        written_ns, write = [], camera._letterbox.write
        monkeypatch.setattr(camera._letterbox, "write",
                            lambda frame, slot: (written_ns.append(frame.t_ns), write(frame, slot)))
        while camera.health["n_frames"] < 60:
            camera.frames(1)
        taken_ns = written_ns[-1] - written_ns[0]  # longer than 60 / 200 s on a machine that has other things to do
        assert len(written_ns) <= taken_ns * 20 / 1e9 + 2


@pytest.mark.parametrize("changed, same", [({}, True), ({"rules": (1,), "show_picture": True}, True),
                                           ({"fps": 5.0}, False), ({"source": "rtsp://gate/"}, False)])
def test_capture_when_settings_change_then_it_knows_whether_they_are_its_own(changed, same):
    camera = Watched("rtsp://door/", fps=10.0)
    assert camera.serves(replace(camera.settings, **changed)) is same


# ---- counts

def test_histogram_when_values_are_added_then_each_bucket_counts_those_up_to_it():
    histogram = Histogram((10, 100))
    for value in (0, 10, 11, 100, 101, 5000):
        histogram.add(value)
    assert histogram.as_table() == {"count": 6, "sum": 5222, "buckets": [[10, 2], [100, 4]]}


def test_ring_when_the_newest_is_taken_then_older_ones_are_dropped_and_counted():
    ring = FrameRing(8, 8, 3, "drop")
    assert ring.take_newest() is None
    for seq in range(5):
        slot = ring.claim()
        slot.seq = seq
        ring.publish(slot)
    assert ring.take_newest().seq == 4 and ring.take_newest() is None
    assert (ring.published, ring.taken, ring.dropped, ring.inside) == (5, 1, 4, 0)
