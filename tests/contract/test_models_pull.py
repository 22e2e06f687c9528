"""`edgepose models pull` as a user meets it: a process, a server that cuts and lies, a folder that ends up whole."""

import hashlib
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edgepose import model
from edgepose.convert import openpose
from edgepose.errors import ModelError
from tests import ir_double
from tests.file_server import FileServer

SIZE = (16, 24)
NAMES = ["double.bin", "double.tflite", "double.xml", "manifest.toml"]
MANIFEST = """\
schema = "edgepose.model/1"
name = "double"
summary = "A small network for tests"
licence = "Apache-2.0"
source = "tests/ir_double.py"
decoder = "openpose"
skeleton = "coco17"
decode = {{}}
accuracy = {{}}

[input]
height = 16
width = 24
channels = "bgr"
pad = 128
dtype = "uint8"
scale = 0.00392
zero_point = 128

[pull]
publisher = "http://127.0.0.1:9/publisher"
licence = "Apache-2.0"
converter = "openpose"

[outputs]
{files}"""
FILE = """
[[files]]
path = "{path}"
format = "{format}"
size_bytes = {size}
sha256 = "{sha256}"
{more}
"""


def entry(path, format, data, more=""):
    return FILE.format(path=path, format=format, size=len(data), sha256=hashlib.sha256(data).hexdigest(), more=more)


@pytest.fixture
def double(tmp_path):
    """The folder of a model that pins the small IR and what is to be made of it; `published` has the IR's bytes."""
    folder, published = tmp_path / "models" / "double", tmp_path / "published"
    for path in (folder, published):
        path.mkdir(parents=True)
    xml, weights = ir_double.write(published)
    pin(folder, xml.read_bytes(), weights.read_bytes(), openpose.convert(xml, weights, *SIZE))
    return folder


def pin(folder, xml, weights, made):
    """Write the manifest for these bytes."""
    files = entry("double.tflite", "tflite", made)
    for name, data in (("double.xml", xml), ("double.bin", weights)):
        files += entry(name, "openvino-ir", data, f'address = "{name}"')
    (folder / "manifest.toml").write_text(MANIFEST.format(files=files))


@pytest.fixture
def server(double, tmp_path):
    """A server that has the published files; `call` uses it as the mirror."""
    files = {f"/{path.name}": path.read_bytes() for path in (tmp_path / "published").iterdir()}
    with FileServer(files) as running:
        yield running


def start(folder, mirror, *arguments, **more):
    environment = {**os.environ, "EDGEPOSE_MODELS": str(folder.parent), "EDGEPOSE_MODEL_MIRROR": str(mirror)}
    return subprocess.Popen([sys.executable, "-m", "edgepose", "models", *arguments], stdout=subprocess.PIPE,
                            text=True, env=environment, **{"stderr": subprocess.PIPE, **more})


def call(folder, mirror, *arguments, **more):
    """(exit code, standard output, standard error) of `edgepose models ...`."""
    running = start(folder, mirror, *arguments, **more)
    output, errors = running.communicate(timeout=120)
    return running.returncode, output, errors


def refused(found, code, *words):
    """Whether a call ended with a code and one line with these words."""
    assert found[0] == code and found[1] == "", found
    assert len(found[2].splitlines()) == 1 and "Traceback" not in found[2], found[2]
    for word in words:
        assert str(word) in found[2]


# ---- what works

def test_pull_fetches_makes_and_verifies_then_has_nothing_to_do(double, server):
    code, output, errors = call(double, server.address, "pull", "double")
    assert code == 0 and errors == ""
    assert output == f"double: 2 file(s) fetched, 1 made, 3 verified in {double}\n"
    assert sorted(os.listdir(double)) == NAMES and len(server.asked) == 2
    again = call(double, server.address, "pull", "double")
    assert again[:2] == (0, f"double: 0 file(s) fetched, 0 made, 3 verified in {double}\n") and len(server.asked) == 2
    assert "double: whole" in call(double, server.address, "verify")[1]


