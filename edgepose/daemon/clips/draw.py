"""Skeleton clips as pictures and videos for people: bodies and zones before a dark ground."""

import os
from datetime import datetime

import numpy as np
from PIL import Image, ImageDraw

from edgepose.daemon.clips import document
from edgepose.errors import SinkError
from edgepose.pose import SCORE_ONE, PoseBatch
from edgepose.sinks.drawing import Painter
from edgepose.sinks.labels import Plate
from edgepose.sinks.picture_file import FORMATS, save
from edgepose.sinks.stroke import Stroke
from edgepose.sinks.video_file import Encoder
from edgepose.skeleton import Skeleton

VIDEOS = (".mp4", ".mov", ".mkv")
MAX_WIDTH_PX = 1280
MIN_SCORE = 0.2
GROUND, CALM, HAPPENING = (24, 26, 31), (92, 98, 112), (214, 88, 66)
_MS, _GAP_MS = 1_000_000, 1000


def render(clip, path):
    """Draw a skeleton clip.

    Parameters
    ----------
    clip : dict as `document.read` gives it, or the path of a clip
    path : str or path; .mp4 .mov .mkv: all of it, at its own pace, less its gaps;
        .png .jpg .jpeg .webp: the moment at which the event opened

    Raises
    ------
    ConfigError : it is no skeleton clip
    SinkError : the file cannot be written, or its ending says no kind of picture or video
    """
    clip, path = clip if isinstance(clip, dict) else document.read(clip), os.fsdecode(path)
    drawing, suffix = Drawing(clip), os.path.splitext(path)[1].lower()
    if suffix in FORMATS:
        save(drawing.draw(_moment(clip)), path)
    elif suffix in VIDEOS:
        _render_video(clip, drawing, path)
    else:
        raise SinkError(f"{path}: its ending {suffix!r} says neither picture nor video; one of"
                        f" {' '.join((*FORMATS, *VIDEOS))}")


def _moment(clip):
    """The first frame of the event; without any, the last one before it."""
    later = [frame for frame in clip["frames"] if frame[0] >= clip["opened_ms"]]
    return (later or clip["frames"][-1:] or [[clip["opened_ms"], []]])[0]


def _render_video(clip, drawing, path):
    encoder = Encoder(path, *drawing.size, None)
    for frame in clip["frames"] or [_moment(clip)]:
        skipped_ms = sum(max(0, end - begin - _GAP_MS) for begin, end in clip["gaps"] if frame[0] >= end)
        encoder.write(np.asarray(drawing.draw(frame)), (frame[0] - skipped_ms) * _MS)
    encoder.close()


class Drawing:
    """Draws frames of one clip.

    Parameters
    ----------
    clip : dict

    Attributes
    ----------
    size : (width, height) of its pictures, px: the camera's, or smaller ones of that shape
    """

    def __init__(self, clip):
        width, height = clip["width"], clip["height"]
        self._clip, self._shrink = clip, max(1.0, width / MAX_WIDTH_PX)
        self.size = round(width / self._shrink), max(1, round(height / self._shrink))
        names = clip["skeleton"]
        skeleton = Skeleton(names["name"], tuple(names["keypoints"]), tuple(map(tuple, names["edges"])))
        self._poses = PoseBatch(max([1, *(len(people) for _, people in clip["frames"])]), skeleton)
        self._painter = Painter(skeleton, MIN_SCORE)
        self._grounds = [self._ground(colour) for colour in (CALM, HAPPENING)]

    def draw(self, frame):
        """One frame, `[t_ms, people]`, as a Pillow picture."""
        t_ms, people = frame
        self._pose(people)
        return self._painter.draw(self._grounds[self._is_happening(t_ms)], self._poses, self._caption(t_ms))

    def _is_happening(self, t_ms):
        closed_ms = self._clip["closed_ms"]
        return self._clip["opened_ms"] <= t_ms and (closed_ms is None or t_ms <= closed_ms)

    def _caption(self, t_ms):
        """Camera, what happened and where, and the time on the wall there."""
        event, at = self._clip["event"], datetime.fromtimestamp((self._clip["begin_ms"] + t_ms) / 1000)
        what = f"{event['kind']}, {event['zone']}" if event["zone"] else event["kind"]
        return f"{self._clip['camera']}  {what}  {at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 100_000}"

    def _pose(self, people):
        """Put a frame's people into the batch that the painter draws."""
        poses = self._poses
        poses.n = len(people)
        for i, (track_id, score, points) in enumerate(people):
            numbers = np.array(points).reshape(-1, 3)
            poses.keypoints_q4[i] = np.round(numbers[:, :2] / self._shrink)
            poses.keypoint_scores_q16[i] = numbers[:, 2] * SCORE_ONE // 100
            poses.scores_q16[i], poses.track_ids[i] = score * SCORE_ONE // 100, track_id

    def _ground(self, colour):
        """What is behind the people, uint8 (height, width, 3): zones, the event's own in a colour."""
        image = Image.new("RGB", self.size, GROUND)
        pen = ImageDraw.Draw(image, "RGBA")
        for zone in self._clip["zones"]:
            own = zone["name"] == self._clip["event"]["zone"]
            self._draw_zone(pen, zone, colour if own else CALM)
        return np.array(image)

    def _draw_zone(self, pen, zone, colour):
        stroke, (width, height) = Stroke.of(*self.size), self.size
        points = [(x * width, y * height) for x, y in zone["points"]]
        if len(points) > 2:
            pen.polygon(points, (*colour, 40))
            points.append(points[0])
        pen.line(points, colour, max(1, round(stroke.line_px)), joint="curve")
        plate = Plate(stroke, *min(points, key=lambda point: (point[1], point[0])), zone["name"], (*colour, 255))
        plate.keep_inside(width, height)
        plate.draw(pen)
