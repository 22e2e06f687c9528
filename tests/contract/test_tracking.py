"""Tracking as a user meets it: ids by default for what moves, none for pictures, frames that are not worth a look."""

import json
from itertools import pairwise

import numpy as np
import pytest

import edgepose
from edgepose import backends, cli, decoders
from edgepose.backends.choice import CLIP
from edgepose.errors import ConfigError
from edgepose.sources import open_source
from edgepose.track import Options, open_pipeline
from edgepose.track.pipeline import TrackedPipeline
from tests.conftest import random_frame
from tests.contract.test_cli import call, lines, save
from tests.doubles import ListSource


def ids(line):
    return [pose["track_id"] for pose in line["poses"]]


def tracked(model, source, **options):
    return TrackedPipeline(source, model, backends.create("tflite"), decoders.create(model),
                           Options(scout="none", **options))


# ---- the command line

def test_run_on_a_clip_when_nothing_is_said_then_people_have_ids_that_stay():
    found = lines(call("run", CLIP, "--max-frames", 12, "--backend", "tflite", "--scout", "none"))
    assert [line["seq"] for line in found] == list(range(12))
    assert all(sorted(ids(line)) == [1, 2] for line in found[3:])
    people = [{pose["track_id"]: pose["box"] for pose in line["poses"]} for line in found[3:]]
    assert all(abs(a[i][0] - b[i][0]) < 20 for a, b in pairwise(people) for i in (1, 2))


def test_run_when_no_track_is_asked_for_then_there_are_no_ids():
    found = lines(call("run", CLIP, "--max-frames", 6, "--backend", "tflite", "--no-track"))
    assert {i for line in found for i in ids(line)} == {None} and max(len(line["poses"]) for line in found) == 1


def test_run_on_pictures_when_nothing_is_said_then_there_are_no_ids(data):
    picture = data / "coco-dev" / "images" / "000000001000.jpg"
    assert ids(lines(call("run", picture, "--backend", "tflite", "--min-score", 0))[0]) == [None]


def test_run_on_pictures_when_tracking_is_asked_for_then_one_line_says_why_not(tmp_path, capsys):
    assert cli.main(["run", str(save(tmp_path / "a.png")), "--track", "--backend", "replay"]) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1 and "no times" in said and "a.png" in said


@pytest.mark.parametrize("arguments, word", [
    (["--max-people", "3", "--no-track"], "--max-people has no use beside --no-track"),
    (["--max-people", "0"], "--max-people"), (["--max-people", "99"], "64"), (["--max-people", "x"], "--help"),
    (["--budget-ms", "0"], "--budget-ms"), (["--budget-ms", "nan"], "--budget-ms"),
    (["--scout", "hourglass"], "hourglass"), (["--scout", "movenet-thunder"], "one person at a time")])
def test_run_when_a_tracking_option_is_wrong_then_one_line_names_it(capsys, arguments, word):
    try:
        code = cli.main(["run", "synthetic:?frames=2", "--backend", "tflite", *arguments])
    except SystemExit as end:  # what is no number
        code = end.code
    said = capsys.readouterr()
    assert code == 2 and said.out == "" and len(said.err.splitlines()) == 1 and word in said.err


def test_run_when_one_person_is_wanted_then_it_is_one(tmp_path):
    done = call("run", CLIP, "--max-frames", 8, "--backend", "tflite", "--max-people", 1, "--skeleton", "body25",
                "--output", tmp_path / "a.jsonl", "--overlay", tmp_path / "a.mp4")
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [len(line["poses"]) for line in found[1:]] == [1] * 7 and ids(found[-1]) == [1]
    assert len(found[0]["poses"][0]["keypoints"]) == 25


def test_run_when_the_budget_is_small_then_every_frame_still_has_its_line():
    done = call("run", CLIP, "--max-frames", 10, "--backend", "tflite", "--budget-ms", 0.5, "--scout", "none")
    assert [line["seq"] for line in lines(done)] == list(range(10))


# ---- the API

def test_stream_when_nothing_is_said_then_people_have_ids():
    with edgepose.PoseEstimator(backend="tflite") as estimator:
        streams = [[poses.track_ids[:poses.n].tolist() for poses in estimator.stream(
            "synthetic:320x240?frames=5", track=track, tracking={"scout": "none"})] for track in (None, True, False)]
    assert streams[0] == streams[1] == [[-1], [-1], [1], [1], [1]] and streams[2] == [[-1]] * 5


def test_stream_when_an_option_is_wrong_then_it_is_refused(tmp_path):
    with edgepose.PoseEstimator(backend="replay") as estimator:
        with pytest.raises(ConfigError, match="max people"):
            next(estimator.stream("synthetic:?frames=5", tracking={"max_people": 0}))
        with pytest.raises(ConfigError, match="no times"):
            next(estimator.stream(save(tmp_path / "a.png"), track=True))


