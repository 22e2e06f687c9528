"""Kill a process that opens, updates and closes events at random moments: was anything that it announced lost?

    python benchmarks/kill_store.py [--kills 100] [--seed 1] [--directory DIR]

The victim puts events through the desk and the store and prints every revision that is announced. After each kill
(SIGKILL) the store is opened again: every revision that was printed must be there or have been replaced by a later
one, `PRAGMA integrity_check` must say ok, an outlet that never answered must be owed every one of them, and opening
must take less than 3 s.
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from edgepose.daemon.config.settings import CameraSettings, RuleSettings, Settings
from edgepose.daemon.events.desk import EventDesk
from edgepose.daemon.events.event import Signal
from edgepose.daemon.events.store import EventStore

OPEN_S = 3.0
MOST_S = 0.6  # from the victim's first word, or its start, to its end
SETTINGS = Settings((CameraSettings("hall", "x", rules=(RuleSettings("fallen", "fall", severity="alarm"),)),))


class Printer:
    """Announces by printing, past all buffers: what the parent reads was announced before the kill."""

    def announce(self, event):
        """Print one revision."""
        os.write(1, f"{event.id} {event.revision}\n".encode())


def suffer(directory, seed):
    """Make events until somebody kills this process."""
    store = EventStore(Path(directory) / "events.sqlite")
    store.open(("dead",))
    desk = EventDesk(SETTINGS, store.put, store.event)
    desk.restore(store.alive(), store.last_id(), now_ms())
    store.attach(Printer())
    chance, people, t_ns = random.Random(seed), [0] * 8, 0
    while True:
        key, t_ns = chance.randrange(8), t_ns + 2_000_000_000
        state = chance.choice(("update", "update", "end"))
        people[key] = 1 if state == "end" else people[key] + 1
        desk.take("hall", [Signal("fallen", "fall", state, t_ns, str(key), people=people[key])], "away", now_ms())
        if chance.random() < 0.1:
            time.sleep(chance.random() / 100)


def now_ms():
    """Wall time."""
    return time.time_ns() // 1_000_000


def kill_once(directory, chance):
    """Start a victim and kill it: {id: the greatest revision that it printed}."""
    command = [sys.executable, __file__, "--victim", str(chance.randrange(1 << 30)), "--directory", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as victim:
        first = victim.stdout.readline() if chance.random() < 0.75 else b""  # or while it starts
        time.sleep(chance.uniform(0, MOST_S))
        victim.send_signal(signal.SIGKILL)
        lines = (first + victim.stdout.read()).split(b"\n")[:-1]
    heard = {}
    for line in lines:
        event_id, revision = line.decode().split()
        heard[event_id] = max(int(revision), heard.get(event_id, 0))
    return heard


def look(directory, heard):
    """What is wrong with the store after a kill, as a list of sentences, and how long opening took (s)."""
    path, begun = Path(directory) / "events.sqlite", time.monotonic()
    store = EventStore(path)
    store.open(("dead",))
    took_s = time.monotonic() - begun
    found = {event_id: store.event(event_id) for event_id in heard}
    wrong = [f"{event_id}: announced at revision {revision}, on disk {found[event_id]}"
             for event_id, revision in heard.items()
             if found[event_id] is None or found[event_id].revision < revision]
    owed, given_up = owed_to("dead", store)
    wrong += [f"{event_id}: revision {revision} is not owed" for event_id, revision in heard.items()
              if owed.get(event_id, 0) < revision and not given_up]
    store.close()
    with sqlite3.connect(path) as other:
        said = other.execute("PRAGMA integrity_check").fetchone()[0]
    if said != "ok" or list(path.parent.glob("*.broken-*")):
        wrong.append(f"integrity_check: {said}")
    if took_s > OPEN_S:
        wrong.append(f"opening took {took_s:.2f} s")
    return wrong, took_s


def owed_to(outlet, store):
    """{id: the greatest revision} that an outlet is owed, and how many were given up; then it has had them."""
    owed, seq = {}, 0
    while entries := store.pending(outlet, 1000, after=seq):
        seq = entries[-1][0]
        owed.update({event.id: event.revision for _, event in entries})
    given_up = store.health()["outlets"][outlet]["n_given_up"]
    store.delivered(outlet, seq)
    return owed, given_up


def main(arguments=None):
    """Kill as often as asked; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--directory", help="kept; default: a temporary one")
    parser.add_argument("--victim", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.victim is not None:
        suffer(options.directory, options.victim)
    with tempfile.TemporaryDirectory() as temporary:
        return kill_all(options.directory or temporary, options.kills, random.Random(options.seed))


def kill_all(directory, n_kills, chance):
    """Kill and look, and print what came of it."""
    n_heard, n_wrong, worst_s = 0, 0, 0.0
    for _ in range(n_kills):
        heard = kill_once(directory, chance)
        wrong, took_s = look(directory, heard)
        n_heard, n_wrong, worst_s = n_heard + len(heard), n_wrong + len(wrong), max(worst_s, took_s)
        for sentence in wrong:
            print(sentence, file=sys.stderr)
    size = os.path.getsize(Path(directory) / "events.sqlite")
    print(f"{n_kills} kills, {n_heard} announced events, {n_wrong} faults; opening took {worst_s * 1000:.0f} ms at"
          f" most, the file has {size / 1e6:.1f} MB")
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
