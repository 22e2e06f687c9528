"""What doctor says of devices that need a permission: cameras and sensors, with stand-ins for the kernel's edge."""

import os
from pathlib import Path

import pytest

from edgepose import doctor
from edgepose.daemon.config.devices import Camera
from edgepose.doctor import camera, power
from tests.board_trees import lay_out

WEBCAM, RIBBON = Camera("/dev/video0", "HD Webcam"), Camera("picamera:0", "imx708")


@pytest.fixture
def examine(monkeypatch, tmp_path):
    """Examine a machine with these cameras, whose V4L2 devices have these names, and which denies us or not."""

    def examine(cameras=(), names=(), denied=False):
        monkeypatch.setattr("edgepose.daemon.config.devices.find_cameras", lambda: list(cameras))
        (tmp_path / "dev").mkdir()
        (tmp_path / "dev" / "video0").touch()
        monkeypatch.setattr(camera, "DEVICES", str(tmp_path / "dev"))
        monkeypatch.setattr(os, "access", lambda path, how: not denied)
        for number, name in enumerate(names):
            folder = tmp_path / f"sys/class/video4linux/video{number}"
            folder.mkdir(parents=True)
            (folder / "name").write_text(name + "\n")
        place = doctor.Place(tmp_path)
        place.live = True
        return camera.examine(place)

    return examine


def test_webcam_is_named(examine):
    found = examine([WEBCAM], ["HD Webcam"])
    assert (found["status"], found["text"]) == ("ok", "/dev/video0 HD Webcam")


def test_no_camera_is_well_since_others_come_by_network(examine):
    found = examine()
    assert found["status"] == "ok" and "rtsp" in found["text"]


def test_camera_of_others_says_which_group_to_join(examine):
    found = examine(names=["HD Webcam"], denied=True)
    assert found["status"] == "warn" and found["text"].startswith("not yours to read: ")
    assert found["text"].endswith("/dev/video0")
    assert "usermod -aG video" in found["advice"]


def test_ribbon_camera_that_libcamera_does_not_list_has_a_cable(examine, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    found = examine(names=["unicam-image"])
    assert found["status"] == "warn" and "cable" in found["advice"] and "picamera2" not in found["text"]


def test_ribbon_camera_needs_picamera2(examine, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = examine([RIBBON], ["rp1-cfe-csi2_ch0"])
    assert found["status"] == "warn" and found["text"].endswith("picamera:0 imx708")
    assert "python3-picamera2" in found["advice"]


def test_sensor_that_is_not_ours_names_the_rule_of_the_board(monkeypatch, tmp_path):
    place = doctor.Place(lay_out("x86-64", tmp_path))
    read = Path.read_text

    def read_text(path, **more):
        if path.name == "energy_uj":
            raise PermissionError(13, "Permission denied")
        return read(path, **more)

    monkeypatch.setattr(Path, "read_text", read_text)
    found = power.examine_sensor(place)
    assert found["status"] == "warn" and "no permission" in found["text"]
    assert "sudo cp ports/x86-64/70-edgepose.rules /etc/udev/rules.d/" in found["advice"]
    assert doctor.examine(place)["findings"]["readings"]["status"] == "ok"
    place.live = True
    rules = power.examine_sensor(place)["advice"].partition("sudo cp ")[2].partition(" ")[0]
    assert Path(rules).is_absolute() and Path(rules).is_file()
