"""Nobody is found where nobody is, and most people are found: the runtime's own decision on real pictures."""

import json

import pytest

import edgepose


@pytest.fixture(scope="module")
def estimator(movenet):
    with edgepose.PoseEstimator(movenet.name, threads=2) as made:
        yield made


def test_pictures_without_people_give_no_pose(data, estimator):
    pictures = sorted((data / "coco-negatives").glob("*.jpg"))
    found = [path.name for path in pictures if estimator.estimate(path).n]
    assert len(pictures) == 47 and len(found) <= 2, found


def test_crops_of_people_give_a_pose(data, estimator):
    """87 %: what is reached and kept, below the 97 % aimed at (models/build/README.md has the tries)."""
    folder = data / "coco-dev"
    listed = set((folder / "single_person.txt").read_text().split())
    truth = json.loads((folder / "annotations.json").read_text())
    names = {image["id"]: image["file_name"] for image in truth["images"]}
    people = [(names[person["image_id"]], person["bbox"]) for person in truth["annotations"]
              if names[person["image_id"]] in listed and not person["iscrowd"] and person["num_keypoints"]]
    assert len(people) == 160
    people = people[::2] if estimator.model.name == "movenet-thunder" else people  # slow
    found = 0
    for name, (x, y, width, height) in people:
        side = 1.25 * max(width, height)
        square = x + width / 2 - side / 2, y + height / 2 - side / 2, side, side
        found += estimator.estimate(folder / "images" / name, crop=square).n
    assert found >= 0.87 * len(people)


def test_empty_synthetic_scene_gives_no_pose(estimator):
    assert not any(poses.n for poses in estimator.stream("synthetic:?frames=5&people=0"))
