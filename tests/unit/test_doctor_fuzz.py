"""Whatever the kernel's files hold, doctor has findings and never a crash; nor does a vanishing file harm it."""

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgepose import doctor
from edgepose.doctor import files, table, tree
from edgepose.errors import ConfigError
from tests.board_trees import lay_out
from tests.doctor_world import TREES, validator

QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CONTENTS = st.one_of(st.binary(max_size=40), st.integers(-10**20, 10**20).map(lambda number: str(number).encode()),
                     st.sampled_from([b"", b"\0", b"\xff\xfe", b"0-99999999", b"5-", b"-1", b"0,,3", b": : :", b"\n\n",
                                      b"nan", b"0x", "²".encode(), "٣-٤".encode(), b"MemTotal: kB", b"a b c d e f"]))


def _break(path, how):
    """Put bytes into a file, or make something of it that cannot be read."""
    path.unlink(missing_ok=True)
    if isinstance(how, bytes):
        path.write_bytes(how)
    elif how == "folder":
        path.mkdir()
    elif how == "loop":
        path.symlink_to(path.name)


@QUIET
@given(st.data())
def test_broken_files_give_findings_of_the_schema(tmp_path, data):
    root = tmp_path / "root"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    lay_out(data.draw(st.sampled_from(TREES)), root)
    paths = sorted({path for _, path in files.find(root)})
    for path in data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=8, unique=True)):
        _break(path, data.draw(st.one_of(CONTENTS, st.sampled_from(["folder", "loop", "gone"]))))
    report = doctor.examine(doctor.Place(root))
    validator.validate(report)
    assert not [found for found in report["findings"].values() if "Error: " in found["text"]]
    assert list(table.rows(report, 80)) and tree.record(doctor.Place(root))


@QUIET
@given(st.text(max_size=200))
def test_any_text_is_laid_out_or_refused_in_one_line(tmp_path, text):
    (tmp_path / "tree.txt").write_text(text, errors="replace")
    root = tmp_path / "root"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    try:
        tree.lay_out(tmp_path / "tree.txt", root)
    except ConfigError as fault:
        assert len(str(fault).splitlines()) == 1
    assert {path.name for path in tmp_path.iterdir()} <= {"tree.txt", "root"}


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), FileNotFoundError(2, "No such file"),
                                   OSError(5, "Input/output error"), OSError(11, "Resource temporarily unavailable")])
def test_file_that_goes_while_it_is_read_is_no_crash(error, tmp_path, monkeypatch):
    root = lay_out("raspberry-pi-5", tmp_path)
    place = doctor.Place(root)
    place.board, place.vitals  # noqa: B018 - found while all was well

    def read_text(*arguments, **more):
        raise error

    monkeypatch.setattr("pathlib.Path.read_text", read_text)
    report = doctor.examine(place)
    validator.validate(report)
    is_asleep = error.errno == 11
    assert report["findings"]["readings"]["status"] == ("ok" if is_asleep else "warn")
    assert not [found for found in report["findings"].values() if "Error: " in found["text"]]
