"""Poses in the JSON layout of OpenPose, for the tools that read it.

Source: OpenPose's documentation of its output, section "JSON-UI Mode / JSON Output + Rendered Images Saving".
"""

import os
import re

from edgepose.pose import SCORE_ONE, score_to_q16
from edgepose.sinks.jsonl import px
from edgepose.sinks.lines import LineOutput
from edgepose.sinks.paths import check_folder

_VERSION = "1.3"
_ABSENT = "".join(f',"{part}_keypoints_{kind}":[]' for kind in ("2d", "3d")
                  for part in ("pose", "face", "hand_left", "hand_right") if (part, kind) != ("pose", "2d"))


class OpenposeJsonSink:
    """Writes one object a frame, `{"version":1.3,"people":[{"person_id":[-1],"pose_keypoints_2d":[x,y,c,...]}]}`.

    Parameters
    ----------
    target : a stream with `write`, or a path: one line a frame; a directory, or a path that ends in "/": one file a
        frame, named as OpenPose names them
    min_score : float, poses that score less are left out; keypoints never are

    Notes
    -----
    x and y are source px, exact to 1/16 px; c is the score, 0 where a keypoint is missing, which is at (0, 0) then.
    """

    wants_picture = False

    def __init__(self, target, min_score=0.0):
        self._target, self._min_score_q16, self._output = target, score_to_q16(min_score), None

    def open(self, run):
        """Open the target; SinkError where it cannot be written."""
        path = None if hasattr(self._target, "write") else os.fsdecode(self._target)
        folder = path is not None and (path.endswith("/") or os.path.isdir(path))
        output = _FileAFrame(path) if folder else _LineAFrame(self._target)
        output.open(run)
        self._output = output

    def write(self, poses):
        """Write one frame; SinkError where the target takes no more."""
        self._output.write(poses, f'{{"version":{_VERSION},"people":[{",".join(self._people(poses))}]}}\n')

    def close(self):
        """Write what is left; closing twice is fine."""
        output, self._output = self._output, None
        if output is not None:
            output.close()

    def _people(self, poses):
        n = poses.n
        for track_id, score, points, scores in zip(
                poses.track_ids[:n].tolist(), poses.scores_q16[:n].tolist(), poses.keypoints_q4[:n].tolist(),
                poses.keypoint_scores_q16[:n].tolist()):
            if score >= self._min_score_q16:
                yield _person(track_id, points, scores)

    def __repr__(self):
        return f"<OpenposeJsonSink {self._target}>"


class _LineAFrame:
    def __init__(self, target):
        self._lines = LineOutput(target)
        self.open, self.close = self._lines.open, self._lines.close

    def write(self, poses, line):
        self._lines.write(line)


class _FileAFrame:
    def __init__(self, folder):
        self._folder, self._run = folder, None

    def open(self, run):
        check_folder(self._folder, run)
        self._run = run

    def write(self, poses, line):
        output = LineOutput(os.path.join(self._folder, file_name(self._run.source, poses.file, poses.seq)))
        output.open(self._run)
        try:
            output.write(line)
        finally:
            output.close()

    def close(self):
        """Nothing is open between frames."""


def file_name(source, file, seq):
    """`clip_000000000017_keypoints.json` for a frame of a video, `name_keypoints.json` for a picture."""
    stem = os.path.splitext(file)[0] if file else os.path.splitext(os.path.basename(source.rstrip("/")))[0]
    stem = re.sub(r"[^\w.-]+", "_", stem).strip("._") or "frame"
    return f"{stem}_keypoints.json" if file else f"{stem}_{seq:012}_keypoints.json"


def _person(track_id, points, scores):
    keypoints = ",".join([f"{px(x)},{px(y)},{s / SCORE_ONE:.4f}" for (x, y), s in zip(points, scores)])
    return f'{{"person_id":[{track_id}],"pose_keypoints_2d":[{keypoints}]{_ABSENT}}}'
