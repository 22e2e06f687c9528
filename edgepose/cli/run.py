"""`edgepose run`: poses of a source to standard output, and drawn over it on request."""

import argparse
import errno
import signal
import sys
from contextlib import ExitStack
from functools import partial
from types import SimpleNamespace

from edgepose import model, skeleton
from edgepose.board import defaults
from edgepose.cli.backend_options import add_choice, add_settings, given_settings, settle
from edgepose.cli.progress import progress
from edgepose.cli.track_options import add_tracking, given_tracking
from edgepose.errors import ConfigError, EdgePoseError


def add_arguments(parser):
    """Declare what `edgepose run` takes."""
    parser.add_argument("source", metavar="SOURCE",
                        help="picture, directory, video, rtsp://..., /dev/video0 or synthetic:")
    add_choice(parser)
    add_settings(parser)
    parser.add_argument("--cpus", metavar="LIST", help="pin to these cores, such as 2,3; default: the board's")
    parser.add_argument("--skeleton", metavar="NAME",
                        help="keypoints to report: coco17, openpose18, mpi15 or body25; default: coco17, and body25 for"
                             " openpose-json")
    parser.add_argument("--format", choices=("jsonl", "table", "openpose-json"), default="jsonl")
    parser.add_argument("--output", metavar="FILE",
                        help="results to a file instead of standard output; openpose-json takes a directory/ too, for a"
                             " file a frame")
    parser.add_argument("--overlay", action="append", default=[], metavar="FILE",
                        help="draw the poses: a picture, a video or a directory/; may be given twice")
    parser.add_argument("--max-frames", type=int, metavar="N", help="stop after N frames")
    parser.add_argument("--min-score", type=float, metavar="S", help="report a person from this score on, 0..1")
    parser.add_argument("--track", action=argparse.BooleanOptionalAction,
                        help="say who is who from frame to frame; default: --track, of pictures --no-track")
    add_tracking(parser)
    parser.add_argument("--gate", action=argparse.BooleanOptionalAction, default=True,
                        help="with tracking, frames in which nothing changes do not go to the network; default: --gate")
    parser.add_argument("--recursive", action="store_true", help="pictures in sub-directories too")


def main(options):
    """Run `edgepose run`; returns the exit code."""
    _check(options)
    options.board = settle(options)
    options.note = defaults.words(options.board, options.threads, _pin(options))
    signal.signal(signal.SIGTERM, _end)
    return _Run(options).loop()


def _check(options):
    if options.min_score is not None and not 0 <= options.min_score <= 1:
        raise ConfigError(f"--min-score {options.min_score}: it takes a number from 0 to 1")
    if options.max_frames is not None and options.max_frames < 1:
        raise ConfigError(f"--max-frames {options.max_frames}: it takes 1 or more")


def _pin(options):
    """Keep this process on the cores that were given, else on the board's; the latter, if any."""
    if options.cpus is None:
        return defaults.keep_to_own(options.board, options.threads)
    defaults.keep_to(defaults.read_cores(options.cpus))
    return ()


def _end(*_):
    raise KeyboardInterrupt


def _report(line):
    print(f"edgepose: {line}", file=sys.stderr)


class _Run:
    """Everything one call opens; closed in the reverse order whatever happens."""

    def __init__(self, options):
        from edgepose import backends, decoders, sources

        self.options, self.n, self.model = options, 0, model.load(options.model)
        self._notes = [options.note] if options.note else []
        self._settings = {"threads": options.threads, **given_settings(options)}
        self._tracking = given_tracking(options, gate=options.gate)
        backends.check(options.backend, given_settings(options))
        decoder = decoders.create(self.model, _skeleton(options))
        if options.min_score is not None:
            decoder.set_min_score(options.min_score)
        with ExitStack() as opened:
            self.source = sources.open_source(options.source, recursive=options.recursive, report=_report)
            opened.callback(self.source.close)
            self._open(decoder, opened)
            self._opened = opened.pop_all()

    def _open(self, decoder, opened):
        from edgepose import backends
        from edgepose.track import open_pipeline, wants_tracking

        self.sinks = _make_sinks(self.options)
        backend = self._secure(backends.create(self.options.backend, self.model, self._tell, **self._settings))
        tracking = self._tracking if wants_tracking(self.options.track, self.source) else None
        self.pipeline = opened.enter_context(open_pipeline(
            self.source, self.model, backend, decoder, tracking, partial(self._create_like, backend),
            keep_picture=any(sink.wants_picture for sink in self.sinks)))
        self._about = SimpleNamespace(source=self.source.name, model=self.model.name, backend=backend.name,
                                      skeleton=decoder.skeleton, fps=self.source.fps, live=self.source.live,
                                      tracked=tracking is not None)
        self._open_sinks(opened)

    def _open_sinks(self, opened):
        for sink in self.sinks:
            opened.callback(sink.close)
            sink.open(self._about)
        for line in self._notes:
            _report(line)
        self._notes = None

    def _tell(self, line):
        """Report which backend was chosen, or which took over; not before everything is open."""
        if self._notes is not None:  # what cannot open is the one line that counts then
            self._notes.append(line)
        else:
            self._about.backend = self.pipeline.backend.name
            _report(line)

    def _create_like(self, backend, other):
        """A backend like the one that was chosen, for another model."""
        from edgepose import backends

        settings = backends.known_settings(backend.name, self._settings)
        return self._secure(backends.create(backend.name, other, **settings))

    def _secure(self, backend):
        from edgepose.backends import standby

        return standby.secure(backend, self._settings, self._tell)

    def loop(self):
        """Write the poses of every frame; 1 when something broke on the way."""
        try:
            with self._opened:
                self._work()
        except KeyboardInterrupt:  # the user's wish, not a fault
            pass
        except EdgePoseError as fault:
            if getattr(fault, "errno", None) == errno.EPIPE:  # the reader has seen enough, as in `| head`
                return 0
            _report(f"after {self.n} frames: {fault}")
            return 1
        return 1 if self.source.n_broken else 0

    def _work(self):
        apart = bool(self.options.output or not sys.stdout.isatty())  # results that scroll would tear a bar apart
        with progress(self._total(), "frames", watched=apart, title=self.options.board.title) as bar:
            for poses in self.pipeline:
                for sink in self.sinks:
                    sink.write(poses)
                self.n += 1
                bar.update()
                bar.note(self.pipeline.status)
                if self.n == self.options.max_frames:
                    break

    def _total(self):
        known = [n for n in (self.source.n_frames, self.options.max_frames) if n]
        return min(known) if known else None


def _skeleton(options):
    """The name that was asked for, else what readers of the format expect."""
    return options.skeleton or ("body25" if options.format == "openpose-json" else skeleton.DEFAULT)


def _make_sinks(options):
    """The sinks that the options ask for; Pillow and PyAV load only for an overlay."""
    from edgepose import sinks

    results = sinks.SINKS[options.format](options.output or sys.stdout)
    return [results] + [sinks.OverlaySink(path) for path in options.overlay]
