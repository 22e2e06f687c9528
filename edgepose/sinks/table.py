"""Poses as a table for a person at a terminal."""

import os

from edgepose.pose import Q4, SCORE_ONE, score_to_q16
from edgepose.sinks.lines import LineOutput

WIDTH = 99  # columns
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_COLUMNS = "  person  score      x     y     w     h   seen  best keypoints"


class TableSink:
    """Writes one line a pose: frame, time, person, score, box in px, keypoints seen and the best of them.

    Parameters
    ----------
    target : a stream with `write` or a path
    min_score : float, keypoints that score less are not counted as seen

    Notes
    -----
    At most 99 columns wide, the header once. Time is in seconds since the first frame. Where the frames have file
    names, those stand in the place of frame and time. A person is the track where a tracker ran ("-" before there is
    one), else the place in the frame, from 1.
    """

    wants_picture = False

    def __init__(self, target, min_score=0.2):
        self._lines = LineOutput(target)
        self._min_score_q16 = score_to_q16(min_score)
        self._t0_ns = self._dim = None
        self._is_tracked = False

    def open(self, run):
        """Open the target; SinkError where it cannot be written."""
        self._lines.open(run)
        self._t0_ns, self._is_tracked = None, getattr(run, "tracked", False)
        self._dim = self._lines.is_terminal and "NO_COLOR" not in os.environ

    def write(self, poses):
        """Write the lines of one frame; SinkError where the target takes no more."""
        if self._t0_ns is None:
            self._t0_ns = poses.t_ns
            self._lines.write(("  frame    time s" if poses.file is None else f"{'picture':17}") + _COLUMNS + "\n")
        frame = self._frame(poses)
        if not poses.n:
            line = f"{frame}       -  nobody"
            self._lines.write(f"{_DIM}{line}{_PLAIN}\n" if self._dim else line + "\n")
        for i in range(poses.n):
            self._lines.write(f"{frame}{self._person(poses, i)}\n")

    def close(self):
        """Write what is left; closing twice is fine."""
        self._lines.close()

    def _frame(self, poses):
        """The first 17 columns."""
        if poses.file is None:
            return f"{poses.seq:7} {(poses.t_ns - self._t0_ns) / 1e9:9.3f}"
        return f"{_fit(poses.file, 17):17}"

    def _person(self, poses, i):
        """The columns after those."""
        who = poses.track_ids[i] if poses.track_ids[i] >= 0 else "-" if self._is_tracked else i + 1
        x, y, w, h = (round(v / Q4) for v in poses.boxes_q4[i].tolist())
        names, scores = poses.skeleton.keypoints, poses.keypoint_scores_q16[i].tolist()
        seen = sum(score >= self._min_score_q16 for score in scores)
        return (f"{who!s:>8} {poses.scores_q16[i] / SCORE_ONE:6.2f}  {x:5} {y:5} {w:5} {h:5}  {seen:2}/{len(names):2}  "
                + _best(names, scores, WIDTH - 63))

    def __repr__(self):
        return f"<TableSink {self._lines.name}>"


def _best(names, scores, width):
    """The best keypoints with their scores, as many as fit, three at most."""
    best = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)[:3]
    words = [f"{names[k]} {scores[k] / SCORE_ONE:.2f}" for k in best]
    while len("  ".join(words)) > width:
        words.pop()
    return "  ".join(words)


def _fit(name, width):
    """A file name in at most so many columns; its end tells pictures apart. Control characters become '?'."""
    name = "".join(c if c.isprintable() else "?" for c in name)
    return name if len(name) <= width else ".." + name[2 - width:]
