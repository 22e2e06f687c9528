"""The folder of clips: whole files, bytes, age, a full disk, a killed process."""

import os
import signal
import subprocess
import sys
import time

import pytest

from edgepose.errors import SinkError
from tests.daemon_clips import event_id, shelf

KB = 1024


def put(on, n, n_kb=4, kind="json.gz"):
    on.put(f"{event_id(n)}.{kind}", b"x" * n_kb * KB)


def names(folder):
    return sorted(entry.name for entry in os.scandir(folder))


def test_shelf_when_a_clip_is_put_then_it_is_found(tmp_path):
    on = shelf(tmp_path / "clips")
    put(on, 1)
    found = on.find(event_id(1))
    assert found["kind"] == "skeleton" and found["path"].read_bytes() == b"x" * 4 * KB
    assert names(on.directory) == [f"{event_id(1)}.json.gz"]


def test_shelf_when_there_is_a_video_then_it_comes_first(tmp_path):
    on = shelf(tmp_path)
    put(on, 1)
    put(on, 1, kind="mp4")
    assert on.find(event_id(1))["kind"] == "video" and on.find(event_id(1), "skeleton")["kind"] == "skeleton"


@pytest.mark.parametrize("event", ["", ".", "..", "../secret", "a/b", "/etc/passwd", "a\0b", "a.json", "%2e%2e", "é",
                                   "a\n", None, 7, "x" * 65])
def test_shelf_when_the_id_is_none_then_nothing_is_found(tmp_path, event):
    (tmp_path / "secret.json.gz").write_text("secret")
    assert shelf(tmp_path / "clips").find(event) is None


def test_shelf_when_a_link_lies_there_then_it_is_not_followed(tmp_path):
    on = shelf(tmp_path / "clips")
    (tmp_path / "secret").write_text("secret")
    (on.directory / f"{event_id(1)}.json.gz").symlink_to(tmp_path / "secret")
    assert on.find(event_id(1)) is None


@pytest.mark.parametrize("name", ["../a.mp4", "a.txt", "a.mp4.part", "", "a/b.mp4", "a.10.mp4"])
def test_shelf_when_a_name_is_none_of_a_clip_then_it_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="is no clip's name"):
        shelf(tmp_path).begin(name)


def test_shelf_when_full_then_the_oldest_make_room(tmp_path):
    on = shelf(tmp_path, max_bytes=16 * KB)
    for n in (2, 1, 3, 4, 5):
        put(on, n)
    assert [name[:26] for name in names(tmp_path)] == [event_id(n) for n in (2, 3, 4, 5)]
    assert on.n_bytes == 16 * KB and on.n_removed == 1


def test_shelf_when_full_then_open_events_make_room_last(tmp_path):
    on = shelf(tmp_path, max_bytes=8 * KB, held=lambda: {event_id(1)})
    for n in (1, 2, 3):
        put(on, n)
    assert [name[:26] for name in names(tmp_path)] == [event_id(1), event_id(3)]


def test_shelf_when_full_of_open_events_then_they_go_too(tmp_path):
    on = shelf(tmp_path, max_bytes=8 * KB, held=lambda: {event_id(n) for n in range(9)})
    for n in (1, 2, 3):
        put(on, n)
    assert [name[:26] for name in names(tmp_path)] == [event_id(2), event_id(3)]


def test_shelf_when_an_event_has_both_then_its_video_makes_room_first(tmp_path):
    on = shelf(tmp_path, max_bytes=8 * KB)
    put(on, 1)
    put(on, 1, kind="mp4")
    put(on, 2)
    assert names(tmp_path) == [f"{event_id(1)}.json.gz", f"{event_id(2)}.json.gz"]


def test_shelf_when_a_file_grows_then_it_counts_already(tmp_path):
    on = shelf(tmp_path, max_bytes=12 * KB)
    put(on, 1)
    put(on, 2)
    on.begin(f"{event_id(3)}.mp4")
    on.grow(f"{event_id(3)}.mp4", 8 * KB)
    assert [name[:26] for name in names(tmp_path)] == [event_id(2)] and on.n_bytes == 12 * KB


