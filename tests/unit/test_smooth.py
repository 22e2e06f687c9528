"""The smoother: against its float twin, jitter and lag on known motion, and time that misbehaves."""

import math

import numpy as np
import pytest

from edgepose.pose import PoseBatch
from edgepose.skeleton import COCO17
from edgepose.sources import open_source
from edgepose.sources.figure import keypoints_at
from edgepose.track import smooth
from edgepose.track.smooth import Smoother

SIZE_PX = 200.0
STANDING = keypoints_at(0.0)
STANDING = np.round((STANDING - STANDING.min(axis=0)) * SIZE_PX / np.ptp(STANDING[:, 1]) * 16) / 16 + 50  # SIZE_PX high


def fill(poses, people, t_s, track_ids=None):
    """Write float (N, 17, 2) source px into a batch."""
    poses.n, poses.t_ns = len(people), round(t_s * 1e9)
    for i, xy in enumerate(np.round(np.asarray(people) * 16).astype(np.int32)):
        poses.keypoints_q4[i], poses.keypoint_scores_q16[i] = xy, 60000
        poses.boxes_q4[i] = *xy.min(axis=0), *np.ptp(xy, axis=0)
        poses.track_ids[i] = i if track_ids is None else track_ids[i]


def run(frames, times_s, smoother=None):
    """float (frames, 17, 2), source px: one person's sequence after the smoother."""
    smoother, poses, out = smoother or Smoother(2, 17), PoseBatch(2, COCO17), []
    for xy, t_s in zip(frames, times_s):
        fill(poses, [xy], t_s)
        smoother.update(poses)
        out.append(poses.keypoints()[0, :, :2].astype(float))
    return np.array(out)


def float_twin(frames, times_s):
    """The same filter in float64, without rounding."""
    def gain(cutoff, dt):
        return 2 * math.pi * cutoff * dt / (2 * math.pi * cutoff * dt + 1)

    hz, per_speed, of_speed, most = (v / 65536 for v in (
        smooth.MIN_CUTOFF_Q16, smooth.CUTOFF_PER_SPEED_Q16, smooth.SPEED_CUTOFF_Q16, smooth.MAX_CUTOFF_Q16))
    place, speed, out = frames[0].copy(), np.zeros_like(frames[0]), [frames[0]]
    for before, now, dt in zip(frames, frames[1:], np.diff(times_s)):
        if dt > 0:
            speed += gain(of_speed, dt) * ((now - before) / dt / np.ptp(now, axis=0).max() - speed)
        place = place + gain(np.minimum(hz + per_speed * np.abs(speed), most), dt) * (now - place)
        out.append(place)
    return np.array(out)


def walk(rng, n, step_px):
    """Random walks of all keypoints on the 1/16 px grid, within a picture."""
    return np.round((STANDING + np.cumsum(rng.normal(0, step_px, (n, 17, 2)), axis=0)) * 16) / 16


@pytest.mark.parametrize("fps", [5, 15, 30, 120])
@pytest.mark.parametrize("step_px", [0.2, 3, 40])
def test_smoother_when_anything_moves_then_within_a_16th_px_of_its_float_twin(rng, fps, step_px):
    frames, times = walk(rng, 300, step_px), np.round(np.arange(300) / fps, 6)
    assert np.abs(run(frames, times) - float_twin(frames, times)).max() <= 1 / 16


def test_smoother_when_frames_come_unevenly_then_within_a_16th_px_of_its_float_twin(rng):
    frames, times = walk(rng, 300, 5), np.round(np.cumsum(rng.uniform(0.001, 0.5, 300)), 6)
    assert np.abs(run(frames, times) - float_twin(frames, times)).max() <= 1 / 16


@pytest.mark.parametrize("fps", [15, 30])
@pytest.mark.parametrize("noise", [0.003, 0.006])
def test_smoother_when_a_person_stands_then_jitter_is_halved_at_least(rng, fps, noise):
    frames = STANDING + rng.normal(0, noise * SIZE_PX, (600, 17, 2))
    jitter = [np.diff(f[100:], axis=0).std() for f in (frames, run(frames, np.arange(600) / fps))]
    off = [(f[100:] - STANDING).std() for f in (frames, run(frames, np.arange(600) / fps))]
    assert jitter[1] < 0.5 * jitter[0] and off[1] < 0.5 * off[0]


def lag_ms(out, before, after, fps):
    """Mean delay of a step: the area between it and the answer."""
    answer = (out - before) / (after - before)
    return (1 - answer).sum(axis=0).max() * 1000 / fps


@pytest.mark.parametrize("step", [0.05, 0.1, 0.3, -0.1])
def test_smoother_when_a_step_comes_at_15_fps_then_less_than_60_ms_late(step):
    frames = np.array([STANDING] * 30 + [STANDING + step * SIZE_PX] * 60)
    assert lag_ms(run(frames, np.arange(90) / 15)[30:], STANDING, STANDING + step * SIZE_PX, 15) < 60


