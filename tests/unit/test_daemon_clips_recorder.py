"""What is recorded of events, when, and that nothing waits for it."""

import errno
import os
import threading

import av
import pytest

from edgepose.daemon.clips import document, keeper
from edgepose.daemon.clips.recorder import Recorder
from edgepose.daemon.config.settings import ClipSettings
from edgepose.errors import SinkError
from edgepose.skeleton import COCO17
from tests.daemon_clips import CAMERA, WALL_MS, S, Scene, event, event_id, poses, shelf
from tests.sources_media import make_video


def clip_of(scene, n=0):
    found = scene.shelf.find(event_id(n), "skeleton")
    return found and document.read(found["path"])


def happen(scene, lasts_s, n=0, **more):
    """An event that opens now and closes later."""
    opened_ms = scene.now_ms
    scene.tell(event(n, opened_ms, **more))
    scene.run(lasts_s)
    scene.tell(event(n, opened_ms, closed_ms=scene.now_ms, revision=2, **more))


def test_event_when_it_has_closed_then_its_clip_has_what_was_before_and_after(tmp_path):
    scene = Scene(tmp_path, before_s=5.0, after_s=10.0)
    scene.run(30)
    happen(scene, 4)
    scene.run(20)
    clip = clip_of(scene)
    assert (clip["ended"], clip["opened_ms"], clip["closed_ms"], clip["length_ms"]) == ("closed", 5000, 9000, 19000)
    assert [frame[0] for frame in clip["frames"]] == list(range(0, 19001, 100)) and clip["gaps"] == []
    assert clip["begin_ms"] == clip["event"]["opened_ms"] - 5000 and clip["event"]["state"] == "closed"


def test_event_when_it_is_two_seconds_old_then_there_is_something_to_see(tmp_path):
    scene = Scene(tmp_path)
    scene.run(10)
    scene.tell(event(opened_ms=scene.now_ms))
    scene.run(1.9)
    assert clip_of(scene) is None
    scene.run(0.1)
    clip = clip_of(scene)
    assert clip["ended"] == "open" and clip["closed_ms"] is None and clip["frames"][-1][0] == 7000


def test_event_when_it_is_over_at_once_then_its_clip_goes_on_after_it(tmp_path):
    scene = Scene(tmp_path)
    scene.run(10)
    scene.tell(event(opened_ms=scene.now_ms, closed_ms=scene.now_ms))
    scene.run(11)
    assert clip_of(scene)["length_ms"] == 15000 and clip_of(scene)["ended"] == "closed"


def test_event_when_it_lasts_for_long_then_its_first_minute_and_its_end_are_kept(tmp_path):
    scene = Scene(tmp_path)
    scene.run(10)
    happen(scene, 600)
    scene.run(12)
    clip = clip_of(scene)
    assert clip["gaps"] == [[65000, 600000]] and clip["ended"] == "closed" and clip["closed_ms"] == 605000
    times = [frame[0] for frame in clip["frames"]]
    assert times == list(range(0, 65001, 100)) + list(range(600000, 615001, 100))


def test_event_when_it_is_open_after_a_minute_then_the_clip_so_far_says_so(tmp_path):
    scene = Scene(tmp_path)
    scene.tell(event(opened_ms=scene.now_ms))
    scene.run(61)
    assert clip_of(scene)["ended"] == "length" and clip_of(scene)["length_ms"] == 65000


def test_event_when_nobody_sees_it_close_then_it_costs_nothing_more(tmp_path):
    scene = Scene(tmp_path)
    scene.tell(event(opened_ms=scene.now_ms))
    scene.run(120)
    assert scene.recorder.serve(scene.clock.now_ns) == scene.clock.now_ns + 600 * S


def test_event_when_told_late_then_the_clip_begins_at_the_right_time(tmp_path):
    scene = Scene(tmp_path, before_s=2.0)
    scene.run(10)
    opened_ms = scene.now_ms
    scene.run(3)
    scene.tell(event(opened_ms=opened_ms, closed_ms=opened_ms + 1000))
    scene.run(12)
    clip = clip_of(scene)
    assert (clip["opened_ms"], clip["closed_ms"], clip["frames"][0][0]) == (2000, 3000, 0)


