"""What marks a result as not trustworthy, each by name."""

import numpy as np
import pytest

from edgepose.bench import bootstrap, heat, honesty, load, plan, summary
from edgepose.bench.sampler import Sampler
from edgepose.bench.trace import Trace
from edgepose.board import Vitals, describe_flags
from tests.bench_runs import S, run, runs
from tests.board_trees import firmware, lay_out

CELL = plan.Cell(("clip.mp4",), "movenet-lightning", "replay")


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch):
    """Enough to tell right from wrong, and quick."""
    monkeypatch.setattr(bootstrap, "N_DRAWS", 300)


def codes(doubts):
    return [doubt.code for doubt in doubts]


def samples(measured):
    return list(honesty.check_samples(summary.summarise(measured, CELL), measured))


def seen(board):
    sampler = Sampler(board)
    sampler.tick()
    return sampler


# ---- the samples themselves

def test_quiet_run_raises_no_doubt(rng):
    assert samples(runs(rng)) == []
    assert honesty.verdict([]) == (True, "trustworthy: nothing speaks against these numbers")


def test_few_frames_spoil_the_p99_and_say_how_many_it_needs(rng):
    (doubt,) = samples(runs(rng, 3, n=99))
    assert doubt.code == "few-samples" and doubt.spoils == "p99" and "297" in doubt.text and "299" in doubt.text
    assert honesty.verdict([doubt]) == (True, "trustworthy but for the p99")


def test_time_that_drifts_over_the_run_is_a_doubt(rng):
    found = samples([run(rng, begin_s=10 + 10 * i, slower=1 + 0.015 * i) for i in range(5)])
    assert "drift" in codes(found) and not honesty.verdict(found)[0]


def test_processes_that_disagree_are_a_doubt(rng):
    found = samples([run(rng, begin_s=10 + 10 * i, slower=slower) for i, slower in enumerate((1, 1.08, 1, 1.08, 1))])
    assert "spread" in codes(found) and "--processes" in found[codes(found).index("spread")].text


def test_single_process_is_noted(rng):
    found = samples(runs(rng, 1))
    assert codes(found) == ["single"] and honesty.verdict(found)[0]


def test_machine_whose_own_speed_changes_is_a_doubt(rng):
    measured = runs(rng)
    measured[2]["yardstick_ns"] = [400_000, 440_000]
    assert samples(measured) == []  # a moment
    measured[3]["yardstick_ns"] = [440_000, 440_000]
    assert codes(samples(measured)) == ["yardstick"]


# ---- who else was there

def rows(**ticks_per_s):
    """Looks at the machine once a second for ten seconds."""
    return [{"t_ns": t * S, "cpu": {kind: t * n for kind, n in ticks_per_s.items()}} for t in range(11)]


