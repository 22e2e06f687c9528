"""The table of runtime packages, on answers of a small index."""

import json

import pytest

from tests.build_scripts import load
from tests.conftest import ROOT

runtimes = load("runtimes")
index = runtimes.index
ANSWERS = json.loads((ROOT / "tests" / "data" / "package-index.json").read_text())
BOOKWORM, BOOKWORM32, JETPACK5, TRIXIE32 = (
    next(system for system in runtimes.SYSTEMS if system.name == name)
    for name in ("Raspberry Pi OS bookworm", "Raspberry Pi OS bookworm, 32 bits", "JetPack 5 with Python 3.10",
                 "Raspberry Pi OS trixie, 32 bits"))


def newest(package, system):
    found = index.newest([tuple(file) for file in ANSWERS[package]], runtimes.tags_of(system), system.python)
    return found and str(found)


@pytest.mark.parametrize("package, system, version", [
    ("ai-edge-litert", BOOKWORM, "2.3.0"), ("ai-edge-litert", BOOKWORM32, None),
    ("tflite-runtime", BOOKWORM32, "2.14.0"), ("tflite-runtime", TRIXIE32, None),
    ("tflite-runtime", JETPACK5, "2.13.0"),  # 2.14 needs glibc 2.34
    ("av", BOOKWORM, "18.1.0"),              # 19 is not for Python 3.11, by its tag; 20 not by its own word
    ("tqdm", BOOKWORM32, "4.70.1")])         # a release candidate and a source distribution are newer
def test_newest_wheel_that_a_system_can_install(package, system, version):
    assert newest(package, system) == version


def test_row_of_a_system_names_what_the_network_runs_on():
    answers = {package: [tuple(file) for file in ANSWERS.get(package, ())] for package in runtimes.PACKAGES}
    assert runtimes.row(BOOKWORM32, answers).startswith(
        "| Raspberry Pi OS bookworm, 32 bits | 3.11 | 2.36 | armv7l | **tflite-runtime** | - | 2.14.0 |")
    assert "| nothing |" in runtimes.row(TRIXIE32, answers)


def test_system_with_an_old_python_has_nothing_whatever_the_index_has():
    jetpack = next(system for system in runtimes.SYSTEMS if system.python == "3.8")
    assert runtimes.use(jetpack, dict.fromkeys(runtimes.RUNTIMES, "2.13.0")) == "nothing: its Python is too old"


def test_page_has_a_row_for_every_system():
    rows = runtimes.PLACE.search(runtimes.PAGE.read_text())[0].splitlines()[3:-1]
    assert [row.split(" | ")[:4] for row in rows] == [
        [f"| {one.name}", one.python, f"2.{one.glibc}", one.machine] for one in runtimes.SYSTEMS]


@pytest.mark.parametrize("text, address", [
    ("", None), ("global.find-links='here'\n", None), ("global.index-url='https://a/simple'\n", "https://a/simple"),
    ("global.index-url='https://a/simple'\n:env:.index-url='https://b/simple'\n", "https://b/simple")])
def test_index_is_the_one_that_pip_is_configured_with(text, address):
    assert index.chosen(text) == address
