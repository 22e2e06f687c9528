"""Choosing shapes by timing, and what of the cache is believed."""

import dataclasses
import json
from types import SimpleNamespace

import pytest

from edgepose.backends.opencl import kept, shapes, tuning
from edgepose.backends.opencl.layer import Layer, Plan
from edgepose.backends.opencl.lower import Shape
from edgepose.errors import BackendError

ABOUT = {"model": "some-model", "sha256": "0", "device": "a device", "threads": "1"}
KINDS = ("map", "convolution", "depthwise", "convolution")
PLAN = Plan([Layer(kind, str(n), None, SimpleNamespace(n_pixels=n), weights=SimpleNamespace(size=9))
             for n, kind in enumerate(KINDS)],  # the last has most to do
            input=SimpleNamespace(height=4, width=4, channels=3))
PAIRS, FLOATS, INTS = shapes.shipped("cpu")
OTHER = shapes.OTHERS["cpu"]
DEVICE = SimpleNamespace(extensions="")


class Refused(Exception):
    pass


@pytest.fixture
def times(monkeypatch):
    """{(layer, shape): ns} that the device would take, whole frames by their first dense shape; others do not build."""
    table = {}

    class Executor:
        def __init__(self, prepared, plan, chosen):
            self.key = (plan.layers[0].name, chosen[0]) if len(chosen) == 1 else ("frame", chosen[1])
            if table.get(self.key, 1) is Refused:
                raise Refused("INVALID_WORK_GROUP_SIZE")
            if len(chosen) == 1 and self.key not in table:
                raise BackendError(f"cannot build {chosen[0].inner}")

        def time_layer(self, number, n_runs):
            return table[self.key]

        def run(self, image):
            pass

    monkeypatch.setattr(tuning.executor, "on", Executor)
    monkeypatch.setattr(tuning.executor, "prepare", lambda device: (SimpleNamespace(Error=Refused), None, None))
    monkeypatch.setattr(tuning, "_time_frames", lambda executors, plan: [table[running.key] for running in executors])
    return table


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "edgepose" / "opencl"


def tune(times):
    """Tune; the shapes of the convolutions, and how often a step was told."""
    steps = []
    tuned = tuning.tune(DEVICE, PLAN, "cpu", ABOUT, lambda: steps.append(1))
    return kept.recall(ABOUT, 4), len(steps), tuned


def probe(times, clock=lambda: 0):
    return tuning.shipped(DEVICE, PLAN, "cpu", ABOUT, clock)[1]


def test_first_start_times_the_inner_products_on_the_layer_with_most_work(times):
    times |= {("3", PAIRS): 30, ("3", FLOATS): 20, ("3", INTS): 25, ("1", PAIRS): 1}
    assert tuning.choose(DEVICE, PLAN, "cpu", ABOUT) == [OTHER, FLOATS, OTHER, FLOATS]


def test_second_start_measures_nothing_even_with_another_model(times):
    times |= {("3", FLOATS): 20}
    probe(times)
    times.clear()
    chosen = tuning.choose(DEVICE, PLAN, "cpu", ABOUT | {"model": "another", "sha256": "1"})
    assert chosen == [OTHER, FLOATS, OTHER, FLOATS]


@pytest.mark.parametrize("change", [{"device": "another"}, {"threads": "2"}])
def test_another_device_is_measured_anew(times, change):
    times |= {("3", FLOATS): 20}
    probe(times)
    times[("3", INTS)] = 1
    assert tuning.choose(DEVICE, PLAN, "cpu", ABOUT | change)[1] == INTS


def test_extension_alone_does_not_choose(times):
    floats, dots, _ = shapes.shipped("gpu", "cl_khr_integer_dot_product")
    device = SimpleNamespace(extensions="cl_khr_integer_dot_product")
    times |= {("3", floats): 10, ("3", dots): 40}
    assert tuning.choose(device, PLAN, "gpu", ABOUT)[1] == floats


def test_spent_budget_begins_no_further_inner_product(times):
    times |= {("3", PAIRS): 50, ("3", FLOATS): 1}
    assert probe(times, iter((0, tuning.PROBE_S + 1)).__next__) == PAIRS


def test_inner_product_that_does_not_build_drops_out(times):
    times |= {("3", INTS): 50}
    assert probe(times) == INTS


def test_device_that_builds_nothing_is_an_error(times):
    with pytest.raises(BackendError, match=f"cannot build {INTS.inner}"):
        probe(times)


def test_tuning_that_is_no_faster_as_a_whole_leaves_the_shipped_table(times):
    narrow, fewer = dataclasses.replace(PAIRS, depth=8), dataclasses.replace(OTHER, tile=2)
    times |= {("1", PAIRS): 10, ("1", narrow): 20, ("2", OTHER): 9, ("2", fewer): 5, ("3", PAIRS): 30,
              ("frame", PAIRS): 7}
    chosen, n_steps, tuned = tune(times)
    assert n_steps == 4 and chosen == [OTHER, PAIRS, OTHER, PAIRS]
    assert (tuned.shipped_ms, tuned.tuned_ms) == (7, 7)


