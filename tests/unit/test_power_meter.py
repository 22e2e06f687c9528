"""External meters: lines in every form, a serial line, a CSV file, and a clock that is not ours."""

import os
import pty
import tty

import numpy as np
import pytest

from edgepose import power
from edgepose.bench import meters
from edgepose.errors import BoardError, ConfigError
from edgepose.power import pulse
from edgepose.power.columns import Columns, is_header
from edgepose.power.csv_meter import CsvMeter
from edgepose.power.serial_meter import SerialMeter

S = 1_000_000_000
EDGES_NS = [(1000 * S) + round(s * S) for s in (0, 1.0, 1.6, 2.1, 3.0, 4.5)]  # as pulse.PATTERN_S has them


@pytest.fixture
def line():
    """A meter's end of a serial line, and the path of ours."""
    theirs, ours = pty.openpty()
    tty.setraw(theirs)
    path = os.ttyname(ours)
    yield theirs, path
    os.close(ours)
    os.close(theirs)


# ---- lines

@pytest.mark.parametrize("header, text, reading", [
    ("time_s,power_w", "1.5,2.25", (1.5, 2250)), ("Time (ms);mW", "1500;2250", (1.5, 2250)),
    ("timestamp,V,mA", "7,5.0,450", (7, 2250)), ("volts amps", "5.0 0.45", (None, 2250)),
    ("note,W", "x,2.25", (None, 2250)), ('"t","W"', "1,2.25", (1, 2250))])
def test_line_is_read_by_the_names_of_its_columns(header, text, reading):
    names = header.replace(";", ",").split(",") if "," in header or ";" in header else header.split()
    time_s, mw = Columns(names, "m").read(text)
    assert time_s == reading[0] and mw == pytest.approx(reading[1])


@pytest.mark.parametrize("text", ["", "x,y", "1.0", "overrange,OL"])
def test_line_that_holds_no_reading_is_none(text):
    assert Columns(["time_s", "power_w"], "m").read(text) is None


def test_columns_without_power_are_one_line_with_the_way_out():
    with pytest.raises(BoardError, match="m: columns time, volts name no power; one must be called power_w"):
        Columns(["time", "volts"], "m")


def test_header_is_told_apart_from_numbers():
    assert is_header("time,power_w") and not is_header("1,2") and not is_header("") and not is_header("x,1e3")


# ---- serial line

def test_serial_meter_gives_the_latest_reading(line):
    os.write(line[0], b"1.25\n2.5\n")
    meter = SerialMeter(line[1])
    assert meter.read() in (1250, 2500)
    os.write(line[0], b"noise\n3.5\n")
    while meter.read() != 3500:
        os.sched_yield()
    meter.close()
    meter.close()


def test_serial_meter_takes_a_header_or_columns_of_the_spec(line):
    os.write(line[0], b"volts,amps\n5.0,0.5\n")
    meter = SerialMeter(line[1])
    assert meter.read() == 2500 and "external meter" in meter.covers
    meter.close()
    os.write(line[0], b"9,5.0,0.3\n")
    (meter,), _ = power.find(f"serial:{line[1]}?baud=9600&columns=seq,volts,amps")
    assert meter.read() == 1500
    meter.close()


def test_serial_meter_that_is_unplugged_is_a_board_error():
    theirs, ours = pty.openpty()
    path = os.ttyname(ours)
    os.write(theirs, b"1.0\n")
    meter = SerialMeter(path)
    os.close(ours)
    os.close(theirs)
    meter._thread.join(10)
    with pytest.raises(BoardError, match=path):
        meter.read()
    meter.close()


def test_serial_meter_that_says_nothing_is_one_line(line, monkeypatch):
    monkeypatch.setattr("edgepose.power.serial_meter._FIRST_READING_S", 0.05)
    with pytest.raises(BoardError, match="no reading came.*baud"):
        SerialMeter(line[1])


def test_serial_meter_that_sends_no_power_is_one_line(line):
    os.write(line[0], b"volts,degrees\n5.0,40\n")
    with pytest.raises(BoardError) as found:
        SerialMeter(line[1])
    assert str(found.value).count(line[1]) == 1 and "power_w" in str(found.value)


