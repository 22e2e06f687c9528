"""Poses as JSON lines, one object a frame: schemas/pose-1.schema.json."""

import json

from edgepose.pose import SCORE_ONE, score_to_q16
from edgepose.sinks.lines import LineOutput

SCHEMA = "edgepose.pose/1"
_FRACTIONS = tuple(f"{i / 16:.4g}"[1:] for i in range(16))  # "", ".0625", ".125", ... ".9375"


class PoseText:
    """Makes the line of a frame, schema `edgepose.pose/1`.

    Parameters
    ----------
    run : has `source`, `model`, `backend` and `skeleton`; the backend may become another one after a fault
    min_score : float, poses that score less are left out; keypoints never are

    Notes
    -----
    Coordinates are exact (1/16 px has four decimals), scores have four decimals
    (tests/unit/test_sinks_jsonl.py).
    """

    def __init__(self, run, min_score=0.0):
        self._run, self._min_score_q16, self._backend = run, score_to_q16(min_score), ""
        self._head = f'{{"schema":"{SCHEMA}","source":{json.dumps(run.source)},"file":'

    def line(self, poses):
        """One JSON object, without the line's end."""
        if self._run.backend != self._backend:
            self._name_backend(self._run)
        file = "null" if poses.file is None else json.dumps(poses.file)
        return (f'{self._head}{file},"seq":{poses.seq},"t_ns":{poses.t_ns},"width":{poses.width},"height":'
                f'{poses.height}{self._tail}{",".join(self._people(poses))}]}}')

    def _name_backend(self, run):
        model, self._backend, skeleton = run.model, run.backend, run.skeleton.name
        self._tail = ',"model":{},"backend":{},"skeleton":{},"poses":['.format(
            *map(json.dumps, (model, self._backend, skeleton)))

    def _people(self, poses):
        n = poses.n
        for track_id, score, box, points, scores in zip(
                poses.track_ids[:n].tolist(), poses.scores_q16[:n].tolist(), poses.boxes_q4[:n].tolist(),
                poses.keypoints_q4[:n].tolist(), poses.keypoint_scores_q16[:n].tolist()):
            if score >= self._min_score_q16:
                yield _person(track_id, score, box, points, scores)


class JsonlSink:
    """Writes one JSON object a line and frame, see `PoseText`.

    Parameters
    ----------
    target : a stream with `write` or a path
    min_score : float, poses that score less are left out

    Notes
    -----
    Lines leave whole, see `LineOutput`.
    """

    wants_picture = False

    def __init__(self, target, min_score=0.0):
        self._lines, self._min_score = LineOutput(target), min_score

    def open(self, run):
        """Open the target; SinkError where it cannot be written."""
        self._text = PoseText(run, self._min_score)
        self._lines.open(run)

    def write(self, poses):
        """Write the line of one frame; SinkError where the target takes no more."""
        self._lines.write(self._text.line(poses) + "\n")

    def close(self):
        """Write what is left; closing twice is fine."""
        self._lines.close()

    def __repr__(self):
        return f"<JsonlSink {self._lines.name}>"


def _person(track_id, score, box, points, scores):
    """One pose as JSON. On the hot path: formatting integers takes a third of the time of json.dumps."""
    keypoints = ",".join([f"[{px(x)},{px(y)},{s / SCORE_ONE:.4f}]" for (x, y), s in zip(points, scores)])
    return (f'{{"track_id":{track_id if track_id >= 0 else "null"},"score":{score / SCORE_ONE:.4f},'
            f'"box":[{",".join(map(px, box))}],"keypoints":[{keypoints}]}}')


def px(q4):
    """1/16 px as an exact decimal number of px: 1041 is 65.0625."""
    return f"{q4 >> 4}{_FRACTIONS[q4 & 15]}" if q4 >= 0 else "-" + px(-q4)
