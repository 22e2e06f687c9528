"""Power sensors on recorded trees: what each reads, what it says that it covers, and what goes wrong."""

import pytest

from edgepose import power
from edgepose.errors import BoardError, ConfigError
from edgepose.power import hwmon, ina3221, pmic, rapl, supply
from edgepose.power.files import RULES
from tests.board_trees import firmware, lay_out
from tests.conftest import ROOT


def readings(found):
    readers, notes = found
    assert notes == []
    return {reader.name: (reader.read(), reader.covers) for reader in readers}


def package(tree):
    return tree / "sys/class/powercap/intel-rapl:0/energy_uj"


# ---- RAPL

def test_rapl_counts_from_its_opening_and_says_what_each_zone_covers(tmp_path):
    tree = lay_out("x86-rapl", tmp_path)
    readers, notes = rapl.find(tree)
    package(tree).write_text("262143000500\n")
    assert notes == [] and [reader.read() for reader in readers] == [500, 0, 0]
    assert [reader.covers for reader in readers] == ["CPU package", "CPU cores, a part of the package", "memory"]
    assert all(reader.kind == "energy" for reader in readers)
    assert [reader.name for reader in readers] == ["rapl package-0", "rapl package-0 core", "rapl package-0 dram"]


def test_rapl_counter_that_starts_again_is_carried_on(tmp_path):
    tree = lay_out("x86-rapl", tmp_path)
    reader = rapl.find(tree)[0][0]
    package(tree).write_text("100000\n")
    assert reader.read() == 262143328850 - 262143000000 + 100000
    package(tree).write_text("150000\n")
    assert reader.read() == 262143328850 - 262143000000 + 150000


def test_rapl_without_permission_names_the_udev_rule_once(tmp_path, monkeypatch):
    tree = lay_out("x86-rapl", tmp_path)
    read_text = type(tree).read_text

    def deny(path, *arguments, **more):
        if path.name == "energy_uj":
            raise PermissionError(13, "Permission denied")
        return read_text(path, *arguments, **more)

    monkeypatch.setattr(type(tree), "read_text", deny)
    readers, notes = rapl.find(tree)
    assert readers == [] and len(notes) == 1
    assert "no permission" in notes[0] and "ports/x86-64/70-edgepose.rules" in notes[0]


def test_rapl_that_vanishes_is_a_board_error(tmp_path):
    tree = lay_out("x86-rapl", tmp_path)
    reader = rapl.find(tree)[0][0]
    package(tree).unlink()
    with pytest.raises(BoardError, match="energy_uj: No such file"):
        reader.read()


# ---- INA3221

def test_ina3221_of_jetpack_4_reads_milliwatts_by_rail(tmp_path):
    assert readings(ina3221.find(lay_out("jetson-nano", tmp_path))) == {
        "ina3221 POM_5V_IN": (2482, "5 V input of the module"),
        "ina3221 POM_5V_GPU": (39, "rail POM_5V_GPU, a part of the module"),
        "ina3221 POM_5V_CPU": (595, "rail POM_5V_CPU, a part of the module")}


def test_ina3221_of_jetpack_6_multiplies_volts_and_amperes(tmp_path):
    assert readings(ina3221.find(lay_out("jetson-orin-nano", tmp_path))) == {
        "ina3221 VDD_IN": (4984, "module input"),
        "ina3221 VDD_CPU_GPU_CV": (1244, "rail VDD_CPU_GPU_CV, a part of the module"),
        "ina3221 VDD_SOC": (1492, "rail VDD_SOC, a part of the module")}


def test_ina3221_skips_what_is_not_connected(tmp_path):
    assert list(readings(ina3221.find(lay_out("jetson-agx-orin", tmp_path)))) == ["ina3221 VDDQ_VDD2_1V8AO"]


def test_ina3221_rail_that_is_switched_off_is_left_out(tmp_path):
    tree = lay_out("jetson-orin-nano", tmp_path)
    (tree / "sys/class/hwmon/hwmon1/in2_enable").write_text("0\n")
    assert list(readings(ina3221.find(tree))) == ["ina3221 VDD_IN", "ina3221 VDD_SOC"]


def test_ina3221_that_cannot_be_read_is_a_note(tmp_path):
    tree = lay_out("jetson-nano", tmp_path)
    (tree / "sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/in_power0_input").write_text("\n")
    found, notes = ina3221.find(tree)
    assert len(found) == 2 and notes[0].startswith("ina3221 POM_5V_IN:") and "no number" in notes[0]


