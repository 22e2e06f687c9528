"""The command line as a user meets it: a process, its two outputs and its exit code."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import av
import jsonschema
import numpy as np
import pytest
from PIL import Image

import edgepose
from edgepose import cli

PACKAGE = Path(edgepose.__file__).resolve().parent
CLIP = PACKAGE / "clips" / "pedestrians.mp4"
VALIDATOR = jsonschema.Draft202012Validator(json.loads((PACKAGE / "schemas" / "pose-1.schema.json").read_text()))


def call(*arguments, **environment):
    """Run edgepose to its end."""
    return subprocess.run([sys.executable, "-m", "edgepose", *map(str, arguments)], capture_output=True, text=True,
                          env={**os.environ, **environment}, timeout=300)


def call_here(*arguments):
    """Run edgepose to its end in this process, which saves starting one; what it says, and its exit code."""
    out, error, sigterm = io.StringIO(), io.StringIO(), signal.getsignal(signal.SIGTERM)
    try:
        with redirect_stdout(out), redirect_stderr(error):
            code = cli.main(list(map(str, arguments)))
    except SystemExit as end:
        code = end.code
    finally:
        signal.signal(signal.SIGTERM, sigterm)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), error.getvalue())


def lines(done):
    """The JSON lines of a run, each checked against the schema."""
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for line in found:
        VALIDATOR.validate(line)
    return found


def one_line(done, code, *words):
    """Whether a run failed as it should: the code, one line on standard error, and these words in it."""
    text = done.stderr.strip()
    assert done.returncode == code, done.stderr
    assert len(text.splitlines()) == 1 and "Traceback" not in text
    for word in words:
        assert str(word) in text, text


def save(path, size=(64, 48), mode="RGB"):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)).convert(mode).save(path)
    return path


# ---- what works

def test_run_on_the_clip_prints_a_valid_line_a_frame():
    done = call("run", CLIP, "--max-frames", 12, "--backend", "tflite")
    found = lines(done)
    assert done.returncode == 0 and [line["seq"] for line in found] == list(range(12))
    assert found[0]["model"] == "movenet-lightning" and found[0]["backend"] == "tflite"
    assert sum(len(line["poses"]) for line in found) >= 6


def test_run_on_a_real_picture_finds_the_person(data):
    picture = data / "coco-dev" / "images" / "000000001000.jpg"
    found = lines(call("run", picture, "--min-score", 0))
    assert len(found) == 1 and found[0]["file"] == picture.name and len(found[0]["poses"][0]["keypoints"]) == 17


def test_table_and_output_file(tmp_path):
    done = call("run", CLIP, "--max-frames", 3, "--format", "table", "--output", tmp_path / "out.txt")
    assert done.returncode == 0 and done.stdout == ""
    assert len((tmp_path / "out.txt").read_text().splitlines()) >= 3


def test_overlay_picture_and_video_in_one_run(tmp_path):
    done = call("run", CLIP, "--max-frames", 5, "--overlay", tmp_path / "a.png", "--overlay", tmp_path / "a.mp4")
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "a.png") as still, av.open(str(tmp_path / "a.mp4")) as video:
        assert still.size == (video.streams.video[0].width, video.streams.video[0].height)
        assert sum(1 for _ in video.decode(video=0)) == 5


def test_directory_is_sorted_and_recursive_on_request(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.png", "a.png", "sub/c.png"):
        save(tmp_path / name)
    assert [line["file"] for line in lines(call_here("run", tmp_path))] == ["a.png", "b.png"]
    found = lines(call_here("run", tmp_path, "--recursive"))
    assert [line["file"] for line in found] == ["a.png", "b.png", "sub/c.png"]


def test_one_broken_picture_in_a_thousand_is_reported_and_the_rest_are_done(tmp_path):
    save(tmp_path / "0000.png", (8, 8))
    for i in range(1, 1000):
        shutil.copy(tmp_path / "0000.png", tmp_path / f"{i:04d}.png")
    (tmp_path / "0500.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    done = call("run", tmp_path, "--backend", "replay")
    seqs = [json.loads(line)["seq"] for line in done.stdout.splitlines()]
    assert seqs == list(range(999)) and "0500.png" not in done.stdout
    one_line(done, 1, "0500.png")


def test_replay_backend_runs_without_the_network():
    assert lines(call("run", "synthetic:?frames=4", "--backend", "replay"))[0]["backend"] == "replay"


def test_models_list_info_pull_and_verify():
    assert "movenet-lightning" in call("models", "list").stdout
    info = call_here("models", "info", "movenet-lightning").stdout
    assert "Apache-2.0" in info and "npm @vladmandic/human" in info
    assert "verified" in call_here("models", "pull", "movenet-lightning").stdout
    assert "movenet-lightning: whole" in call_here("models", "verify").stdout


def test_kernels_and_twins_print_the_same():
    runs = [call("run", CLIP, "--max-frames", 2, EDGEPOSE_KERNELS=kind).stdout for kind in ("", "twins")]
    assert runs[0] == runs[1] != ""


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments):
    code = ("import sys\nfrom edgepose.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
            "assert not {'numpy', 'av', 'PIL', 'ai_edge_litert'} & set(sys.modules)")
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "edgepose" in done.stdout


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_cleanly_with_whole_lines_and_a_playable_video(tmp_path, sign):
    run = subprocess.Popen([sys.executable, "-m", "edgepose", "run", "synthetic:?frames=100000", "--overlay",
                            str(tmp_path / "a.mp4")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = run.stdout.readline()
    run.send_signal(sign)
    text = first + run.stdout.read()
    assert run.wait(60) == 0, run.stderr.read()
    assert text.endswith("}\n") and all(json.loads(line) for line in text.splitlines())
    with av.open(str(tmp_path / "a.mp4")) as video:
        assert sum(1 for _ in video.decode(video=0)) >= 1


def test_progress_shows_on_a_terminal_only(tmp_path):
    primary, secondary = os.openpty()
    command = [sys.executable, "-m", "edgepose", "run", "synthetic:?frames=40", "--backend", "replay", "--output",
               str(tmp_path / "a.jsonl")]
    assert subprocess.run(command, stderr=secondary, timeout=120).returncode == 0
    os.close(secondary)
    shown = os.read(primary, 65536).decode()
    os.close(primary)
    assert "40/40" in shown and "frames/s" in shown
    assert subprocess.run(command, capture_output=True, timeout=120).stderr == b""


# ---- what does not

@pytest.fixture
def bad(tmp_path):
    """Files that are not what they seem."""
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("not a film\n" * 100)
    (tmp_path / "empty.jpg").touch()
    picture = save(tmp_path / "whole.jpg", (640, 480))
    (tmp_path / "cut.jpg").write_bytes(picture.read_bytes()[:20000])
    (tmp_path / "nothing").mkdir()
    return tmp_path


@pytest.mark.parametrize("name", ["missing.jpg", "missing.mp4", "empty.mp4", "text.mp4", "empty.jpg", "cut.jpg",
                                  "nothing"])
def test_bad_source_is_one_line_that_names_it(bad, name):
    done = call_here("run", bad / name)
    one_line(done, 2, name)
    assert done.stdout == ""


@pytest.mark.parametrize("source", ["rtsp://127.0.0.1:9/none", "/dev/video99", "picamera:0", "gopher://"])
def test_unreachable_camera_is_one_line_that_names_it(source):
    one_line(call_here("run", source), 2, source)


def test_password_in_an_address_is_not_shown():
    done = call("run", "rtsp://me:secret@127.0.0.1:9/none")
    one_line(done, 2, "127.0.0.1")
    assert "secret" not in done.stderr


@pytest.mark.parametrize("arguments, word", [
    (["--model", "hourglass"], "movenet-lightning"), (["--backend", "tensorrt"], "tflite"),
    (["--threads", "0"], "threads"), (["--threads", "x"], "--help"), (["--min-score", "2"], "--min-score"),
    (["--max-frames", "0"], "--max-frames"), (["--cpus", "999"], "--cpus 999"), (["--cpus", "a"], "--cpus a"),
    (["--format", "xml"], "--help"), (["--output", "/nowhere/x.jsonl"], "/nowhere"),
    (["--overlay", "/nowhere/x.mp4"], "/nowhere"), (["--overlay", "x.gif"], "x.gif"), (["--output", "/"], "/")])
def test_bad_option_is_one_line_with_the_way_out(bad, arguments, word):
    one_line(call_here("run", bad / "whole.jpg", *arguments), 2, word)


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run"], ["models"], ["models", "info"]])
def test_wrong_usage_is_one_line(arguments):
    one_line(call(*arguments), 2, "--help")


def test_full_disk_is_one_line(bad):
    one_line(call("run", bad / "whole.jpg", "--backend", "tflite", "--output", "/dev/full"), 1, "/dev/full")


@pytest.mark.parametrize("damage, word", [
    (lambda data: data[:-100], "bytes"), (lambda data: data[:5000] + b"\xff" + data[5001:], "sha256"),
    (lambda data: b"", "bytes")])
def test_damaged_model_is_one_line_that_names_the_file(bad, lightning, monkeypatch, damage, word):
    shutil.copytree(lightning.folder, bad / "models" / "movenet-lightning")
    file = bad / "models" / "movenet-lightning" / "movenet-lightning.tflite"
    file.write_bytes(damage(file.read_bytes()))
    monkeypatch.setenv("EDGEPOSE_MODELS", str(bad / "models"))
    one_line(call_here("run", bad / "whole.jpg"), 2, file, word)
    done = call_here("models", "verify")
    assert done.returncode == 2 and str(file) in done.stdout


def test_manifest_with_a_missing_key_is_named(bad, lightning):
    shutil.copytree(lightning.folder, bad / "models" / "movenet-lightning")
    manifest = bad / "models" / "movenet-lightning" / "manifest.toml"
    manifest.write_text(manifest.read_text().replace("licence =", "license ="))
    one_line(call("run", bad / "whole.jpg", EDGEPOSE_MODELS=str(bad / "models")), 2, manifest, "licence")


def test_reader_that_leaves_early_is_no_drama():
    command = f"{sys.executable} -m edgepose run synthetic:?frames=2000 --backend replay | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    assert json.loads(done.stdout) and "Traceback" not in done.stderr and "Exception" not in done.stderr
