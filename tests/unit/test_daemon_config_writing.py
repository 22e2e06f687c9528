"""Zones and modes written into a config that somebody keeps by hand."""

import os
import stat
from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgepose.daemon.config import outline, reading, swap, writing
from edgepose.daemon.config.settings import ZoneSettings
from edgepose.errors import ConfigError
from edgepose.toml.places import Places

TEXT = '''# kept by hand   \t
[daemon]
directory = "state" # here

[[camera]] # the first
  name = "yard"
  source='synthetic:'
  # all that the eye can see
  [[camera.zone]]
  name = "deck" # of wood
  points = [ [0, 0], [1,0],   # the far side
             [1, 0.50] ]      # and the near one
  body_near = 0.5
  body_far = 0.25 # measured
  # the pool

  [[camera.zone]]
  points = [[0.25, 0.25], [0.75, 0.25], [0.5, 0.75]]
  name = 'pool'

  [[camera.rule]] # who swims
  kind = "enter"
  zones = ["pool"]
  name = "swims"
[[camera]]
source = "synthetic:?seed=2"
name = "door"
[[camera]]
name = "gate"
source = "synthetic:?seed=3"
zone = [{name = "mat", points = [[0, 0], [1, 0], [0, 1]]}, # where one stands
        {name = "line", points = [[0, 0], [1, 1]]}]
# the end'''
DECK = ZoneSettings("deck", ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5)), 0.5, 0.25)
POOL = ZoneSettings("pool", ((0.25, 0.25), (0.75, 0.25), (0.5, 0.75)))
NEW = ZoneSettings("sauna \"ü\" \\", ((0.1, 0.1), (0.2, 0.1), (0.2, 0.25)))


@pytest.fixture
def path(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "edgepose.toml").write_bytes(TEXT.encode())
    return tmp_path / "edgepose.toml"


def set_zones(path, camera, *zones):
    """The text after it, and that the settings are those in the file."""
    assert writing.set_zones(path, camera, zones) == reading.read(path)
    return path.read_bytes().decode()


def zones_of(path, camera):
    return next(entry.zones for entry in reading.read(path).cameras if entry.name == camera)


def test_zones_when_nothing_changes_leave_every_byte(path):
    assert set_zones(path, "yard", POOL, DECK) == TEXT
    assert set_zones(path, "gate", *zones_of(path, "gate")) == TEXT


def test_zone_when_its_points_change_changes_nothing_else(path):
    text = set_zones(path, "yard", replace(DECK, points=((0.0, 0.0), (0.12345, 0.0), (1.0, 1.0))), POOL)
    old = TEXT[TEXT.index("[ [0, 0]"):TEXT.index("      # and the near")]
    assert text == TEXT.replace(old, "[[0.0, 0.0], [0.1235, 0.0], [1.0, 1.0]]")  # a comment inside the value goes


def test_zone_when_its_scale_goes_loses_those_lines(path):
    text = set_zones(path, "yard", replace(DECK, body_near=None, body_far=None), POOL)
    assert text == TEXT.replace("  body_near = 0.5\n  body_far = 0.25 # measured\n", "")


def test_zone_when_it_gets_a_scale_gets_lines_as_the_others_stand(path):
    text = set_zones(path, "yard", DECK, replace(POOL, body_near=0.5, body_far=0.3))
    assert text == TEXT.replace("name = 'pool'\n", "name = 'pool'\n  body_near = 0.5\n  body_far = 0.3\n")


def test_zone_when_it_is_new_stands_behind_the_last(path):
    block = '\n  [[camera.zone]]\n  name = "sauna \\"ü\\" \\\\"\n  points = [[0.1, 0.1], [0.2, 0.1], [0.2, 0.25]]\n'
    assert set_zones(path, "yard", NEW, DECK, POOL) == TEXT.replace("name = 'pool'\n", "name = 'pool'\n" + block)


def test_zone_when_the_camera_had_none_stands_behind_its_keys(path):
    text = set_zones(path, "door", replace(NEW, name="mat"))
    assert text == TEXT.replace('name = "door"\n', 'name = "door"\n\n[[camera.zone]]\nname = "mat"\n'
                                "points = [[0.1, 0.1], [0.2, 0.1], [0.2, 0.25]]\n")


