"""The automatic choice: fake backends on a fake clock, real files in a cache of the test's own."""

import json
from dataclasses import replace

import pytest

from edgepose import backends, cache, machine
from edgepose.backends import choice, remembered
from edgepose.errors import BackendError, BackendUnavailable, ConfigError, ModelError

MS = 1_000_000


class Clock:
    """Stands still until somebody works."""

    def __init__(self):
        self.now_ns = 0

    def __call__(self):
        return self.now_ns


class Fake:
    """Takes the given times, the last one for ever; an error in the list is raised instead."""

    def __init__(self, clock, *times_ms, open_fault=None):
        self.clock, self.times, self.open_fault = clock, list(times_ms), open_fault
        self.n_runs, self.opens, self.closes = 0, 0, 0

    def open(self, model, ring):
        self.opens += 1
        if self.open_fault:
            raise self.open_fault

    def infer(self, slot):
        self.n_runs += 1
        step = self.times.pop(0) if len(self.times) > 1 else self.times[0]
        if isinstance(step, Exception):
            raise step
        self.clock.now_ns += round(step * MS)

    def close(self):
        self.closes += 1


@pytest.fixture
def clock():
    return Clock()


def race(clock, **fakes):
    """What `measure` makes of fake backends."""
    makers = {name: lambda fake=fake: fake for name, fake in fakes.items()}
    return choice.measure(makers, None, ["slot"], clock)


# ---- measuring

def test_median_of_each_backend(clock):
    times, faults = race(clock, tflite=Fake(clock, 9.5), openvino=Fake(clock, 11.25))
    assert times == {"tflite": 9.5, "openvino": 11.25} and not faults


def test_warm_up_does_not_count(clock):
    slow_start = [500.0] * choice.WARM_UP_RUNS + [2.0]
    assert race(clock, tflite=Fake(clock, *slow_start))[0] == {"tflite": 2.0}


def test_one_slow_moment_does_not_count(clock):
    hiccup = [3.0] * 10 + [400.0] + [3.0]
    assert race(clock, tflite=Fake(clock, *hiccup))[0] == {"tflite": 3.0}


def test_slow_backends_run_no_more_than_they_must(clock):
    fakes = {"tflite": Fake(clock, 400.0), "openvino": Fake(clock, 700.0)}
    race(clock, **fakes)
    assert {fake.n_runs for fake in fakes.values()} == {choice.WARM_UP_RUNS + choice.LEAST_RUNS}


def test_budget_ends_the_rounds(clock):
    fake = Fake(clock, 100.0)
    race(clock, tflite=fake)
    assert fake.n_runs == choice.WARM_UP_RUNS + choice.BUDGET_NS // (100 * MS) + 1


def test_quick_backends_run_a_fixed_number_of_times(clock):
    fake = Fake(clock, 0.5)
    race(clock, tflite=fake)
    assert fake.n_runs == choice.WARM_UP_RUNS + choice.MOST_RUNS


@pytest.mark.parametrize("fault", [BackendError("no memory"), ModelError("damaged"), BackendUnavailable("no wheel")])
def test_backend_that_cannot_open_drops_out_with_its_reason(clock, fault):
    times, faults = race(clock, tflite=Fake(clock, 5.0), openvino=Fake(clock, 1.0, open_fault=fault))
    assert times == {"tflite": 5.0} and faults == {"openvino": fault}


def test_fallback_is_not_measured_beside_another(clock):
    fallback = Fake(clock, 1.0)
    fallback.fallback = True
    times, faults = race(clock, tflite=Fake(clock, 5.0), opencl=fallback)
    assert times == {"tflite": 5.0} and str(faults["opencl"]) == "its device is a CPU, where it is a fallback"
    assert (fallback.opens, fallback.n_runs) == (0, 0)


def test_fallback_runs_where_nothing_else_does(clock):
    fallback, broken = Fake(clock, 3.0), Fake(clock, 1.0, open_fault=BackendError("no memory"))
    fallback.fallback = True
    assert race(clock, tflite=broken, opencl=fallback)[0] == {"opencl": 3.0}


def test_gpu_is_measured_with_the_others(clock):
    gpu = Fake(clock, 1.0)
    gpu.fallback = False
    assert race(clock, tflite=Fake(clock, 5.0), opencl=gpu)[0] == {"tflite": 5.0, "opencl": 1.0}


@pytest.mark.parametrize("n_before", [0, choice.WARM_UP_RUNS + 2])
def test_backend_that_fails_while_running_drops_out(clock, n_before):
    failing = Fake(clock, *[1.0] * n_before, BackendError("lost"))
    times, faults = race(clock, tflite=Fake(clock, 5.0), openvino=failing)
    assert times == {"tflite": 5.0} and str(faults["openvino"]) == "lost" and failing.n_runs == n_before + 1


