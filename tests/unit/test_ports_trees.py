"""Every recorded tree is known as its board, and every reader reads there what the tree says."""

import re
from collections import namedtuple
from functools import partial

import pytest

from edgepose import board, power
from edgepose.board import detection
from edgepose.power import pmic
from tests.board_trees import BOARDS, lay_out

#: Its board; clocks of its cores at most, kHz; the CPU's heat, m°C; firmware's word; power by rail, mW, or energy, µJ.
Seen = namedtuple("Seen", "board limits_khz cpu_mc flags watts", defaults=(None, {}))

NANO = {"ina3221 POM_5V_IN": 2482, "ina3221 POM_5V_GPU": 39, "ina3221 POM_5V_CPU": 595}
NX = {"ina3221 VDD_IN": 4860, "ina3221 VDD_CPU_GPU_CV": 993, "ina3221 VDD_SOC": 1192}
ORIN = {"ina3221 VDD_IN": 4984, "ina3221 VDD_CPU_GPU_CV": 1244, "ina3221 VDD_SOC": 1492}
RAPL = {"rapl package-0": 0, "rapl package-0 core": 0, "rapl package-0 uncore": 0}
TREES = {
    "raspberry-pi-zero-2-w": Seen("raspberry-pi-zero-2-w", [1000000] * 4, 46160, 0),
    "raspberry-pi-3b-plus": Seen("raspberry-pi-3b-plus", [1400000] * 4, 51540, 0),
    "raspberry-pi-3b-plus-under-voltage": Seen("raspberry-pi-3b-plus", [1400000] * 4, 62300, 0x50005),
    "raspberry-pi-4": Seen("raspberry-pi-4", [1800000] * 4, 48686, 0),
    "raspberry-pi-4-rev-1.1": Seen("raspberry-pi-4", [1500000] * 4, 35537, 0),
    "raspberry-pi-4-32-bit": Seen("raspberry-pi-4", [1500000] * 4, 47225, 0),
    "raspberry-pi-5": Seen("raspberry-pi-5", [2400000] * 4, 55050, 0),
    "raspberry-pi-5-weak-supply": Seen("raspberry-pi-5", [2400000] * 4, 55050, 0x50000),
    "raspberry-pi-5-compute-module": Seen("raspberry-pi-5", [2400000] * 4, 54500, 0),
    "jetson-nano": Seen("jetson-nano", [1479000] * 4, 36000, watts=NANO),
    "jetson-xavier-nx": Seen("jetson-xavier-nx", [1907200] * 6, 39500, watts=NX),
    "jetson-orin-nano": Seen("jetson-orin-nano", [1728000] * 6, 52125, watts=ORIN),
    "jetson-orin-nano-jetpack-5": Seen("jetson-orin-nano", [1510400] * 6, 52125, watts=ORIN),
    "jetson-agx-orin": Seen("aarch64", [], 47400, watts={"ina3221 VDDQ_VDD2_1V8AO": 1492}),
    "aarch64": Seen("aarch64", [1800000] * 4 + [2400000] * 4, 57300),
    "armv7": Seen("armv7", [1200000] * 4, 43600),
    "x86-64": Seen("x86-64", [3400000] * 4, 46000, watts=RAPL),
}
PARTS = {"x86-rapl", "ina226-hat", "laptop", "pmic_read_adc"}  # of boards; tests/unit/test_power_drivers.py
SPECIFIC = [name for name, seen in TREES.items() if seen.board not in ("aarch64", "armv7", "x86-64")]


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory):
    """Every tree, laid out once; nothing is written in them."""
    return {name: lay_out(name, tmp_path_factory.mktemp(name)) for name in TREES}


@pytest.fixture(scope="module")
def known():
    """What `board.detect` is but for reading all profiles anew."""
    return partial(detection.find, [board.load(name) for name in board.names()])


@pytest.fixture
def tree(request, laid_out):
    return laid_out[request.param]


def of(names):
    return pytest.mark.parametrize("tree, name", [(name, name) for name in names], indirect=["tree"], ids=list(names))


def cpu_zones(temperatures):
    """The heat of the zones that are the CPU's by one kernel or the other."""
    zones = ("cpu-thermal", "CPU-therm", "soc-thermal", "x86_pkg_temp")
    return [value for zone, value in temperatures.items() if zone in zones]


def test_trees_when_listed_then_each_is_tested_and_each_board_has_one():
    assert {path.stem for path in BOARDS.glob("*.txt")} == TREES.keys() | PARTS
    assert set(board.names()) == {seen.board for seen in TREES.values()} <= TREES.keys()


