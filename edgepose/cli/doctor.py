"""`edgepose doctor`: what this machine has, what it lacks, and what to do about it."""

import json
import os
import platform
import sys

import edgepose


def add_arguments(parser):
    """Declare what `edgepose doctor` takes."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")


def main(options):
    """Run `edgepose doctor`; 1 when something that is needed is missing."""
    findings = examine()
    if options.json:
        print(json.dumps(findings, indent=2))
    else:
        _print(findings)
    return 0 if all(finding["ok"] for finding in findings.values() if finding["needed"]) else 1


def examine():
    """{name: {ok, needed, text, advice}} of everything edgepose relies on."""
    checks = {"edgepose": _edgepose, "python": _python, "cores": _cores, "kernels": _kernels, "tflite": _tflite,
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
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return _finding(True, f"{usable} of {os.cpu_count()} usable")


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
