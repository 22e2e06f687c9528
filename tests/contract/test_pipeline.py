"""The pipeline: every frame of a file in order, the newest of a camera, faults in the caller's thread."""

import numpy as np
import pytest

from edgepose import backends, decoders
from edgepose.errors import SourceError
from edgepose.pipeline import Pipeline
from tests.conftest import random_frame
from tests.doubles import GatedSource, ListSource


def pipeline(model, source, **options):
    return Pipeline(source, model, backends.create("replay"), decoders.create(model), **options)


def frames(rng, n, size=(64, 48)):
    return [random_frame(rng, "bgr24", *size, seq=i, t_ns=i * 40_000_000, file=f"{i}.png") for i in range(n)]


def test_file_loses_no_frame_and_keeps_the_order(lightning, rng):
    with pipeline(lightning, ListSource(frames(rng, 200))) as stages:
        seen = [(poses.seq, poses.t_ns, poses.file, poses.width, poses.height) for poses in stages]
    assert seen == [(i, i * 40_000_000, f"{i}.png", 64, 48) for i in range(200)]


def test_camera_that_is_faster_than_the_network_loses_its_oldest_frames(lightning, rng):
    source = GatedSource(frames(rng, 50))
    with pipeline(lightning, source) as stages:
        poses = iter(stages)
        seen = [next(poses).seq]
        source.exhausted.wait(60)  # the camera has delivered all while the consumer holds its first frame
        source.end.set()
        seen += [batch.seq for batch in poses]
    ring = stages.ring
    assert seen == sorted(seen) and seen[-1] == 49
    assert len(seen) + ring.dropped == 50 == ring.published and ring.dropped >= 45


def test_fault_of_the_source_arrives_after_the_frames_before_it(lightning, rng):
    source, seen = ListSource([*frames(rng, 5), SourceError("lens fell off")]), []
    with pytest.raises(SourceError, match="lens fell off"), pipeline(lightning, source) as stages:
        seen.extend(poses.seq for poses in stages)
    assert seen == [0, 1, 2, 3, 4] and source.closed


def test_leaving_early_stops_the_capture_thread(lightning, rng):
    source = ListSource(frames(rng, 500))
    with pipeline(lightning, source) as stages:
        for poses in stages:
            if poses.seq == 3:
                break
    assert not stages._thread.is_alive() and source.closed
    stages.close()


def test_pipeline_that_never_ran_closes(lightning, rng):
    source = ListSource(frames(rng, 2))
    pipeline(lightning, source).close()
    assert source.closed


@pytest.mark.parametrize("format", ["bgr24", "rgb24", "gray8", "yuv420p"])
def test_picture_for_sinks_is_the_frame_in_rgb(lightning, rng, format):
    frame = random_frame(rng, format, 63, 47, colour="bt601-full")
    with pipeline(lightning, ListSource([frame]), keep_picture=True) as stages:
        pictures = [poses.picture.copy() for poses in stages]
    assert pictures[0].shape == (47, 63, 3)
    if format == "rgb24":
        assert np.array_equal(pictures[0].reshape(-1), frame.planes[0])
    elif format == "bgr24":
        assert np.array_equal(pictures[0][..., ::-1].reshape(-1), frame.planes[0])
    else:
        luma = frame.planes[0].reshape(47, 63).astype(int)
        mean = pictures[0] @ [0.299, 0.587, 0.114] if format == "yuv420p" else pictures[0][..., 0]
        inside = (pictures[0] > 0).all(axis=2) & (pictures[0] < 255).all(axis=2)
        assert inside.any() and np.abs(mean - luma)[inside].max() <= 2


def test_pictures_of_different_sizes_follow_each_other(lightning, rng):
    sizes = [(64, 48), (30, 200), (64, 48), (1, 1)]
    with pipeline(lightning, ListSource([random_frame(rng, "rgb24", *size) for size in sizes]),
                  keep_picture=True) as stages:
        assert [poses.picture.shape[1::-1] for poses in stages] == sizes


def test_no_picture_is_made_when_nobody_draws(lightning, rng):
    with pipeline(lightning, ListSource(frames(rng, 3))) as stages:
        assert all(poses.picture is None for poses in stages)


def test_kept_frames_are_the_cameras_own_pixels(lightning, rng):
    frame, others = random_frame(rng, "nv12", 62, 46), ListSource(frames(rng, 1))
    with pipeline(lightning, ListSource([frame]), keep_frame=True) as stages, pipeline(lightning, others) as plain:
        assert [poses.n for poses in stages] and [poses.n for poses in plain]
        kept = [slot.frame for slot in stages.ring.slots if slot.frame]
        assert [bytes(plane) for plane in kept[0].planes] == [bytes(plane) for plane in frame.planes]
        assert all(slot.frame is None for slot in plain.ring.slots)
