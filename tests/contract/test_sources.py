"""The same tests over every registered source."""

import os
from collections import namedtuple

import pytest

from edgepose.errors import SourceError
from edgepose.frame import Frame
from edgepose.sources import SOURCES, find, open_source
from tests.conftest import ROOT

Case = namedtuple("Case", "spec n_frames nonsense")


def _images(folder):
    from PIL import Image
    for i in range(4):
        Image.new(("RGB", "L")[i % 2], (20 + i, 11), i * 40).save(folder / f"{i}.png")
    return Case(str(folder), 4, str(folder / "gone.png"))


def _video(folder):
    (folder / "text.mp4").write_text("no video\n" * 50)
    return Case(str(ROOT / "edgepose" / "clips" / "pedestrians.mp4"), 57, str(folder / "text.mp4"))


def _synthetic(folder):
    return Case("synthetic:64x48?frames=5&people=2", 5, "synthetic:0x0")


CASES = {"images": _images, "video": _video, "synthetic": _synthetic}


@pytest.fixture(params=sorted(SOURCES.keys() - {"picamera"}))  # which has no end: tests/unit/test_sources_picamera.py
def kind(request):
    try:
        find(request.param)
    except SourceError as error:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))
    return request.param


@pytest.fixture
def case(kind, tmp_path):
    return CASES[kind](tmp_path)


@pytest.fixture
def source(case):
    with open_source(case.spec) as source:
        yield source


def test_source_when_new_then_closed_and_says_so(kind, case):
    source = find(kind)(case.spec)
    assert repr(source) == f"<{type(source).__name__} {case.spec!r} closed>" and source.name == case.spec


def test_source_when_opened_then_describes_itself(source, case):
    assert " open>" in repr(source) and source.name == case.spec and source.n_frames == case.n_frames
    assert (source.n_broken, source.live) == (0, False) and (source.fps is None or source.fps > 0)


def test_source_when_read_then_frames_fit_their_formats(source):
    for frame in source:
        again = Frame(frame.format, frame.width, frame.height, frame.planes, frame.line_sizes, frame.colour)
        assert repr(again) and all(memoryview(plane).c_contiguous for plane in frame.planes)


def test_source_when_read_to_the_end_then_seq_counts_from_zero_and_time_never_goes_back(source, case):
    seen = [(frame.seq, frame.t_ns) for frame in source]
    times = [t_ns for _, t_ns in seen]
    assert [seq for seq, _ in seen] == list(range(case.n_frames))
    assert times == sorted(times) and all(isinstance(t_ns, int) for t_ns in times)


def test_source_when_at_the_end_then_none_again_and_again(source):
    while source.read() is not None:
        pass
    assert source.read() is None and source.read() is None


def test_source_when_another_of_its_kind_reads_then_the_lent_frame_keeps_its_bytes(source, case):
    frame = source.read()
    before = [bytes(memoryview(plane)) for plane in frame.planes]
    with open_source(case.spec) as other:
        assert len(list(other)) == case.n_frames
    assert [bytes(memoryview(plane)) for plane in frame.planes] == before


def test_source_when_closed_twice_then_read_gives_none(source):
    source.read()
    source.close()
    source.close()
    assert source.read() is None and " closed>" in repr(source)


def test_source_when_closed_before_it_was_opened_then_fine(kind, case):
    find(kind)(case.spec).close()


def test_source_when_opened_again_then_begins_anew(source, case):
    source.read()
    source.close()
    source.open()
    assert [frame.seq for frame in source] == list(range(case.n_frames))


def test_source_when_used_in_a_with_then_opened_and_closed(kind, case):
    with find(kind)(case.spec) as source:
        assert source.read().seq == 0
    assert not source.is_open


def test_source_when_spec_is_nonsense_then_source_error_of_one_line_that_names_it(kind, case):
    with pytest.raises(SourceError) as caught:
        find(kind)(case.nonsense).open()
    assert case.nonsense in str(caught.value) and "\n" not in str(caught.value)


def test_source_when_read_then_nothing_is_printed(source, capfd):
    list(source)
    assert capfd.readouterr() == ("", "")