@pytest.mark.parametrize("spec, error, word", [
    ("serial:/nowhere", BoardError, "plugged in"), ("serial:/dev/null?baud=17", ConfigError, "17 baud"),
    ("serial:/dev/null?speed=1", ConfigError, "speed"), ("serial:/dev/null?columns=a,b", BoardError, "power_w")])
def test_serial_meter_that_cannot_be_opened_is_one_line(spec, error, word):
    with pytest.raises(error, match=word):
        power.find(spec)


# ---- CSV file and load pulse

def meter_file(path, offset_s=0.0, period_s=0.1, noise_mw=60, seed=0):
    """A meter's file around the pulse, 2.5 W at rest and 4 W under load, by a clock that is offset_s behind ours."""
    rng = np.random.default_rng(seed)
    ours = np.arange(990, 1020, period_s) + rng.uniform(0, period_s)
    load = np.searchsorted(np.array(EDGES_NS) / S, ours, side="right") % 2
    mw = 2500 + 1500 * load + rng.normal(0, noise_mw, len(ours))
    rows = [f"{t - offset_s:.4f},{w / 1000:.4f}" for t, w in zip(ours, mw)]
    path.write_text("time_s,power_w\n" + "\n".join(rows) + "\n")
    return CsvMeter(str(path))


@pytest.mark.parametrize("offset_s", [0.0, 1003.21, -1.7e9])
@pytest.mark.parametrize("period_s", [0.02, 0.1, 0.25])
def test_offset_of_a_meters_clock_is_found_within_its_period(tmp_path, offset_s, period_s):
    time_s, mw = meter_file(tmp_path / "m.csv", offset_s, period_s).readings()
    found, fit = pulse.find_offset(time_s, mw, EDGES_NS)
    assert abs(found - offset_s) <= max(period_s, 0.02) + 1e-6 and fit > 0.8


def test_readings_without_the_pulse_are_refused(tmp_path):
    rng = np.random.default_rng(1)
    with pytest.raises(BoardError, match="load pattern is not in"):
        pulse.find_offset(np.arange(0, 60, 0.1), rng.normal(2500, 300, 600), EDGES_NS)


def test_readings_that_are_too_short_are_refused():
    with pytest.raises(BoardError, match="span 2.0 s"):
        pulse.find_offset(np.array([0.0, 2.0]), np.array([1.0, 2.0]), EDGES_NS)


def test_trace_of_a_late_meter_is_in_our_time(tmp_path):
    trace = meters.late_trace(meter_file(tmp_path / "m.csv", 777.0), EDGES_NS)
    assert trace.fault == "" and trace.mean_mw(1000 * S, 1001 * S) == pytest.approx(4000, rel=0.04)
    assert trace.mean_mw(1010 * S, 1015 * S) == pytest.approx(2500, rel=0.02)


def test_trace_of_a_meter_whose_file_never_came_has_a_fault(tmp_path):
    assert "No such file" in meters.late_trace(CsvMeter(str(tmp_path / "none.csv")), EDGES_NS).fault


@pytest.mark.parametrize("text, word", [("", "is empty"), ("1,2\n3,4\n", "first line must name"),
                                        ("power_w\n1\n2\n", "no time"), ("time_s,power_w\n1,2\n", "fewer than two"),
                                        ("time_s,colour\n1,2\n", "no power")])
def test_csv_file_that_is_no_meters_is_one_line(tmp_path, text, word):
    path = tmp_path / "m.csv"
    path.write_text(text)
    with pytest.raises(BoardError, match=word):
        CsvMeter(str(path)).readings()


def test_pulse_loads_and_rests_in_its_pattern():
    rests, loads = [], []
    edges = pulse.emit(sleep=rests.append, burn=loads.append)
    assert loads == [1.0, 0.5, 1.5] and rests == [1.0, 0.6, 0.9, 1.0] and len(edges) == 6 and edges == sorted(edges)
