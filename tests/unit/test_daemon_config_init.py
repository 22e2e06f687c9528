"""A first config for the cameras that are here, and `edgepose daemon` around it."""

import io
import os
import stat
import struct
import subprocess
import sys
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import pytest

from edgepose import cli
from edgepose.board.profile import Camera as BoardCamera
from edgepose.cli import daemon
from edgepose.daemon.config import devices, init, passwords, reading
from edgepose.daemon.config.devices import Camera
from edgepose.errors import ConfigError
from tests.boards import PLAIN
from tests.conftest import ROOT

EXAMPLE = ROOT / "edgepose" / "daemon" / "config" / "example.toml"
CAPTURE, META, OUTPUT, EVERY_DEVICE = 0x1, 0x00800000, 0x2, 0x80000000


@pytest.fixture(autouse=True)
def own_state(tmp_path, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))


def capability(driver, card, of_all, of_this):
    return struct.pack("=16s32s32s3I12x", driver, card, b"usb-1", 0x60100, of_all, of_this)


@pytest.mark.parametrize("data, title", [
    (capability(b"uvcvideo", b"HD Webcam", CAPTURE | META | EVERY_DEVICE, CAPTURE), "HD Webcam"),
    (capability(b"uvcvideo", b"HD Webcam", CAPTURE | META | EVERY_DEVICE, META), None),
    (capability(b"vivid", b"old\nname\x1b\xff", CAPTURE, 0), "oldname\ufffd"),
    (capability(b"bcm2835-codec", b"decoder", OUTPUT | EVERY_DEVICE, OUTPUT), None),
    (capability(b"unicam", b"unicam", CAPTURE | EVERY_DEVICE, CAPTURE), None),
    (capability(b"uvcvideo", b"", CAPTURE, 0), "camera")])
def test_device_when_it_captures_has_a_title(data, title):
    assert devices.read_capability(data) == title


def test_devices_when_they_are_none_are_passed_by_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "video0")  # opening one the plain way would wait for ever
    (tmp_path / "video1").write_bytes(b"")
    (tmp_path / "video2").symlink_to("nothing")
    assert devices.find_cameras(tmp_path) == devices._pi_cameras()


def test_devices_when_they_capture_are_listed_in_order(tmp_path, monkeypatch):
    for n in (10, 2, 0):
        (tmp_path / f"video{n}").touch()
    monkeypatch.setattr(devices, "_ask", lambda path: None if path.name == "video0" else path.name.title())
    monkeypatch.setattr(devices, "_pi_cameras", list)
    assert devices.find_cameras(tmp_path) == [Camera(f"{tmp_path}/video2", "Video2"),
                                              Camera(f"{tmp_path}/video10", "Video10")]


