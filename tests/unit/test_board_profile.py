"""Profiles of boards: what a board.toml takes, and what is said of one that is wrong."""

from functools import partial

import pytest

from edgepose import backends, board, model
from edgepose.board import reading
from edgepose.errors import ConfigError
from tests.boards import PROFILE as WHOLE
from tests.boards import write_profile


@pytest.fixture
def write(tmp_path):
    return partial(write_profile, tmp_path)


def faults(path):
    with pytest.raises(ConfigError) as found:
        reading.read(path)
    return [line.removeprefix(f"{path}:") for line in str(found.value).splitlines()]


def test_profile_is_read_whole(write):
    found = reading.read(write(WHOLE))
    assert (found.name, found.title, found.tier) == ("some-board", "Board with a camera", "expected")
    assert found.detect.machine == ("aarch64", "armv7l") and not found.generic
    assert (found.cores.n, found.cores.pin, found.cores.threads) == (4, (1, 2, 3), 3)
    assert (found.camera.source, found.camera.fps, found.memory.budget_mb) == ("picamera:0", 10.0, 400)


def test_profile_with_architectures_alone_is_generic(write):
    text = WHOLE.replace('model = ["Some Board *"]\ncompatible = ["maker,board"]\n', "")
    assert reading.read(write(text)).generic


@pytest.mark.parametrize("old, new, fault", [
    ("zone =", "zonne =", "19: thermal.zonne: is not known (did you mean 'zone'?); it takes zone, throttle_mc, flags"),
    ("n = 4", 'n = "4"', '8: cores.n: is "4"; it takes a whole number from 0 to 1024'),
    ("n = 4", "n = true", "8: cores.n: is true; it takes a whole number"),
    ("pin = [1, 2, 3]", "pin = 1", "9: cores.pin: is 1; it takes an array of numbers of cores"),
    ("pin = [1, 2, 3]", "pin = [1, 2, 2]", "9: cores.pin: names something twice"),
    ("pin = [1, 2, 3]", "pin = [1, 2, 4]", "9: cores.pin[3]: there is no core 4 of 4"),
    ("threads = 3", "threads = 4", "10: cores.threads: is 4, of which 3 have a core; it takes 3 or less"),
    ("[memory]", "[memori]", "27: memori: is not known (did you mean 'memory'?)"),
    ("[memory]", "[camera.memory]", "27: camera.memory: is not known"),
    ('"tflite"', '"tflight"', '13: defaults.backend: is "tflight"; it takes one of "auto"'),
    ('"pmic"', '"pmik"', '15: power.sensor: is "pmik"; it takes one of "none"'),
    ('"aarch64", "armv7l"', '"arm64"', '6: detect.machine[1]: is "arm64"; it takes an array of one or more of aarch64'),
    ('machine = ["aarch64", "armv7l"]', "", "3: detect.machine: is missing; it takes an array"),
    ('machine = ["aarch64", "armv7l"]', "machine = []", "6: detect.machine: is []; it takes an array of one or more"),
    ('"picamera:0"', '"telepathy:0"', '23: camera.source: is "telepathy:0"; it takes picamera:0, or a device such as'),
    ('"picamera:0"', "0", "23: camera.source: is 0; it takes picamera:0"),
    ("fps = 10", "fps = nan", "26: camera.fps: is NaN; it takes a number from 0.1 to 240"),
    ('tier = "expected"', 'tier = "sure"', '2: tier: is "sure"; it takes one of "board", "emulated", "expected"'),
    ('title = "Board', 'title = "Board\\u0000', "1: title: is "),
    ("[cores]", "[[cores]]", "7: cores: is "),
    ("[cores]", "[cores", "7: not TOML: "),
])
def test_wrong_key_names_its_line_and_the_way_out(write, old, new, fault):
    assert old in WHOLE
    found = faults(write(WHOLE.replace(old, new)))
    assert any(line.startswith(fault) for line in found), found


def test_all_that_is_wrong_is_said_at_once(write):
    found = faults(write(WHOLE.replace("n = 4", "n = -1").replace("fps = 10", "fps = 0").replace("flags", "flag")))
    assert [int(line.partition(":")[0]) for line in found] == [8, 21, 26]


def test_missing_tables_are_named(write):
    assert [line.split("; ")[0] for line in faults(write('title = "a"\ntier = "board"\n'))] == [
        f"1: {name}: is missing" for name in sorted(reading.SECTIONS)]


@pytest.mark.parametrize("data", [b"title = \xff", b"\0", b"x" * (2 << 20)], ids=["not UTF-8", "zero byte", "too long"])
def test_file_that_is_no_text_is_refused(write, data):
    path = write("")
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"board\.toml:1: "):
        reading.read(path)


def test_unknown_board_names_those_that_are_known():
    with pytest.raises(ConfigError, match="board 'pi' is not known; it takes one of .*aarch64.*x86-64"):
        board.load("pi")


@pytest.mark.parametrize("name", ["..", "", ".", "../ports/x86-64", "/etc"])
def test_no_path_is_the_name_of_a_board(name):
    with pytest.raises(ConfigError, match="is not known"):
        board.load(name)


@pytest.mark.parametrize("name", board.names())
def test_profile_that_ships_is_whole(name):
    found = board.load(name)
    assert found.name == name and found.defaults.model in model.known()
    assert found.defaults.backend in ("auto", *backends.AUTOMATIC)


def test_folder_of_a_profiles_name_is_no_profile(tmp_path, monkeypatch):
    (tmp_path / "x86-64/board.toml").mkdir(parents=True)
    (tmp_path / "nobody").mkdir()
    monkeypatch.setenv("EDGEPOSE_PORTS", str(tmp_path))
    assert "nobody" not in board.names() and board.load("x86-64").generic


def test_profile_that_changes_is_read_again(write, monkeypatch):
    monkeypatch.setenv("EDGEPOSE_PORTS", str(write(WHOLE).parent.parent))
    assert board.load("some-board").cores.threads == 3
    write(WHOLE.replace("threads = 3", "threads = 2 "))
    assert board.load("some-board").cores.threads == 2


def test_own_folder_of_profiles_comes_first(write, monkeypatch):
    monkeypatch.setenv("EDGEPOSE_PORTS", str(write(WHOLE).parent.parent))
    assert "some-board" in board.names() and "x86-64" in board.names()
    assert board.load("some-board").title == "Board with a camera"
