"""`edgepose eval` as a user meets it: a process, its two outputs, its files and its exit code."""

import json
import os
import shlex
import signal
import subprocess
import sys

import pytest
from PIL import Image

from edgepose import cli
from tests.contract.test_cli import call, one_line
from tests.evaluate_truth import person, write

pytest.importorskip("pycocotools")
HIDDEN = "import sys; sys.modules['pycocotools'] = None; from edgepose.cli import main; sys.exit(main())"


@pytest.fixture
def small(tmp_path):
    """Arguments for three pictures of noise, two of them with one person."""
    images, truth = write(tmp_path, [person(1, 1), person(2, 2, (50, 10)), person(3, 3), person(4, 3, (150, 0))])
    return ["eval", "--images", images, "--annotations", truth, "--backend", "replay"]


@pytest.fixture
def coco_dev(data):
    folder = data / "coco-dev"
    return ["eval", "--images", folder / "images", "--annotations", folder / "annotations.json"]


def report(path):
    return json.loads(path.read_text())


# ---- what works

def test_crops_of_coco_dev_are_160_people_with_the_known_precision(coco_dev, tmp_path):
    done = call(*coco_dev, "--json", tmp_path / "r.json", "--threads", 2)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    found = report(tmp_path / "r.json")
    assert found["counts"]["images"] == found["counts"]["people"] == found["counts"]["poses"] == 160
    assert 0.5 < found["oks"]["AP"] < 0.7 and 0.8 < found["keypoints"]["PCK@0.2"]["all"]["rate"] < 0.95
    assert "protocol crops" in done.stdout and f"{found['oks']['AP']:.3f}" in done.stdout


def test_int8_keeps_99_percent_of_the_float_networks_precision(coco_dev, tmp_path, movenet):
    done = call(*coco_dev, "--model", movenet.name, "--json", tmp_path / "r.json", "--threads", 2)
    found = report(tmp_path / "r.json")
    assert found["oks"]["AP"] >= 0.99 * found["float_network"]["AP"]
    assert f"this is {found['oks']['AP'] / found['float_network']['AP']:.3f} of it" in done.stdout


def test_float_network_is_left_out_where_other_pictures_were_measured(coco_dev, tmp_path):
    assert "float network" not in call(*coco_dev, "--limit", 2, "--json", tmp_path / "r.json").stdout
    assert "float_network" not in report(tmp_path / "r.json")


def test_float_decode_is_close_to_the_integer_one(coco_dev, tmp_path):
    values = []
    for decoder in ("int", "float"):
        call(*coco_dev, "--limit", 20, "--decoder", decoder, "--json", tmp_path / "r.json")
        values.append(report(tmp_path / "r.json"))
    assert values[0]["run"]["decoder"] == "int" and values[1]["run"]["decoder"] == "float"
    assert abs(values[0]["oks"]["AP"] - values[1]["oks"]["AP"]) < 0.02


def test_report_says_what_was_run_on_what(small, tmp_path):
    assert call(*small, "--json", tmp_path / "r.json", "--limit", 1).returncode == 0
    found = report(tmp_path / "r.json")
    assert found["protocol"] == "crops" and found["counts"]["images"] == 1 and found["limit"] == 1
    assert found["run"]["model"] == "movenet-lightning" and len(found["run"]["sha256"]) == 64
    assert found["run"]["package"] == "recorded outputs" and found["edgepose"] and "eval" in found["command"]
    assert set(found["oks"]) == {"AP", "AP50", "AP75", "APm", "APl", "AR"}
    assert list(found["keypoints"]) == ["PCK@0.2", "PCKh@0.5", "PDJ@0.2"] and "PCP@0.5" in found["limbs"]


def test_images_protocol_counts_everybody_and_says_so(small):
    done = call(*small, "--protocol", "images")
    assert "protocol images (whole images, all people): 3 images, 4 people, 3 poses" in done.stdout
    assert "1 people have no pose" in done.stdout and max(map(len, done.stdout.splitlines())) <= 99


def test_results_of_edgepose_run_score_like_the_model_itself(small, tmp_path):
    call("run", small[2], "--backend", "replay", "--min-score", 0, "--output", tmp_path / "r.jsonl")
    whole = ["eval", "--annotations", small[4], "--protocol", "images"]
    assert call(*small, "--protocol", "images", "--json", tmp_path / "a.json").returncode == 0
    done = call(*whole, "--results", tmp_path / "r.jsonl", "--json", tmp_path / "b.json")
    assert done.returncode == 0 and "results" in done.stdout, done.stderr
    a, b = report(tmp_path / "a.json"), report(tmp_path / "b.json")
    assert a["oks"] == b["oks"] and a["keypoints"] == b["keypoints"] and b["results"]["model"] == "movenet-lightning"


