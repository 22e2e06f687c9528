"""What several tests share: slots, frames with random planes, the data folder, the board option."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from edgepose import backends, cli, model
from edgepose.errors import BackendUnavailable
from edgepose.frame import FORMATS, Frame
from edgepose.ring import Slot
from tests.opencl_graphs import found_devices

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser):
    parser.addoption("--board", action="store_true", help="run the tests that need real hardware")


def pytest_configure():
    """What a script starts in the background ignores Ctrl-C, and so would every process that the tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header():
    """Which OpenCL devices the tests run on, or how to get one."""
    from edgepose.backends.opencl import devices

    try:
        cl = devices.find_package()
        return f"OpenCL: {devices.describe(cl, devices.find_devices(cl))}"
    except BackendUnavailable as error:
        return f"OpenCL: none, {'a failure here' if os.environ.get('CI') else 'its tests are skipped'}: {error}"


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--board"):
        for item in items:
            if "board" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="needs real hardware; run with --board"))


def pytest_generate_tests(metafunc):
    if "device" in metafunc.fixturenames:  # not before it is asked for: a driver takes its time to load
        metafunc.parametrize("device", found_devices(), indirect=True)


@pytest.fixture
def data():
    """The folder of real pictures and clips."""
    folder = Path(os.environ.get("EDGEPOSE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set EDGEPOSE_DATA")
    return folder


@pytest.fixture(scope="session")
def lightning():
    return model.load("movenet-lightning")


@pytest.fixture(scope="session")
def common(tmp_path_factory):
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session", autouse=True)
def own_cache(common):
    """Tests, and the processes that they start, leave the user's cache alone; what one compiled serves the others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(common / "cache"))
        yield


@pytest.fixture(scope="session")
def lightweight(tmp_path_factory):
    """Lightweight OpenPose, which every process finds: the user's, or made of the publisher's files."""
    found = model.load("lightweight-openpose")
    if found.installed:
        yield found
        return
    mirror = Path(os.environ.get("EDGEPOSE_DATA", ROOT.parent / "shared" / "data")).resolve().parent / "models"
    if not (mirror / found.files[1].address).is_file():
        pytest.skip(f"lightweight-openpose has not been pulled, and its files are not in {mirror}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        patch.setenv("EDGEPOSE_MODEL_MIRROR", str(mirror))
        assert cli.main(["models", "pull", found.name]) == 0
        yield model.load(found.name)


@pytest.fixture(scope="session", params=["movenet-lightning", "movenet-thunder"])
def movenet(request):
    """Every model of the family."""
    return model.load(request.param)


@pytest.fixture
def device(request):
    """Every OpenCL device of pyopencl; in CI there must be one."""
    from edgepose.backends.opencl import devices

    try:
        return devices.find_devices(devices.find_package())[request.param]
    except BackendUnavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture
def slot():
    return Slot(192, 192)


@pytest.fixture
def rng():
    return np.random.default_rng(20261121)


def create_backend(name, **settings):
    """A backend by name; one that cannot load is skipped with its own words, and in CI that is a failure."""
    try:
        return backends.create(name, **settings)
    except BackendUnavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def random_frame(rng, format, width, height, slack=0, **more):
    """A frame of random bytes whose rows are `slack` bytes longer than they need be."""
    layouts = FORMATS[format]
    lines = [layout.row_bytes(width) + slack for layout in layouts]
    planes = [rng.integers(0, 256, line * layout.n_rows(height), dtype=np.uint8)
              for line, layout in zip(lines, layouts)]
    return Frame(format, width, height, planes, lines, **more)
