"""`edgepose eval --tracks`: how well people are found and told apart in a video."""

import sys

from edgepose.cli.eval import fill_in, tell
from edgepose.cli.printing import print_whole
from edgepose.cli.progress import progress
from edgepose.cli.track_options import given_tracking
from edgepose.errors import ConfigError, EdgePoseError


def main(options, command):
    """Run `edgepose eval --tracks`; returns the exit code."""
    from edgepose.evaluate.tracks import TrackSession

    _check(options)
    options.tracking = given_tracking(options, gate=False, smooth=False)
    with TrackSession(options, command) as session:
        return _run(session, options)


def _check(options):
    """Only what makes sense on a video is taken, and what was not given gets its default."""
    for key in ("images", "annotations", "results", "resume", "worst", "limit", "decoder"):
        if getattr(options, key) is not None:
            raise ConfigError(f"--{key} has no use beside --tracks; leave one of them out")
    if not options.source:
        raise ConfigError("--source FILE is missing: the video that --tracks is about")
    fill_in(options)


def _run(session, options):
    """1 when something broke on the way, 130 when the user ended it."""
    from edgepose.evaluate import report, tracks

    try:
        with progress(session.source.n_frames, "frames") as bar:
            whole = session.judge(bar)
        if options.json:
            report.write(whole, options.json)
        print_whole(tracks.table(whole))
    except KeyboardInterrupt:
        print("edgepose: interrupted", file=sys.stderr)
        return 130
    except EdgePoseError as fault:
        return tell(fault)
    return 0