def test_worst_draws_ground_truth_beside_prediction(small, tmp_path):
    done = call(*small, "--protocol", "images", "--worst", tmp_path / "w", "--worst-count", 2)
    drawn = sorted((tmp_path / "w").iterdir())
    assert done.returncode == 0 and len(drawn) == 2, done.stderr
    assert drawn[0].name.startswith("001-oks")
    with Image.open(drawn[0]) as picture:
        assert picture.size == (720 + 8 + 720, 540)


def test_resumed_run_gives_the_same_numbers_and_looks_at_the_rest_only(small, tmp_path):
    resume = ["--resume", tmp_path / "k.jsonl"]
    call(*small, *resume, "--limit", 1)
    assert len((tmp_path / "k.jsonl").read_text().splitlines()) == 2
    call(*small, *resume, "--json", tmp_path / "a.json")
    call(*small, "--json", tmp_path / "b.json")
    a, b = report(tmp_path / "a.json"), report(tmp_path / "b.json")
    assert a["oks"] == b["oks"] and a["keypoints"] == b["keypoints"] and a["counts"]["images"] == 2
    assert len((tmp_path / "k.jsonl").read_text().splitlines()) == 3


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_says_where_it_goes_on(tmp_path, sign):
    images, truth = write(tmp_path, [person(i, i) for i in range(1, 301)], n_images=300)
    command = ["eval", "--images", images, "--annotations", truth, "--backend", "replay", "--resume", tmp_path / "k"]
    run = subprocess.Popen([sys.executable, "-m", "edgepose", *map(str, command)], stderr=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True)
    while not ((tmp_path / "k").exists() and (tmp_path / "k").stat().st_size > 5000) and run.poll() is None:
        os.sched_yield()
    run.send_signal(sign)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 130 and out == "" and len(err.splitlines()) == 1 and str(tmp_path / "k") in err
    assert call(*command, "--limit", 9).returncode == 0


def test_progress_shows_on_a_terminal_only(small):
    primary, secondary = os.openpty()
    command = [sys.executable, "-m", "edgepose", *map(str, small)]
    assert subprocess.run(command, stderr=secondary, stdout=subprocess.DEVNULL, timeout=120).returncode == 0
    os.close(secondary)
    shown = os.read(primary, 65536).decode()
    os.close(primary)
    assert "2/2" in shown
    assert subprocess.run(command, capture_output=True, timeout=120).stderr == b""


