"""Which source a path or an address opens."""

import subprocess
import sys

import pytest
from PIL import Image

from edgepose.errors import SourceError
from edgepose.sources import SOURCES, find, open_source
from edgepose.sources.kinds import kind_of
from tests.sources_media import make_video


def picture(path, format="JPEG"):
    Image.new("RGB", (8, 6), "red").save(path, format)
    return str(path)


@pytest.mark.parametrize("spec, kind", [
    ("rtsp://camera/live", "video"), ("RTSPS://camera/live", "video"), ("http://camera/mjpg", "video"),
    ("/dev/video0", "video"), ("/dev/video0?size=640x480", "video"), ("/dev/v4l/by-id/usb-cam", "video"),
    ("synthetic:", "synthetic"), ("synthetic:64x48", "synthetic"), ("synthetic", "synthetic"),
    ("picamera:0", "picamera"),
])
def test_kind_of_when_spec_is_no_path_then_by_its_head(spec, kind):
    assert kind_of(spec) == kind


def test_kind_of_when_suffix_is_a_pictures_then_images(tmp_path):
    assert kind_of(picture(tmp_path / "a.JPG")) == "images"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "BMP", "TIFF", "WEBP", "PPM"])
def test_kind_of_when_suffix_is_wrong_then_by_content(tmp_path, format):
    assert kind_of(picture(tmp_path / "a.mp4", format)) == "images"


def test_kind_of_when_file_is_a_row_of_jpegs_then_video(tmp_path):
    assert kind_of(make_video(tmp_path / "a.mjpg", codec="mjpeg", pix_fmt="yuvj420p")) == "video"


def test_kind_of_when_file_is_a_video_then_video(tmp_path):
    assert kind_of(make_video(tmp_path / "a.bin.mp4")) == "video"


def test_kind_of_when_directory_then_images(tmp_path):
    assert kind_of(str(tmp_path)) == "images"


@pytest.mark.parametrize("spec, match", [
    ("nowhere.mp4", "^nowhere.mp4: no such file or directory; a source is a picture, a dir.*synthetic:$"),
    ("", "no such file"),
    ("a\0b", "no such file"),
    ("gopher://x/y", "^gopher:// is not known; a source is"),
    ("picamera:0", "^picamera:0: needs the package .picamera2., which does not load: .*apt install python3-picamera2"),
    ("/dev/video97", "^/dev/video97: No such file or directory; is the camera plugged in"),
    ("/dev/video97?zoom=3", "'zoom' is not known.*one of size, fps, format"),
])
def test_open_source_when_there_is_nothing_then_one_line_names_it(spec, match):
    with pytest.raises(SourceError, match=match) as caught:
        open_source(spec)
    assert "\n" not in str(caught.value)


def test_open_source_when_given_a_path_object_then_opens(tmp_path):
    picture(tmp_path / "a.jpg")
    with open_source(tmp_path / "a.jpg") as source:
        assert source.read().width == 8


def test_open_source_when_picture_has_video_suffix_then_still_a_picture(tmp_path):
    with open_source(picture(tmp_path / "a.mp4")) as source:
        assert (source.read().format, source.read()) == ("rgb24", None)


def test_find_when_package_is_missing_then_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(SOURCES, "broken", SOURCES["video"]._replace(module="edgepose.no_such_module", needs="av"))
    with pytest.raises(SourceError, match="broken sources need the package 'av'.*pip install av"):
        find("broken")


@pytest.mark.parametrize("name, unwanted", [("a.jpg", "av"), ("a.mp4", "PIL")])
def test_open_source_when_opened_then_only_its_own_packages_are_imported(tmp_path, name, unwanted):
    path = str(tmp_path / name)
    picture(path) if name == "a.jpg" else make_video(path)
    code = (f"import sys; from edgepose.sources import open_source; open_source({path!r}).read();"
            f"sys.exit({unwanted!r} in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
