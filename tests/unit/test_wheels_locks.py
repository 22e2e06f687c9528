"""The locks: what setup.cfg asks for is in each, with a version that fits and the hash of a wheel, and no address."""

import re

import pytest
from packaging.requirements import Requirement

from tests.build_scripts import load

locks = load("locks")
JOBS = [(*target, extra) for target in locks.TARGETS for extra in locks.EXTRAS]
PIN = re.compile(r"([a-z0-9-]+)==([0-9][0-9a-z.]*)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n")


def pins(job):
    return {name: version for name, version, _ in PIN.findall(locks.path(*job).read_text())}


@pytest.mark.parametrize("job", JOBS, ids="-".join)
def test_lock_has_what_setup_cfg_asks_for(job):
    python, machine, extra = job
    found, place = pins(job), {"python_version": python, "platform_machine": machine}
    asked = [Requirement(line) for line in locks.requirements(machine, extra)]
    for one in asked:
        if machine == "armv7l" and one.name in locks.DEBIANS:
            assert one.name not in found
        elif not one.marker or one.marker.evaluate(place):
            assert one.specifier.contains(found[one.name]), f"{one}: run ports/build/locks.py"


@pytest.mark.parametrize("job", JOBS, ids="-".join)
def test_lock_is_nothing_but_a_note_and_hashed_versions(job):
    note, _, rest = locks.path(*job).read_text().partition("\n")
    assert note.startswith(f"# CPython {job[0]}, {job[1]}, ") and PIN.sub("", rest) == ""


def test_no_lock_is_left_of_a_target_that_is_gone():
    assert {file.name for file in locks.LOCKS.iterdir()} == {locks.path(*job).name for job in JOBS}


def test_daemons_lock_holds_the_same_versions():
    for python, machine in locks.TARGETS:
        assert pins((python, machine, "")).items() <= pins((python, machine, "daemon")).items()


def test_pin_has_every_hash_on_a_line_of_its_own():
    assert locks.pin({"name": "x", "version": "1"}, ["aa", "bb"]) == (
        "x==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n")


def test_stale_lock_is_told_and_left_alone(tmp_path):
    file = tmp_path / "3.11-aarch64.txt"
    file.write_text("old\n")
    assert not locks.write(file, "new\n", check=True) and file.read_text() == "old\n"
    assert locks.write(file, "new\n", check=False) and locks.write(file, "new\n", check=True)


def test_version_that_pip_would_refuse_is_resolved_again(monkeypatch):
    """uv takes no notice of `Requires-Python: <3.11`."""
    def compile_lines(python, machine, lines, options):
        version = "1.2" if "x !=1.3" in lines else "1.3"
        return [{"name": "x", "version": version, "wheels": [{"url": f"there/x-{version}-py3-none-any.whl"}]}]

    monkeypatch.setattr(locks, "compile_lines", compile_lines)
    monkeypatch.setattr(locks.index, "files", lambda name: [("x-1.3-py3-none-any.whl", ">=3.8, <3.11"),
                                                            ("x-1.2-py3-none-any.whl", ">=3.8")])
    assert [one["version"] for one in locks.resolve("3.11", "aarch64", ["x"], [])] == ["1.2"]
    assert [one["version"] for one in locks.resolve("3.10", "aarch64", ["x"], [])] == ["1.3"]