def test_load_is_counted_in_cores():
    found = load.between(rows(user=50, system=25, idle=100, steal=5), 2 * S, 7 * S + S // 2, 100)
    assert found == {"busy": 0.75, "steal": 0.05}


@pytest.mark.parametrize("looks", [[], rows(user=1)[:1], [{"t_ns": 0, "cpu": {}}, {"t_ns": S, "cpu": {}}]])
def test_load_without_accounts_is_none(looks):
    assert load.between(looks, 0, S, 100) is None


@pytest.mark.parametrize("busy, steal, expected", [(1.0, 0.0, []), (1.3, 0.0, ["other-load"]), (1.0, 0.05, ["steal"]),
                                                   (1.15, 0.03, [])])
def test_work_of_others_and_steal_are_doubts_beyond_their_share(busy, steal, expected):
    assert codes(honesty.check_load([{"busy": busy, "steal": steal, "ours": 0.95}], 4)) == expected


def test_load_at_one_time_spoils_the_p99_and_that_at_most_times_everything():
    quiet, loud = {"busy": 1.0, "steal": 0.0, "ours": 0.95}, {"busy": 2.0, "steal": 0.0, "ours": 0.95}
    (once,), (often,) = (list(honesty.check_load(loads, 4)) for loads in ([quiet, loud, quiet], [loud, quiet, loud]))
    assert (once.spoils, often.spoils) == ("p99", "all") and "at one time" in once.text
    assert list(honesty.check_load([], 4)) == []


def test_run_that_was_cut_or_used_the_twins_says_so():
    assert codes(honesty.check_run(True, "twins", {"broken": 3})) == ["cut-short", "twins", "broken"]
    assert codes(honesty.check_run(False, "compiled", {"broken": 0})) == []


def test_sensor_that_sticks_or_vanishes_is_noted():
    traces = [Trace("a", "all", "power", range(30), [1] * 30), Trace("b", "all", "power", fault="unplugged"),
              Trace("c", "all", "power", range(30), list(range(30)))]
    found = list(honesty.check_power(traces))
    assert codes(found) == ["sensor-stuck", "sensor-lost"] and "unplugged" in found[1].text
    assert codes(honesty.check_power(traces[2:], ["c"])) == ["sensor-short"]


# ---- heat, supply, clocks

def test_live_under_voltage_spoils_and_old_one_is_noted(tmp_path):
    answers = iter(["0x40000", "0x40000", "0x50001", "0x50000"])
    board = Vitals(tmp_path, lambda _: f"throttled={next(answers, '0x50000')}")
    found = heat.check(seen(board), board, [], False)
    texts = " ".join(doubt.text for doubt in found if doubt.spoils == "all")
    assert "under-voltage during the run" in texts and codes(found).count("throttled-before") == 1


def test_under_voltage_between_two_looks_is_found_by_its_sticky_bit(tmp_path):
    answers = iter(["0x0", "0x0"])
    board = Vitals(tmp_path, lambda _: f"throttled={next(answers, '0x10000')}")
    assert codes(heat.check(seen(board), board, [], True)) == ["throttled", "virtual"]


def test_flags_are_named_live_and_since_the_start():
    assert describe_flags(0xD0005) == (["under-voltage", "throttled"],
                                       ["under-voltage", "throttled", "soft temperature limit"])


def test_supply_monitor_of_the_kernel_is_a_doubt(tmp_path):
    board = Vitals(lay_out("raspberry-pi-5-weak-supply", tmp_path), firmware())
    assert "under-voltage" in codes(heat.check(seen(board), board, [], False))


@pytest.mark.parametrize("name, counter", [("x86-rapl", "devices/system/cpu/cpu0/thermal_throttle/core_throttle_count"),
                                           ("jetson-orin-nano", "class/hwmon/hwmon3/oc3_event_cnt")])
def test_counter_that_grows_is_throttling_and_one_that_stands_is_not(tmp_path, name, counter):
    board = Vitals(lay_out(name, tmp_path), lambda _: None)
    sampler = seen(board)
    assert "throttled" not in codes(heat.check(sampler, board, [], False))
    path = tmp_path / "sys" / counter
    path.write_text(str(int(path.read_text()) + 2))
    sampler.close()
    (doubt,) = [doubt for doubt in heat.check(sampler, board, [], False) if doubt.code == "throttled"]
    assert "throttled 2 times" in doubt.text and doubt.spoils == "all"


def test_cpu_cooler_that_works_is_a_doubt_and_a_fan_is_not(tmp_path):
    tree = lay_out("jetson-nano", tmp_path / "nano")
    (tree / "sys/class/thermal/cooling_device0/cur_state").write_text("2\n")
    nano = Vitals(tree, lambda _: None)
    assert "throttled" in codes(heat.check(seen(nano), nano, [], False))
    pc = Vitals(lay_out("x86-rapl", tmp_path / "pc"), lambda _: None)
    assert "throttled" not in codes(heat.check(seen(pc), pc, [], False))


def test_clock_below_its_highest_is_a_doubt_with_the_way_out(tmp_path):
    board = Vitals(lay_out("x86-rapl", tmp_path), lambda _: None)
    sampler = seen(board)
    (doubt,) = [doubt for doubt in heat.check(sampler, board, sampler.rows, False) if doubt.code == "clock"]
    assert "26%" in doubt.text and "powersave" in doubt.text and "-g performance" in doubt.text


def test_governor_that_keeps_the_clock_up_is_a_note(tmp_path):
    board = Vitals(lay_out("raspberry-pi-5", tmp_path), firmware())
    sampler = seen(board)
    (doubt,) = [doubt for doubt in heat.check(sampler, board, sampler.rows, False) if doubt.code == "governor"]
    assert doubt.spoils == "nothing" and "ondemand" in doubt.text


def test_board_that_tells_nothing_is_read_without_an_error(tmp_path):
    board = Vitals(tmp_path, lambda _: None)
    assert board.temperatures_mc() == {} and board.firmware_flags() is None and board.governors() == []
    assert codes(heat.check(seen(board), board, [], False)) == ["no-clock"]


def test_board_reads_heat_and_clocks_in_order_of_the_cores(tmp_path):
    board = Vitals(lay_out("x86-rapl", tmp_path), lambda _: None)
    assert board.temperatures_mc() == {"x86_pkg_temp": 61000} and board.limits_khz() == [3400000] * 3
    assert board.frequencies_khz() == [800000, 900000, 1000000]


def test_sampler_stops_asking_a_sensor_that_vanished(tmp_path):
    from edgepose.power import ina3221

    tree = lay_out("jetson-nano", tmp_path)
    sampler = Sampler(Vitals(tree, lambda _: None), ina3221.find(tree)[0][:1])
    sampler.tick()
    (tree / "sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/in_power0_input").unlink()
    sampler._next_ns = [0]
    sampler.tick()
    sampler.tick()
    assert len(sampler.traces[0].values) == 1 and "No such file" in sampler.traces[0].fault
    assert np.array(sampler.traces[0].values) == 2482
