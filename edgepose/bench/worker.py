"""The process that measures: opens one pipeline, warms it up, runs it, and writes what it saw to a pipe.

    python -m edgepose.bench.worker FD TASK

TASK is a `plan.Task` as JSON; one JSON object goes to the file descriptor FD. SIGTERM ends the run early.
"""

import json
import os
import signal
import sys
from time import monotonic_ns

STARTED_NS = monotonic_ns()  # the interpreter is up; what comes now is ours

from edgepose.bench import plan, work  # noqa: E402
from edgepose.board.defaults import keep_to  # noqa: E402
from edgepose.errors import EdgePoseError  # noqa: E402


def main(fd, text):
    """Measure, and hand over the outcome or the error."""
    loaded_ns = monotonic_ns()
    signal.signal(signal.SIGTERM, _end)
    task = plan.Task.of(json.loads(text))
    try:
        if task.cpus:
            keep_to(task.cpus)
        outcome = _measure(task) | {"started_ns": STARTED_NS, "imported_ns": loaded_ns}
    except KeyboardInterrupt:
        outcome = {"error": "interrupted before the first frame was measured", "kind": "KeyboardInterrupt"}
    except EdgePoseError as error:
        outcome = {"error": str(error), "kind": type(error).__name__}
    with os.fdopen(fd, "w") as pipe:
        json.dump(outcome, pipe)


def _measure(task):
    if task.profile_frames:
        from edgepose.bench import profile

        return profile.measure(task)
    return work.measure(task)


def _end(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