def test_first_fault_is_raised_where_all_drop_out(clock):
    with pytest.raises(ModelError, match="damaged"):
        race(clock, tflite=Fake(clock, 1.0, open_fault=ModelError("damaged")), openvino=Fake(clock, BackendError("x")))


def test_wrong_setting_is_not_taken_for_a_backend_that_drops_out(clock):
    with pytest.raises(ConfigError):
        race(clock, tflite=Fake(clock, 1.0), openvino=Fake(clock, 1.0, open_fault=ConfigError("threads")))


def test_every_backend_that_was_opened_is_closed_once(clock):
    fakes = {"a": Fake(clock, 1.0), "b": Fake(clock, BackendError("x")),
             "c": Fake(clock, 1.0, open_fault=ModelError("x"))}
    race(clock, **fakes)
    assert [(fake.opens, fake.closes) for fake in fakes.values()] == [(1, 1)] * 3


# ---- choosing and remembering

@pytest.fixture
def machine_of_two(monkeypatch, tmp_path, lightning, clock):
    """A machine with two backends; `times` says what they take, `n_measured` how often that was asked for."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return Machine(monkeypatch, lightning, clock)


class Machine:
    """Chooses between fakes that are known by real names."""

    def __init__(self, patch, model, clock):
        self.model, self.times, self.faults, self.n_measured, self.lines = model, {}, {}, 0, []
        self.versions, self.names, self.settings = {"tflite": "t 1", "openvino": "o 1"}, ("tflite", "openvino"), {}
        patch.setattr(choice, "measure", self._measure)
        patch.setattr(choice, "real_slots", lambda model: [])
        patch.setattr(remembered, "_version", self.versions.get)

    def _measure(self, makers, model, slots):
        self.n_measured += 1
        return dict(self.times), dict(self.faults)

    def choose(self):
        return choice.choose(self.model, self.names, self.settings, self.lines.append)

    def file(self):
        found, = (cache.folder() / "backends").glob("*")
        return found


def test_fastest_is_chosen_and_remembered(machine_of_two):
    machine_of_two.times = {"tflite": 11.2, "openvino": 9.8}
    assert [machine_of_two.choose(), machine_of_two.choose()] == ["openvino"] * 2
    assert machine_of_two.n_measured == 1 and machine_of_two.lines[0] == machine_of_two.lines[1]


def test_line_says_what_and_why(machine_of_two, monkeypatch):
    machine_of_two.times = {"tflite": 9.84, "openvino": 11.16}
    machine_of_two.choose()
    line, = machine_of_two.lines
    assert line.startswith("backend tflite: 9.8 ms a frame against openvino's 11.2 ms, measured 20")
    assert line.endswith("; edgepose doctor has the table")


def test_line_says_who_dropped_out(machine_of_two):
    machine_of_two.times, machine_of_two.faults = {"tflite": 9.84}, {"openvino": BackendError("too old")}
    machine_of_two.choose()
    assert "9.8 ms a frame, measured" in machine_of_two.lines[0]
    assert "; openvino dropped out: too old;" in machine_of_two.lines[0]


def test_preferred_backend_wins_a_draw(machine_of_two):
    machine_of_two.times = {"tflite": 9.8, "openvino": 9.8}
    assert machine_of_two.choose() == "tflite"


@pytest.mark.parametrize("change", [
    lambda it, patch: it.versions.update(openvino="o 2"),
    lambda it, patch: patch.setattr("edgepose.__version__", "9.9"),
    lambda it, patch: patch.setattr(machine, "name", lambda: "Another Board"),
    lambda it, patch: patch.setattr(machine, "n_usable_cores", lambda: 64),
    lambda it, patch: it.settings.update(threads=3),
    lambda it, patch: it.settings.update(device="GPU"),
    lambda it, patch: setattr(it, "model", replace(it.model, files=(replace(it.model.files[0], sha256="0" * 64),))),
    lambda it, patch: setattr(it, "names", ("tflite", "openvino", "replay"))])
def test_measured_again_when_anything_has_changed(machine_of_two, monkeypatch, change):
    machine_of_two.times = {"tflite": 1.0, "openvino": 2.0}
    machine_of_two.choose()
    change(machine_of_two, monkeypatch)
    machine_of_two.times = {"tflite": 2.0, "openvino": 1.0}
    assert machine_of_two.choose() == "openvino" and machine_of_two.n_measured == 2


def damaged(**changes):
    def change(text):
        return json.dumps(json.loads(text) | changes)
    return change


@pytest.mark.parametrize("damage", [
    lambda text: "", lambda text: text[:-10], lambda text: "\0" * len(text), lambda text: "[]", lambda text: "null",
    damaged(schema="edgepose.choice/9"), damaged(times_ms={}), damaged(times_ms={"tflite": -1.0}),
    damaged(times_ms={"tflite": "fast"}), damaged(times_ms={"tensorrt": 1.0}), damaged(times_ms=None),
    damaged(times_ms={"tflite": float("nan")}), damaged(conditions={}),
    damaged(conditions={"packages": {"tflite": "t 1", "openvino": "o 1"}}), damaged(refused=7), damaged(measured=None),
    damaged(more=1)])
def test_damaged_or_foreign_memory_is_not_believed(machine_of_two, damage):
    machine_of_two.times = {"tflite": 1.0, "openvino": 2.0}
    machine_of_two.choose()
    machine_of_two.file().write_text(damage(machine_of_two.file().read_text()))
    assert remembered.all_choices() == []
    machine_of_two.times = {"tflite": 2.0, "openvino": 1.0}
    assert [machine_of_two.choose(), machine_of_two.choose()] == ["openvino"] * 2 and machine_of_two.n_measured == 2


def test_unwritable_memory_is_told_once_a_start_and_chooses_all_the_same(machine_of_two, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    machine_of_two.times = {"tflite": 1.0, "openvino": 2.0}
    assert machine_of_two.choose() == "tflite" and len(machine_of_two.lines) == 2
    assert "cannot remember" in machine_of_two.lines[0] and "--backend" in machine_of_two.lines[0]
    machine_of_two.choose()
    assert machine_of_two.n_measured == 2


def test_fault_of_a_file_is_not_remembered_since_files_are_mended(machine_of_two):
    machine_of_two.times, machine_of_two.faults = {"tflite": 1.0}, {"openvino": ModelError("damaged")}
    machine_of_two.choose()
    machine_of_two.times, machine_of_two.faults = {"tflite": 1.0, "openvino": 0.5}, {}
    assert machine_of_two.choose() == "openvino"


def test_stale_memory_is_written_over_not_piled_up(machine_of_two):
    machine_of_two.times = {"tflite": 1.0, "openvino": 2.0}
    machine_of_two.choose()
    machine_of_two.versions["openvino"] = "o 2"
    kept, = remembered.all_choices()
    assert not kept.holds()
    machine_of_two.choose()
    kept, = remembered.all_choices()
    assert kept.holds() and kept.conditions["packages"]["openvino"] == "o 2"


def test_two_that_write_at_once_leave_one_whole_file(machine_of_two, monkeypatch):
    machine_of_two.times = {"tflite": 1.0, "openvino": 2.0}
    replaced = cache.os.replace

    def other_first(source, target):  # the other process ends between our writing and our renaming
        monkeypatch.setattr(cache.os, "replace", replaced)
        cache.write(target, b"{}")
        replaced(source, target)

    monkeypatch.setattr(cache.os, "replace", other_first)
    machine_of_two.choose()
    assert machine_of_two.file() and machine_of_two.choose() == "tflite" and machine_of_two.n_measured == 1


# ---- what takes part

def test_nothing_is_measured_where_one_backend_is_installed(monkeypatch, lightning):
    monkeypatch.setattr(backends, "installed", lambda: ["tflite"])
    monkeypatch.setattr(choice, "choose", lambda *_: pytest.fail("measured"))
    lines = []
    assert backends.create("auto", lightning, lines.append).name == "tflite" and not lines


def test_replay_never_takes_part():
    assert "replay" not in backends.AUTOMATIC and set(backends.installed()) <= set(backends.AUTOMATIC)


def test_package_that_is_not_there_takes_no_part(monkeypatch):
    from edgepose.backends import openvino

    monkeypatch.setattr(openvino, "PACKAGES", (("no_such_runtime", "no-such-runtime"),))
    assert "openvino" not in backends.installed()


def test_auto_gives_each_backend_the_settings_that_it_takes(monkeypatch, lightning):
    monkeypatch.setattr(backends, "installed", lambda: ["tflite", "openvino"])
    monkeypatch.setattr(choice, "choose", lambda *_: "tflite")
    made = backends.create("auto", lightning, device="AUTO", threads=2)
    assert made.name == "tflite" and made.threads == 2


def test_setting_that_no_installed_backend_takes_is_refused(monkeypatch):
    monkeypatch.setattr(backends, "installed", lambda: ["tflite"])
    with pytest.raises(ConfigError, match="backend auto takes no device; openvino and opencl do"):
        backends.check("auto", {"device": "GPU"})


def test_frames_are_real_ones_and_drawn_where_no_video_can_be_read(monkeypatch, lightning, tmp_path):
    for clip in (choice.CLIP, tmp_path / "none.mp4"):
        monkeypatch.setattr(choice, "CLIP", clip)
        slots = choice.real_slots(lightning)
        assert len(slots) == choice.N_FRAMES and all(slot.tensor.std() > 5 for slot in slots)