def test_pull_from_a_folder(double, tmp_path):
    assert call(double, tmp_path / "published", "pull", "double")[0] == 0
    assert sorted(os.listdir(double)) == NAMES


def test_list_and_info_say_what_is_here_and_where_it_comes_from(double, server):
    before = call(double, server.address, "list")[1], call(double, server.address, "info", "double")[1]
    assert "double" in before[0] and "not here yet: edgepose models pull double" in before[0]
    assert "here      no" in before[1] and "licence Apache-2.0" in before[1]
    assert "from http://127.0.0.1:9/publisher/double.xml" in before[1] and "made here of the others" in before[1]
    assert "double" not in call(double, server.address, "verify")[1]
    call(double, server.address, "pull", "double")
    assert "here      yes" in call(double, server.address, "info", "double")[1]
    assert "not here yet" not in next(line for line in call(double, server.address, "list")[1].splitlines()
                                      if line.startswith("double"))


def test_model_that_is_not_here_says_how_to_get_it(double, monkeypatch):
    monkeypatch.setenv("EDGEPOSE_MODELS", str(double.parent))
    found = model.load("double")
    assert not found.installed and "double" not in model.names() and "double" in model.known()
    with pytest.raises(ModelError, match="model double is not here yet; run `edgepose models pull double`"):
        found.file("tflite")
    with pytest.raises(ModelError, match="'hourglass' is not known; installed: .*; to be pulled: double"):
        model.load("hourglass")


def test_pulled_files_of_an_installed_package_go_to_the_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("EDGEPOSE_MODELS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert model.load("lightweight-openpose").files[0].path == (
        tmp_path / "edgepose" / "models" / "lightweight-openpose" / "lightweight-openpose.tflite")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/user")
    assert model.pulled_folder() == Path("/home/user/.local/share/edgepose/models")