def test_zone_when_it_goes_takes_its_lines_and_leaves_comments(path):
    text = set_zones(path, "yard", POOL)
    begin, end = TEXT.index("  [[camera.zone]]"), TEXT.index("  # the pool")
    assert text == TEXT[:begin] + TEXT[end:]


def test_zones_when_inline_change_in_their_line(path):
    mat, line = zones_of(path, "gate")
    text = set_zones(path, "gate", mat, replace(line, points=((0.0, 0.0), (1.0, 0.5))), replace(NEW, name="new"))
    assert text == TEXT.replace('{name = "line", points = [[0, 0], [1, 1]]}',
                                '{name = "line", points = [[0.0, 0.0], [1.0, 0.5]]}, '
                                '{name = "new", points = [[0.1, 0.1], [0.2, 0.1], [0.2, 0.25]]}')
    assert set_zones(path, "gate", mat).count("where one stands") == 0


def test_zones_when_the_file_has_other_line_ends_take_them(path):
    path.write_bytes(TEXT.replace("\n", "\r\n").encode())
    text = set_zones(path, "yard", DECK, POOL, NEW)
    assert text.count("\r\n") == text.count("\n") == TEXT.count("\n") + 4


def test_zones_when_the_last_line_has_no_end_begin_a_new_one(path):
    path.write_text('[daemon]\ndirectory = "state"\n[[camera]]\nname = "a"\nsource = "synthetic:"')
    text = set_zones(path, "a", POOL, DECK)
    assert text.startswith('[daemon]\ndirectory = "state"\n[[camera]]\nname = "a"\nsource = "synthetic:"\n\n[[camera.')
    text = set_zones(path, "a", POOL, DECK)


def test_zones_when_plain_values_come_are_the_same(path):
    writing.set_zones(path, "yard", [{"name": "pool", "points": [[0.25, 0.25], [0.75, 0.25], [0.5, 0.75]],
                                      "body_near": None, "body_far": None}])
    assert zones_of(path, "yard") == (POOL,)


def test_file_when_it_is_written_keeps_mode_owner_and_link(path):
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 1234, 4321)
    link = path.with_name("link.toml")
    link.symlink_to(path)
    before = path.stat()
    writing.set_zones(link, "yard", [POOL])
    after = path.stat()
    assert link.is_symlink() and stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["edgepose.toml", "link.toml", "state"]


@pytest.mark.parametrize("zones, message", [
    (reduce(lambda inner, _: [inner], range(900), []), "^camera.yard.zone: is .*; it takes tables"),
    ([DECK], r"^camera.yard.rule.swims.zones\[1\]: 'pool' is no zone of this camera; it takes 'deck'$"),
    ([DECK, POOL, POOL], "^camera.yard.zone.pool.name: 'pool' is the name of another"),
    ([replace(POOL, points=((0, 0), (1, 1), (1, 0), (0, 1)))], "^camera.yard.zone.pool.points: the edges .* cross"),
    ([{"name": "a/b", "points": [[0, 0], [2, 0]], "x": 1}],
     r"^camera.yard.zone.a/b.name: is \"a/b\"; .*\n.*points\[2\]: is \[2, 0\]; .*\n.*zone.a/b.x: is not known"),
    ([None], "^camera.yard.zone: is .*null.*; it takes tables"), (17, "^camera.yard.zone: is 17"),
    ([{"name": ["x"], "points": float("nan")}], "points: is NaN")])
def test_zones_when_they_are_wrong_are_refused(path, zones, message):
    with pytest.raises(ConfigError, match=message):
        writing.set_zones(path, "yard", zones)
    assert path.read_text() == TEXT


def test_zones_when_the_camera_is_unknown_raise_key_error(path):
    with pytest.raises(KeyError, match="cellar"):
        writing.set_zones(path, "cellar", [POOL])


def test_file_when_it_is_not_right_any_more_is_left_alone(path):
    path.write_text(TEXT.replace("body_near = 0.5", "body_near = 5"))
    with pytest.raises(ConfigError, match=r"nothing was changed in it:\n.*:13: camera.yard.zone.deck.body_near: is 5"):
        writing.set_zones(path, "yard", [DECK, POOL])
    assert "body_near = 5\n" in path.read_text()


