"""Where things stand in a TOML text, beside what a TOML parser reads there."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from edgepose.toml.document import load_toml
from edgepose.toml.places import Places

TEXT = '''# the yard
"odd key" = 1
a.b = 'x # y'  # and a comment
[web]
listen = """
two lines # none
""\\""""
[[camera]]
name = "yard"
  zone = [ # inline
    {name = "deck", points = [[0, 0.5], [1,1],
      [1.0, 0]]}, ]
[[camera]]
name = 'door'
[[camera.zone]]
name = "mat"
[[ "camera" . zone ]]
at = 1979-05-27 07:32:00
[camera.more]
'''

BLANKS = st.sampled_from(["", " ", "\t", "  "])
GAPS = st.sampled_from(["", "\n", "\r\n", "# [[x]] = 'y'\n", " #\"\"\"\n\n", "\n\t"])
BARE = st.text(string.ascii_lowercase + "-_1", min_size=1, max_size=4)
KEYS = st.one_of(BARE, BARE.map(lambda key: f'"{key} \\u00e4 \\" ] ="'), BARE.map(lambda key: f"'{key} . #'"))
SCALARS = st.sampled_from([
    "1", "-0.5e3", "true", "inf", "1979-05-27 07:32:00", "07:32:00", '""', "''", '"a # ] } , \\" \\\\"', "'\\'",
    '"""a "" \n # ] \\""" b"""', '"""\\\n  x"""""', "'''\n' '' ]'''", "''''x'''''", "0xff"])


@st.composite
def spaced(draw, pieces):
    return "".join(draw(BLANKS) + draw(piece) if not isinstance(piece, str) else draw(BLANKS) + piece
                   for piece in pieces)


@st.composite
def arrays(draw, items):
    entries = [draw(GAPS) + draw(items) + draw(GAPS) for _ in range(draw(st.integers(0, 3)))]
    return "[" + ",".join(entries) + ("," if entries and draw(st.booleans()) else "") + draw(GAPS) + "]"


@st.composite
def inline_tables(draw, items):
    pairs = draw(st.lists(st.tuples(KEYS, items), max_size=3, unique_by=lambda pair: pair[0]))
    return "{ " + ", ".join(f"{key} = {item}" for key, item in pairs) + draw(BLANKS) + "}"


VALUES = st.recursive(SCALARS, lambda items: arrays(items) | inline_tables(items), max_leaves=8)


@st.composite
def documents(draw):
    lines = []
    for _ in range(draw(st.integers(0, 8))):
        key = ".".join(draw(st.lists(KEYS, min_size=1, max_size=3)))
        form = draw(st.sampled_from(["[{}]", "[[{}]]", "[[ {} ]]", "{} = ", "{}=", "{} = "]))
        lines.append(draw(GAPS) + draw(BLANKS) + form.format(key) + (draw(VALUES) if "=" in form else ""))
    return "\n".join(lines) + draw(GAPS)


def leaves(value, path=()):
    """Every (path, value) of what is neither a table nor an array."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if parts is None:
        yield path, value
    else:
        for key, part in parts:
            yield from leaves(part, path + (key,))


def parsed(text):
    try:
        return load_toml(text)
    except ValueError:
        return None


@settings(max_examples=150, deadline=None)
@given(documents())
def test_places_when_a_parser_reads_the_text_hold_what_it_reads(text):
    values = parsed(text)
    if values is None:
        return
    places = Places(text)
    for path, value in leaves(values):
        place = places.values[path]
        found = load_toml("x = " + text[place.begin:place.end])["x"]
        assert repr(found) == repr(value)
        assert places.line(path) == text[:place.begin].count("\n") + 1


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='[]{}="\'.,#\\\n ab1', max_size=60))
def test_places_when_the_text_is_no_toml_end(text):
    Places(text)


def test_places_when_asked_for_lines_know_those_of_arrays_and_tables():
    places = Places(TEXT)
    lines = {path: places.line(path) for path in [
        ("odd key",), ("a", "b"), ("web",), ("web", "listen"), ("camera", 0),
        ("camera", 0, "zone", 0, "points", 2), ("camera", 1, "zone", 1), ("camera", 1, "zone", 1, "at"),
        ("camera", 1, "more"), ("camera", 1, "zone", 0, "no")]}
    assert list(lines.values()) == [2, 3, 4, 5, 8, 12, 17, 18, 19, 15]


def test_places_when_a_table_has_lines_end_behind_the_last_of_them():
    places = Places(TEXT)
    begin, end = places.tables[("camera", 1, "zone", 0)]
    assert TEXT[begin:end] == '[[camera.zone]]\nname = "mat"\n'
    assert set(places.tables) == {("web",), ("camera", 0), ("camera", 1), ("camera", 1, "zone", 0),
                                  ("camera", 1, "zone", 1), ("camera", 1, "more")}
