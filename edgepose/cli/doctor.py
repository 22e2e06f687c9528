"""`edgepose doctor`: what this machine has, what it lacks, and what to do about it."""

import json
import os
import platform
import sys

import edgepose
from edgepose.errors import ConfigError


def add_arguments(parser):
    """Declare what `edgepose doctor` takes."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--tune", action="store_true",
                        help="measure how an OpenCL device best runs each layer, and keep it; takes some minutes")
    parser.add_argument("--model", action="append", metavar="NAME",
                        help="of --tune: a model; may be given several times; default: all that are here")
    parser.add_argument("--device", metavar="NAME",
                        help="of --tune: number, gpu, accelerator, cpu or a part of the name; default: a GPU, if any")
    parser.add_argument("--threads", type=int, metavar="N", help="of --tune: threads of a CPU device; default: 1")


def main(options):
    """Run `edgepose doctor`; 1 when something that is needed is missing."""
    if options.tune:
        return _tune(options)
    for name in ("model", "device", "threads"):
        if getattr(options, name) is not None:
            raise ConfigError(f"--{name} is of --tune; see edgepose doctor --help")
    findings = examine()
    if options.json:
        print(json.dumps(findings, indent=2))
    else:
        _print(findings)
    return 0 if all(finding["ok"] for finding in findings.values() if finding["needed"]) else 1


def _tune(options):
    from edgepose.cli import tune

    if options.json:
        raise ConfigError("--tune has no --json; run edgepose doctor --json after it")
    options.threads = 1 if options.threads is None else options.threads
    return tune.main(options)


def examine():
    """{name: {ok, needed, text, advice}} of everything edgepose relies on; "measured" has `times` too, "opencl"
    `devices`."""
    checks = {"edgepose": _edgepose, "python": _python, "cores": _cores, "kernels": _kernels, "tflite": _tflite,
              "openvino": _openvino, "opencl": _opencl, "cache": _cache, "measured": _measured,
              "video": _package("av", "videos and cameras"), "pictures": _package("PIL", "pictures and overlays"),
              "models": _models}
    return {name: _guard(check) for name, check in checks.items()}


def _guard(check):
    """A check that fails is a finding, never a crash."""
    try:
        return check()
    except Exception as error:  # whatever an ill-installed package throws is what the user must see
        return _finding(False, f"{type(error).__name__}: {error}", "reinstall edgepose")


def _finding(ok, text, advice="", needed=True):
    return {"ok": ok, "needed": needed, "text": text, "advice": "" if ok else advice}


def _edgepose():
    return _finding(True, f"{edgepose.__version__} in {os.path.dirname(edgepose.__file__)}")


def _python():
    import numpy

    libc = " ".join(part for part in platform.libc_ver() if part) or "unknown C library"
    text = f"{platform.python_version()}, {libc}, numpy {numpy.__version__}, {platform.machine()} {platform.system()}"
    return _finding((3, 10) <= sys.version_info[:2], text, "use Python 3.10 to 3.13")


def _cores():
    from edgepose import machine

    return _finding(True, f"{machine.n_usable_cores()} of {os.cpu_count()} usable: {machine.name()}")


def _kernels():
    from edgepose import native

    if native.KIND == "compiled":
        return _finding(True, "compiled")
    return _finding(False, f"NumPy twins, correct but slow ({native.WHY})",
                    "install a C compiler (apt install gcc) and reinstall edgepose", needed=False)


def _tflite():
    from edgepose.backends.tflite import PACKAGES, TfliteBackend

    backend = TfliteBackend()
    order = ", then ".join(package for _, package in PACKAGES)
    return _finding(True, f"{backend.package}, {backend.threads} thread by default (looked for {order})")


def _openvino():
    from edgepose import machine
    from edgepose.backends import openvino
    from edgepose.errors import BackendUnavailable

    try:
        _, package = openvino.find_package()
    except BackendUnavailable as error:
        return _finding(False, f"optional: {error}", "pip install 'edgepose[openvino]', or go on without", needed=False)
    how = "" if machine.has_int8_dot_products() else "; this CPU has no exact int8 sums, so it computes in float"
    return _finding(True, f"{package}, devices: {', '.join(openvino.find_devices())}{how}")


def _opencl():
    from edgepose.cli import doctor_opencl

    return doctor_opencl.examine(_finding)


def _cache():
    """Where compiled networks and measured times are kept between starts."""
    from edgepose import cache

    try:
        cache.write(cache.folder() / "written-by-doctor", b"")
        (cache.folder() / "written-by-doctor").unlink()
    except OSError as error:
        return _finding(False, f"cannot be written, so every start is slow: {error}",
                        "name a writable folder in XDG_CACHE_HOME", needed=False)
    return _finding(True, f"{cache.folder()}")


def _measured():
    """What `--backend auto` has measured and remembers."""
    from edgepose.backends import remembered

    times = [{"model": choice.conditions["model"], "settings": choice.conditions["settings"],
              "backend": choice.backend, "times_ms": choice.times_ms, "refused": choice.refused,
              "packages": choice.conditions["packages"], "machine": choice.conditions["machine"],
              "measured": choice.measured, "holds": choice.holds()} for choice in remembered.all_choices()]
    return _finding(True, f"{len(times)} choice(s) of --backend auto") | {"times": times}


def _package(module, use):
    def check():
        import importlib

        try:
            found = importlib.import_module(module)
        except ImportError as error:
            return _finding(False, f"{use}: {error}", "reinstall edgepose with its dependencies")
        return _finding(True, f"{module} {found.__version__}: {use}")

    return check


def _models():
    from edgepose import model

    names = model.names()
    for name in names:
        for file in model.load(name).files:
            file.verify()
    return _finding(bool(names), f"{', '.join(names) or 'none'}: every file whole", "reinstall edgepose")


def _print(findings):
    for name, finding in findings.items():
        print(f"{'ok  ' if finding['ok'] else 'FAIL' if finding['needed'] else 'warn'} {name:10s} {finding['text']}")
        if finding["advice"]:
            print(f"     {'':10s} -> {finding['advice']}")
        for row in finding.get("times", ()):
            print(f"     {'':10s}    {_row(row)}")
        for line in _device_rows(finding.get("devices", ())):
            print(f"     {'':10s}    {line}")


def _device_rows(devices):
    from edgepose.cli import doctor_opencl

    return [line for device in devices for line in doctor_opencl.rows(device)]


def _row(row):
    """One remembered measurement: the model, its settings, the times with the chosen backend marked."""
    settings = ", ".join(f"{name} {value}" for name, value in row["settings"].items())
    times = ", ".join(f"{name} {ms:.1f} ms{' (chosen)' if name == row['backend'] else ''}"
                      for name, ms in row["times_ms"].items())
    refused = "".join(f"; {name} dropped out: {reason}" for name, reason in row["refused"].items())
    stale = "" if row["holds"] else f"; stale, of {row['machine']}, {', '.join(row['packages'].values())}"
    return f"{row['model']}, {settings}: {times}{refused}; {row['measured']}{stale}"
