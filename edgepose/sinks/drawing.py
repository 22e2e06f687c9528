"""Draws poses on pictures."""

import math

from PIL import Image, ImageDraw

from edgepose.pose import Q4, SCORE_ONE, score_to_q16
from edgepose.sinks.labels import caption_plate, label_plate, track_colour
from edgepose.sinks.stroke import Stroke

#: Blue and orange differ for every kind of colour vision (Okabe and Ito, Color Universal Design, 2008).
COLOURS = {"left": (86, 180, 233, 255), "right": (240, 150, 0, 255), "middle": (245, 245, 245, 255)}
_DARK = (16, 16, 16, 255)


class Painter:
    """Draws limbs, keypoints, labels and a caption, sized for the picture.

    Parameters
    ----------
    skeleton : Skeleton
    min_score : float, keypoints that score less are left out, and limbs that end there
    """

    def __init__(self, skeleton, min_score):
        self._limbs = [(a, b, COLOURS[skeleton.limb_side((a, b))]) for a, b in skeleton.limbs]
        self._dots = [COLOURS[skeleton.side(k)] for k in range(len(skeleton.keypoints))]
        self._min_score_q16 = score_to_q16(min_score)

    def draw(self, picture, poses, caption=""):
        """A picture with poses on it.

        Parameters
        ----------
        picture : uint8 (height, width, 3) RGB, read
        poses : PoseBatch, coordinates in px of that picture
        caption : str, for the top left corner

        Returns
        -------
        PIL.Image.Image, RGB, a copy of the picture's size
        """
        image = Image.fromarray(picture)
        people = [self._visible(poses, i) for i in range(poses.n)]
        for i, points in enumerate(people):
            self._draw_person(image, points, _colour(poses, i) or _DARK)
        pen, plates = ImageDraw.Draw(image, "RGBA"), []
        for i, points in enumerate(people):
            if points:
                plates.append(label_plate(image.size, points, _label(poses, i), plates, _colour(poses, i)))
        if caption:
            plates.append(caption_plate(image.size, caption))
        for plate in plates:
            plate.draw(pen)
        return image

    def _visible(self, poses, i):
        """{keypoint: (x, y) px} of those that score enough."""
        scores, points = poses.keypoint_scores_q16[i].tolist(), poses.keypoints_q4[i].tolist()
        return {k: (x / Q4, y / Q4) for k, (x, y) in enumerate(points) if scores[k] >= self._min_score_q16}

    def _draw_person(self, image, points, outline):
        """Limbs and dots with an outline, drawn larger on a layer around the person and shrunk: smooth edges."""
        stroke = Stroke.of(*image.size)
        box = _region(points.values(), stroke.margin_px, image.size)
        if box is None:
            return
        left, top, right, bottom = box
        zoom = stroke.zoom
        layer = Image.new("RGBa", ((right - left) * zoom, (bottom - top) * zoom))
        pen = ImageDraw.Draw(layer)
        zoomed = {k: (math.floor((x - left) * zoom), math.floor((y - top) * zoom)) for k, (x, y) in points.items()}
        self._draw_strokes(pen, zoomed, stroke, outline)
        small = layer.reduce(zoom).convert("RGBA")  # from alpha multiplied in, which shrinks without a detour
        image.paste(small, (left, top), small)

    def _draw_strokes(self, pen, points, stroke, behind):
        line, radius, outline = stroke.zoomed
        limbs = [(points[a] + points[b], colour) for a, b, colour in self._limbs if a in points and b in points]
        for ends, _ in limbs:
            pen.line(ends, behind, line + 2 * outline)
        for x, y in points.values():
            _disc(pen, x, y, radius + outline, behind)
        for ends, colour in limbs:
            pen.line(ends, colour, line)
        for k, (x, y) in points.items():
            _disc(pen, x, y, radius, self._dots[k])


def _region(points, margin, size):
    """(left, top, right, bottom) whole px around points, within the picture; None where nothing of it is."""
    if not points:
        return None
    xs, ys = zip(*points)
    left, top = (max(0, math.floor(min(v)) - margin) for v in (xs, ys))
    right, bottom = (min(limit, math.ceil(max(v)) + margin) for v, limit in zip((xs, ys), size))
    return (left, top, right, bottom) if left < right and top < bottom else None


def _disc(pen, x, y, radius, colour):
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), colour)


def _colour(poses, i):
    """The track's, or None where there is none."""
    return track_colour(int(poses.track_ids[i])) if poses.track_ids[i] >= 0 else None


def _label(poses, i):
    """Track, where there is one, and score."""
    track_id, score = poses.track_ids[i], f"{poses.scores_q16[i] / SCORE_ONE:.2f}"
    return score if track_id < 0 else f"#{track_id}  {score}"
