"""The whole daemon: a real clip, the real network, the real store; and its process as systemd and a shell meet it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edgepose import backends
from edgepose.errors import ConfigError

pytest.importorskip("aiohttp")

from edgepose.daemon.body import Daemon
from edgepose.daemon.config import reading
from tests.cameras import ENTERED

pytestmark = pytest.mark.skipif("tflite" not in backends.installed(), reason="no tflite runtime is installed")
PATIENCE_S = 30.0
HEAD = """
[daemon]
directory = "{folder}/store"
backend = "tflite"
lines = "{folder}/events.jsonl"

[web]
enabled = false
"""
DEAD = """
[mqtt]
host = "127.0.0.1"
port = 1

[[webhook]]
url = "http://127.0.0.1:1/"
"""
CAMERA = """
[[camera]]
name = "{name}"
source = "clip:pedestrians"
""" + ENTERED


@pytest.fixture
def config(tmp_path):
    """The path of a config with one camera."""
    path = tmp_path / "c.toml"
    path.write_text(HEAD.format(folder=tmp_path) + CAMERA.format(name="yard"))
    return path


@pytest.fixture
def daemon(config):
    """A Daemon that is open."""
    made = Daemon(reading.read(config), config)
    try:
        made.open()
        yield made
    finally:
        made.close()


def turn_until(daemon, condition):
    """Turn the loop until something holds; what it was."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if found := condition():
            return found
        daemon.step(0.1)
    raise AssertionError("it never came to be")


def an_event(daemon, camera="yard"):
    return next(iter(daemon.hub.events(1, camera=camera)), None)


def test_people_on_a_clip_become_events_poses_and_a_clip(daemon):
    heard = []
    daemon.hub.subscribe(lambda kind, value: heard.append(kind))
    event = turn_until(daemon, lambda: an_event(daemon))
    assert (event.rule, event.kind, event.severity, event.privacy) == ("somebody", "enter", "alarm", "skeleton")
    clip = turn_until(daemon, lambda: daemon.hub.clip(event.id))
    assert clip["kind"] == "skeleton" and Path(clip["path"]).exists() and {"poses", "event"} <= set(heard)
    line = json.loads(daemon.hub.poses("yard"))
    assert line["schema"] == "edgepose.pose/1" and line["width"] == 384 and line["source"].endswith("pedestrians.mp4")


def test_events_are_told_in_lines_once_they_are_on_disk(daemon, tmp_path):
    event = turn_until(daemon, lambda: an_event(daemon))
    path = tmp_path / "events.jsonl"
    turn_until(daemon, lambda: path.exists() and path.read_text().endswith("\n"))
    told = [json.loads(line) for line in path.read_text().splitlines()]
    assert told[0]["schema"] == "edgepose.event/1" and all(daemon.hub.event(one["id"]) for one in told)
    assert event.id in {one["id"] for one in told} or an_event(daemon).id > event.id


def test_acknowledgement_and_mode_reach_the_store_and_the_next_start(daemon, config):
    event = turn_until(daemon, lambda: an_event(daemon))
    assert daemon.hub.acknowledge(event.id, "me").acknowledged_by == "me"
    daemon.hub.set_mode("off", "me")
    with pytest.raises(ConfigError, match="away"):
        daemon.hub.set_mode("asleep", "me")
    daemon.close()
    again = Daemon(reading.read(config), config)
    try:
        again.open()
        assert again.hub.mode()["mode"] == "off" and again.hub.mode()["by"] == "me"
        assert again.hub.event(event.id).acknowledged_by == "me"
    finally:
        again.close()


def test_reload_leaves_a_camera_that_did_not_change_as_it_is(daemon, config):
    turn_until(daemon, lambda: an_event(daemon))
    before = daemon.stations["yard"]
    config.write_text(config.read_text() + CAMERA.format(name="door"))
    daemon.read_again()
    assert daemon.stations["yard"] is before and before.capture.health["n_reconnects"] == 0
    turn_until(daemon, lambda: an_event(daemon, "door"))
    config.write_text(config.read_text().partition('[[camera]]\nname = "door"')[0])
    daemon.read_again()
    assert [station.name for station in daemon.stations] == ["yard"] and daemon.stations["yard"] is before
    assert turn_until(daemon, lambda: an_event(daemon, "door").state == "closed")


