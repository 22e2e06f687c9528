"""Skeleton clips drawn for people."""

import av
import numpy as np
import pytest
from PIL import Image

from edgepose.daemon.clips import document, draw
from edgepose.errors import ConfigError, SinkError
from tests.daemon_clips import Scene, event, event_id


@pytest.fixture
def clip(tmp_path):
    """A clip of an event two seconds long, with two people."""
    scene = Scene(tmp_path / "clips", before_s=1.0, after_s=1.0)
    scene.run(5, n=2)
    opened_ms = scene.now_ms
    scene.tell(event(opened_ms=opened_ms))
    scene.run(2, n=2)
    scene.tell(event(opened_ms=opened_ms, closed_ms=scene.now_ms))
    scene.run(3, n=2)
    return document.read(scene.shelf.find(event_id(0))["path"])


def test_video_when_drawn_then_it_plays_at_its_own_pace(tmp_path, clip):
    draw.render(clip, tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        frames = list(container.decode(video=0))
    assert [round(frame.time * 10) for frame in frames] == list(range(41)) and frames[0].width == 640


def test_video_when_the_clip_has_a_gap_then_it_is_jumped_over(tmp_path, clip):
    clip["gaps"], clip["frames"] = [[1000, 900_000]], [[0, []], [1000, []], [900_000, []], [901_000, []]]
    draw.render(clip, tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert [round(frame.time) for frame in container.decode(video=0)] == [0, 1, 2, 3]


def test_picture_when_drawn_then_it_shows_people_zone_and_nothing_else(tmp_path, clip):
    draw.render(clip, tmp_path / "a.png")
    picture = np.asarray(Image.open(tmp_path / "a.png")).astype(int)
    colours = {tuple(colour) for colour in picture.reshape(-1, 3).tolist()}
    assert picture.shape == (480, 640, 3) and draw.GROUND in colours and draw.HAPPENING in colours
    assert np.abs(picture[100:130, 100:180] - draw.GROUND).max() > 100  # a body
    assert np.abs(picture[200:400, 600:] - draw.GROUND).max() == 0


def test_picture_when_the_event_is_not_there_yet_then_its_zone_is_calm(clip):
    drawing = draw.Drawing(clip)
    calm, happening, over = (np.asarray(drawing.draw([t_ms, []])) for t_ms in (0, 1000, 3100))
    red = [(picture == draw.HAPPENING).all(axis=2).sum() for picture in (calm, happening, over)]
    assert red[0] == red[2] == 0 < red[1]


def test_picture_when_a_person_has_an_id_then_it_stands_there(clip):
    frame = clip["frames"][15]
    pictures = [draw.Drawing(clip).draw([frame[0], [[track_id, *frame[1][0][1:]]]]) for track_id in (3, 4)]
    assert not np.array_equal(*map(np.asarray, pictures))


def test_picture_when_the_camera_is_large_then_the_drawing_is_not(tmp_path, clip):
    clip.update(width=3840, height=2160)
    draw.render(clip, tmp_path / "a.png")
    assert Image.open(tmp_path / "a.png").size == (1280, 720)


@pytest.mark.parametrize("ending", [".png", ".mp4"])
def test_clip_when_it_is_empty_then_there_is_still_a_drawing(tmp_path, clip, ending):
    clip.update(frames=[], zones=[])
    clip["event"]["zone"] = None
    draw.render(clip, tmp_path / f"a{ending}")
    assert (tmp_path / f"a{ending}").stat().st_size > 100


def test_clip_when_the_ending_says_nothing_then_one_line_names_those_that_do(tmp_path, clip):
    with pytest.raises(SinkError, match=r"a\.txt: its ending '.txt' says neither .* \.png .* \.mp4"):
        draw.render(clip, tmp_path / "a.txt")


def test_clip_when_the_file_is_none_then_one_line_says_so(tmp_path):
    (tmp_path / "a.json.gz").write_text("no clip")
    with pytest.raises(ConfigError, match="no skeleton clip"):
        draw.render(tmp_path / "a.json.gz", tmp_path / "a.png")