def test_file_when_somebody_else_writes_it_meanwhile_is_left_alone(path, monkeypatch):
    write_beside = swap._write_beside

    def write_slowly(*arguments):
        path.write_text("theirs")
        return write_beside(*arguments)

    monkeypatch.setattr(swap, "_write_beside", write_slowly)
    with pytest.raises(ConfigError, match="somebody else has just changed it"):
        writing.set_zones(path, "yard", [POOL])
    assert path.read_text() == "theirs" and len(list(path.parent.iterdir())) == 2


def test_file_when_its_disk_is_full_stays_whole(path, monkeypatch):
    def fail(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ConfigError, match="cannot be written: No space left"):
        writing.set_zones(path, "yard", [POOL])
    assert path.read_text() == TEXT and len(list(path.parent.iterdir())) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_file_when_its_owner_cannot_be_kept_is_left_alone(path, monkeypatch):
    def fail(*arguments):
        raise PermissionError(1, "Operation not permitted")

    os.chown(path, 1234, 4321)
    monkeypatch.setattr(os, "fchown", fail)
    with pytest.raises(ConfigError, match="cannot be written: Operation not permitted; its folder and its owner must"):
        writing.set_zones(path, "yard", [POOL])
    assert path.read_text() == TEXT and len(list(path.parent.iterdir())) == 2


def test_camera_when_inline_itself_is_refused(path):
    path.write_text('camera = [{name = "a", source = "synthetic:"}]\ndaemon.directory = "state"')
    with pytest.raises(ConfigError, match=r":1: camera: cannot be changed from here; .* under \[\[camera\]\]"):
        writing.set_zones(path, "a", [POOL])


def test_modes_of_a_rule_when_set_change_nothing_else(path):
    found = writing.set_rule_modes(path, "yard", "swims", ["away", "off"])
    assert path.read_text() == TEXT.replace('name = "swims"\n', 'name = "swims"\n  modes = ["away", "off"]\n')
    assert found.cameras[0].rules[0].modes == ("away", "off")
    with pytest.raises(ConfigError, match=r"modes: is \[\]"):
        writing.set_rule_modes(path, "yard", "swims", [])
    with pytest.raises(KeyError):
        writing.set_rule_modes(path, "yard", "runs", ["off"])


FRACTIONS = st.integers(0, 10000).map(lambda n: n / 10000)
POINTS = st.lists(st.tuples(FRACTIONS, FRACTIONS), min_size=2, max_size=5).map(tuple).filter(
    lambda points: outline.find_fault(points) is None)
SCALES = st.one_of(st.none(), st.tuples(*[st.integers(100, 10000).map(lambda n: n / 10000)] * 2))
NAMES = st.sampled_from(["deck", "pool", "mat", "line", "a b", "a]]", "ü\"'", "[x]", "= \\"])


@st.composite
def zone_lists(draw):
    return [ZoneSettings(name, draw(POINTS), *(draw(SCALES) or (None, None)))
            for name in draw(st.lists(NAMES, max_size=5, unique=True))]


def rest(text):
    """The lines of a text without those that zones are in, and without blank ones."""
    places = Places(text)
    spans = [(text.rfind("\n", 0, begin) + 1, end) for path, (begin, end) in places.tables.items()
             if path[2:3] == ("zone",)]
    spans += [place[1:] for path, place in places.values.items() if path[2:] == ("zone",)]
    for begin, end in sorted(spans, reverse=True):
        text = text[:begin] + text[end:]
    return [line for line in text.split("\n") if line.strip()]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(st.sampled_from(["yard", "door", "gate"]), zone_lists()), min_size=1, max_size=4),
       newline=st.sampled_from(["\n", "\r\n"]))
def test_zones_when_edited_at_random_come_back_and_the_rest_stays(path, edits, newline):
    text = TEXT.replace('  zones = ["pool"]\n', "").replace("\n", newline)
    path.write_bytes(text.encode())
    first = reading.read(path)
    for camera, zones in edits:
        new = set_zones(path, camera, *zones)
        assert {zone.name: zone for zone in zones_of(path, camera)} == {zone.name: zone for zone in zones}
    last = reading.read(path)
    for before, after in zip(first.cameras, last.cameras):
        assert replace(after, zones=before.zones) == before
    assert replace(last, cameras=first.cameras) == first
    assert rest(new) == rest(text)
