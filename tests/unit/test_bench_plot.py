"""The picture of a record."""

import numpy as np
import pytest
from PIL import Image

from edgepose.bench import packing, plan, plot
from edgepose.errors import ConfigError
from tests.bench_runs import S, runs

CELL = plan.Cell(("clip.mp4",), "movenet-lightning", "replay")


@pytest.fixture
def drawable(rng):
    """A record with heat, clock and two sensors, as `reading.check` gives it."""
    pytest.importorskip("matplotlib", reason="matplotlib is not installed; pip install 'edgepose[plot]'")
    t_ns = np.arange(5, 60) * S
    timeline = {"t_ns": packing.pack(t_ns, "<i8"), "mhz": packing.pack(2400 - (t_ns // S > 40) * 900, "<u4"),
                "max_mc": packing.pack(50_000 + 400 * (t_ns // S), "<i8")}
    power = [{"name": "rapl package-0", "covers": "CPU package", "kind": "energy", "t_ns": timeline["t_ns"],
              "values": packing.pack(9_000 * (t_ns // 10**6), "<i8")},
             {"name": "meter", "covers": "5 V rail", "kind": "power", "t_ns": timeline["t_ns"],
              "values": packing.pack(rng.normal(4000, 200, len(t_ns)), "<i8")}]
    cell = {"name": CELL.name, "error": None, "doubts": [], "runs": runs(rng)}
    return {"machine": {"name": "made up"}, "date": "2026-11-21", "timeline": timeline, "power": power,
            "idle_ns": [5 * S, 8 * S], "cells": [cell]}


def test_picture_shows_times_timeline_and_power(drawable, tmp_path):
    plot.draw(drawable, str(tmp_path / "p.png"))
    with Image.open(tmp_path / "p.png") as picture:
        assert picture.size == (1210, 1188) and len(picture.convert("RGB").getcolors(1 << 24)) > 50


def test_picture_without_a_sensor_has_two_parts(drawable, tmp_path):
    drawable["power"] = []
    plot.draw(drawable, str(tmp_path / "p.png"))
    with Image.open(tmp_path / "p.png") as picture:
        assert picture.size == (1210, 792)


def test_sweep_is_drawn_by_cell(drawable, tmp_path):
    drawable["cells"] += [drawable["cells"][0] | {"name": "other"}, {"error": "could not run"}]
    plot.draw(drawable, str(tmp_path / "p.svg"))
    assert "other" in (tmp_path / "p.svg").read_text() or (tmp_path / "p.svg").stat().st_size > 10_000


@pytest.mark.parametrize("name", ["p.gif", "p", ".png/x"])
def test_picture_of_another_kind_is_refused(name):
    with pytest.raises(ConfigError, match=r"\.png, \.svg, \.pdf"):
        plot.check(name)


def test_missing_matplotlib_is_one_line_with_the_way_out(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(ConfigError, match=r"pip install 'edgepose\[plot\]'"):
        plot.check("p.png")
