"""Which pictures count, and which part of each is looked at. Numbers of two protocols never share a table."""

from edgepose.errors import ConfigError
from edgepose.evaluate.annotations import counts

MARGIN = 1.25  # side of the square over the longer side of the ground-truth box

#: What each protocol measures, in words for the table's heading.
PROTOCOLS = {
    "crops": "one person an image, a square of 1.25 x the box",
    "images": "whole images, all people",
}


def select(annotations, protocol, limit=None):
    """The pictures of a protocol, in the order of their ids, at most `limit` of them.

    Raises
    ------
    ConfigError : none is left, or the box of a person that is to be cropped is empty
    """
    chosen = [picture for _, picture in sorted(annotations.pictures.items()) if _takes(annotations, picture, protocol)]
    if not chosen:
        raise ConfigError(f"{annotations.path}: no image fits protocol {protocol} ({PROTOCOLS[protocol]})")
    for picture in chosen if protocol == "crops" else ():
        _check_box(annotations, annotations.counted(picture.id)[0])
    return chosen[:limit]


def region_q4(annotations, protocol, picture):
    """What the network gets to see: (x, y, width, height), 1/16 source px; None for the whole picture."""
    return square_q4(annotations.counted(picture.id)[0]["bbox"]) if protocol == "crops" else None


def square_q4(box, margin=MARGIN):
    """The square around a box's centre, `margin` times its longer side: (x, y, side, side), 1/16 px.

    Parameters
    ----------
    box : (x, y, width, height), px
    """
    x, y, width, height = box
    side = margin * max(width, height)
    side_q4 = max(1, round(16 * side))
    return round(16 * (x + width / 2 - side / 2)), round(16 * (y + height / 2 - side / 2)), side_q4, side_q4


def _takes(annotations, picture, protocol):
    """crops: exactly one annotated person besides crowds, who has keypoints; images: anybody annotated."""
    entries = annotations.entries.get(picture.id, ())
    if protocol == "images":
        return bool(entries)
    return [counts(entry) for entry in entries if not entry["iscrowd"]] == [True]


def _check_box(annotations, entry):
    if min(entry["bbox"][2:]) <= 0:
        raise ConfigError(f"{annotations.path}: annotation {entry['id']}: bbox {entry['bbox']} is empty;"
                          " protocol crops needs the person's box")
