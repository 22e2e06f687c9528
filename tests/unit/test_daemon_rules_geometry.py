"""Polygons, lines, words about keypoints: exact, and wrong ones are named."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgepose.daemon.config.settings import ZoneSettings
from edgepose.daemon.rules.conditions import parse
from edgepose.daemon.rules.geometry import Line, Polygon, place_points
from edgepose.daemon.rules.zone import Zone
from edgepose.errors import ConfigError
from edgepose.skeleton import BODY25, COCO17, MPI15, OPENPOSE18

SQUARE = Polygon(((0, 0), (160, 0), (160, 160), (0, 160)))
CORNERS = st.tuples(st.integers(-40, 40), st.integers(-40, 40))


def twin_contains(points, x, y):
    """The same by fractions, edge by edge: a ray to the right, and the edge itself."""
    n = 0
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1]):
        if min(ay, by) <= y <= max(ay, by) and min(ax, bx) <= x <= max(ax, bx) and (
                (bx - ax) * (y - ay) == (by - ay) * (x - ax)):
            return True
        if (ay > y) != (by > y):
            n += ax + Fraction((y - ay) * (bx - ax), by - ay) > x
    return n % 2 == 1


def twin_distance(points, x, y):
    """Squared distance to the edge, by fractions."""
    squares = []
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1]):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        t = min(max(Fraction((x - ax) * dx + (y - ay) * dy, length), 0), 1) if length else Fraction(0)
        squares.append((ax + t * dx - x) ** 2 + (ay + t * dy - y) ** 2)
    return min(squares)


@settings(max_examples=300, deadline=None)
@given(st.lists(CORNERS, min_size=3, max_size=7).map(tuple), CORNERS)
def test_polygon_when_any_then_as_by_fractions(points, place):
    assert Polygon(points).contains(*place) == twin_contains(points, *place)


@settings(max_examples=300, deadline=None)
@given(st.lists(CORNERS, min_size=3, max_size=7).map(tuple), CORNERS, st.integers(0, 40))
def test_polygon_when_any_then_near_is_as_by_fractions(points, place, reach):
    assert Polygon(points).is_near(*place, reach) == (twin_distance(points, *place) <= reach * reach)


@pytest.mark.parametrize("place, inside", [
    ((0, 0), True), ((160, 80), True), ((161, 80), False), ((80, -1), False), ((159, 159), True), ((80, 0), True)])
def test_square_when_at_the_edge_then_to_the_sixteenth(place, inside):
    assert SQUARE.contains(*place) is inside


def test_polygon_when_it_crosses_itself_then_even_and_odd():
    bow = Polygon(((0, 0), (100, 100), (100, 0), (0, 100)))
    assert bow.contains(10, 50) and bow.contains(90, 50) and not bow.contains(50, 10)


def test_line_when_drawn_from_left_to_right_then_in_is_below():
    line = Line((0, 100), (200, 100))
    assert line.side(50, 101) > 0 > line.side(50, 99) and line.contains(900, 100)
    assert line.is_near(50, 110, 10) and not line.is_near(50, 111, 10)


@pytest.mark.parametrize("start, end, crossed", [
    ((50, 90), (50, 110), True), ((50, 90), (60, 95), False), ((250, 90), (250, 110), False),
    ((190, 90), (230, 120), False), ((0, 90), (0, 110), True)])
def test_line_when_somebody_goes_then_it_is_crossed_between_its_ends(start, end, crossed):
    assert Line((0, 100), (200, 100)).is_crossed(start, end) is crossed


def test_points_when_placed_then_rounded_to_a_sixteenth():
    assert place_points(((0, 0), (1, 1), (0.5, 1 / 3)), 641, 480) == ((0, 0), (10256, 7680), (5128, 2560))


def test_zone_when_it_has_a_scale_then_adults_grow_towards_us():
    zone = Zone(ZoneSettings("pool", ((0, 0.5), (1, 0.5), (1, 1), (0, 1)), body_near=0.5, body_far=0.25))
    zone.fit(640, 480)
    assert zone.has_scale and [zone.adult_q4(y * 16) for y in (240, 360, 480)] == [1920, 2880, 3840]
    assert zone.adult_q4(0) == 480 and zone.adult_q4(600 * 16) == 4800


def test_zone_when_it_has_one_point_then_one_line_says_so():
    with pytest.raises(ConfigError, match="zone door: 1 points"):
        Zone(ZoneSettings("door", ((0, 0),)))


@pytest.mark.parametrize("text, group, indices, wish", [
    ("ankles", "ankles", (15, 16), "in"), ("ankles in", "ankles", (15, 16), "in"),
    ("hips  below", "hips", (11, 12), "below"),
    ("head not  seen", "head", (0, 1, 2, 3, 4), "not seen"), ("left_wrist not in", "left_wrist", (9,), "not in"),
    ("body", "body", tuple(range(17)), "in")])
def test_condition_when_it_is_said_then_it_is_understood(text, group, indices, wish):
    condition = parse(text, COCO17)
    assert (condition.group, condition.indices, condition.wish) == (group, indices, wish)


@pytest.mark.parametrize("text, word", [("ankels", "'ankels' is not known"), ("", "'' is not known"),
                                        ("hips under", "'under' is not known; one of in, not in"),
                                        ("neck", "'neck'")])
def test_condition_when_it_is_not_known_then_one_line_names_it(text, word):
    with pytest.raises(ConfigError, match=word):
        parse(text, COCO17)


@pytest.mark.parametrize("skeleton", [COCO17, OPENPOSE18, BODY25, MPI15])
def test_condition_when_the_skeleton_is_another_then_the_groups_are_there(skeleton):
    for group in ("head", "hips", "ankles", "torso"):
        assert all(group[:2] in skeleton.keypoints[i] or group in ("head", "torso")
                   for i in parse(group, skeleton).indices) and parse(group, skeleton).indices
