"""What systemd hears, on a real socket of its kind."""

import os
import socket
import time

import pytest

from edgepose.daemon.notify import Systemd


class Ear:
    """The socket on which systemd listens."""

    def __init__(self, address):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.setblocking(False)

    def heard(self):
        """Lines of the next message; None where there is none."""
        try:
            return self._socket.recv(4096).decode().split("\n")
        except BlockingIOError:
            return None

    def close(self):
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def told(request, tmp_path):
    """What systemd listens on, and what it puts into the environment."""
    path, name = str(tmp_path / "notify"), f"edgepose-test-{os.getpid()}"
    ear = Ear(path if request.param == "path" else "\0" + name)
    yield ear, {"NOTIFY_SOCKET": path if request.param == "path" else "@" + name}
    ear.close()


def test_systemd_when_the_daemon_lives_then_it_hears_each_stage(told):
    ear, environ = told
    systemd = Systemd(environ)
    assert systemd.ready("4 cameras") and ear.heard() == ["READY=1", "STATUS=4 cameras"]
    assert systemd.status("3 of 4\ncameras live") and ear.heard() == ["STATUS=3 of 4 cameras live"]
    assert systemd.stopping() and ear.heard()[0] == "STOPPING=1"


def test_systemd_when_reloading_then_it_hears_since_when_by_its_own_clock(told):
    ear, environ = told
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert Systemd(environ).reloading()
    first, second, _ = ear.heard()
    name, _, usec = second.partition("=")
    assert (first, name) == ("RELOADING=1", "MONOTONIC_USEC")
    assert before <= int(usec) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def test_watchdog_when_the_loop_turns_then_it_hears_of_it_twice_in_its_time(told):
    ear, environ = told
    now = [0]
    systemd = Systemd({**environ, "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}, lambda: now[0])
    times = []
    for now[0] in range(0, 6_000_000_000, 10_000_000):
        systemd.alive()
        if ear.heard() == ["WATCHDOG=1"]:
            times.append(now[0] / 1e9)
    assert times == [0, 1.5, 3, 4.5] and systemd.watchdog_s == 3


@pytest.mark.parametrize("more", [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "-1"},
                                  {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}])
def test_watchdog_when_nobody_asked_this_process_then_silence(told, more):
    ear, environ = told
    systemd = Systemd({**environ, **more})
    systemd.alive()
    assert systemd.watchdog_s is None and ear.heard() is None


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "@"}, {"NOTIFY_SOCKET": "vsock:2:1"},
                                     {"NOTIFY_SOCKET": "/nowhere/at/all"}, {"NOTIFY_SOCKET": "/" + "x" * 300}])
def test_systemd_when_it_is_not_there_then_nothing_happens(environ):
    systemd = Systemd({**environ, "WATCHDOG_USEC": "1000000"})
    assert not systemd.ready() and not systemd.reloading() and not systemd.stopping()
    systemd.alive()
    systemd.close()
    systemd.close()
    assert not systemd.status("closed")


def test_watchdog_when_systemd_reads_nothing_then_the_loop_does_not_wait(tmp_path):
    ear, now = Ear(str(tmp_path / "notify")), [0]
    systemd = Systemd({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2"}, lambda: now[0])
    for now[0] in range(0, 10_000_000, 1000):
        systemd.alive()  # the socket's queue holds far fewer than ten thousand
    n_heard = sum(1 for _ in iter(ear.heard, None))
    ear.close()
    assert 0 < n_heard < 10_000
