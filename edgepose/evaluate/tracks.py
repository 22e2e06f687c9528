"""How well people are found and told apart in a video, against boxes with identities in some of its frames."""

import time
from contextlib import ExitStack
from types import SimpleNamespace

import edgepose
from edgepose import backends, decoders, model, sources
from edgepose.errors import ConfigError
from edgepose.evaluate import boxes, identities, mot
from edgepose.sinks import paths
from edgepose.skeleton import COCO17
from edgepose.track.pipeline import TrackedPipeline

SCHEMA = "edgepose.tracks/1"


class TrackSession:
    """What one call of `edgepose eval --tracks` opens and does; every frame is looked at, nothing is smoothed.

    Parameters
    ----------
    options : as `edgepose.cli.eval` declares them; `settings` are those of the backend, `tracking` is Options
    command : str, for the report

    Raises
    ------
    ConfigError, ModelError, SourceError, BackendUnavailable, BackendError, SinkError : one line each, before any work
    """

    def __init__(self, options, command):
        self._options, self._command = options, command
        identities.load()
        self._truth = mot.read(options.tracks)
        if options.json:
            paths.check_file(options.json, SimpleNamespace(source=options.tracks))
        with ExitStack() as opened:
            self._open(opened)
            self._opened = opened.pop_all()

    def _open(self, opened):
        options, chosen = self._options, model.load(self._options.model)
        decoder = decoders.create(chosen, COCO17.name)
        settings = {"threads": options.threads, **options.settings}
        backend = backends.create(options.backend, chosen, **settings)
        like = backends.known_settings(backend.name, settings)
        self.source = sources.open_source(options.source)
        opened.callback(self.source.close)
        if not self.source.timed or self.source.live:
            raise ConfigError(f"--source {self.source.name}: tracks are measured on a video file")
        self._pipeline = opened.enter_context(TrackedPipeline(
            self.source, chosen, backend, decoder, options.tracking,
            lambda other: backends.create(backend.name, other, **like)))
        self._about = {"model": chosen.name, "backend": backend.name, "package": backend.package,
                       "scout": self._pipeline.scout}

    def judge(self, bar):
        """The report, a dict as JSON holds it; ConfigError where marked frames are not in the video."""
        found, n, start_ns = {}, 0, time.process_time_ns()
        for poses in self._pipeline:
            n += 1
            if poses.seq in self._truth:
                found[poses.seq] = poses.keypoints(), poses.track_ids[:poses.n].copy()
            bar.update()
        cpu_ms = (time.process_time_ns() - start_ns) / 1e6
        missing = sorted(set(self._truth) - set(found))
        if missing:
            raise ConfigError(f"{self._options.tracks}: frame {missing[0] + 1} is marked; {self.source.name} has {n}")
        cost = {"cpu_ms": cpu_ms / n, "looks": self._pipeline.n_looks / n}
        return self._head() | {"run": self._about, "counts": self._count(n)} | compare(self._truth, found) | {
            "a_frame": cost}

    def _head(self):
        return {"schema": SCHEMA, "edgepose": edgepose.__version__, "command": self._command,
                "source": self.source.name, "tracks": self._options.tracks}

    def _count(self, n):
        truth = self._truth.values()
        return {"frames": n, "marked_frames": len(self._truth), "people": sum(len(marked.ids) for marked in truth),
                "identities": len({int(i) for marked in truth for i in marked.ids}), "tracks": self._pipeline.n_born}

    def close(self):
        """Free the backends and close the source. Closing twice is fine."""
        self._opened.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def compare(truth, found):
    """{"all", "with_id": {"recall", "precision"}, "identity": numbers of `identities.judge`}.

    Parameters
    ----------
    truth : {frame: Marked}
    found : {frame: (float (P, 17, 3) keypoints, int (P,) track ids, -1 where there is none yet)} of the same frames
    """
    n_people, rates = sum(len(marked.ids) for marked in truth.values()), {}
    for name, least in (("all", -1), ("with_id", 0)):
        kept, n_hits, n_boxes = [], 0, 0
        for frame, marked in truth.items():
            keypoints, ids = found[frame]
            own, poses = boxes.pose_boxes(keypoints[ids >= least])
            alike = boxes.similarity(marked.boxes, own)
            n_hits, n_boxes = n_hits + boxes.count_matches(alike), n_boxes + len(own)
            kept.append((marked.ids, ids[ids >= least][poses], alike))
        rates[name] = {"recall": n_hits / n_people, "precision": n_hits / n_boxes if n_boxes else None}
    return rates | {"identity": identities.judge(*map(list, zip(*kept)))}


def table(report):
    """The outcome as text, at most 99 columns."""
    counts, run, cost = report["counts"], report["run"], report["a_frame"]
    identity = report["identity"]
    rows = [f"{report['source']}: {counts['frames']} frames, {counts['people']} people marked in"
            f" {counts['marked_frames']}, {counts['identities']} identities",
            f"model {run['model']} on {run['backend']} ({run['package']}), scout {run['scout']}", "",
            f"{'':12}{'recall':>10}{'precision':>10}"]
    rows += [f"{words:12}{_rate(report[name]['recall'])}{_rate(report[name]['precision'])}"
             for name, words in (("all", "all poses"), ("with_id", "with an id"))]
    names = ("MOTA", "IDF1", "HOTA")
    rows += ["", f"{'':12}" + "".join(f"{name:>10}" for name in (*names, "switches", "tracks")),
             f"{'identity':12}" + "".join(_rate(identity[name]) for name in names)
             + f"{identity['switches']:>10}{counts['tracks']:>10}", "",
             f"a frame: {cost['cpu_ms']:.1f} ms of CPU time, {cost['looks']:.1f} looks"]
    return "\n".join(rows) + "\n"


def _rate(value):
    return f"{'-' if value is None else format(value, '.3f'):>10}"
