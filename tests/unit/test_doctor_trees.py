"""What doctor finds in the recorded trees of boards, and in small ones that each have one thing wrong."""

import pytest

from edgepose import doctor
from tests.board_trees import lay_out, lay_out_text
from tests.doctor_world import TREES, validator

PI_5 = """proc/device-tree/model: Raspberry Pi 5 Model B Rev 1.0
proc/device-tree/compatible: raspberrypi,5-model-b
proc/sys/kernel/arch: aarch64
proc/meminfo: MemTotal: 4118528 kB
proc/meminfo: MemAvailable: 3610000 kB
sys/devices/system/cpu/online: 0-3
"""
ORIN = PI_5.replace("Raspberry Pi 5 Model B Rev 1.0", "NVIDIA Jetson Orin Nano Developer Kit").replace(
    "raspberrypi,5-model-b", "nvidia,p3768-0000+p3767-0005")
CPUFREQ, FLAGS = "sys/devices/system/cpu/cpu0/cpufreq", "sys/devices/platform/soc/soc:firmware/get_throttled"
CLOCKS = f"{CPUFREQ}/scaling_cur_freq: 1500000\n{CPUFREQ}/cpuinfo_max_freq: 2400000\n"
CARD = "proc/swaps: Filename Type Size Used Priority\nproc/swaps: /var/swap file 102396 0 -2\nproc/mounts: "


def examine(text, tmp_path):
    """The findings of a tree's text."""
    report = doctor.examine(doctor.Place(lay_out_text(text, tmp_path)))
    validator.validate(report)
    return report["findings"]


@pytest.mark.parametrize("name", TREES)
def test_every_recorded_tree_is_examined_without_a_broken_reading(name, tmp_path):
    report = doctor.examine(doctor.Place(lay_out(name, tmp_path)))
    validator.validate(report)
    assert report["findings"]["readings"]["status"] == "ok"
    assert {*report["findings"], *report["left_out"]} == set(doctor.CHECKS) and "python" in report["left_out"]
    texts = [finding["text"] for finding in report["findings"].values()]
    assert not [text for text in texts if "Error" in text], texts


@pytest.mark.parametrize("more, check, text, advice", [
    ("edgepose/userland: armv7l", "system", "32-bit programs (armv7l) on a 64-bit kernel", "64-bit system"),
    (f"{FLAGS}: 50005", "supply", "under-voltage now; under-voltage since the start", "stronger supply"),
    (f"{FLAGS}: 40004", "throttling", "now: throttled", "heat sink"),
    (f"{FLAGS}: 50005", "throttling", "now: throttled; since the start: throttled", "stronger supply"),
    (f"{FLAGS}: 20000", "throttling", "since the start: ARM frequency capped", "heat sink"),
    ("edgepose/pmic_read_adc:      EXT5V_V volt(24)=4.61000000V", "supply", "only 4.61 V at its input; needs 5 V 5 A",
     "stronger supply"),
    ("sys/class/thermal/thermal_zone0/type: cpu-thermal\nsys/class/thermal/thermal_zone0/temp: 76000", "heat",
     "hot; cpu-thermal 76 °C, slows down from 80 °C on", "fan"),
    (f"{CLOCKS}{CPUFREQ}/scaling_governor: ondemand", "governor", "ondemand: the clock rises only", "performance"),
    (f"{CLOCKS}{CPUFREQ}/scaling_governor: powersave", "governor", "powersave: the lowest clock", "performance"),
    (f"{CLOCKS}{CPUFREQ}/scaling_max_freq: 1500000", "clocks", "held to 1500 MHz; 1500 MHz now, 2400 MHz at most",
     "nvpmodel"),
    (f"{CARD}/dev/mmcblk0p2 / ext4", "swap", "a file on mmcblk0p2, an SD card", "compressed memory"),
    ("sys/fs/cgroup/cgroup.controllers: cpuset cpu io pids", "limits", "MemoryMax", "cgroup_enable=memory"),
])
def test_what_is_wrong_with_a_pi_is_found_and_told_what_to_do(more, check, text, advice, tmp_path):
    found = examine(PI_5 + more + "\n", tmp_path)
    assert found[check]["status"] == "warn" and text in found[check]["text"] and advice in found[check]["advice"]


@pytest.mark.parametrize("more, check, text", [
    (f"{FLAGS}: 0", "throttling", "not at all"),
    ("edgepose/pmic_read_adc:      EXT5V_V volt(24)=5.09000000V", "supply", "5.09 V at its input; needs 5 V 5 A"),
    (f"{CLOCKS}{CPUFREQ}/scaling_governor: schedutil", "governor", "schedutil"),
    (f"{CLOCKS}{CPUFREQ}/scaling_governor: powersave\n{CPUFREQ}/scaling_driver: intel_pstate", "governor", "powersave"),
    (f"{CARD}/dev/mmcblk0p2 / ext4\nsys/block/mmcblk0/device/type: MMC", "swap", "a file on mmcblk0p2"),
    (f"{CARD}/dev/mmcblk0p2 / ext4\nproc/mounts: /dev/sda1 /var ext4", "swap", "a file on sda1"),
    (f"{CARD}/dev/sda2 / ext4".replace("/var/swap file", "/dev/zram0 partition"), "swap", "zram0, compressed memory"),
    ("sys/fs/cgroup/cgroup.controllers: cpu memory", "limits", "limits.conf holds"),
    ("sys/class/video4linux/video0/name: HD Webcam\nsys/class/video4linux/video1/name: HD Webcam\n"
     "sys/class/video4linux/video13/name: bcm2835-isp-output0", "camera", "HD Webcam"),
])
def test_what_is_well_with_a_pi_is_said(more, check, text, tmp_path):
    found = examine(PI_5 + more + "\n", tmp_path)[check]
    assert found["status"] == "ok" and found["text"].endswith(text)


