"""Counting instructions: to the instruction the same, run for run, and the same bits on every machine."""

import shutil

import pytest

from edgepose.frame import FORMATS
from edgepose.letterbox import Letterbox
from edgepose.ring import Slot
from tests.conftest import ROOT, random_frame

MACHINES = {"aarch64": "qemu-aarch64", "armv7l": "qemu-arm", "x86-64": "valgrind"}


@pytest.fixture(scope="module")
def benchmarks():
    """(counters, kernel_calls) of the benchmarks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        import counters
        import kernel_calls

        yield counters, kernel_calls


@pytest.fixture(scope="module")
def calls(benchmarks, tmp_path_factory):
    path = tmp_path_factory.mktemp("calls") / "presence.calls"
    benchmarks[1].record("presence", path)
    return path


@pytest.fixture(scope="module", params=MACHINES)
def counter(request, benchmarks, tmp_path_factory):
    if not shutil.which(MACHINES[request.param]):
        pytest.skip(f"no {MACHINES[request.param]}")
    try:
        return benchmarks[0].create(request.param, tmp_path_factory.mktemp(request.param))
    except SystemExit as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def driver(counter):
    return counter.build(ROOT / "edgepose" / "native", counter.flags("-O1"))


def letterboxed(kernel_calls, rng, format):
    """(call, tensor) of random frames and crops."""
    for crop in (None, (-300, 50, 4000, 2000), (100, 100, 230, 190)):
        frame, slot = random_frame(rng, format, *rng.integers(1, 300, 2).tolist(), slack=5), Slot(48, 72)
        with kernel_calls.tapped("letterbox") as calls:
            Letterbox(48, 72).write(frame, slot, crop)
        yield calls[0], slot.tensor.tobytes()


def hash_of(data):
    """Fowler, Noll and Vo's, as the driver's."""
    value = 14695981039346656037
    for byte in data:
        value = (value ^ byte) * 1099511628211 % 2**64
    return f"{value:016x}"


def test_counts_repeat_to_the_instruction(counter, driver, calls):
    (bits, once), (more_bits, twice), again = (counter.run(driver, calls, times) for times in (1, 2, 2))
    assert (more_bits, twice) == again and bits == more_bits
    assert twice["presence"] == 2 * once["presence"] > 0


def test_vectors_of_every_machine_give_the_same_letterbox(counter, driver, benchmarks, rng, tmp_path):
    found = [pair for format in FORMATS for pair in letterboxed(benchmarks[1], rng, format)]
    path = tmp_path / "letterbox.calls"
    path.write_bytes(b"".join(call for call, _ in found))
    assert counter.run(driver, path, 1)[0] == hash_of(b"".join(tensor for _, tensor in found))
