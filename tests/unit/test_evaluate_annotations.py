"""COCO files, right and wrong, and the choice of pictures and squares."""

import json

import pytest

from edgepose.errors import ConfigError
from edgepose.evaluate import annotations, protocols
from tests.evaluate_truth import coco, person, truth, unlabelled_person


def ids(pictures):
    return [picture.id for picture in pictures]


def test_crops_are_pictures_of_exactly_one_annotated_person():
    found = truth([person(1, 2), unlabelled_person(2, 2, iscrowd=1), person(3, 3), person(4, 3),
                   person(5, 4), unlabelled_person(6, 4), unlabelled_person(7, 5), person(8, 6)], n_images=7)
    assert ids(protocols.select(found, "crops")) == [2, 6]
    assert ids(protocols.select(found, "images")) == [2, 3, 4, 5, 6]
    assert ids(protocols.select(found, "images", limit=2)) == [2, 3]


def test_crops_of_coco_dev_are_its_single_person_list(data):
    found = annotations.read(data / "coco-dev" / "annotations.json")
    listed = (data / "coco-dev" / "single_person.txt").read_text().split()
    assert sorted(picture.file for picture in protocols.select(found, "crops")) == sorted(listed)
    assert len(listed) == 160 and len(protocols.select(found, "images")) == 350


@pytest.mark.parametrize("box, square", [
    ((0, 0, 100, 200), (-75 * 16, -25 * 16, 4000 + 0, 4000)), ((10, 20, 8, 8), (144, 304, 160, 160)),
    ((0.3, 0.3, 0.01, 0.01), (5, 5, 1, 1))])
def test_square_is_one_and_a_quarter_of_the_longer_side(box, square):
    assert protocols.square_q4(box) == square


def test_num_keypoints_of_zero_or_of_nothing_labelled_is_nobody():
    found = truth([person(1, 1, num_keypoints=0), unlabelled_person(2, 2, num_keypoints=3), person(3, 3)])
    assert [len(found.counted(i)) for i in (1, 2, 3)] == [0, 0, 1]


def test_keys_that_coco_leaves_out_are_filled_in():
    entry = person(1, 1)
    del entry["num_keypoints"], entry["iscrowd"]
    assert truth([entry]).counted(1)[0]["num_keypoints"] == 17


def test_other_categories_are_left_out():
    dog = {"id": 5, "image_id": 1, "category_id": 18, "bbox": [0, 0, 9, 9]}
    assert len(truth([dog, person(1, 1)]).entries[1]) == 1


@pytest.mark.parametrize("change, words", [
    ({"area": None}, "annotation 7.*area"), ({"area": 10 ** 400}, "area"), ({"bbox": [1, 2, 3]}, "annotation 7: bbox"),
    ({"keypoints": [1] * 50}, "annotation 7: keypoints"), ({"keypoints": ["a"] * 51}, "keypoints"),
    ({"image_id": 99}, "image_id 99"), ({"image_id": [1]}, "image_id"), ({"image_id": "1"}, "image_id")])
def test_wrong_annotation_is_named(change, words):
    with pytest.raises(ConfigError, match=words):
        truth([person(7, 1, **change)])


@pytest.mark.parametrize("text, words", [
    ("{", "not a JSON"), ("\xff", "not a JSON"), ("[" * 100000, "not a JSON"), ("[]", "images"), ("{}", "images"),
    ('{"images": []}', "annotations"), ('{"images": [], "annotations": [1]}', "annotations"),
    ('{"images": [], "annotations": [{"category_id": 1}]}', "keypoints"),
    ('{"images": [{"id": "a"}], "annotations": []}', "image \"a\""), ('{"images": null}', "images")])
def test_wrong_file_is_one_line_that_names_it(tmp_path, text, words):
    (tmp_path / "t.json").write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError, match=f"t.json.*{words}") as error:
        annotations.read(tmp_path / "t.json")
    assert "\n" not in str(error.value)


def test_two_categories_with_keypoints_are_refused():
    with pytest.raises(ConfigError, match="2 categories"):
        truth([person(1, 1), person(2, 1, category_id=2)])


def test_no_picture_for_the_protocol_is_said():
    with pytest.raises(ConfigError, match="no image fits protocol crops"):
        protocols.select(truth([unlabelled_person(1, 1), person(2, 2), person(3, 2)]), "crops")


def test_empty_box_is_refused_where_it_is_needed():
    found = truth([person(1, 1, bbox=[5, 5, 0, 9])])
    assert len(protocols.select(found, "images")) == 1
    with pytest.raises(ConfigError, match="annotation 1: bbox.*empty"):
        protocols.select(found, "crops")


def test_missing_pictures_are_counted_and_the_first_is_named(tmp_path):
    pictures = protocols.select(truth([person(1, 1), person(2, 2)]), "crops")
    (tmp_path / "1.png").touch()
    with pytest.raises(ConfigError, match="1 of the 2.*2.png"):
        annotations.check_files(pictures, tmp_path)
    with pytest.raises(ConfigError, match="no directory"):
        annotations.check_files(pictures, tmp_path / "none")


def test_read_gives_the_hash_of_the_file(tmp_path):
    (tmp_path / "t.json").write_text(json.dumps(coco([person(1, 1)])))
    assert len(annotations.read(tmp_path / "t.json").sha256) == 64
