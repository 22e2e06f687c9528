"""Reflections in water, which stand on their heads below whom they are of."""

BESIDE_PERCENT = 50  # of the wider box, that their middles may be apart
APART_PERCENT = 25  # of the body's height, between feet and feet at most


def mark_reflections(bodies):
    """Set `is_reflection` of every body in sight: its torso points down, and above it somebody stands, feet to feet."""
    for body in bodies.used:
        body.is_reflection = body.is_here and _hangs(body) and any(
            other is not body and other.is_here and not _hangs(other) and _is_mirrored(body, other)
            for other in bodies.used)


def _hangs(body):
    """Whether the shoulders are well below the hips, more down than sideways."""
    posture = body.posture
    return posture.has_torso and -posture.torso_y > abs(posture.torso_x)


def _is_mirrored(below, above):
    (x, y, width, height), (other_x, other_y, other_width, other_height) = below.posture.box, above.posture.box
    apart = abs(2 * x + width - 2 * other_x - other_width)
    if 100 * apart > 2 * BESIDE_PERCENT * max(width, other_width):
        return False
    return 100 * abs(y - other_y - other_height) <= APART_PERCENT * max(height, other_height)