# ---- Raspberry Pi 5

def test_pmic_sums_the_rails_that_have_both_volts_and_amperes():
    (reader,), notes = pmic.find(ask_firmware=firmware())
    assert reader.read() == round(1000 * (0.1 * 3.7 + 0.2 * 3.3 + 2.5 * 0.8 + 0.02 * 5)) and notes == []
    assert reader.covers.startswith("4 rails") and "USB" in reader.covers


@pytest.mark.parametrize("answer", [None, "", "error=1 error_msg=\"Command not registered\"", "EXT5V_V volt(24)=5.1V"])
def test_pmic_is_not_there_on_other_boards(answer):
    assert pmic.find(ask_firmware=lambda _: answer) == ([], [])


def test_pmic_that_stops_answering_is_a_board_error():
    answers = iter([firmware()("pmic_read_adc")] * 2 + [None])
    reader = pmic.find(ask_firmware=lambda _: next(answers))[0][0]
    with pytest.raises(BoardError, match="pmic_read_adc"):
        reader.read()


# ---- hwmon, power_supply

def test_hwmon_reads_power_and_energy_of_any_sensor(tmp_path):
    tree = lay_out("ina226-hat", tmp_path)
    readers, _ = hwmon.find(tree)
    assert {reader.name: reader.kind for reader in readers} == {
        "hwmon ina226 power1": "power", "hwmon i915 energy1": "energy", "hwmon amdgpu power1": "power"}
    assert [reader.read() for reader in readers if reader.kind == "power"] == [3250, 9000]
    assert [reader.covers for reader in readers] == ["whatever ina226 is wired to", "whatever i915 is wired to", "PPT"]


def test_hwmon_energy_carries_on_after_32_bits(tmp_path):
    tree = lay_out("ina226-hat", tmp_path)
    reader = next(reader for reader in hwmon.find(tree)[0] if reader.kind == "energy")
    (tree / "sys/class/hwmon/hwmon1/energy1_input").write_text("1000\n")
    assert reader.read() == (1 << 32) - 4294960000 + 1000


def test_hwmon_leaves_the_ina3221_to_its_own_driver(tmp_path):
    assert hwmon.find(lay_out("jetson-orin-nano", tmp_path)) == ([], [])


def test_battery_and_input_are_told_apart(tmp_path):
    assert readings(supply.find(lay_out("laptop", tmp_path))) == {
        "supply BAT0": (11400, "whole device, from its battery"), "supply usb": (4500, "input usb, whole device")}


def test_battery_that_is_charged_says_nothing_of_the_device(tmp_path):
    tree = lay_out("laptop", tmp_path)
    (tree / "sys/class/power_supply/BAT0/status").write_text("Charging\n")
    found, notes = supply.find(tree)
    assert [reader.name for reader in found] == ["supply usb"] and "unplug the charger" in notes[0]


# ---- all of them

def test_auto_finds_what_is_there_and_only_that(tmp_path):
    assert [reader.name for reader in power.find("auto", lay_out("jetson-nano", tmp_path)).readers] == [
        "ina3221 POM_5V_IN", "ina3221 POM_5V_GPU", "ina3221 POM_5V_CPU"]


def test_two_chips_of_a_kind_are_told_apart(tmp_path):
    tree = lay_out("ina226-hat", tmp_path)
    (tree / "sys/class/hwmon/hwmon2/name").write_text("ina226\n")
    names = [reader.name for reader in power.find("hwmon", tree).readers]
    assert names == ["hwmon ina226 power1 #1", "hwmon i915 energy1", "hwmon ina226 power1 #2"]


def test_machine_without_sensors_has_none_and_nothing_is_guessed(tmp_path):
    assert power.find("auto", tmp_path) == ([], []) and power.find("none", tmp_path) == ([], [])


@pytest.mark.parametrize("wanted, word", [("volcano", "auto, none, rapl"), ("rapl", "none on this machine"),
                                          ("ina3221", "none on this machine"), ("csv:", "csv:FILE"),
                                          ("csv:/nowhere/at/all.csv", "no such folder")])
def test_sensor_that_is_not_there_is_one_line(tmp_path, wanted, word):
    with pytest.raises(ConfigError, match=word):
        power.find(wanted, tmp_path)


def test_rule_that_grants_rapl_ships_where_messages_say():
    assert "energy_uj" in (ROOT / RULES).read_text()
