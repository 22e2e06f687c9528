"""One-Euro smoothing of tracked poses in fixed point, driven by timestamps.

Casiez, Roussel and Vogel 2012, "1 Euro Filter": a low-pass filter whose cutoff grows with speed, so that what rests
is calm and what moves is on time. Speed is in body sizes a second, so one setting serves every resolution and every
distance from the camera. It is taken between measurements, not from the filter's output, which lags by more or less
of a frame as frames come slower or faster: that keeps 5 and 30 frames a second alike.

=======================  ======================================
place                    1/4096 px, `_q12`
speed                    body sizes a second, Q16
cutoff                   Hz, Q16
gain                     0..65536 for 0..1, `_q16`
=======================  ======================================
"""

import numpy as np

MIN_CUTOFF_Q16 = 32768  # 0.5 Hz, of what rests
CUTOFF_PER_SPEED_Q16 = 14 << 16  # Hz for each body size a second
SPEED_CUTOFF_Q16 = 98304  # 1.5 Hz, of the filter that calms the speed
FORGET_US = 1_000_000  # a keypoint that was away for longer begins anew
MAX_CUTOFF_Q16 = 64 << 16  # Hz; beyond that nothing is held back
_MAX_SPEED_Q16 = 64 << 16
_MAX_STEP_Q12 = 1 << 26  # 16384 px; keeps a speed inside 64 bits
_MIN_SIZE_Q12 = 8 << 12  # px, of a body, so that a stray dot has a speed too
_TURN_Q32 = 26987  # 2 pi / 1e6: cutoff in Hz times time in us to radians
_NEVER_NS = -(1 << 62)