def test_shelf_when_a_clip_is_too_old_then_it_goes_whatever_it_is(tmp_path):
    put(shelf(tmp_path), 1)
    on = shelf(tmp_path, max_age_s=100.0, held=lambda: {event_id(1)}, wall_s=lambda: time.time() + 101)
    assert names(tmp_path) == [] and on.n_bytes == 0


def test_shelf_when_the_clock_was_not_set_then_age_says_nothing(tmp_path):
    put(shelf(tmp_path), 1)
    os.utime(tmp_path / f"{event_id(1)}.json.gz", (1000, 1000))
    assert shelf(tmp_path, max_age_s=100.0).find(event_id(1))


def test_shelf_when_opened_again_then_it_knows_what_is_there_and_half_files_are_gone(tmp_path):
    put(shelf(tmp_path), 1, 5)
    (tmp_path / f"{event_id(2)}.mp4.part").write_bytes(b"half")
    (tmp_path / "note.txt").write_text("somebody's")
    on = shelf(tmp_path)
    assert (on.n_files, on.n_bytes) == (1, 8 * KB)
    assert names(tmp_path) == [f"{event_id(1)}.json.gz", "note.txt"]


def test_shelf_when_somebody_removes_a_file_then_counting_goes_on(tmp_path):
    on = shelf(tmp_path, max_bytes=8 * KB)
    put(on, 1)
    os.unlink(tmp_path / f"{event_id(1)}.json.gz")
    put(on, 2)
    put(on, 3)
    assert on.n_bytes == 8 * KB and on.n_files == 2


def test_shelf_when_the_folder_cannot_be_then_one_line_says_so(tmp_path):
    (tmp_path / "a").write_text("a file")
    with pytest.raises(SinkError, match=r"a/clips: .*not a directory"):
        shelf(tmp_path / "a" / "clips")


def test_shelf_when_a_clip_lies_there_then_only_its_owner_reads_it(tmp_path):
    on = shelf(tmp_path / "clips")
    put(on, 1)
    assert on.find(event_id(1))["path"].stat().st_mode & 0o077 == 0 and on.directory.stat().st_mode & 0o077 == 0


def test_shelf_when_the_disk_is_full_then_no_part_stays_and_the_next_clip_fits(tmp_path, monkeypatch):
    on = shelf(tmp_path)
    put(on, 1)
    with monkeypatch.context() as patch, pytest.raises(SinkError, match="the disk is full"):
        patch.setattr("edgepose.daemon.clips.shelf.write_all", fill_disk)
        put(on, 2)
    assert names(tmp_path) == [f"{event_id(1)}.json.gz"] and on.n_bytes == 4 * KB
    put(on, 2)
    assert on.n_files == 2


def fill_disk(file, data):
    file.write(data[:1000])
    raise OSError(28, "No space left on device")


def test_shelf_when_asked_to_spare_something_then_the_oldest_goes(tmp_path):
    on = shelf(tmp_path)
    put(on, 1)
    put(on, 2)
    assert on.spare() and not on.find(event_id(1)) and on.spare() and not on.spare()


KILLED = """
import itertools, sys
sys.path[:0] = {path!r}
from tests.daemon_clips import event_id, shelf
on = shelf(sys.argv[1], max_bytes=40_000)
for n in itertools.count():
    print(n, flush=True)
    on.put(event_id(n) + ".json.gz", bytes([n % 256]) * (n % 3 * 4096 + 100))
"""


def test_shelf_when_the_process_is_killed_then_no_half_clip_is_found(tmp_path, rng):
    code = KILLED.format(path=sys.path)
    for n_lines in rng.integers(1, 40, 4):
        with subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE) as process:
            for _ in range(n_lines):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
        on = shelf(tmp_path)
        for name in names(tmp_path):
            data = on.find(name[:26])["path"].read_bytes()
            assert len(set(data)) == 1 and len(data) % 4096 == 100
        assert on.n_bytes <= 40_960