def test_tuned_shapes_are_taken_at_the_next_start(times):
    narrow, fewer = dataclasses.replace(PAIRS, depth=8), dataclasses.replace(OTHER, tile=2)
    times |= {("1", PAIRS): 20, ("1", narrow): 10, ("2", OTHER): 9, ("2", fewer): 5, ("3", PAIRS): 19,
              ("3", narrow): 20, ("frame", PAIRS): 7, ("frame", narrow): 5}
    chosen, _, tuned = tune(times)
    assert (tuned.shipped_ms, tuned.tuned_ms) == (7, 5)
    times.clear()
    assert tuning.choose(DEVICE, PLAN, "cpu", ABOUT) == chosen == [OTHER, narrow, fewer, PAIRS]


def test_little_difference_leaves_the_first(times):
    times |= {("3", PAIRS): 11, ("3", FLOATS): 10.5}
    assert probe(times) == PAIRS


def test_group_that_is_too_large_for_the_device_drops_out(times):
    floats = shapes.shipped("gpu")[0]
    groups = shapes.regrouped("gpu", "convolution", floats)
    times |= {("3", floats): 10, ("3", groups[0]): 5, ("3", groups[1]): Refused, ("1", floats): 1,
              ("2", shapes.OTHERS["gpu"]): 1, ("frame", floats): 9}
    tuning.tune(DEVICE, PLAN, "gpu", ABOUT, lambda: None)
    best = tuning._quickest(tuning.executor.prepare(None), tuning._part(PLAN, 3), [floats, *groups])
    assert best == groups[0]


def test_interrupted_tuning_leaves_what_was_kept(times, folder):
    kept.keep(ABOUT, [OTHER, PAIRS, OTHER, PAIRS])
    times |= {("3", PAIRS): 1, ("1", PAIRS): 1}

    def interrupt():
        raise KeyboardInterrupt

    before = (folder / sorted(path.name for path in folder.iterdir())[0]).read_bytes()
    with pytest.raises(KeyboardInterrupt):
        tuning.tune(DEVICE, PLAN, "cpu", ABOUT, interrupt)
    assert next(folder.glob("some-model-*")).read_bytes() == before


def test_packed_dot_product_needs_its_extension():
    inners = [[shape.inner for shape in shapes.shipped("gpu", extensions)]
              for extensions in ("cl_khr_fp64", "cl_khr_fp64 cl_khr_integer_dot_product")]
    assert inners == [["floats", "ints"], ["floats", "dots", "ints"]]


@pytest.mark.parametrize("family", ["cpu", "gpu"])
@pytest.mark.parametrize("kind", ["convolution", "depthwise", "add", "resize", "map"])
def test_every_candidate_is_allowed_and_none_comes_twice(family, kind):
    ours = shapes.candidates(family, kind, "cl_khr_integer_dot_product")
    ours += [other for shape in ours for other in shapes.regrouped(family, kind, shape)]
    assert len(set(ours)) == len(ours) and all(shapes.is_allowed(shape, family, kind) for shape in ours)


@pytest.mark.parametrize("change", [
    {"schema": "edgepose.opencl/0"}, {"about": {**ABOUT, "device": "another"}}, {"shapes": []}, {"shapes": 7},
    {"shapes": [dataclasses.astuple(Shape("pairs", 64, 8, 4, 8))] * 4}, {"shapes": [[1]] * 4},
    {"shapes": [dataclasses.astuple(PAIRS)] * 4}])
def test_foreign_file_is_not_believed(times, folder, change):
    sound = [OTHER, INTS, OTHER, INTS]
    kept.keep(ABOUT, sound)
    (path,) = folder.iterdir()
    assert tuning.choose(DEVICE, PLAN, "cpu", ABOUT) == sound
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    times[("3", FLOATS)] = 1
    assert tuning.choose(DEVICE, PLAN, "cpu", ABOUT)[1] == FLOATS


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b"\xff\xfe", b'{"schema": "edgepose.opencl/2"}'])
def test_damaged_file_is_not_believed(times, folder, content):
    kept.keep(ABOUT, [OTHER, INTS, OTHER, INTS])
    (path,) = folder.iterdir()
    path.write_bytes(content)
    assert kept.recall(ABOUT, 4) is None and kept.tuned("a device") == []


def test_cache_that_cannot_be_written_is_done_without(times, tmp_path):
    (tmp_path / "edgepose").write_text("in the way")
    times[("3", FLOATS)] = 1
    assert probe(times) == probe(times) == FLOATS


def test_tuned_models_of_a_device_are_listed(folder):
    kept.keep(ABOUT, [PAIRS])
    kept.keep(ABOUT | {"device": "another"}, [PAIRS])
    kept.keep({"device": "a device", "threads": "1"}, [PAIRS])  # of the device alone
    assert kept.tuned("a device") == ["some-model, threads 1"]
