"""The page's colours are read by everybody: WCAG 2.2, 1.4.3 and 1.4.11."""

import re
from importlib import resources

import pytest

PAIRS = [("ink", "ground"), ("ink", "surface"), ("ink", "sunk"), ("soft", "ground"), ("soft", "surface"),
         ("soft", "sunk"), ("accent", "ground"), ("accent", "surface"), ("accent", "accent-wash"),
         ("on-accent", "accent"), ("alarm", "surface"), ("alarm", "alarm-wash"), ("on-alarm", "alarm"),
         ("warn", "warn-wash"), ("good", "sunk"), ("stage-ink", "stage"), ("stage-soft", "stage")]


def themes():
    """{token: colour} of the light theme and the dark one."""
    text = (resources.files("edgepose.daemon.web") / "page" / "style" / "base.css").read_text()
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part)) for part in text.split("@media", 1)[0:2])
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour):
    shares = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("front, back", PAIRS)
def test_text_stands_out_from_what_is_behind_it(theme, front, back):
    colours = themes()[theme]
    assert contrast(colours[front], colours[back]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edge_of_a_field_stands_out(theme):
    colours = themes()[theme]
    assert contrast(colours["strong-line"], colours["surface"]) >= 3


def test_contrast_of_black_and_white_is_the_greatest():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