def test_pi_cameras_when_listed_are_found_and_usb_ones_left_to_v4l2(monkeypatch, tmp_path):
    listed = ("Available cameras\n------\n0 : imx708_wide [4608x2592 10-bit RGGB] (/base/soc/i2c/imx708@1a)\n"
              "    Modes: 'SRGGB10_CSI2P' : 1536x864 [120.13 fps]\n1 : cam [640x480] (/base/scb/usb@7d500000)\n")
    assert devices.read_list(listed) == [Camera("picamera:0", "imx708_wide")]
    tool = tmp_path / "rpicam-hello"
    tool.write_text(f"#!/bin/sh\ncat <<'END' >&2\n{listed}END\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert devices._pi_cameras() == [Camera("picamera:0", "imx708_wide")]
    tool.write_text("#!/bin/sh\nsleep 60\n")
    monkeypatch.setattr(devices, "_PATIENCE_S", 0.01)
    assert devices._pi_cameras() == []


def test_init_when_there_are_cameras_writes_a_config_that_reads(tmp_path):
    path = tmp_path / "edgepose.toml"
    lines = init.write(path, [Camera("/dev/video0", 'a "b" \\ c'), Camera("/dev/video2", "d")])
    assert lines[0] == 'found /dev/video0: a "b" \\ c' and lines[-1] == f"wrote {path}"
    found = reading.read(path)
    assert [(camera.name, camera.source) for camera in found.cameras] == [("camera-1", "/dev/video0"),
                                                                          ("camera-2", "/dev/video2")]
    assert {rule.kind for rule in found.cameras[0].rules} == {"enter", "fall", "blind"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_init_when_there_is_no_camera_takes_the_clip(tmp_path):
    path = tmp_path / "edgepose.toml"
    assert "no camera" in init.write(path, [])[0]
    assert reading.read(path).cameras[0].source.endswith("pedestrians.mp4")


def test_init_when_the_camera_is_the_boards_own_tells_it_what_suits(tmp_path, monkeypatch):
    pi = replace(PLAIN, camera=BoardCamera("/dev/video0", 1280, 720, 5.0))
    monkeypatch.setattr(init.board, "detect", lambda: pi)
    init.write(tmp_path / "edgepose.toml", [Camera("/dev/video0", "own"), Camera("/dev/video2", "another")])
    found = reading.read(tmp_path / "edgepose.toml").cameras
    assert [camera.source for camera in found] == ["/dev/video0?size=1280x720&fps=5", "/dev/video2"]
    assert [camera.fps for camera in found] == [5.0, 5.0]


@pytest.mark.parametrize("make", [lambda path: path.write_text("mine"), lambda path: path.symlink_to("nothing")])
def test_init_when_something_is_there_leaves_it(tmp_path, make):
    path = tmp_path / "edgepose.toml"
    make(path)
    with pytest.raises(ConfigError, match="edgepose.toml: is there already, and stays as it is; name another file"):
        init.write(path, [])
    assert path.is_symlink() or path.read_text() == "mine"


def test_init_when_its_folder_is_missing_is_one_line(tmp_path):
    with pytest.raises(ConfigError, match="cannot be written: No such file or directory"):
        init.write(tmp_path / "no" / "edgepose.toml", [])


def test_command_when_asked_to_init_says_how_to_go_on(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(devices, "find_cameras", list)
    assert cli.main(["daemon", "--init"]) == 0
    assert capsys.readouterr().out == "edgepose daemon --config edgepose.toml\n"
    assert cli.main(["daemon", "--init"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_check_when_all_is_right_says_what_is_understood(capsys, tmp_path):
    assert cli.main(["daemon", "--config", str(EXAMPLE), "--check"]) == 0
    out = capsys.readouterr().out
    assert f"events   {tmp_path}" in out and "camera   yard: " in out
    assert "  rule   hangs around: loiter in pavement for 2 s (away/supervised), notice" in out


def test_check_when_all_is_used_shows_no_secret(capsys, tmp_path):
    path = tmp_path / "edgepose.toml"
    (tmp_path / "secret").write_text("hunter2")
    path.write_text('[[camera]]\nname = "a"\nsource = "rtsp://me:hunter2@host/x?token=hunter2"\n'
                    '[mqtt]\nhost = "broker"\nuser = "me"\npassword_file = "secret"\ntls = true\n'
                    '[[webhook]]\nurl = "https://me:hunter2@host/hunter2?x"\n[[webhook]]\nurl = "http://host?hunter2"\n'
                    f'[web]\nlisten = "0.0.0.0:80"\npassword = "{passwords.hash_password("x")}"\n'
                    '[clips]\nmode = "none"\n'
                    '[[modes.schedule]]\nat = "22:00"\nmode = "away"\ndays = ["sat", "sun"]\n')
    assert cli.main(["daemon", "--config", str(path), "--check"]) == 0
    out, err = capsys.readouterr()
    assert "hunter2" not in out + err and "scrypt" not in out
    for part in ("me@broker:8883 with TLS", "https://me:***@host/...", "22:00 sat+sun away", "http://0.0.0.0:80/"):
        assert part in out
    assert err.count("chmod 600") == 2


def test_check_when_much_is_wrong_exits_with_all_of_it(capsys, tmp_path):
    path = tmp_path / "edgepose.toml"
    path.write_text("[web]\nlisten = 1\n[clips]\nmode = 2\n")
    assert cli.main(["daemon", "--config", str(path), "--check"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(f"edgepose: {path}:1: camera: there is none")
    assert lines[1].startswith(f"{path}:2: web.listen: is 1; it takes HOST:PORT such as")
    assert lines[2:] == [f'{path}:4: clips.mode: is 2; it takes one of "skeleton", "video", "none"']


@pytest.mark.parametrize("arguments", [[], ["--check"], ["--init", "x", "--check"], ["--config", "a", "--init", "b"]])
def test_command_when_used_wrongly_is_one_line(arguments, capsys):
    try:
        code = cli.main(["daemon", *arguments])
    except SystemExit as stop:
        code = stop.code
    err = capsys.readouterr().err
    assert code == 2 and err.count("\n") == 1 and "edgepose daemon --help" in err


def test_daemon_when_a_package_is_missing_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(daemon.PACKAGES, "no_such_module", "no-such-package")
    assert cli.main(["daemon", "--config", str(EXAMPLE)]) == 2
    err = capsys.readouterr().err
    assert "no-such-package" in err and "pip install 'edgepose[daemon]'" in err


def test_daemon_when_started_runs_the_service_with_the_settings(monkeypatch, tmp_path):
    service, ran = ModuleType("edgepose.daemon.service"), []
    service.run = lambda settings, path: ran.append((settings, path))
    monkeypatch.setitem(sys.modules, "edgepose.daemon.service", service)
    monkeypatch.setattr("edgepose.daemon.service", service, raising=False)
    monkeypatch.setattr(daemon, "PACKAGES", {})
    assert cli.main(["daemon", "--config", str(EXAMPLE)]) == 0
    assert ran == [(reading.read(EXAMPLE), EXAMPLE)]


def test_password_when_it_comes_from_a_pipe_gives_the_line_for_the_config(monkeypatch, capsys):
    monkeypatch.setattr(passwords, "COST", (16, 8, 1))
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse\n"))
    assert cli.main(["daemon", "--hash-password"]) == 0
    line = capsys.readouterr().out
    assert line.startswith('password = "scrypt$16$8$1$') and passwords.matches("correct horse", line.split('"')[1])
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert cli.main(["daemon", "--hash-password"]) == 2
    assert "cannot be empty" in capsys.readouterr().err


def test_password_when_typed_twice_differently_is_refused(monkeypatch, capsys):
    typed = iter(["one", "two"])
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(daemon.getpass, "getpass", lambda prompt: next(typed))
    assert cli.main(["daemon", "--hash-password"]) == 2
    assert "the two are not the same" in capsys.readouterr().err


def test_command_when_asked_for_help_loads_no_daemon():
    code = "import sys; from edgepose import cli\ntry: cli.main(['daemon', '--help'])\nexcept SystemExit: pass\n" \
           "print('edgepose.daemon' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "False False"