def test_little_memory_is_held_against_the_budget_of_the_profile(tmp_path):
    found = examine(PI_5.replace("3610000", "200000"), tmp_path)["memory"]
    assert found["status"] == "warn" and found["text"].startswith("too little: 205 of 4217 MB free")


def test_unknown_board_takes_the_generic_profile_and_says_how_to_send_it(tmp_path):
    text = PI_5.replace("Raspberry Pi 5 Model B Rev 1.0", "Radxa ROCK 5B").replace("raspberrypi,5", "radxa,rock")
    found = examine(text, tmp_path)["board"]
    assert found["status"] == "warn" and found["text"].startswith("unknown board 'Radxa ROCK 5B': the profile of any")
    assert "edgepose doctor --record FILE" in found["advice"]


def test_programs_of_another_architecture_are_emulated_and_not_too_narrow(tmp_path):
    emulated = PI_5.replace("arch: aarch64", "arch: x86_64") + "edgepose/userland: aarch64\n"
    assert examine(emulated, tmp_path)["system"]["status"] == "ok"


def test_architecture_without_a_profile_is_a_failure(tmp_path):
    report = doctor.examine(doctor.Place(lay_out_text("proc/sys/kernel/arch: riscv64\n", tmp_path)))
    validator.validate(report)
    assert report["findings"]["board"]["status"] == "fail" and not doctor.is_fit(report)


def test_broken_profile_is_a_failure_of_the_board_and_no_crash(tmp_path, monkeypatch):
    (tmp_path / "ports" / "mine").mkdir(parents=True)
    (tmp_path / "ports" / "mine" / "board.toml").write_text("title = 3\n")
    monkeypatch.setenv("EDGEPOSE_PORTS", str(tmp_path / "ports"))
    report = doctor.examine(doctor.Place(tmp_path))
    validator.validate(report)
    assert report["board"] is None and "board.toml:1" in report["findings"]["board"]["text"]


def test_jetson_with_cores_switched_off_and_a_ribbon_camera(tmp_path):
    more = "sys/class/video4linux/video0/name: vi-output, imx219 9-0010\n"
    found = examine(ORIN + more, tmp_path)
    assert "the board has 6 cores, 4 are switched on" in found["cores"]["text"]
    assert "nvpmodel" in found["cores"]["advice"] and found["sensor"]["status"] == "warn"
    assert "raw picture" in found["camera"]["text"] and "nvarguscamerasrc" in found["camera"]["advice"]


def test_throttling_is_told_once_for_all_cores(tmp_path):
    count = "sys/devices/system/cpu/cpu{}/thermal_throttle/core_throttle_count: {}\n"
    found = examine(PI_5 + "".join(count.format(core, 3 * core) for core in range(16)), tmp_path)["throttling"]
    assert (found["status"], found["text"]) == ("warn", "since the start: core heat 45 times")


def test_sensor_is_named_with_what_it_covers(tmp_path):
    found = examine(ORIN + "sys/class/hwmon/hwmon1/name: ina3221\nsys/class/hwmon/hwmon1/in1_label: VDD_IN\n"
                    "sys/class/hwmon/hwmon1/in1_input: 4984\nsys/class/hwmon/hwmon1/curr1_input: 1000\n", tmp_path)
    assert found["sensor"]["text"] == "ina3221 VDD_IN: module input"


def test_broken_files_are_told_with_their_paths(tmp_path):
    root = lay_out_text(PI_5 + f"{CPUFREQ}/scaling_cur_freq: fast\n{FLAGS}:\n", tmp_path)
    (root / "proc/cpuinfo").mkdir()
    found = doctor.examine(doctor.Place(root))["findings"]["readings"]
    assert found["status"] == "warn" and found["text"].startswith("3 of ")
    for words in (f"/{CPUFREQ}/scaling_cur_freq: holds no number", f"/{FLAGS}: is empty",
                  "/proc/cpuinfo: Is a directory"):
        assert words in found["text"]


def test_tree_is_asked_alone_and_not_the_machine_around_it(tmp_path, monkeypatch):
    monkeypatch.setattr("edgepose.board.vcgencmd", lambda *arguments: "throttled=0x50005")
    found = examine(PI_5, tmp_path)
    assert found["supply"]["text"] == "needs 5 V 5 A" and found["throttling"]["status"] == "ok"
