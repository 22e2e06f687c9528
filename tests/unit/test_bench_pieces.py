"""The small parts: rows and stages, pace, order, packing, cells."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from edgepose import sources
from edgepose.bench import cameras, packing, plan
from edgepose.bench.camera import Camera, Pace
from edgepose.bench.cells import wanted_cells
from edgepose.bench.stamps import COLUMNS, MOST_ROWS, STAGES, Stamps
from edgepose.bench.watched import WatchedBackend, dawdle
from edgepose.errors import ConfigError, SourceError
from edgepose.frame import Frame
from tests.doubles import ListSource

MS = 1_000_000


# ---- rows

def test_stages_of_a_frame_add_up_to_its_latency_without_gaps():
    stamps = Stamps(1)
    row = (5, 10, 30, 40, 70, 100, 50, 20, 180, 190, 2)  # due, read, frame, claim, publish, take, infer, decode, ...
    for column, value in zip(COLUMNS, row):
        getattr(stamps, column)[3] = value * MS
    found = {name: values.tolist() for name, values in stamps.samples().items()}
    assert [found[stage][0] // MS for stage in STAGES] == [20, 30, 30, 50, 20, 10, 10]
    assert found["work"] == [140 * MS] and found["latency"] == [185 * MS] and found["done"] == [190 * MS]


def test_frames_that_never_reached_the_sink_are_no_samples():
    stamps = Stamps(1)
    stamps.read[0] = stamps.take[0] = 5
    stamps.done[2], stamps.done[1] = 20, 30
    assert stamps.samples()["done"].tolist() == [20, 30]


def test_rows_are_bounded_however_long_the_run():
    assert Stamps(10**9).n_rows == MOST_ROWS and Stamps(0.1).n_rows == 2000


def test_several_calls_of_the_network_for_one_frame_add_up():
    stamps = Stamps(1)
    backend = WatchedBackend(SimpleNamespace(infer=lambda slot: dawdle(0, 0), outputs=7), stamps)
    stamps.row = 4
    backend.infer(SimpleNamespace(seq=0))
    once = stamps.infer[4]
    backend.infer(SimpleNamespace(seq=0))
    assert stamps.infer[4] > once > 0 and backend.outputs == 7


# ---- pace

def clock(*moments):
    """(what tells the time, what sleeps) of a world in which only sleeping and these moments pass time."""
    now = [0]
    for moment in moments:
        now.append(moment)

    def tell():
        if len(now) > 1:
            now[0] = max(now[0], now.pop(1))
        return now[0]

    def sleep(seconds):
        now[0] += round(seconds * 1e9)

    return tell, sleep


def test_frames_are_due_at_even_steps():
    pace = Pace(10, 0.0, *clock())
    assert [pace.wait() // MS for _ in range(4)] == [0, 100, 200, 300] and pace.n_missed == 0


def test_phase_moves_the_first_frame():
    pace = Pace(10, 0.25, *clock())
    assert [pace.wait() // MS for _ in range(2)] == [25, 125]


def test_steps_that_passed_while_reading_are_gaps():
    now = [0]
    pace = Pace(10, 0.0, lambda: now[0], lambda seconds: now.__setitem__(0, now[0] + round(seconds * 1e9)))
    pace.wait()
    now[0] = 350 * MS
    assert pace.wait() // MS == 300 and pace.n_missed == 2
    assert pace.wait() // MS == 400 and pace.n_missed == 2


def test_camera_plays_each_of_its_sources_for_its_time(monkeypatch):
    stamps = Stamps(1)
    ticks = itertools.count()
    monkeypatch.setattr("edgepose.bench.camera.monotonic_ns", lambda: next(ticks) * 10**9)  # three looks a frame
    camera = Camera(("synthetic:64x48?frames=2", "synthetic:32x24?frames=1"), stamps, turn_s=9)
    frames = [(frame.seq, frame.width) for frame in (camera.read() for _ in range(7))]
    assert [width for _, width in frames] == [64, 64, 64, 32, 32, 64, 64]  # opening one again takes two looks more
    assert camera.n_rewinds == 4 and not camera.live and stamps.frame[6] >= stamps.read[6] > stamps.frame[5]
    camera.close()


def test_camera_ends_when_the_rows_are_used_up():
    stamps = Stamps(1)
    camera = Camera(("synthetic:64x48?frames=2",), stamps, first=1990, step=4)
    assert [camera.read().seq for _ in range(3)] == [1990, 1994, 1998] and camera.read() is None


def test_camera_at_a_pace_is_live_and_its_frames_have_the_time_they_were_due():
    stamps = Stamps(1)
    camera = Camera(("synthetic:16x16?frames=5",), stamps, fps=1000)
    times = [camera.read().t_ns for _ in range(3)]
    assert camera.live and camera.fps == 1000 and all(t % MS == times[0] % MS for t in times)
    assert times == [stamps.due[row] for row in range(3)]


class LiveSource(ListSource):
    """Frames that arrive at their own time."""

    fps = 25.0

    def __init__(self):
        super().__init__([Frame("gray8", 4, 4, [bytes(16)], t_ns=t) for t in (700, 900)], live=True)


def test_frame_of_a_live_source_is_due_when_it_arrives(monkeypatch):
    monkeypatch.setattr(sources, "open_source", lambda spec: LiveSource())
    stamps = Stamps(1)
    camera = Camera(("rtsp://camera/stream",), stamps, fps=5)
    assert [camera.read().t_ns for _ in range(2)] == [700, 900] and camera.live and camera.gaps == 0
    assert list(stamps.due[:2]) == list(stamps.read[:2]) == [700, 900]


def test_camera_without_a_picture_is_an_error(tmp_path):
    with pytest.raises(SourceError):
        Camera((str(tmp_path),), Stamps(1))


# ---- order, packing

def test_every_cell_comes_once_a_round_in_an_order_that_changes():
    turns = plan.order(range(6), 5, seed=3)
    rounds = [[cell for cell, process in turns if process == n] for n in range(5)]
    assert all(sorted(found) == list(range(6)) for found in rounds) and len({tuple(found) for found in rounds}) == 5
    assert turns == plan.order(range(6), 5, seed=3)


def test_task_survives_its_way_to_the_process():
    import json
    from dataclasses import asdict

    cell = plan.Cell(("a", "b"), "m", "tflite", 2, {"precision": "f16"}, "paced", 15.0)
    task = plan.Task(cell, 3.0, 0.5, (1,), {"sink": 1})
    assert plan.Task.of(json.loads(json.dumps(asdict(task)))) == task


@pytest.mark.parametrize("dtype, values", [("<u4", [0, 1, 2**32 - 1]), ("<i8", [-5, 2**40]), ("|u1", [0, 255]),
                                           ("<f8", [0.5]), ("<u4", [])])
def test_packed_samples_come_back(dtype, values):
    assert packing.unpack(packing.pack(values, dtype), "x").tolist() == values


def test_what_does_not_fit_is_clipped():
    assert packing.unpack(packing.pack([-1, 2**40], "<u4"), "x").tolist() == [0, 2**32 - 1]


@pytest.mark.parametrize("change", [{"zlib": "AAAA"}, {"zlib": "%"}, {"zlib": None}, {"n": 4}, {"n": None},
                                    {"dtype": "O"}])
def test_damaged_samples_are_one_line(change):
    with pytest.raises(ConfigError, match="here: damaged samples"):
        packing.unpack(packing.pack([1, 2, 3], "<i8") | change, "here")


# ---- cells

def options(**more):
    given = dict(source=None, model="movenet-lightning", backend="replay", threads="1", precision=None, device=None,
                 fps=None, cameras=None, track=False)
    return SimpleNamespace(**given | more)


def test_cells_are_all_combinations_each_once():
    models = "movenet-lightning,movenet-thunder"
    found = wanted_cells(options(model=models, backend="tflite,replay", threads="1,2"), None)
    assert len(found) == 8 and len({cell.name for cell in found}) == 8
    assert all(cell.sources == plan.CLIPS and cell.mode == "closed" for cell in found)


def test_backend_without_precision_is_measured_once():
    found = wanted_cells(options(backend="tflite,openvino", precision="f32,f16"), None)
    assert [(cell.backend, cell.settings) for cell in found] == [
        ("tflite", {}), ("openvino", {"precision": "f32"}), ("openvino", {"precision": "f16"})]


def test_clips_that_ship_are_there_and_a_key_has_no_folders():
    found = wanted_cells(options(fps=15.0), None)[0]
    assert found.mode == "paced" and found.key()["sources"] == ["pedestrians.mp4", "nobody.mp4"]
    assert all(np.fromfile(clip, np.uint8).size for clip in found.sources)


@pytest.mark.parametrize("more, error", [({"threads": "two"}, ConfigError), ({"source": "/nowhere.mp4"}, SourceError),
                                         ({"precision": "f16"}, ConfigError)])
def test_cell_that_cannot_be_is_an_error(more, error):
    with pytest.raises(error):
        wanted_cells(options(**more), None)


# ---- how many cameras

def outcome(latency_ms, dropped=0):
    return {"samples": {"latency": np.full(300, latency_ms * MS), "work": np.full(300, 10 * MS)},
            "counts": {"dropped": dropped, "gaps": 0}}


@pytest.mark.parametrize("holds", [0, 1, 8, 10, 25, 64])
def test_bisection_finds_how_many_cameras_are_held(holds):
    cell = plan.Cell(("clip",), "m", "replay", mode="cameras", fps=10.0)
    lines, trials = [], []

    def trial(asked, seconds):
        assert 2 <= seconds <= 60
        return outcome(90 if asked.n_cameras <= holds else 110)

    found = cameras.find(cell, trial, lines.append, trials)
    assert found == holds and len(lines) == len(trials) <= 8
    assert len({probe.n_cameras for probe, _ in trials}) == len(trials)


def test_camera_that_loses_frames_is_not_held():
    assert not cameras.judge(2, 10, outcome(50, dropped=1)).holds and cameras.judge(2, 10, outcome(50)).holds


def test_trial_is_long_enough_for_a_p99():
    assert cameras.seconds_for(4, 10) * 40 >= 299 and cameras.seconds_for(1000, 30) == 4
