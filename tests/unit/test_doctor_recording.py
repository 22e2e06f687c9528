"""Recordings of machines: whole, the same when they are examined, with nothing in them that is nobody's business."""

import re

import pytest

from edgepose import doctor
from edgepose.doctor import files, tree
from edgepose.errors import ConfigError
from tests.board_trees import BOARDS, lay_out, lay_out_text
from tests.doctor_world import TREES

SECRETS = ("10000000deadbeef", "living-room-pi", "dc:a6:32:12:34:56", "alice", "9f3c1d52-01", "192.168.7.9")
PRIVATE = """proc/device-tree/model: Raspberry Pi 4 Model B Rev 1.4
proc/device-tree/serial-number: 10000000deadbeef
proc/sys/kernel/arch: aarch64
proc/sys/kernel/hostname: living-room-pi
proc/cpuinfo: processor	: 0
proc/cpuinfo: Serial		: 10000000deadbeef
proc/cmdline: root=PARTUUID=9f3c1d52-01 smsc95xx.macaddr=dc:a6:32:12:34:56
proc/swaps: Filename Type Size Used Priority
proc/swaps: /home/alice/swap file 102396 0 -2
proc/swaps: /dev/mapper/living-room-pi-swap partition 1 0 -2
proc/mounts: /dev/mapper/living--room--pi-root / ext4 rw,uuid=9f3c1d52-01 0 0
proc/mounts: 192.168.7.9:/srv/alice /home nfs rw 0 0
proc/mounts: /dev/sda1 /home/alice ext4 rw 0 0
etc/hostname: living-room-pi
etc/os-release: PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
etc/os-release: BUG_REPORT_URL="https://alice.example/"
sys/class/net/eth0/address: dc:a6:32:12:34:56
sys/class/power_supply/hid-dc:a6:32:12:34:56-battery/status: Discharging
sys/class/video4linux/video0/name: Camera dc:a6:32:12:34:56
"""


@pytest.mark.parametrize("name", TREES)
def test_recording_gives_the_findings_of_the_machine(name, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    machine = doctor.Place(lay_out(name, tmp_path / "a"))
    (tmp_path / "mine.txt").write_text(tree.record(machine))
    tree.lay_out(tmp_path / "mine.txt", tmp_path / "b")
    assert doctor.examine(doctor.Place(tmp_path / "b")) == doctor.examine(machine)


def test_recording_of_a_recording_is_the_same(tmp_path):
    first = tree.record(doctor.Place(lay_out("raspberry-pi-5", tmp_path)))
    (tmp_path / "again").mkdir()
    assert tree.record(doctor.Place(lay_out_text(first, tmp_path / "again"))) == first


def test_recording_holds_no_serial_numbers_hosts_users_and_networks(tmp_path):
    text = tree.record(doctor.Place(lay_out_text(PRIVATE, tmp_path)))
    assert "Raspberry Pi 4 Model B Rev 1.4" in text and "proc/cpuinfo: processor : 0" in text
    assert "proc/mounts: hidden / ext4" in text and "proc/swaps: /home/swapfile file" in text
    assert not [secret for secret in SECRETS if secret in text or secret.replace("-", "--") in text]


def test_recording_has_files_of_the_fixed_list_alone(tmp_path):
    root = lay_out_text(PRIVATE, tmp_path)
    allowed = {path.relative_to(root).as_posix() for _, path in files.find(root)}
    lines = tree.record(doctor.Place(root)).splitlines()
    assert {line.partition(": ")[0].rstrip(":") for line in lines if not line.startswith("#")} <= allowed


def test_this_machine_is_recorded_without_its_name_and_tells_what_user_space_is(tmp_path):
    place = doctor.Place()
    text = tree.record(place)
    assert f"edgepose/userland: {place.machine}\n" in text
    tops = {line.partition("/")[0] for line in text.splitlines() if not line.startswith("#")}
    assert tops <= {"proc", "sys", "etc", "var", "edgepose"}


def test_this_machine_is_recorded_as_it_is_found(tmp_path):
    (tmp_path / "mine.txt").write_text(tree.record(doctor.Place()))
    tree.lay_out(tmp_path / "mine.txt", tmp_path)
    for name in ("board", "system", "cores", "memory", "limits", "swap", "governor"):
        live, recorded = (doctor.CHECKS[name].examine(doctor.Place(root)) for root in ("/", tmp_path))
        assert re.sub(r"\d+", "#", str(recorded)) == re.sub(r"\d+", "#", str(live))


def test_firmware_is_asked_where_no_file_has_its_answer(tmp_path, monkeypatch):
    answers = {"get_throttled": "throttled=0x50005\n", "pmic_read_adc": (BOARDS / "pmic_read_adc.txt").read_text()}
    place = doctor.Place()
    place.ask_firmware = answers.get
    (tmp_path / "mine.txt").write_text(tree.record(place))
    tree.lay_out(tmp_path / "mine.txt", tmp_path)
    assert doctor.Place(tmp_path).vitals.firmware_flags() == 0x50005
    assert doctor.Place(tmp_path).ask_firmware("pmic_read_adc").endswith("BATT_V volt(25)=0.00000000V")


@pytest.mark.parametrize("line", ["no tree at all", "/etc/passwd: x", "sys/../../../etc/passwd: x", " proc/swaps: x"])
def test_line_that_is_none_of_a_tree_is_named(line, tmp_path):
    (tmp_path / "bad.txt").write_text(f"# remark\nproc/swaps: x\n{line}\n")
    (tmp_path / "below").mkdir()
    with pytest.raises(ConfigError, match=r"bad\.txt:3: not a line of a recorded tree"):
        tree.lay_out(tmp_path / "bad.txt", tmp_path / "below")
    assert list((tmp_path / "below").iterdir()) == []


def test_path_within_a_file_is_refused(tmp_path):
    (tmp_path / "bad.txt").write_text("proc/swaps: x\nproc/swaps/below: y\n")
    with pytest.raises(ConfigError, match=r"bad\.txt: .*folder of another"):
        tree.lay_out(tmp_path / "bad.txt", tmp_path)
