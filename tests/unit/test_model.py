"""Manifests: what is missing, ill-typed or damaged is named by file and key."""

import shutil

import pytest

from edgepose import model
from edgepose.errors import ModelError


@pytest.fixture
def folder(tmp_path, lightning, monkeypatch):
    """A copy of the default model that a test may break."""
    copy = tmp_path / "models" / "broken"
    shutil.copytree(lightning.folder, copy)
    monkeypatch.setenv("EDGEPOSE_MODELS", str(copy.parent))
    return copy


def change(folder, old, new):
    manifest = folder / "manifest.toml"
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new, 1))


def test_default_model_is_whole(lightning):
    assert lightning.file("tflite").stat().st_size == lightning.files[0].size_bytes < 3_000_000
    assert (lightning.input.height, lightning.input.channels, lightning.skeleton.name) == (192, "bgr", "coco17")


def test_names_lists_the_installed_models(folder):
    assert {"broken", "movenet-lightning"} <= set(model.names())


def test_model_may_be_given_as_a_folder(folder):
    assert model.load(str(folder)).folder == folder


def test_unknown_model_lists_those_installed():
    with pytest.raises(ModelError, match="'hourglass' is not known; installed: .*movenet-lightning"):
        model.load("hourglass")


@pytest.mark.parametrize("old, new, complaint", [
    ('decoder = "movenet"', "", "decoder is missing; it takes a string"),
    ("height = 192", 'height = "192"', "input.height is '192'; it takes a whole number"),
    ("width = 192", "width = true", "input.width is True; it takes a whole number"),
    ("zero_point =", "zero_pint =", "zero_point is missing"),
    ("[outputs.center]", "[outputs.centre]", "outputs.center is missing"),
    ("[[files]]", "[file]", "files is missing"),
    ('skeleton = "coco17"', 'skeleton = "mpii"', "skeleton: skeleton 'mpii' is not known"),
    ("edgepose.model/1", "edgepose.model/9", "schema: 'edgepose.model/9' is not"),
    ("[input]", "[input", "not a readable manifest"),
    ("size_bytes =", "size_bytes = 0 #", "has .* bytes, its manifest says 0")])
def test_broken_manifest_is_named_with_file_and_key(folder, old, new, complaint):
    from edgepose import decoders

    change(folder, old, new)
    with pytest.raises(ModelError, match=complaint) as caught:
        broken = model.load("broken")
        decoders.create(broken)
        broken.file("tflite")
    assert str(folder) in str(caught.value) and "\n" not in str(caught.value).replace("\\n", "")


def test_truncated_file_is_refused(folder):
    file = folder / "movenet-lightning.tflite"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ModelError, match="bytes, its manifest says"):
        model.load("broken").file("tflite")


def test_flipped_bit_is_found(folder):
    file = folder / "movenet-lightning.tflite"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(ModelError, match="is damaged: its sha256"):
        model.load("broken").file("tflite")


def test_missing_file_is_named(folder):
    (folder / "movenet-lightning.tflite").unlink()
    with pytest.raises(ModelError, match="movenet-lightning.tflite is missing"):
        model.load("broken").file("tflite")


def test_format_that_a_model_lacks_is_named(lightning):
    with pytest.raises(ModelError, match="has no openvino file; it has tflite"):
        lightning.file("openvino")
