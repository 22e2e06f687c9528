"""What is sent as a proof: nothing private, and what speaks against it."""

import getpass
import socket
from copy import deepcopy
from types import SimpleNamespace

import pytest

from edgepose.bench import honesty, private, submission, surroundings
from tests.board_trees import lay_out_text

BOARD = {"name": "raspberry-pi-5", "title": "Raspberry Pi 5", "tier": "expected", "generic": False}
CELL = {"name": "movenet-lightning, tflite, 3 threads", "error": None, "doubts": [],
        "cell": {"sources": ["pedestrians.mp4", "nobody.mp4"], "mode": "closed", "track": False}}
WHOLE = {"board": BOARD, "bench": {"cells": [CELL], "machine": {
    "board": BOARD, "virtual": False, "emulated": False, "commit": None}}}


@pytest.mark.parametrize("text, left", [
    ("0.1.0 in /home/anna/venv/edgepose", "0.1.0 in (path)"), ("free at /opt/anna/.cache/edgepose;", "free at (path);"),
    ("'/media/anna/STICK/x.csv'", "'(path)'"), ("meter /data/anna", "meter (path)"),
    ("sudo ports/install.sh", "sudo ports/install.sh"),
    ("/sys/class/hwmon/hwmon0/name", "/sys/class/hwmon/hwmon0/name"),
    ("/dev/mmcblk0p2 / ext4", "/dev/mmcblk0p2 / ext4"), ("/usr/lib/python3, ./x", "/usr/lib/python3, ./x"),
    ("/sysadmin/x", "(path)"), ("wlan0 DC:a6:32:01:02:03 up", "wlan0 (address) up"),
    ("dc-a6-32-01-02-03", "(address)"), ("12:30:05", "12:30:05"), ("serial 10000000ABCDEF01.", "serial (number)."),
    ("anna's board, annals, anna-lena", "(name)'s board, annals, anna-lena"), ("ssh anna@kitchen", "ssh (name)@(name)"),
    ("https://example.org/a/b", "https://example.org/a/b"), ("12 km/h, N/A", "12 km/h, N/A")])
def test_text_when_it_is_sent_has_nothing_private(text, left):
    assert private.redact(text, ["10000000abcdef01"], ["anna", "kitchen"]) == left


def test_samples_when_they_are_sent_stay_as_they_are():
    packed = {"n": 1, "zlib": "eJz/anna/abc+/home/x="}
    assert private.redact({"a": [packed, None, 1.5, True]}, [], ["anna"]) == {"a": [packed, None, 1.5, True]}


def test_secrets_when_there_are_files_of_them_are_found(tmp_path):
    lay_out_text("proc/device-tree/serial-number: 10000000abcdef01\nproc/cpuinfo: processor\t: 0\n"
                 "proc/cpuinfo: Serial\t\t: 10000000abcdef02\netc/machine-id: 0123456789abcdef\n"
                 "sys/class/net/eth0/address: dc:a6:32:01:02:03\nsys/class/net/lo/address: 00:00:00:00:00:00\n"
                 "sys/class/dmi/id/board_serial: None\nsys/class/dmi/id/product_serial: ABC-123\n", tmp_path)
    assert private.secrets(tmp_path) == sorted(["10000000abcdef01", "10000000abcdef02", "0123456789abcdef",
                                                "dc:a6:32:01:02:03", "ABC-123"])
    assert private.secrets(tmp_path / "elsewhere") == []


def test_names_when_they_are_everybodys_are_no_secret(monkeypatch):
    for name in ("USER", "SUDO_USER"):
        monkeypatch.setenv(name, "pi")
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")
    monkeypatch.setattr(socket, "gethostname", lambda: "raspberrypi.kitchen.example")
    assert private.names() == ["anna", "raspberrypi.kitchen.example"]


def test_command_when_it_is_sent_names_no_file():
    options = SimpleNamespace(model="movenet-lightning", backend="tflite", threads="3", seconds=20.0, processes=10,
                              precision=None, cpus=[1, 2, 3], json="/home/anna/r.json", power="csv:anna.csv")
    assert submission._command(options) == ("edgepose bench --model movenet-lightning --backend tflite --threads 3"
                                            " --seconds 20 --processes 10 --cpus 1,2,3")


def test_submission_when_nothing_speaks_against_it_is_a_proof():
    assert submission.refusals(WHOLE) == []


@pytest.mark.parametrize("place, key, value, why", [
    (("bench", "machine"), "virtual", True, "virtual machine"), (("bench", "machine"), "emulated", True, "emulated"),
    (("bench", "machine"), "commit", "0123456789ab+", "had been changed: 0123456789ab+"),
    (("bench", "machine"), "board", None, "another board"), (("board",), "tier", "unknown", "not made for"),
    (("bench", "cells", 0), "error", "it broke", "it broke"),
    (("bench", "cells", 0, "cell"), "mode", "paced", "as fast"),
    (("bench", "cells", 0, "cell"), "sources", ["own.mp4"], "the clips that ship"),
    (("bench", "cells", 0), "doubts", [{"code": "throttled", "spoils": "all", "text": "under-voltage during the run"}],
     "NOT trustworthy: under-voltage during the run")])
def test_submission_when_something_speaks_against_it_says_what(place, key, value, why):
    whole = deepcopy(WHOLE)
    part = whole
    for step in place:
        part = part[step]
    part[key] = value
    assert any(why in line for line in submission.refusals(whole))


@pytest.mark.parametrize("spoils", ["p99", "nothing"])
def test_doubts_when_they_do_not_spoil_the_median_are_no_hindrance(spoils):
    whole = deepcopy(WHOLE)
    whole["bench"]["cells"][0]["doubts"] = [{"code": "few-samples", "spoils": spoils, "text": "few"}]
    assert submission.refusals(whole) == []


@pytest.mark.parametrize("text, emulated", [
    ("proc/sys/kernel/arch: x86_64\nedgepose/userland: aarch64", True),
    ("proc/sys/kernel/arch: x86_64\nedgepose/userland: armv7l", True),
    ("proc/sys/kernel/arch: aarch64\nedgepose/userland: armv7l", False), ("proc/sys/kernel/arch: aarch64", False),
    ("proc/sys/kernel/arch: x86_64", False), ("proc/sys/kernel/arch: aarch64\nedgepose/userland: x86_64", True),
    ("edgepose/userland: aarch64", False),
    ("edgepose/userland: aarch64\nsys/devices/system/cpu/cpu0/microcode/version: 0x1", True)])
def test_emulation_shows_in_the_kernels_own_files(tmp_path, text, emulated):
    assert surroundings.is_emulated(lay_out_text(text, tmp_path)) is emulated
    assert bool(list(honesty.check_machine({"emulated": emulated}))) is emulated