@of(TREES)
def test_tree_when_detected_then_it_is_its_board(tree, name):
    assert board.detect(tree).name == TREES[name].board


@pytest.mark.parametrize("name", SPECIFIC)
def test_board_when_one_of_its_names_is_lost_then_the_other_does(tmp_path, known, name):
    tree = lay_out(name, tmp_path) / "proc/device-tree"
    (tree / "model").rename(tree / "lost")
    assert known(tmp_path).name == TREES[name].board
    (tree / "lost").rename(tree / "model")
    (tree / "compatible").unlink()
    assert known(tmp_path).name == TREES[name].board
    (tree / "model").unlink()
    assert known(tmp_path).name == {"aarch64": "aarch64", "armv7l": "armv7"}[board.machine_of(tmp_path)]


@of(["raspberry-pi-4-32-bit"])
def test_board_when_only_user_space_has_32_bits_then_that_is_what_counts(tree, name):
    assert board.machine_of(tree) == "armv7l" and board.read_text(tree / "proc/sys/kernel/arch") == "aarch64"


@of(TREES)
def test_vitals_when_read_then_clocks_and_heat_are_the_trees(tree, name):
    vitals, seen = board.Vitals(tree, lambda *_: None), TREES[name]
    assert vitals.limits_khz() == seen.limits_khz and len(vitals.frequencies_khz()) == len(seen.limits_khz)
    assert cpu_zones(vitals.temperatures_mc()) == [seen.cpu_mc]


@of(TREES)
def test_vitals_when_read_then_throttling_is_the_trees(tree, name):
    vitals, seen = board.Vitals(tree, lambda *_: None), TREES[name]
    assert vitals.firmware_flags() == seen.flags and vitals.coolers() == {}
    assert vitals.under_voltage_alarms() == (["rpi_volt in0"] if seen.flags else [])
    assert set(vitals.throttle_counts().values()) <= {0}


@of(TREES)
def test_power_when_looked_for_then_each_rail_reads_what_the_tree_says(tree, name):
    found = power.find("auto", tree)
    assert {reader.name: reader.read() for reader in found.readers} == TREES[name].watts and found.notes == []


@of([name for name in TREES if name.startswith("raspberry-pi-5")])
def test_power_chip_when_the_tree_holds_its_answer_then_it_is_summed(tree, name):
    (reader,), notes = pmic.find(tree, lambda _: board.read_text(tree / "edgepose/pmic_read_adc"))
    assert reader.read() == 3130 and notes == []


@of([name for name in SPECIFIC if "jetpack-5" not in name])
def test_profile_when_its_board_is_looked_at_then_zone_cores_and_flags_are_there(tree, name, known):
    found, vitals = known(tree), board.Vitals(tree, lambda *_: None)
    assert found.thermal.zone in vitals.temperatures_mc() and found.cores.n == len(vitals.frequencies_khz())
    assert (vitals.firmware_flags() is not None) == (found.thermal.flags == "firmware")


@of([name for name in SPECIFIC if name.startswith("jetson")] + ["x86-64"])
def test_profile_when_its_board_is_looked_at_then_its_sensor_is_there(tree, name, known):
    assert power.find(known(tree).power.sensor, tree).readers


@of([name for name in TREES if name != "jetson-agx-orin"])
def test_budget_when_its_board_is_looked_at_then_it_fits_beside_what_runs(tree, name, known):
    free_kib = int(re.search(r"MemAvailable:\s+(\d+) kB", (tree / "proc/meminfo").read_text())[1])
    assert known(tree).memory.budget_mb * 1024 < 0.7 * free_kib


@pytest.mark.parametrize("name", TREES)
def test_tree_when_searched_then_it_holds_nothing_of_its_owners(name):
    text = (BOARDS / f"{name}.txt").read_text()
    assert not re.search(r"([0-9a-f]{2}:){5}|PARTUUID|/home/", text, re.IGNORECASE)
    assert {serial.strip("0") for serial in re.findall(r"Serial\s*: (\w+)", text)} <= {""}


@pytest.mark.parametrize("name", TREES)
def test_tree_when_the_page_beside_it_is_read_then_its_origin_is_there(name):
    page = (BOARDS / "README.md").read_text()
    rows = [cell.strip() for row in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE) for cell in row.split(",")]
    assert name in rows or any(row.startswith("-") and name.endswith(row) for row in rows)
