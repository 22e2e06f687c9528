"""The public API, and the README's example as a reader would paste it."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edgepose
from edgepose.errors import ConfigError, ModelError, SourceError

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def estimator():
    with edgepose.PoseEstimator("movenet-lightning", min_score=0) as made:
        yield made


@pytest.fixture
def person():
    """One frame of the clip, RGB."""
    import av

    clip = Path(edgepose.__file__).parent / "clips" / "pedestrians.mp4"
    with av.open(str(clip)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def test_array_frame_image_and_file_give_the_same_poses(estimator, person, tmp_path):
    Image.fromarray(person).save(tmp_path / "a.png")
    ways = [estimator.estimate(person[..., ::-1]), estimator.estimate(person, format="rgb24"),
            estimator.estimate(edgepose.Frame.from_array(person, "rgb24")),
            estimator.estimate(Image.fromarray(person)), estimator.estimate(tmp_path / "a.png")]
    assert all(np.array_equal(ways[0].keypoints_q4, way.keypoints_q4) for way in ways[1:])


def test_result_is_the_callers_own(estimator, person):
    first = estimator.estimate(person)
    kept = first.keypoints_q4.copy()
    estimator.estimate(np.zeros((50, 50, 3), np.uint8))
    assert np.array_equal(first.keypoints_q4, kept)


def test_keypoints_are_source_px_in_the_picture(estimator, person):
    keypoints = estimator.estimate(person, format="rgb24").keypoints()
    assert keypoints.shape == (1, 17, 3) and keypoints.dtype == np.float32
    height, width = person.shape[:2]
    assert (keypoints >= 0).all() and (keypoints <= [width, height, 1]).all()


def test_crop_gives_the_same_person_in_the_same_place(estimator, person):
    height, width = person.shape[:2]
    whole = estimator.estimate(person, format="rgb24")
    again = estimator.estimate(person, format="rgb24", crop=(0, 0, width, height))
    assert np.array_equal(whole.keypoints_q4, again.keypoints_q4)


def test_colour_order_matters_and_is_taken_care_of(estimator, person):
    right, wrong = (estimator.estimate(person, format=order).scores_q16[0] for order in ("rgb24", "bgr24"))
    assert right != wrong


def test_stream_yields_every_frame(estimator):
    assert [poses.seq for poses in estimator.stream("synthetic:?frames=5")] == [0, 1, 2, 3, 4]


def test_stream_left_early_closes_its_source(estimator):
    for poses in estimator.stream("synthetic:?frames=100000"):
        if poses.seq == 2:
            break


@pytest.mark.parametrize("picture, error", [
    ("missing.jpg", SourceError), (np.zeros((4, 4), np.uint8), ConfigError), (None, ConfigError)])
def test_what_is_no_picture_is_refused(estimator, picture, error):
    with pytest.raises(error):
        estimator.estimate(picture)


def test_unknown_model_and_backend_are_refused():
    with pytest.raises(ModelError, match="is not known"):
        edgepose.PoseEstimator("hourglass")
    with pytest.raises(ConfigError, match="is not known"):
        edgepose.PoseEstimator(backend="tensorrt")


def test_readme_example_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    example = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S).group(1)
    exec(compile(example, "README.md", "exec"), {})
    assert "nose" in capsys.readouterr().out


def test_docstring_example_runs():
    import doctest

    import edgepose.estimator

    assert doctest.testmod(edgepose.estimator).failed == 0