@pytest.mark.parametrize("name, n_fetched, n_made", [("double.tflite", 0, 1), ("double.bin", 1, 0)])
def test_damaged_file_is_found_and_mended(double, server, name, n_fetched, n_made):
    call(double, server.address, "pull", "double")
    data = bytearray((double / name).read_bytes())
    data[len(data) // 2] ^= 1
    (double / name).write_bytes(data)
    code, output, _ = call(double, server.address, "verify")
    assert code == 2 and f"{double / name} is damaged" in output and "run `edgepose models pull double`" in output
    assert f"{n_fetched} file(s) fetched, {n_made} made" in call(double, server.address, "pull", "double")[1]
    assert call(double, server.address, "verify")[0] == 0


def test_progress_shows_on_a_terminal_only(double, server):
    primary, secondary = os.openpty()
    running = start(double, server.address, "pull", "double", stderr=secondary)
    running.communicate(timeout=120)
    os.close(secondary)
    shown = os.read(primary, 65536).decode()
    os.close(primary)
    total = sum(len(data) for data in server.files.values()) / 1000
    assert running.returncode == 0 and "100%" in shown and f"/{total:.1f}k" in shown


# ---- what is interrupted

def test_cut_connection_is_one_line_and_goes_on(double, server):
    server.cut_after = 5000
    refused(call(double, server.address, "pull", "double"), 1, "double.xml: lost after 5000 bytes", "goes on from")
    assert (double / "double.xml.part").stat().st_size == 5000 and not (double / "double.xml").exists()
    server.cut_after = None
    assert call(double, server.address, "pull", "double")[0] == 0
    assert server.asked[1] == ("/double.xml", "bytes=5000-") and sorted(os.listdir(double)) == NAMES


@pytest.fixture
def stuck(double, server):
    """A pull that waits in the middle of a file."""
    server.cut_after, server.held = 5000, threading.Event()
    running = start(double, server.address, "pull", "double")
    part = double / "double.xml.part"
    while not (part.exists() and part.stat().st_size == 5000) and running.poll() is None:
        os.sched_yield()
    yield running
    server.held.set()
    running.communicate()


@pytest.mark.parametrize("sign, code", [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_pull_that_is_ended_leaves_what_came(double, server, stuck, sign, code):
    stuck.send_signal(sign)
    _, errors = stuck.communicate(timeout=60)
    assert stuck.returncode == code and "Traceback" not in errors
    assert code < 0 or errors == "edgepose: interrupted; the same command goes on where it stopped\n"
    server.held.set()
    server.cut_after = None
    assert call(double, server.address, "pull", "double")[0] == 0 and sorted(os.listdir(double)) == NAMES
    assert server.asked[1] == ("/double.xml", "bytes=5000-")


def test_two_at_once_share_one_download(double, server, stuck):
    second = start(double, server.address, "pull", "double")
    assert "another edgepose is pulling double; waiting" in second.stderr.readline()
    server.cut_after = None
    server.held.set()
    stuck.wait(60)
    output, _ = second.communicate(timeout=60)
    assert second.returncode == 0 and "3 verified" in output and sorted(os.listdir(double)) == NAMES
    assert [path for path, _ in server.asked].count("/double.bin") == 1


# ---- what is refused

@pytest.mark.parametrize("mirror, words", [
    ("http://127.0.0.1:9/none", ["http://127.0.0.1:9/none/double.xml", "Connection refused", "EDGEPOSE_MODEL_MIRROR"]),
    ("", ["http://127.0.0.1:9/publisher/double.xml", "cannot be reached", "EDGEPOSE_MODEL_MIRROR"]),
    ("/nowhere", ["/nowhere/double.xml", "No such file", "EDGEPOSE_MODEL_MIRROR"])])
def test_no_way_to_the_files_is_one_line(double, mirror, words):
    refused(call(double, mirror, "pull", "double"), 2, *words)
    assert os.listdir(double) == ["manifest.toml"]


@pytest.mark.parametrize("served, words", [
    (b"", ["0 bytes long"]), (b"<html>", ["6 bytes long"]), (None, ["404 Not Found"])])
def test_wrong_file_is_one_line_and_leaves_nothing(double, server, served, words):
    server.files["/double.xml"] = served
    refused(call(double, server.address, "pull", "double"), 2, "double.xml", *words)
    assert os.listdir(double) == ["manifest.toml"]


def test_ir_with_an_unknown_layer_is_named_and_makes_nothing(double, server):
    xml = server.files["/double.xml"].replace(b'type="ReLU"', b'type="Swish"', 1)
    server.files["/double.xml"] = xml
    pin(double, xml, server.files["/double.bin"], b"")
    refused(call(double, server.address, "pull", "double"), 2, "layer first/ReLU is of type Swish", "double.xml")
    assert "double.tflite" not in os.listdir(double)


def test_other_bytes_than_pinned_are_not_installed(double, server):
    pin(double, server.files["/double.xml"], server.files["/double.bin"], b"other")
    refused(call(double, server.address, "pull", "double"), 2, "what was made has sha256", "edgepose doctor")
    assert "double.tflite" not in os.listdir(double)


def test_unknown_converter_is_named(double, server):
    manifest = double / "manifest.toml"
    manifest.write_text(manifest.read_text().replace('converter = "openpose"', 'converter = "onnx"'))
    refused(call(double, server.address, "pull", "double"), 2, "pull.converter: 'onnx'", manifest)


def test_folder_that_cannot_be_made_is_one_line(double, server, tmp_path):
    (tmp_path / "data").write_text("a file")
    running = subprocess.run([sys.executable, "-m", "edgepose", "models", "pull", "lightweight-openpose"],
                             capture_output=True, text=True, timeout=60,
                             env={**os.environ, "EDGEPOSE_MODELS": "", "XDG_DATA_HOME": str(tmp_path / "data"),
                                  "EDGEPOSE_MODEL_MIRROR": server.address})
    refused((running.returncode, running.stdout, running.stderr), 2, tmp_path / "data", "name another path")


def test_disk_that_takes_no_more_is_one_line_and_goes_on(double, server):
    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))

    refused(call(double, server.address, "pull", "double", preexec_fn=small), 1, "double.xml.part", "largest size")
    assert "double.xml" not in os.listdir(double)
    assert call(double, server.address, "pull", "double")[0] == 0 and sorted(os.listdir(double)) == NAMES