@pytest.mark.parametrize("more", [{"clip": False}, {"opened_ms": 1_763_000_000_000}])
def test_event_when_there_is_nothing_to_keep_of_it_then_no_clip(tmp_path, more):
    scene = Scene(tmp_path)
    scene.tell(event(**{"opened_ms": scene.now_ms, **more}))
    scene.run(80)
    assert os.listdir(tmp_path) == []


def test_event_when_acknowledged_after_its_clip_then_no_other_one(tmp_path):
    scene = Scene(tmp_path, after_s=1.0)
    happen(scene, 1)
    scene.run(5)
    written = scene.recorder.health()["n_written"]
    scene.tell(event(opened_ms=scene.now_ms - 6000, closed_ms=scene.now_ms - 5000, revision=3))
    scene.run(5)
    assert scene.recorder.health()["n_written"] == written == 1


def test_event_when_no_frame_came_then_no_clip(tmp_path):
    scene = Scene(tmp_path)
    scene.tell(event(opened_ms=scene.now_ms))
    scene.clock.now_ns += 100 * S
    scene.recorder.serve(scene.clock.now_ns)
    assert os.listdir(tmp_path) == []


def test_events_when_there_are_several_at_once_then_each_has_its_clip(tmp_path):
    scene = Scene(tmp_path)
    scene.run(5)
    for n in range(3):
        happen(scene, 1, n)
    scene.run(12)
    assert [clip_of(scene, n)["ended"] for n in range(3)] == ["closed"] * 3


def test_events_when_they_flood_then_some_are_counted_and_not_kept(tmp_path):
    scene = Scene(tmp_path)
    scene.run(1)
    for n in range(300):
        scene.recorder.on_event(event(n, scene.now_ms))
    assert scene.recorder.health()["n_lost"] == 44
    scene.recorder.serve(scene.clock.now_ns)
    assert scene.recorder.health()["n_open"] == 64 and scene.recorder.health()["n_lost"] == 236


def test_recorder_when_stopped_then_what_is_under_way_is_kept(tmp_path):
    recorder = Recorder(CAMERA, ClipSettings(), COCO17, shelf(tmp_path))
    recorder.open()
    recorder.on_frame(poses(recorder._clock_ns() - S))
    recorder.on_event(event(opened_ms=round(recorder._wall_s() * 1000)))
    recorder.close()
    recorder.close()
    assert document.read(tmp_path / f"{event_id(0)}.json.gz")["ended"] == "stopped"
    assert not [thread for thread in threading.enumerate() if thread.name == "clips-bedroom"]


def test_recorder_when_its_thread_runs_then_it_tells_of_the_clip(tmp_path):
    told = threading.Event()
    recorder = Recorder(CAMERA, ClipSettings(after_s=0.0), COCO17, shelf(tmp_path), kept=lambda event_id: told.set())
    recorder.open()
    now_ms = round(recorder._wall_s() * 1000)
    recorder.on_frame(poses(recorder._clock_ns() - S))
    recorder.on_event(event(opened_ms=now_ms, closed_ms=now_ms))
    assert told.wait(20)
    recorder.close()
    assert document.read(tmp_path / f"{event_id(0)}.json.gz")["ended"] == "closed"


def test_recorder_when_nothing_is_kept_then_old_clips_go_all_the_same(tmp_path):
    now_s = [WALL_MS / 1000]
    scene = Scene(tmp_path, on_shelf=shelf(tmp_path, wall_s=lambda: now_s[0]), mode="none")
    scene.shelf.put(f"{event_id(1)}.json.gz", b"old")
    scene.shelf._tidied_ns, now_s[0] = 0, now_s[0] + 86401
    scene.run(0.1)
    happen(scene, 1)
    assert os.listdir(tmp_path) == [] and scene.recorder.health()["n_open"] == 0


