"""`edgepose doctor --tune`: measures how an OpenCL device best divides each layer's work, and keeps it."""

import sys
from functools import partial

from edgepose import model
from edgepose.cli.progress import progress
from edgepose.errors import BackendError, ModelError


def main(options):
    """Tune backend opencl for some models; 1 where one fails or the result cannot be kept, 130 when interrupted."""
    from edgepose import backends

    models = _models(options.model)
    backend = backends.create("opencl", threads=options.threads, device=options.device)
    try:
        print(f"tuning {backend.package}, threads {options.threads}", flush=True)
        return max(_tune(backend, found) for found in models)
    except KeyboardInterrupt:
        _report("interrupted; what was kept before stays")
        return 130


def _models(names):
    """The models of those names, or all that are here. ModelError where one is not."""
    models = [model.load(name) for name in names or model.known()]
    for found in models:
        if names and not found.installed:
            found.file("tflite")  # says how to get it
    return [found for found in models if found.installed]


def _tune(backend, found):
    """Tune one model; the exit code."""
    try:
        tuned = backend.tune(found, partial(progress, unit="layers"))
    except (BackendError, ModelError) as fault:
        _report(fault)
        return 1
    except OSError as error:
        _report(f"cannot keep what was measured: {error}; name a writable folder in XDG_CACHE_HOME")
        return 1
    gain = "no faster, the shipped table stays" if tuned.tuned_ms >= tuned.shipped_ms else "kept"
    print(f"{found.name}: {tuned.shipped_ms:.2f} ms a frame before, {tuned.tuned_ms:.2f} ms after; {gain}", flush=True)
    return 0


def _report(line):
    print(f"edgepose: {line}", file=sys.stderr)
