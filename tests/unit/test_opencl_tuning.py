"""Choosing shapes by timing, and what of the cache is believed."""

import dataclasses
import json
from types import SimpleNamespace

import pytest

from edgepose.backends.opencl import kept, shapes, tuning
from edgepose.backends.opencl.lower import Shape
from edgepose.errors import BackendError

ABOUT = {"model": "some-model", "device": "a device"}
LAYERS = [SimpleNamespace(kind=kind) for kind in ("map", "convolution", "depthwise", "convolution")]
PLAN = SimpleNamespace(layers=LAYERS)
DENSE = shapes.candidates("cpu")


@pytest.fixture
def times(monkeypatch):
    """{shape: [ns of every layer]} that the device would take; a missing one does not build."""
    table = {}

    def load(device, plan, chosen):
        dense = chosen[1]
        if dense not in table:
            raise BackendError(f"cannot build {dense.inner}")
        return SimpleNamespace(time_layer=lambda number, n_runs: table[dense][number])

    monkeypatch.setattr(tuning.executor, "load", load)
    return table


@pytest.fixture
def folder(monkeypatch, tmp_path):
    if kept.cache is None:
        pytest.skip("this edgepose has no cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "edgepose" / "opencl"


def test_each_layer_takes_its_quickest(times):
    times |= {DENSE[0]: [0, 10, 0, 30], DENSE[1]: [0, 20, 0, 20], DENSE[2]: [0, 99, 0, 99]}
    other = shapes.OTHERS["cpu"]
    assert tuning.measure(None, PLAN, "cpu", DENSE) == [other, DENSE[0], other, DENSE[1]]


def test_little_difference_leaves_the_first(times):
    times |= {DENSE[0]: [0, 11, 0, 30], DENSE[1]: [0, 10, 0, 29]}
    assert tuning.measure(None, PLAN, "cpu", DENSE)[1::2] == [DENSE[0], DENSE[0]]


def test_candidate_that_does_not_build_drops_out(times):
    times[DENSE[2]] = [0, 1, 0, 1]
    assert tuning.measure(None, PLAN, "cpu", DENSE)[1] == DENSE[2]


def test_device_that_builds_nothing_is_an_error(times):
    with pytest.raises(BackendError, match=f"cannot build {DENSE[0].inner}"):
        tuning.measure(None, PLAN, "cpu", DENSE)


def test_spent_budget_begins_no_further_candidate(times):
    times |= {DENSE[0]: [0, 50, 0, 50], DENSE[1]: [0, 1, 0, 1]}
    clock = iter((0, tuning.BUDGET_S + 1, 99)).__next__
    assert tuning.measure(None, PLAN, "cpu", DENSE, clock)[1] == DENSE[0]


def test_packed_dot_product_needs_its_extension():
    inners = [[shape.inner for shape in shapes.candidates("gpu", extensions)]
              for extensions in ("cl_khr_fp64", "cl_khr_fp64 cl_khr_integer_dot_product")]
    assert inners == [["floats", "ints"], ["floats", "dots", "ints"]]


def test_second_start_does_not_measure(times, folder):
    times[DENSE[1]] = [0, 1, 0, 1]
    device = SimpleNamespace(extensions="")
    first = tuning.choose(device, PLAN, "cpu", ABOUT)
    times.clear()
    assert tuning.choose(device, PLAN, "cpu", ABOUT) == first


@pytest.mark.parametrize("change", [
    {"schema": "edgepose.opencl/0"}, {"about": {**ABOUT, "device": "another"}}, {"shapes": []},
    {"shapes": [dataclasses.astuple(Shape("pairs", 64, 8, 4, 8))] * 4}, {"shapes": 7}, {"shapes": [[1]] * 4}])
def test_foreign_file_is_not_believed(folder, change):
    allowed, chosen = {*DENSE, shapes.OTHERS["cpu"]}, [DENSE[0]] * 4
    kept.keep(ABOUT, chosen)
    (path,) = folder.iterdir()
    assert kept.recall(ABOUT, allowed, 4) == chosen
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert kept.recall(ABOUT, allowed, 4) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
def test_damaged_file_is_not_believed(folder, content):
    kept.keep(ABOUT, [DENSE[0]] * 4)
    (path,) = folder.iterdir()
    path.write_bytes(content)
    assert kept.recall(ABOUT, {*DENSE}, 4) is None


def test_cache_that_cannot_be_written_is_done_without(monkeypatch, tmp_path, folder):
    (tmp_path / "edgepose").write_text("in the way")
    kept.keep(ABOUT, [DENSE[0]] * 4)
    assert kept.recall(ABOUT, {*DENSE}, 4) is None