class Smoother:
    """Smooths the keypoints and boxes of the tracked poses of a stream.

    Parameters
    ----------
    capacity : int, people; as many as the `PoseBatch` holds
    n_keypoints : int

    Notes
    -----
    Poses without a `track_id` stay as they are, and so do keypoints that score 0. Of a frame with the timestamp of the
    one before, the last smooth pose is given again; where time goes backwards or a keypoint was away for a second,
    smoothing begins anew. Within 1/16 px of the same filter in floats, the static jitter halved and a step of a
    twentieth of the body less than 60 ms late at 15 frames a second (tests/unit/test_smooth.py). Allocates nothing
    (tests/steady/test_tracking.py).
    """

    def __init__(self, capacity, n_keypoints):
        self._n_keypoints = n_keypoints
        self._ids, self._used, self._n_frames = [-1] * capacity, [0] * capacity, 0
        points = (capacity, n_keypoints + 2)  # the box's two corners are smoothed like keypoints
        self._measured, self._before, self._smooth, self._speed, self._size = np.ones((5, *points, 2), np.int64)
        self._gain, self._step, self._spare, self._t_ns, self._dt_us = np.zeros((5, *points, 2), np.int64)
        self._absent, self._fresh, self._late = np.zeros((3, *points, 2), bool)  # ufuncs buffer other shapes
        self.reset()

    def reset(self):
        """Forget everybody."""
        self._t_ns.fill(_NEVER_NS)
        for slot in range(len(self._ids)):
            self._ids[slot], self._used[slot] = -1, 0

    def update(self, poses):
        """Smooth the poses of one frame in place.

        Parameters
        ----------
        poses : PoseBatch, after the tracker; `keypoints_q4` and `boxes_q4` overwritten
        """
        self._n_frames += 1
        self._absent.fill(True)
        for i in range(poses.n):
            if poses.track_ids[i] >= 0:
                self._take(poses, i, self._slot_of(int(poses.track_ids[i])))
        self._tell_time(poses.t_ns)
        self._follow_speed()
        self._follow_place()
        for i in range(poses.n):
            if poses.track_ids[i] >= 0:
                self._give(poses, i, self._ids.index(int(poses.track_ids[i])))

    def _slot_of(self, track_id):
        """Where a track is kept; a new one takes the place of whoever was away for the most frames."""
        if track_id not in self._ids:
            slot = self._used.index(min(self._used))
            self._ids[slot] = track_id
            self._t_ns[slot] = _NEVER_NS
        slot = self._ids.index(track_id)
        self._used[slot] = self._n_frames
        return slot

    def _take(self, poses, i, slot):
        n, box, measured = self._n_keypoints, poses.boxes_q4[i], self._measured[slot]
        measured[:n], measured[n] = poses.keypoints_q4[i], box[:2]
        np.add(box[:2], box[2:], out=measured[n + 1])
        measured <<= 8
        np.equal(poses.keypoint_scores_q16[i], 0, out=self._absent[slot, :n, 0])
        self._absent[slot, :n, 1] = self._absent[slot, :n, 0]
        self._absent[slot, n:] = False
        self._size[slot] = max(int(max(box[2], box[3])) << 8, _MIN_SIZE_Q12)

    def _tell_time(self, t_ns):
        """Time since each point's last measurement, 0 for what is absent; points without a past get one."""
        dt_us, fresh = self._dt_us, self._fresh
        np.subtract(t_ns, self._t_ns, out=dt_us)
        np.floor_divide(dt_us, 1000, out=dt_us)
        np.less(dt_us, 0, out=fresh)
        np.greater(dt_us, FORGET_US, out=self._late)
        np.logical_or(fresh, self._late, out=fresh)
        np.greater(fresh, self._absent, out=fresh)
        for state, start in ((self._smooth, self._measured), (self._before, self._measured), (self._speed, 0)):
            np.copyto(state, start, where=fresh)
        np.logical_or(fresh, self._absent, out=self._late)
        np.copyto(dt_us, 0, where=self._late)
        np.logical_not(self._absent, out=self._late)
        np.copyto(self._t_ns, t_ns, where=self._late)

    def _follow_speed(self):
        """Low-pass the speed between the last two measurements; time that stands still changes nothing."""
        step, spare = self._step, self._spare
        np.maximum(self._dt_us, 1, out=spare)
        np.multiply(spare, self._size, out=spare)
        np.subtract(self._measured, self._before, out=step)
        _limit(step, _MAX_STEP_Q12)
        np.multiply(step, 1_000_000 << 16, out=step)
        np.floor_divide(step, spare, out=step)
        _limit(step, _MAX_SPEED_Q16)
        self._gain.fill(SPEED_CUTOFF_Q16)
        _gain_into(self._dt_us, spare, self._gain)
        _follow(self._speed, step, self._gain)
        np.copyto(self._before, self._measured, where=self._late)  # of those that are there

    def _follow_place(self):
        gain, step = self._gain, self._step
        np.absolute(self._speed, out=gain)
        np.multiply(gain, CUTOFF_PER_SPEED_Q16, out=gain)
        np.right_shift(gain, 16, out=gain)
        np.add(gain, MIN_CUTOFF_Q16, out=gain)
        np.minimum(gain, MAX_CUTOFF_Q16, out=gain)
        _gain_into(self._dt_us, step, gain)
        np.copyto(step, self._measured)
        _follow(self._smooth, step, gain)

    def _give(self, poses, i, slot):
        """Round the smooth points to 1/16 px; what is absent stays as it came."""
        n, rounded = self._n_keypoints, self._step[slot]
        np.add(self._smooth[slot], 128, out=rounded)
        rounded >>= 8
        np.copyto(poses.keypoints_q4[i], rounded[:n], casting="same_kind", where=self._late[slot, :n])
        poses.boxes_q4[i, :2] = rounded[n]
        np.subtract(rounded[n + 1], rounded[n], out=rounded[n])
        poses.boxes_q4[i, 2:] = rounded[n]


def _limit(values, most):
    np.minimum(values, most, out=values)
    np.maximum(values, -most, out=values)


def _gain_into(dt_us, spare, gain):
    """Turn cutoffs, Hz in Q16, into the gains of a first-order low-pass filter, r / (r + 1) with r = 2 pi f dt."""
    np.multiply(gain, dt_us, out=gain)
    np.multiply(gain, _TURN_Q32, out=gain)
    np.right_shift(gain, 32, out=gain)
    np.add(gain, 65536, out=spare)
    np.left_shift(gain, 16, out=gain)
    np.floor_divide(gain, spare, out=gain)


def _follow(state, target, gain_q16):
    """Move the state towards the target, which is overwritten, by the gain; rounded to the nearest."""
    np.subtract(target, state, out=target)
    np.multiply(target, gain_q16, out=target)
    np.add(target, 32768, out=target)
    np.right_shift(target, 16, out=target)
    np.add(state, target, out=state)