def test_help_loads_nothing_heavy():
    code = ("import sys\nfrom edgepose.cli import main\n"
            "try:\n    main(['eval', '--help'])\nexcept SystemExit:\n    pass\n"
            "assert not {'numpy', 'PIL', 'pycocotools', 'tqdm', 'ai_edge_litert'} & set(sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "--annotations" in done.stdout, done.stderr


# ---- what does not

def test_broken_picture_is_reported_and_left_out(small):
    (small[2] / "1.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    done = call(*small)
    one_line(done, 1, "skipped", "1.png")
    assert "1 images, 1 people" in done.stdout and "1 broken" in done.stdout


def test_picture_of_another_size_is_reported_and_left_out(small):
    Image.new("RGB", (240, 320)).save(small[2] / "2.png")
    one_line(call(*small), 1, "2.png", "240x320", "320x240")


def test_no_picture_that_can_be_read_is_one_line_more(small):
    for name in ("1.png", "2.png"):
        (small[2] / name).write_bytes(b"")
    done = call(*small)
    assert done.returncode == 1 and done.stdout == "" and "none of the 2 images" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("text, word", [("{", "not a JSON"), ("{}", "images"), ("[]", "images")])
def test_wrong_annotations_are_one_line(small, text, word):
    small[4].write_text(text)
    one_line(call(*small), 2, small[4], word)


def test_missing_pictures_are_one_line(small):
    (small[2] / "2.png").unlink()
    one_line(call(*small), 2, "2.png", "--images")
    one_line(call("eval", "--images", small[2] / "none", "--annotations", small[4]), 2, "none")
    one_line(call("eval", "--images", small[2], "--annotations", "/nowhere.json"), 2, "/nowhere.json")


@pytest.mark.parametrize("arguments, word", [
    (["--limit", "0"], "--limit"), (["--worst-count", "0"], "--worst-count"), (["--model", "hourglass"], "hourglass"),
    (["--backend", "tensorrt"], "tflite"), (["--threads", "0"], "threads"), (["--protocol", "x"], "--help"),
    (["--json", "/nowhere/r.json"], "/nowhere"), (["--worst", "/nowhere/w/x"], "/nowhere"), (["--resume", "/"], "/"),
    (["--results", "/nowhere.json", "--model", "x"], "--model"), (["--resume", "/nowhere/k"], "/nowhere")])
def test_bad_option_is_one_line_with_the_way_out(small, arguments, word):
    one_line(call(*small[:5], *arguments), 2, word)


def test_images_are_asked_for_where_they_are_needed(small):
    one_line(call("eval", "--annotations", small[4]), 2, "--images")


def test_kept_poses_of_another_protocol_are_refused(small, tmp_path):
    call(*small, "--resume", tmp_path / "k")
    one_line(call(*small, "--resume", tmp_path / "k", "--protocol", "images"), 2, "protocol", tmp_path / "k")


def test_full_disk_is_one_line(small):
    one_line(call(*small, "--json", "/dev/full"), 1, "/dev/full")


def test_kept_poses_on_a_full_disk_are_one_line(small, tmp_path):
    command = [sys.executable, "-m", "edgepose", *map(str, small), "--resume", str(tmp_path / "k")]
    done = subprocess.run(["bash", "-c", f"ulimit -f 1; exec {shlex.join(command)}"], capture_output=True, text=True,
                          timeout=60)
    one_line(done, 1, tmp_path / "k", "largest size")


def test_missing_pycocotools_is_one_line_with_the_way_out(small):
    done = subprocess.run([sys.executable, "-c", HIDDEN, *map(str, small)], capture_output=True, text=True, timeout=60)
    one_line(done, 2, "pycocotools", "pip install 'edgepose[eval]'")


# ---- tracks

def test_tracks_of_a_video_are_found_and_told_apart(tmp_path):
    pytest.importorskip("trackeval")
    from edgepose.backends.choice import CLIP

    truth = tmp_path / "gt.txt"
    truth.write_text("".join(f"{n},1,{160 + 2 * n},35,45,95\n{n},2,{255 + 5 * n},30,45,95\n" for n in range(1, 9)))
    done = call("eval", "--tracks", truth, "--source", CLIP, "--backend", "tflite", "--scout", "none", "--json",
                tmp_path / "r.json")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    found = report(tmp_path / "r.json")
    assert found["counts"] | {"tracks": 0} == {"frames": 57, "marked_frames": 8, "people": 16, "identities": 2,
                                               "tracks": 0}
    assert found["all"]["recall"] > 0.8 and found["identity"]["switches"] == 0 and found["a_frame"]["cpu_ms"] > 0
    assert "switches" in done.stdout and f"{found['identity']['HOTA']:.3f}" in done.stdout


@pytest.mark.parametrize("arguments, word", [
    (["--tracks", "gt.txt"], "--source"), (["--tracks", "gt.txt", "--source", "a.mp4", "--images", "."], "--images"),
    (["--tracks", "/nowhere/gt.txt", "--source", "a.mp4"], "/nowhere/gt.txt"),
    (["--tracks", "gt.txt", "--source", "/nowhere/a.mp4"], "/nowhere/a.mp4"),
    (["--tracks", "gt.txt", "--source", ".", "--model", "movenet-lightning"], "video file"),
    (["--tracks", "gt.txt", "--source", "a.mp4", "--max-people", "0"], "--max-people"),
    (["--annotations", "x.json", "--max-people", "3"], "--max-people"), (["--images", "."], "--annotations")])
def test_tracks_with_a_wrong_option_are_refused_in_one_line(tmp_path, monkeypatch, capsys, arguments, word):
    pytest.importorskip("trackeval")
    (tmp_path / "gt.txt").write_text("1,1,0,0,9,9\n")
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["eval", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.splitlines()) == 1 and word in said.err


def test_tracks_of_a_frame_that_the_video_lacks_are_refused(tmp_path):
    pytest.importorskip("trackeval")
    (tmp_path / "gt.txt").write_text("999,1,0,0,9,9\n")
    done = call("eval", "--tracks", tmp_path / "gt.txt", "--source", "synthetic:64x48?frames=3", "--backend", "replay")
    one_line(done, 1, "frame 999", "has 3")