def test_smoother_when_the_synthetic_figure_walks_then_never_far_behind_and_half_as_restless(rng):
    with open_source("synthetic:?frames=300") as source:
        truth, size = np.array([source.truth(seq)[0] for seq in range(300)]), source.body_height_px
        noisy = truth + rng.normal(0, 0.006 * size, truth.shape)
        out, calm = run(noisy, np.arange(300) / source.fps), run(truth, np.arange(300) / source.fps)
    assert np.abs(calm - truth).max() < 0.025 * size
    assert np.diff(out - calm, axis=0).std() < 0.5 * np.diff(noisy - truth, axis=0).std()


@pytest.mark.parametrize("speed", [0.05, 0.2, 1.0])
def test_smoother_when_5_15_or_30_fps_then_alike_behind_what_moves(speed):
    behind = []
    for fps in (5, 15, 30):
        times = np.arange(10 * fps) / fps
        frames = STANDING + (speed * SIZE_PX * times)[:, None, None]
        behind.append((frames - run(frames, times))[-1].mean())
    assert max(behind) - min(behind) < 1 / 8  # px
    assert max(behind) < 0.03 * SIZE_PX


@pytest.mark.parametrize("scale", [0.25, 4])
def test_smoother_when_the_resolution_changes_then_the_same_in_bodies(rng, scale):
    frames, times = walk(rng, 200, 3), np.arange(200) / 15
    assert np.abs(run(frames * scale, times) / scale - run(frames, times)).max() <= (1 / 16 + 1 / 32) / min(scale, 1)


def test_smoother_when_a_timestamp_repeats_then_the_last_pose_is_given_again(rng):
    frames, times = walk(rng, 20, 3), np.arange(20) / 15
    times[10] = times[9]
    out = run(frames, times)
    assert np.array_equal(out[10], out[9]) and not np.array_equal(out[11], out[10])


def test_smoother_when_time_goes_backwards_then_it_begins_anew(rng):
    frames, times = walk(rng, 20, 3), np.arange(20) / 15
    times[10:] -= 5
    out = run(frames, times)
    assert np.array_equal(out[10:], run(frames[10:], times[10:])) and np.array_equal(out[10], frames[10])


def test_smoother_when_a_keypoint_was_away_for_long_then_it_begins_anew(rng):
    smoother, frames = Smoother(2, 17), walk(rng, 2, 30)
    assert not np.array_equal(run(frames, [0, 0.9], smoother)[1], frames[1])
    smoother.reset()
    assert np.array_equal(run(frames, [0, 1.1], smoother)[1], frames[1])


def test_smoother_when_a_keypoint_is_missing_then_it_stays_missing_and_pulls_nothing():
    smoother, poses = Smoother(1, 17), PoseBatch(1, COCO17)
    for n in range(6):
        fill(poses, [STANDING], n / 15)
        if n in (2, 3):
            poses.keypoints_q4[0, 4], poses.keypoint_scores_q16[0, 4] = 0, 0
        smoother.update(poses)
        assert poses.keypoints_q4[0, 4].tolist() == [0, 0] or n not in (2, 3)
    assert np.abs(poses.keypoints()[0, :, :2] - STANDING).max() <= 1 / 16


def test_smoother_when_nobody_tracks_then_poses_stay_as_they_are(rng):
    smoother, poses = Smoother(1, 17), PoseBatch(1, COCO17)
    for n, xy in enumerate(walk(rng, 5, 30)):
        fill(poses, [xy], n / 15, track_ids=[-1])
        smoother.update(poses)
        assert np.array_equal(poses.keypoints()[0, :, :2], xy.astype(np.float32))


def test_smoother_when_people_change_places_in_the_batch_then_each_keeps_a_past(rng):
    smoother, poses = Smoother(2, 17), PoseBatch(2, COCO17)
    frames, times = walk(rng, 30, 3), np.arange(30) / 15
    for n, xy in enumerate(frames):
        order = [0, 1] if n % 2 else [1, 0]
        fill(poses, [(xy, xy + 300)[who] for who in order], times[n], track_ids=[7 + who for who in order])
        smoother.update(poses)
    assert np.array_equal(poses.keypoints()[1, :, :2], run(frames, times)[-1] + 300)


def test_smoother_when_ids_come_and_go_while_time_jumps_then_room_is_found(rng):
    smoother, poses = Smoother(3, 17), PoseBatch(3, COCO17)
    for n, xy in enumerate(walk(rng, 60, 3)):
        fill(poses, [xy, xy + 200, xy + 400], 50 - n, track_ids=[n, n + 1, n + 2])
        smoother.update(poses)
        assert np.array_equal(poses.keypoints()[0, :, :2], xy.astype(np.float32))


def test_smoother_when_the_body_is_a_dot_then_nothing_breaks():
    dot = np.full((17, 2), 40.0)
    assert np.array_equal(run([dot, dot, dot], [0, 0.1, 0.2])[2], dot)


def test_smoother_when_the_picture_is_as_large_as_it_gets_then_nothing_overflows():
    ends = [np.tile((0.0, 16384.0), (17, 1)), np.tile((16384.0, 0.0), (17, 1))] * 20
    out = run(ends, np.arange(40) / 1000)
    assert out.min() >= 0 and out.max() <= 16384