def test_recorder_when_the_disk_is_full_then_older_clips_make_room(tmp_path, monkeypatch):
    scene, full = Scene(tmp_path), iter([True, True])
    for n in (1, 2, 3):
        scene.shelf.put(f"{event_id(n)}.json.gz", b"old")
    put = scene.shelf.put

    def fill(name, data):
        if next(full, False):
            error = SinkError("the disk is full")
            error.errno = errno.ENOSPC
            raise error
        put(name, data)

    monkeypatch.setattr(scene.shelf, "put", fill)
    scene.tell(event(9, scene.now_ms))
    scene.run(2)
    assert clip_of(scene, 9) and [bool(scene.shelf.find(event_id(n))) for n in (1, 2, 3)] == [False, False, True]


def test_recorder_when_the_disk_takes_nothing_then_it_says_so_and_goes_on(tmp_path, monkeypatch):
    scene = Scene(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("edgepose.daemon.clips.shelf.write_all", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        happen(scene, 1)
        scene.run(12)
    health = scene.recorder.health()
    assert health["n_failed"] == 2 and "the disk is full" in health["last_error"] and health["n_open"] == 0
    happen(scene, 1, 1)
    scene.run(12)
    assert clip_of(scene, 1)["ended"] == "closed"


class Film(Scene):
    """A scene whose camera sends packets, too."""

    def __init__(self, folder, path, **clips):
        super().__init__(folder, mode="video", **clips)
        self._container = av.open(path)
        self._stream = self._container.streams.video[0]
        self._demuxed = self._container.demux(self._stream)

    def send(self, _):
        packet = next(self._demuxed, None)
        if packet is not None:
            self.recorder.tap(packet, self._stream)


def test_event_when_video_is_allowed_then_packets_from_before_to_after_it(tmp_path):
    path = make_video(tmp_path / "in.mp4", n=300, rate=10, options={"g": "10", "sc_threshold": "0"})
    film = Film(tmp_path / "clips", path, before_s=3.0, after_s=4.0)
    film.run(8, each=film.send)
    opened_ms = film.now_ms
    film.tell(event(opened_ms=opened_ms, privacy="video"))
    film.run(2, each=film.send)
    film.tell(event(opened_ms=opened_ms, closed_ms=film.now_ms, privacy="video"))
    film.run(10, each=film.send)
    found = film.shelf.find(event_id(0))
    with av.open(str(found["path"])) as container:
        n_frames = sum(1 for _ in container.decode(video=0))
    assert found["kind"] == "video" and n_frames == 100  # nine seconds, and one to the key frame before them
    assert clip_of(film)["privacy"] == "video" and film.recorder.health()["last_error"] is None


def test_event_when_the_daemon_stops_then_its_video_is_finished(tmp_path):
    path = make_video(tmp_path / "in.mp4", n=100, rate=10, options={"g": "10"})
    film = Film(tmp_path / "clips", path)
    film.run(3, each=film.send)
    film.tell(event(opened_ms=film.now_ms))
    film.run(3, each=film.send)
    film.recorder._stop()
    assert sorted(os.listdir(tmp_path / "clips")) == [f"{event_id(0)}.json.gz", f"{event_id(0)}.mp4"]
    with av.open(str(tmp_path / "clips" / f"{event_id(0)}.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 60


def test_event_when_the_disk_is_full_of_video_then_the_skeleton_is_kept_all_the_same(tmp_path, monkeypatch):
    path = make_video(tmp_path / "in.mp4", n=100, rate=10)
    film = Film(tmp_path / "clips", path)
    monkeypatch.setattr(keeper.VideoClip, "follow", lambda self: (_ for _ in ()).throw(SinkError("full")))
    film.run(3, each=film.send)
    film.tell(event(opened_ms=film.now_ms))
    film.run(3, each=film.send)
    assert os.listdir(tmp_path / "clips") == [f"{event_id(0)}.json.gz"] and film.recorder.health()["n_failed"] == 1
