"""Pictures and directories of them."""

import os

import numpy as np
import pytest
from PIL import Image

from edgepose.errors import SourceError
from edgepose.sources.images import ImagesSource
from edgepose.sources.pictures import load_picture

ORIENTATION = 0x0112


def save(path, array, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    image.save(path, **how)
    return str(path)


def pixels(frame):
    shape = (frame.height, frame.width) + ((3,) if frame.format == "rgb24" else ())
    return np.asarray(frame.planes[0]).reshape(shape)


def colours(height=6, width=8, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def break_file(path, share=0.5):
    os.truncate(path, int(os.path.getsize(path) * share))


def test_load_picture_when_colours_then_rgb24_exactly(tmp_path):
    frame = load_picture(save(tmp_path / "a.png", colours()))
    assert frame.format == "rgb24" and np.array_equal(pixels(frame), colours())


@pytest.mark.parametrize("height, width", [(1, 1), (1, 7), (7, 1), (5, 3)])
def test_load_picture_when_size_is_odd_or_one_then_exact(tmp_path, height, width):
    frame = load_picture(save(tmp_path / "a.png", colours(height, width)))
    assert np.array_equal(pixels(frame), colours(height, width))


def test_load_picture_when_grey_then_gray8(tmp_path):
    grey = colours()[..., 0]
    frame = load_picture(save(tmp_path / "a.png", grey))
    assert frame.format == "gray8" and np.array_equal(pixels(frame), grey)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_load_picture_when_16_bit_grey_then_upper_bits_and_no_saturation(tmp_path, suffix):
    levels = np.array([[0, 255, 256, 30000, 65535]], np.uint16)
    frame = load_picture(save(tmp_path / f"a.{suffix}", levels))
    assert frame.format == "gray8" and pixels(frame).tolist() == [[0, 0, 1, 117, 255]]


def test_load_picture_when_black_and_white_then_0_and_255(tmp_path):
    frame = load_picture(save(tmp_path / "a.png", np.array([[True, False]])))
    assert pixels(frame).tolist() == [[255, 0]]


def test_load_picture_when_transparent_then_laid_on_white(tmp_path):
    rgba = np.array([[[200, 100, 50, 255], [200, 100, 50, 0], [200, 100, 50, 128]]], np.uint8)
    seen = pixels(load_picture(save(tmp_path / "a.png", rgba)))
    assert np.abs(seen.astype(int) - [[[200, 100, 50], [255, 255, 255], [227, 177, 152]]]).max() <= 1


@pytest.mark.parametrize("mode, suffix, tolerance", [
    ("P", "png", 60), ("CMYK", "jpg", 24), ("YCbCr", "jpg", 12), ("LA", "png", 0), ("PA", "tif", 60)])
def test_load_picture_when_mode_is_unusual_then_about_the_same_colours(tmp_path, mode, suffix, tolerance):
    image = Image.new("RGB", (16, 16), (180, 60, 90)).convert("L" if mode == "LA" else "RGB")
    expected = np.asarray(image.convert("RGB")).astype(int)
    try:
        path = save(tmp_path / f"a.{suffix}", image.convert(mode))
    except (ValueError, OSError) as error:
        pytest.skip(f"this Pillow cannot make one: {error}")
    assert np.abs(pixels(load_picture(path)) - expected).max() <= tolerance


@pytest.mark.parametrize("orientation", range(1, 9))
def test_load_picture_when_exif_says_how_it_lies_then_upright(tmp_path, orientation):
    upright = np.zeros((16, 32, 3), np.uint8)
    upright[:8, :8] = (250, 40, 40)
    lying = {1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
             5: upright.swapaxes(0, 1), 6: np.rot90(upright), 7: np.rot90(upright, 2).swapaxes(0, 1),
             8: np.rot90(upright, 3)}[orientation]
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    frame = load_picture(save(tmp_path / "a.png", np.ascontiguousarray(lying), exif=exif))
    assert np.array_equal(pixels(frame), upright)


def test_load_picture_when_truncated_then_one_line_names_it(tmp_path):
    path = save(tmp_path / "a.jpg", colours(64, 64))
    break_file(path)
    with pytest.raises(SourceError, match=r"a\.jpg: the picture is broken: .*truncated"):
        load_picture(path)


@pytest.mark.parametrize("content", [b"", b"hello, I am a text\n" * 9])
def test_load_picture_when_it_is_none_then_one_line_names_it(tmp_path, content):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(SourceError, match=r"a\.jpg: no picture"):
        load_picture(str(tmp_path / "a.jpg"))


def test_load_picture_when_side_is_too_long_then_line_names_the_limit(tmp_path):
    path = save(tmp_path / "a.png", np.zeros((1, 16385), np.uint8))
    with pytest.raises(SourceError, match="16385x1 px; each side must be 1 to 16384"):
        load_picture(path)


def test_load_picture_when_it_would_fill_the_memory_then_broken(tmp_path):
    path = save(tmp_path / "a.png", Image.new("1", (16000, 16000)))
    with pytest.raises(SourceError, match=r"a\.png: the picture is broken: .*exceeds limit"):
        load_picture(path)


@pytest.mark.parametrize("seed", range(40))
def test_load_picture_when_bytes_are_damaged_then_picture_or_source_error(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = tmp_path / f"a.{('jpg', 'png', 'webp', 'tif')[seed % 4]}"
    save(path, colours(32, 32))
    data = bytearray(path.read_bytes())
    for at in rng.integers(len(data), size=6):
        data[at] = rng.integers(256)
    path.write_bytes(data)
    try:
        assert load_picture(str(path)).format in ("rgb24", "gray8")
    except SourceError as error:
        assert "a." in str(error)


def test_images_source_when_one_picture_then_named_and_then_the_end(tmp_path):
    source = ImagesSource(save(tmp_path / "a.png", colours()))
    source.open()
    frame = source.read()
    assert (frame.file, frame.seq, frame.t_ns, source.n_frames, source.read()) == ("a.png", 0, 0, 1, None)


def test_images_source_when_single_picture_is_broken_then_open_raises(tmp_path):
    path = save(tmp_path / "a.jpg", colours(64, 64))
    break_file(path)
    with pytest.raises(SourceError, match="broken"):
        ImagesSource(path).open()


def test_images_source_when_directory_then_sorted_and_others_left_out(tmp_path):
    for name in ("b.png", "a.jpg", "C.PNG", ".hidden.png", "deep/d.png"):
        save(tmp_path / name, colours(), format="PNG")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "folder.png").mkdir()
    with ImagesSource(str(tmp_path)) as source:
        assert [(frame.file, frame.seq) for frame in source] == [("C.PNG", 0), ("a.jpg", 1), ("b.png", 2)]


def test_images_source_when_recursive_then_files_are_relative_paths(tmp_path):
    for name in ("z.png", "deep/er/d.png", "deep/a.png"):
        save(tmp_path / name, colours())
    with ImagesSource(str(tmp_path), recursive=True) as source:
        assert [frame.file for frame in source] == ["deep/a.png", "deep/er/d.png", "z.png"]


def test_images_source_when_one_is_broken_then_reported_and_the_rest_go_on(tmp_path):
    paths = [save(tmp_path / f"{i:03}.jpg", colours(48, 48, seed=i)) for i in range(20)]
    break_file(paths[7])
    lines = []
    with ImagesSource(str(tmp_path), report=lines.append) as source:
        assert [frame.seq for frame in source] == list(range(19))
    assert source.n_broken == 1 and len(lines) == 1
    assert lines[0].startswith("skipped ") and "007.jpg: the picture is broken" in lines[0]


def test_images_source_when_a_file_vanishes_then_skipped(tmp_path):
    for name in ("a.png", "b.png"):
        save(tmp_path / name, colours())
    with ImagesSource(str(tmp_path)) as source:
        (tmp_path / "a.png").unlink()
        assert [frame.file for frame in source] == ["b.png"] and source.n_broken == 1


@pytest.mark.parametrize("recursive, hint", [(False, "--recursive looks into"), (True, r"heic\)$")])
def test_images_source_when_directory_has_no_pictures_then_open_raises(tmp_path, recursive, hint):
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(SourceError, match=f"no pictures here.*{hint}"):
        ImagesSource(str(tmp_path), recursive).open()


def test_images_source_when_sizes_differ_then_every_frame_fits_its_own(tmp_path):
    for i, size in enumerate(((4, 9), (30, 2), (1, 1))):
        save(tmp_path / f"{i}.png", colours(*size))
    with ImagesSource(str(tmp_path)) as source:
        assert [(frame.height, frame.width) for frame in source] == [(4, 9), (30, 2), (1, 1)]


def test_images_source_when_many_pictures_then_memory_stays_flat(tmp_path):
    psutil = pytest.importorskip("psutil")
    for i in range(60):
        save(tmp_path / f"{i}.bmp", np.full((480, 640, 3), i, np.uint8))
    sizes = []
    with ImagesSource(str(tmp_path)) as source:
        for _ in source:
            sizes.append(psutil.Process().memory_info().rss)
    assert max(sizes[20:]) - sizes[19] < 4 << 20
