"""Whether `edgepose bench` keeps what it promises here: what it costs, that it agrees with itself, what it catches.

    python benchmarks/bench_proof.py [--pairs N] [--seconds S] [--processes N] [--backend NAME] [--json FILE]

cost    the same frames with and without the harness in turns, CPU time; a look of the sampler beside it. Promised:
        under 1 % of a frame
agree   runs of the same thing, each against the one before: p50 within 3 %, or a doubt says why not. Promised: no
        regression reported in 19 of 20
catch   between them, runs with one stage 5 % slower, each against the one before. Promised: caught in 9 of 10

All three need a machine with nothing else on it; the doubts of every run are counted, so that it shows.
"""

import argparse
import json
import statistics
import time
from pathlib import Path
from types import SimpleNamespace

from edgepose import backends, decoders, model
from edgepose.bench import compare, plan, reading
from edgepose.bench.sampler import Sampler
from edgepose.bench.session import PERIOD_S, Session
from edgepose.bench.stamps import Stamps
from edgepose.bench.watched import WatchedBackend, WatchedDecoder, WatchedRing
from edgepose.board import Vitals
from edgepose.pipeline import Pipeline

SLOWER, STAGES = 0.05, ("network", "decode", "letterbox", "sink")
ROUNDS, FRAMES = 30, 400


def main():
    """Print what each promise came to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--pairs", type=int, default=10, help="of each kind; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=30.0, help="measured in each run; default: %(default)g")
    parser.add_argument("--processes", type=int, default=24, help="of each run; default: %(default)s")
    parser.add_argument("--backend", default="tflite")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    cell = plan.Cell(plan.CLIPS, model.DEFAULT, options.backend)
    pairs = list(compare_pairs(cell, options))
    found = {"pairs": pairs, "cost": cost(pairs[0]["p50_ns"])}
    verdicts(found)
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=1) + "\n")


def compare_pairs(cell, options):
    """One dict a pair: usual against usual, then slower against usual, in turn."""
    before = measure(cell, options, {})
    for n in range(options.pairs):
        stage = STAGES[n % len(STAGES)]
        for slow in ({stage: SLOWER}, {}):
            now = measure(cell, options, slow)
            yield report(before, now, slow)
        before = now


def measure(cell, options, slow):
    """The record of one run."""
    settings = SimpleNamespace(seconds=options.seconds, processes=options.processes, warm_up_s=0.3, idle_s=0.5,
                               gap_s=0.1, seed=1, cpus=[], slow=slow)
    session = Session([cell], settings, Vitals(), [], print, SimpleNamespace(update=lambda: None))
    session.measure()
    return reading.unpack_in_place(session.record("bench_proof"))


def report(before, now, slow):
    """What the comparison says of two runs, printed as well."""
    (pair,) = compare.compare(before, now)
    changes = {change.name: change for change in pair.changes}
    alarms = [name for name, change in changes.items() if change.is_regression]
    work, doubts = changes["work"], [doubt for doubt in pair.doubts]
    row = {"slow": next(iter(slow), None), "alarms": alarms, "p50_ns": work.new, "work": work.ratio - 1,
           "sees": (work.high - work.low) / 2, "doubts": doubts}
    if slow:
        row["stage"] = changes[row["slow"]].ratio - 1
    print(f"{row['slow'] or 'the same':10} frame {work.old / 1e6:.3f} -> {work.new / 1e6:.3f} ms ({row['work']:+.1%},"
          f" sees {row['sees']:.1%}); alarms: {', '.join(alarms) or 'none'}; doubts: {'; '.join(doubts) or 'none'}",
          flush=True)
    return row


def verdicts(found):
    """One line a promise."""
    same = [pair for pair in found["pairs"] if not pair["slow"]]
    slow = [pair for pair in found["pairs"] if pair["slow"]]
    agree = sum(abs(pair["work"]) <= 0.03 or bool(pair["doubts"]) for pair in same)
    within = sum(abs(pair["work"]) <= 0.03 for pair in same)
    print(f"agree: {agree} of {len(same)} pairs agree within 3 % ({within}) or say why not; false alarms in"
          f" {sum(bool(pair['alarms']) for pair in same)}")
    caught = sum(pair["slow"] in pair["alarms"] for pair in slow)
    print(f"catch: {caught} of {len(slow)} slowdowns by {SLOWER:.0%} caught")
    cost = found["cost"]
    print(f"cost: {cost['frame_ns'] / 1000:.1f} us a frame ({cost['share']:.2%} of {cost['of_ns'] / 1e6:.1f} ms), and"
          f" {cost['look_ns'] / 1e6:.2f} ms of CPU a look, {cost['looks_share']:.2%} of one core")


def cost(frame_ns):
    """CPU time that the harness adds to a frame, ns, and that the sampler takes."""
    extra = [watched - plain for plain, watched in (passes() for _ in range(ROUNDS))]
    sampler, begun = Sampler(Vitals()), time.process_time_ns()
    for _ in range(100):
        sampler.tick()
    look = (time.process_time_ns() - begun) / 100
    added = statistics.median(extra)
    return {"frame_ns": added, "of_ns": frame_ns, "share": added / frame_ns, "look_ns": look,
            "looks_share": look / 1e9 / PERIOD_S}


def passes():
    """(plain, watched): CPU time of a frame of recorded outputs, ns, the harness left out and put in."""
    return tuple(one_pass(watched) for watched in (False, True))


def one_pass(watched):
    """CPU time of a frame, ns."""
    found, stamps = model.load(model.DEFAULT), Stamps(1)
    backend, decoder = backends.create("replay"), decoders.create(found)
    if watched:
        backend, decoder = WatchedBackend(backend, stamps), WatchedDecoder(decoder, stamps)
    with Pipeline(Still(FRAMES), found, backend, decoder) as stages:
        stages.ring = WatchedRing(stages.ring, stamps) if watched else stages.ring
        begun = time.process_time_ns()
        for poses in stages:
            if watched:
                row = poses.seq
                stamps.sink[row] = time.monotonic_ns()
                stamps.n_people[row], stamps.done[row] = poses.n, time.monotonic_ns()
        return (time.process_time_ns() - begun) / FRAMES


class Still:
    """The same small picture again and again."""

    name, live, n_frames, fps, n_broken = "still", False, None, None, 0

    def __init__(self, n):
        from edgepose import sources

        self._left, self._frame = n, sources.open_source("synthetic:64x48?frames=1").read()
        self._frame.seq = -1

    def read(self):
        """The picture, n times."""
        self._left -= 1
        self._frame.seq += 1
        return self._frame if self._left >= 0 else None

    def close(self):
        """Nothing to close."""


if __name__ == "__main__":
    main()
