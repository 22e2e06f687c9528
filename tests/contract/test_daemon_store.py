"""The event store against the real things: SIGKILL, a disk that is full."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

FULL = """
import os, resource, signal, sys, time
from edgepose.daemon.events import store as stores
from edgepose.daemon.events.event import Event
from edgepose.daemon.events.store import EventStore

def event(n):
    return Event(f"{n:026d}", 1, "hall", "door", "enter", None, "open", "notice", "away", 1, 1, detail={"x": "y" * 900})

class Listener:
    heard = []
    def announce(self, event):
        self.heard.append(int(event.id))

stores.RETRY_S, stores.RETRY_MOST_S, stores.CLOSE_S, n = 0.02, 0.02, 20.0, 3000
store = EventStore(sys.argv[1])
store.open(("dead",))
store.attach(Listener())
fill, free = sys.argv[2:4]
exec(fill)
for number in range(n):
    store.put(event(number))
assert not store.flush(0.5), "there was room for all"
full = store.health()
assert full["state"] == "failing" and full["n_waiting"] and full["n_lost"] == 0, full
n_heard = len(Listener.heard)
assert n_heard < n and len(store.events(5000)) == n
exec(free)
assert store.flush(20), store.health()
assert Listener.heard == list(range(n)) and store.health()["state"] == "writing"
assert [int(e.id) for _, e in store.pending("dead", 5000)] == list(range(n))
store.close()
print(full["error"], n_heard)
"""
LIMIT = "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))"
NO_LIMIT = "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))"
FILL = """
f = open(os.path.dirname(sys.argv[1]) + "/others", "wb", 0)
try:
    while f.write(b"x" * 4096):
        pass
except OSError:
    assert os.path.exists(sys.argv[1] + ".ballast")
"""
FREE = "os.unlink(os.path.dirname(sys.argv[1]) + '/others'); f.close()"


def run(*command):
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, timeout=120, cwd=ROOT,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 32 megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_store_when_killed_at_random_moments_loses_nothing_that_it_announced(tmp_path):
    said = run(ROOT / "benchmarks" / "kill_store.py", "--kills", 12, "--seed", 7, "--directory", tmp_path)
    assert "12 kills" in said and " 0 faults" in said


def test_store_when_a_file_may_not_grow_keeps_all_and_writes_it_later(tmp_path):
    assert "disk" in run("-c", FULL, tmp_path / "events.sqlite", LIMIT, NO_LIMIT)


def test_store_when_a_file_system_is_full_keeps_all_and_writes_it_later(small_disk):
    said = run("-c", FULL, small_disk / "events.sqlite", FILL, FREE)
    assert "full" in said and int(said.split()[-1]) > 200  # those went where the ballast was