# ---- the pipeline

def test_pipeline_when_the_same_clip_runs_twice_then_every_pose_is_the_same(lightning):
    def run():
        with tracked(lightning, open_source(str(CLIP))) as pipeline:
            return [(poses.seq, poses.track_ids[:poses.n].tolist(), poses.keypoints_q4[:poses.n].tolist())
                    for poses, _ in zip(pipeline, range(20))]

    assert run() == run()


def test_pipeline_when_nothing_moves_then_frames_keep_their_number_and_the_last_poses(lightning):
    with open_source("synthetic:320x240?frames=1") as source:
        still = source.read().copy()
    frames = []
    for i in range(30):
        frame = still.copy()
        frame.seq, frame.t_ns = i, i * 100_000_000
        frames.append(frame)
    with tracked(lightning, ListSource(frames)) as pipeline:
        seen = [(poses.seq, poses.t_ns, poses.n, pipeline.n_shut) for poses in pipeline]
        assert "still: " in pipeline.status()
    assert [line[:3] for line in seen] == [(i, i * 100_000_000, 1) for i in range(30)]
    first_s, second_s, third_s = seen[9][3], seen[19][3] - seen[9][3], seen[29][3] - seen[19][3]
    assert first_s < 5 and second_s >= 5 and third_s >= 8  # every part is looked at, then there is one look a second


def test_pipeline_when_the_gate_is_off_then_every_frame_is_looked_at(lightning, rng):
    frames = [random_frame(rng, "gray8", 64, 48, seq=i, t_ns=i * 40_000_000) for i in range(2)] * 3
    with tracked(lightning, ListSource(frames), gate=False) as pipeline:
        assert len([0 for _ in pipeline]) == 6 and pipeline.n_shut == 0


@pytest.mark.parametrize("format", ["bgr24", "yuv420p"])
def test_pipeline_when_sizes_change_from_frame_to_frame_then_it_goes_on(lightning, rng, format):
    sizes = [(64, 48), (64, 48), (200, 100), (30, 200), (64, 48)]
    frames = [random_frame(rng, format, *size, seq=i, t_ns=i * 40_000_000) for i, size in enumerate(sizes)]
    with tracked(lightning, ListSource(frames)) as pipeline:
        assert [(poses.width, poses.height) for poses in pipeline] == sizes


@pytest.mark.parametrize("times_ms", [[0, 0, 0, 0], [1000, 1040, 20, 60], [0, 10**9, 10**9 + 1, 5]])
def test_pipeline_when_times_repeat_or_jump_then_every_frame_comes_through(lightning, times_ms):
    with open_source("synthetic:320x240?frames=4") as source:
        frames = [frame.copy() for frame in source]
    for frame, t_ms in zip(frames, times_ms):
        frame.t_ns = t_ms * 1_000_000
    with tracked(lightning, ListSource(frames)) as pipeline:
        assert [poses.t_ns // 1_000_000 for poses in pipeline] == times_ms


def test_pipeline_when_a_network_finds_several_then_ids_come_from_whole_pictures(lightweight):
    backend = backends.create("tflite")
    pipeline = open_pipeline(open_source(str(CLIP)), lightweight, backend, decoders.create(lightweight, "coco17"),
                             Options(max_people=1), None)
    with pipeline:
        seen = [poses.track_ids[:poses.n].tolist() for poses, _ in zip(pipeline, range(6))]
    assert all(len(line) <= 1 for line in seen) and seen[-1] == [1] and pipeline.poses.capacity == 32


def test_pipeline_when_a_scout_helps_then_it_is_named_and_closed(lightning, lightweight):
    pipeline = TrackedPipeline(open_source(str(CLIP)), lightning, backends.create("tflite"), decoders.create(lightning),
                               Options(scout=lightweight.name), lambda model: backends.create("tflite"))
    with pipeline:
        seen = [poses.n for poses, _ in zip(pipeline, range(3))]
        assert pipeline.scout == lightweight.name and seen[-1] >= 2
    assert all(backend._interpreter is None for _, backend in pipeline.view.scouts)


def test_pipeline_when_nobody_tracks_then_it_is_the_plain_one(lightning):
    decoder = decoders.create(lightning)
    pipeline = open_pipeline(ListSource([]), lightning, backends.create("replay"), decoder, None, None)
    assert not isinstance(pipeline, TrackedPipeline) and pipeline.status() == "people: 0"
    pipeline.close()
    assert np.size(pipeline.poses.scores_q16) == 1
