"""How many falls the daemon's `fall` rule finds on real clips, how late, and what it takes for one.

    python benchmarks/falls.py --data DIR [--fps F] [--no-sideways] [--model NAME]

DIR has clips/falls-urfd with labels.json (first frame of falling and of lying) and clips/activities-upfall: activities
1 to 5 are falls, 6 walks, 7 stands, 8 sits, 9 picks something up, 10 jumps, 11 lies down. Real model (TFLite, one
thread), tracker, smoother, motion gate and rules, at the frame rate at which the daemon looks at a camera. A fall of
falls-urfd is found when the rule begins between its first falling frame and two seconds after its first lying one; the
clips end before that, so some have only a few frames in which it can. Whatever begins elsewhere is a false alarm.
"""

import argparse
import json
from pathlib import Path

from edgepose import backends, decoders, model
from edgepose.daemon.config.settings import CameraSettings, RuleSettings
from edgepose.daemon.rules.book import RuleBook
from edgepose.daemon.rules.sideways import SidewaysLook
from edgepose.sources import open_source
from edgepose.track import Options
from edgepose.track.pipeline import TrackedPipeline

WITHIN_S = 2.0
FALLS = range(1, 6)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--fps", type=float, default=CameraSettings("", "").fps, help="default: %(default)s")
    parser.add_argument("--sideways", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--model", default=model.DEFAULT, metavar="NAME")
    options = parser.parse_args()
    watch = Watch(model.load(options.model), options.fps, options.sideways)
    fell = print_falls(watch, options.data / "clips" / "falls-urfd")
    print_activities(watch, options.data / "clips" / "activities-upfall")
    looks = f"{watch.n_looks} turned looks of {watch.n_frames} frames found somebody {watch.n_found} times"
    print(f"\n{fell}\n{watch.model.name}, {options.fps:g} frames a second, {looks}")


def print_falls(watch, folder):
    """The clips with a fall each; returns a line about all of them."""
    labels = json.loads((folder / "labels.json").read_text())
    n_found = n_false = n_clips = 0
    print(f"{'clip':<12}{'found':>6}{'s after lying':>15}{'false alarms':>14}{'clip goes on, s':>17}")
    for clip in sorted(folder.glob("*.mp4")):
        label = labels["-".join(clip.stem.split("-")[:2])]
        begins, source_fps, _ = watch.events(clip, "fall")
        lying_s, start_s = label["lying_first_frame"] / source_fps, label["fall_first_frame"] / source_fps
        true = [t_s for t_s in begins if start_s <= t_s <= lying_s + WITHIN_S]
        delay = f"{true[0] - lying_s:.2f}" if true else "-"
        left_s = label["frames_in_mp4"] / source_fps - lying_s
        print(f"{clip.stem[:7]:<12}{'yes' if true else 'NO':>6}{delay:>15}{len(begins) - len(true):>14}{left_s:>17.2f}")
        n_clips, n_found, n_false = n_clips + 1, n_found + bool(true), n_false + len(begins) - len(true)
    return f"falls-urfd: {n_found} of {n_clips} found within {WITHIN_S:g} s of lying, {n_false} false alarms"


def print_activities(watch, folder):
    """The clips with and without falls."""
    n_found = n_false = 0
    print(f"\n{'clip':<12}{'falls':>6}{'begin, s':>20}{'lying, s':>20}")
    for clip in sorted(folder.glob("*.mp4"), key=number_of):
        falls, _, lying = watch.events(clip, "fall", "lying")
        n_found += bool(falls) and number_of(clip) in FALLS
        n_false += len(falls) if number_of(clip) not in FALLS else max(len(falls) - 1, 0)
        print(f"{clip.stem.split('_')[0]:<12}{len(falls):>6}{times(falls):>20}{times(lying):>20}")
    print(f"activities-upfall: {n_found} of {len(FALLS)} falls found, {n_false} false alarms")


def number_of(clip):
    """Which activity a clip shows."""
    return int(clip.stem.split("_")[0].removeprefix("Activity"))


def times(seconds):
    """Times in few letters."""
    return " ".join(f"{t_s:.1f}" for t_s in seconds) or "-"


class Watch:
    """Puts clips through model, tracker and rules."""

    def __init__(self, model, fps, sideways):
        self.model, self._fps, self._sideways = model, fps, sideways
        self.n_looks = self.n_found = self.n_frames = 0

    def events(self, clip, kind, other=None):
        """(times in s at which rules of a kind begin, the clip's frame rate, those of another kind)."""
        source, backend, decoder = open_source(str(clip)), backends.create("tflite"), decoders.create(self.model)
        rules = tuple(RuleSettings(kind, kind) for kind in ("fall", "lying"))
        book = RuleBook(CameraSettings("clip", str(clip), rules=rules), decoder.skeleton)
        begins = {"fall": [], "lying": []}
        pipeline = AskingPipeline(Thinned(source, self._fps), self.model, backend, decoder, Options(scout="none"))
        with pipeline:
            if self._sideways:
                pipeline.ask(book, SidewaysLook(self.model, backend, decoder))
            first_ns = None
            for poses in pipeline:
                first_ns = poses.t_ns if first_ns is None else first_ns
                for signal in book.update(poses, "away"):
                    if signal.state == "begin":
                        begins[signal.kind].append((signal.t_ns - first_ns) / 1e9)
                self.n_frames += 1
            self.n_looks += pipeline.sideways.n_looks if pipeline.sideways else 0
            self.n_found += pipeline.sideways.n_found if pipeline.sideways else 0
        return begins[kind], source.fps, begins.get(other)


class AskingPipeline(TrackedPipeline):
    """A pipeline that looks again where a RuleBook asks for it, while it has the frame."""

    book = sideways = None

    def ask(self, book, sideways):
        """From now on."""
        self.book, self.sideways = book, sideways

    def find(self, slot):
        """Fill `poses` from one frame."""
        super().find(slot)
        ask = self.book.asks(self.poses) if self.book else None
        if ask is not None:
            self.sideways.look(slot, ask, self.poses)


class Thinned:
    """A source at fewer frames a second, as the daemon's cap leaves them."""

    def __init__(self, source, fps):
        self._source, self._step_ns, self._due_ns = source, round(1e9 / fps), None

    def __getattr__(self, name):
        return getattr(self._source, name)

    def read(self):
        """The next frame that is due, or None."""
        while (frame := self._source.read()) is not None:
            if self._due_ns is None or frame.t_ns >= self._due_ns - 1_000_000:
                self._due_ns = (frame.t_ns if self._due_ns is None else self._due_ns) + self._step_ns
                return frame
        return None


if __name__ == "__main__":
    main()
