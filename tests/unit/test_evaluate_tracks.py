"""Evaluation of tracks: ground truth files, poses against boxes, identities, and the table."""

import numpy as np
import pytest

from edgepose.errors import ConfigError
from edgepose.evaluate import boxes, identities, mot, tracks

# ---- ground truth

def truth(tmp_path, text):
    path = tmp_path / "gt.txt"
    path.write_text(text)
    return mot.read(str(path))


def test_truth_when_read_then_frames_count_from_0_and_hold_ids_and_boxes(tmp_path):
    found = truth(tmp_path, "5,2,10,20,30,40,1,-1,-1,-1\n1,7,1.5,2,3,4\n5,9,0,0,1,1\n\n")
    assert list(found) == [0, 4] and found[4].ids.tolist() == [2, 9]
    assert found[0].boxes.tolist() == [[1.5, 2, 3, 4]] and found[4].boxes.shape == (2, 4)


def test_truth_when_a_person_is_not_to_be_considered_then_they_are_left_out(tmp_path):
    assert truth(tmp_path, "1,1,0,0,9,9,0,1,1\n1,2,0,0,9,9,1,1,1\n")[0].ids.tolist() == [2]


@pytest.mark.parametrize("line, word", [
    ("0,1,0,0,9,9", "line 2"), ("2,1,0,0,9", "line 2"), ("2,1,0,0,0,9", "no box"), ("2,a,0,0,9,9", "line 2"),
    ("2,1,nan,0,9,9", "no box"), ("frame,id,x,y,w,h", "frames from 1"), ("1,1,5,5,9,9", "twice")])
def test_truth_when_a_line_is_wrong_then_it_is_named(tmp_path, line, word):
    with pytest.raises(ConfigError, match=word):
        truth(tmp_path, f"1,1,0,0,9,9\n{line}\n")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00"])
def test_truth_when_the_file_holds_nobody_then_it_is_refused(tmp_path, content):
    (tmp_path / "gt.txt").write_bytes(content)
    with pytest.raises(ConfigError, match="gt.txt"):
        mot.read(str(tmp_path / "gt.txt"))


# ---- poses against boxes

def pose(x, y, width, height, n_keypoints=17, score=0.5):
    """float (17, 3): keypoints spread over a box, the others unseen."""
    out = np.zeros((17, 3))
    out[:n_keypoints, 0] = x + width * np.linspace(0, 1, n_keypoints)
    out[:n_keypoints, 1] = y + height * np.linspace(0, 1, n_keypoints)
    out[:n_keypoints, 2] = score
    return out


def test_boxes_when_six_keypoints_are_seen_then_there_is_one_a_fifth_larger():
    poses = pose(0, 0, 9, 9, 5), pose(100, 50, 20, 40, 6), pose(0, 0, 9, 9, 17, score=0.05)
    found, numbers = boxes.pose_boxes(np.array(poses))
    assert numbers == [1] and np.allclose(found, [[98, 46, 24, 48]])


def test_boxes_when_there_is_nobody_then_there_are_none():
    found, numbers = boxes.pose_boxes(np.zeros((0, 17, 3)))
    assert found.shape == (0, 4) and numbers == []


@pytest.mark.parametrize("found, expected", [
    ((0, 0, 10, 10), 1), ((0, 0, 10, 5), 0.5), ((0, 0, 10, 2.9), 0), ((6, 0, 10, 10), 0), ((20, 20, 5, 5), 0)])
def test_similarity_when_boxes_are_compared_then_the_middle_and_three_tenths_count(found, expected):
    alike = boxes.similarity(np.array([[0, 0, 10, 10.]]), np.array([found], float))
    assert alike == pytest.approx(np.array([[expected]]))


def test_matches_when_counted_then_each_person_and_pose_is_taken_once():
    assert boxes.count_matches(np.array([[0.9, 0.8], [0.7, 0.0]])) == 1
    assert boxes.count_matches(np.array([[0.9, 0.0], [0.7, 0.4]])) == 2
    assert boxes.count_matches(np.zeros((0, 3))) == 0


# ---- identities

def frames(*ids, n_people=2):
    """People who stand side by side, in each frame found with these ids; (truth, found) of `tracks.compare`."""
    places = [(100 * i, 0, 30, 90) for i in range(n_people)]
    marked = mot.Marked(np.arange(n_people), np.array(places, float))
    found = {n: (np.array([pose(*place) for place in places]), np.array(each)) for n, each in enumerate(ids)}
    return dict.fromkeys(found, marked), found


def test_identities_when_all_is_right_then_all_is_one():
    pytest.importorskip("trackeval")
    numbers = tracks.compare(*frames([3, 8], [3, 8], [3, 8]))
    assert numbers["all"] == numbers["with_id"] == {"recall": 1, "precision": 1}
    assert numbers["identity"]["MOTA"] == numbers["identity"]["IDF1"] == 1 and numbers["identity"]["switches"] == 0


def test_identities_when_ids_swap_once_then_it_is_two_switches():
    pytest.importorskip("trackeval")
    identity = tracks.compare(*frames([1, 2], [1, 2], [2, 1], [2, 1]))["identity"]
    assert identity["switches"] == 2 and identity["MOTA"] == pytest.approx(1 - 2 / 8)
    assert identity["IDF1"] == pytest.approx(0.5)


def test_identities_when_poses_have_no_id_yet_then_they_count_for_finding_only():
    pytest.importorskip("trackeval")
    numbers = tracks.compare(*frames([-1, -1], [1, 2]))
    assert numbers["all"]["recall"] == 1 and numbers["with_id"]["recall"] == 0.5
    assert numbers["identity"]["MOTA"] == pytest.approx(0.5)


def test_identities_when_nobody_is_found_then_there_is_no_precision_and_a_dash_in_the_table():
    pytest.importorskip("trackeval")
    marked, _ = frames([1, 2])
    numbers = tracks.compare(marked, {0: (np.zeros((0, 17, 3)), np.zeros(0, int))})
    assert numbers["all"] == {"recall": 0, "precision": None} and numbers["identity"]["MOTA"] == 0
    whole = {"source": "a.mp4", "counts": {"frames": 1, "people": 2, "marked_frames": 1, "identities": 2, "tracks": 0},
             "run": {"model": "m", "backend": "b", "package": "p", "scout": "none"},
             "a_frame": {"cpu_ms": 1.25, "looks": 1.0}, **numbers}
    assert " - " in tracks.table(whole).replace("-\n", "- \n") and "1.2 ms of CPU time" in tracks.table(whole)


def test_identities_when_the_package_is_missing_then_it_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "trackeval", None)
    with pytest.raises(ConfigError, match=r"edgepose\[tracks\]"):
        identities.load()