def test_zones_from_the_page_are_written_and_used_without_losing_the_camera(daemon, config):
    turn_until(daemon, lambda: an_event(daemon))
    before, book = daemon.stations["yard"], daemon.stations["yard"].book
    zones = [{"name": "street", "points": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]], "body_near": None, "body_far": None}]
    daemon.hub.set_zones("yard", zones, "me")
    turn_until(daemon, lambda: before.book is not book)
    assert daemon.stations["yard"] is before and "[0.9, 0.9]" in config.read_text()
    with pytest.raises(ConfigError):
        daemon.hub.set_zones("yard", [{"name": "street", "points": [[0, 0], [2, 2]]}], "me")
    with pytest.raises(KeyError):
        daemon.hub.set_zones("nowhere", zones, "me")


def test_pictures_are_allowed_and_forbidden_without_losing_the_camera(daemon, config):
    before = turn_until(daemon, lambda: daemon.hub.poses("yard")) and daemon.stations["yard"]
    assert daemon.hub.picture("yard") is None
    shut = config.read_text()
    config.write_text(shut.replace('name = "yard"', 'name = "yard"\nshow_picture = true'))
    daemon.read_again()
    assert turn_until(daemon, lambda: daemon.hub.picture("yard"))[:2] == b"\xff\xd8"
    config.write_text(shut)
    daemon.read_again()
    assert daemon.hub.picture("yard") is None and daemon.stations["yard"] is before


def test_config_that_is_wrong_changes_nothing_when_it_is_read_again(daemon, config, caplog):
    before = daemon.settings
    config.write_text(config.read_text() + "\n[[camera]]\nnam = 3\n")
    daemon.read_again()
    assert daemon.settings is before and "not taken over" in caplog.text and "nam" in caplog.text


def test_health_and_about_are_plain_values(daemon):
    turn_until(daemon, lambda: daemon.hub.poses("yard"))
    for table in (daemon.hub.health(), daemon.hub.about(), daemon.hub.cameras(), daemon.hub.mode()):
        assert json.loads(json.dumps(table)) == table
    assert daemon.hub.health()["cameras"]["yard"]["state"] == "live" and "1 of 1 cameras live" in daemon.status()


# ---- the process

@pytest.fixture
def notify(tmp_path):
    """(address, the socket) on which systemd would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENCE_S)
        yield str(tmp_path / "notify"), listening


def start(config, address):
    told = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "400000"}
    return subprocess.Popen([sys.executable, "-m", "edgepose", "daemon", "--config", config], text=True,
                            stderr=subprocess.PIPE, env=os.environ | told)


def hear(listening, word):
    """Wait for a message with a word in it."""
    while word not in (heard := listening.recv(4096).decode()):
        pass
    return heard


def test_process_tells_systemd_and_ends_in_time_though_nobody_takes_its_events(config, notify):
    pytest.importorskip("paho.mqtt.client")
    config.write_text(config.read_text() + DEAD)
    address, listening = notify
    process = start(config, address)
    try:
        assert "cameras live" in hear(listening, "READY=1")
        hear(listening, "WATCHDOG=1")
        process.send_signal(signal.SIGHUP)
        hear(listening, "RELOADING=1")
        hear(listening, "READY=1")
        process.send_signal(signal.SIGTERM)
        hear(listening, "STOPPING=1")
        assert process.wait(5) == 0 and "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.communicate()


def test_second_daemon_on_the_same_store_is_one_line(daemon, config):
    done = subprocess.run([sys.executable, "-m", "edgepose", "daemon", "--config", config], text=True,
                          capture_output=True, timeout=PATIENCE_S)
    assert done.returncode == 1 and "Traceback" not in done.stderr and "events.sqlite" in done.stderr
