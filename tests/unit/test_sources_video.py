"""Video files: planes, colours, times, rotation, damage."""

import threading
from fractions import Fraction

import av
import numpy as np
import pytest

from edgepose.errors import SourceError
from edgepose.sources.planes import PlaneLender
from edgepose.sources.video import VideoSource
from tests.sources_media import BLUE, RED, cut, damage, lay_on_side, make_video, rgb_of, two_halves

QUIET = {"libx265": {"x265-params": "log-level=none"}}
NOISE = [np.random.default_rng(i).integers(0, 256, (48, 64, 3), np.uint8) for i in range(30)]


def opened(path, **more):
    source = VideoSource(str(path), **more)
    source.open()
    return source


def drain(source):
    """Frames read until the end or an error, and that error."""
    n = 0
    try:
        while source.read() is not None:
            n += 1
    except SourceError as error:
        return n, str(error)
    return n, None


def converted(pix_fmt, **colour):
    """PyAV's frame of the two halves in a pixel format."""
    return av.VideoFrame.from_ndarray(two_halves(), format="rgb24").reformat(format=pix_fmt, **colour)


def worst_level(frame, left=RED, right=BLUE):
    """Largest difference from the two halves, away from where they meet."""
    off = np.abs(rgb_of(frame).astype(int) - two_halves(frame.width, frame.height, left, right))
    middle = frame.width // 2
    return off[:, np.r_[0:middle - 4, middle + 4:frame.width]].max()


@pytest.mark.parametrize("pix_fmt, format, lines", [
    ("yuv420p", "yuv420p", (64, 32, 32)), ("yuvj420p", "yuv420p", (64, 32, 32)), ("yuv422p", "yuv420p", (64, 64, 64)),
    ("yuvj422p", "yuv420p", (64, 64, 64)), ("nv12", "nv12", (64, 64)), ("nv16", "nv12", (64, 128)),
    ("yuyv422", "yuyv422", (128,)), ("rgb24", "rgb24", (192,)), ("bgr24", "bgr24", (192,))])
def test_lend_when_letterbox_reads_format_then_planes_are_the_decoders(pix_fmt, format, lines):
    picture = converted(pix_fmt)
    frame = PlaneLender().lend(picture)
    assert (frame.format, frame.line_sizes) == (format, lines)
    assert all(np.shares_memory(np.frombuffer(lent, np.uint8), np.frombuffer(own, np.uint8))
               for lent, own in zip(frame.planes, picture.planes))
    assert worst_level(frame) <= 4


@pytest.mark.parametrize("pix_fmt", ["uyvy422", "yuv444p", "yuvj444p", "yuv420p10le", "p010le", "yuva420p", "gbrp",
                                     "rgba", "bgr0"])
def test_lend_when_letterbox_cannot_read_format_then_converted_to_the_same_colours(pix_fmt):
    frame = PlaneLender().lend(converted(pix_fmt))
    assert frame.format in ("yuv420p", "rgb24") and worst_level(frame) <= 4


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "nv12", "yuyv422", "yuv444p", "yuv420p10le"])
@pytest.mark.parametrize("matrix, full, colour", [
    ("ITU709", False, "bt709"), ("ITU709", True, "bt709-full"), ("ITU601", False, "bt601"),
    ("ITU601", True, "bt601-full")])
def test_lend_when_stream_tells_its_colours_then_they_come_out(pix_fmt, matrix, full, colour):
    picture = converted(pix_fmt, dst_colorspace=matrix, dst_color_range="JPEG" if full else "MPEG")
    picture.colorspace, picture.color_range = {"ITU709": 1, "ITU601": 6}[matrix], 2 if full else 1
    frame = PlaneLender().lend(picture)
    assert frame.colour == colour and worst_level(frame) <= 4


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "rgb24", "nv12"])
def test_lend_when_rows_run_upwards_in_memory_then_converted_the_right_way_up(pix_fmt):
    standing = np.rot90(two_halves()).copy()
    picture = av.VideoFrame.from_ndarray(standing, format="rgb24").reformat(format=pix_fmt)
    graph = av.filter.Graph()
    graph.link_nodes(graph.add_buffer(template=picture, time_base=Fraction(1, 30)), graph.add("vflip"),
                     graph.add("buffersink")).configure()
    graph.vpush(picture)
    turned = graph.vpull()
    assert turned.planes[0].line_size < 0
    off = np.abs(rgb_of(PlaneLender().lend(turned)).astype(int) - standing[::-1])
    assert off[np.r_[:28, 36:64]].max() <= 6


@pytest.mark.parametrize("height, pix_fmt, colour", [(576, "yuv420p", "bt601"), (720, "yuv420p", "bt709"),
                                                     (720, "yuyv422", "bt601"), (720, "yuvj420p", "bt709-full")])
def test_lend_when_stream_is_silent_about_colours_then_as_players_guess(height, pix_fmt, colour):
    assert PlaneLender().lend(av.VideoFrame(64, height, pix_fmt)).colour == colour


def test_lend_when_size_stays_then_the_same_frame_is_refilled():
    lender = PlaneLender()
    first, again = lender.lend(converted("yuv420p")), lender.lend(converted("yuv420p"))
    assert first is again and lender.lend(av.VideoFrame(32, 32, "yuv420p")) is not first


@pytest.mark.parametrize("name, codec, pix_fmt, format, colour", [
    ("a.mp4", "libx264", "yuv420p", "yuv420p", "bt601"), ("a.avi", "mjpeg", "yuvj422p", "yuv420p", "bt601-full"),
    ("a.mkv", "libx264", "yuv444p", "yuv420p", "bt601"), ("a.mov", "rawvideo", "yuyv422", "yuyv422", "bt601"),
    ("a.avi", "rawvideo", "bgr24", "bgr24", "bt601"), ("a.mkv", "ffv1", "gray", "gray8", "bt601"),
    ("a.ts", "mpeg2video", "yuv420p", "yuv420p", "bt601"), ("a.webm", "libvpx", "yuv420p", "yuv420p", "bt601"),
    ("a.mkv", "libx265", "yuv420p10le", "yuv420p", "bt601"), ("a.gif", "gif", "rgb8", "rgb24", "bt601")])
def test_video_source_when_container_and_codec_vary_then_all_pictures_come(tmp_path, name, codec, pix_fmt, format,
                                                                         colour):
    try:
        path = make_video(tmp_path / name, codec=codec, pix_fmt=pix_fmt, options=QUIET.get(codec))
    except av.codec.codec.UnknownCodecError:
        pytest.skip(f"this PyAV has no encoder {codec}")
    source = opened(path)
    frame = source.read()
    assert (frame.format, frame.width, frame.height, frame.colour) == (format, 64, 48, colour)
    assert format == "gray8" or worst_level(frame) <= 60  # a GIF has few colours
    assert drain(source) == (9, None) and source.n_broken == 0


def test_video_source_when_open_then_tells_length_and_rate(tmp_path):
    source = opened(make_video(tmp_path / "a.mp4", n=12, rate=24))
    assert (source.n_frames, source.fps, source.live) == (12, 24.0, False)


def test_video_source_when_container_does_not_count_then_length_is_from_duration(tmp_path):
    assert opened(make_video(tmp_path / "a.mkv", n=60)).n_frames == 60


@pytest.mark.parametrize("size", [(17, 31), (1, 1), (2, 33)])
def test_video_source_when_size_is_odd_then_planes_fit(tmp_path, size):
    picture = np.full((*size, 3), 130, np.uint8)
    frame = opened(make_video(tmp_path / "a.mkv", pictures=[picture] * 2, codec="ffv1")).read()
    assert (frame.height, frame.width) == size and np.abs(rgb_of(frame).astype(int) - 130).max() <= 2


def test_video_source_when_rate_varies_then_times_are_the_files(tmp_path):
    times = [0, 33, 40, 500, 1500, 1501]
    source = opened(make_video(tmp_path / "a.mkv", n=6, times=times))
    assert [frame.t_ns for frame in source] == [t * 1_000_000 for t in times]


def test_video_source_when_first_time_stamp_is_late_then_time_begins_at_zero(tmp_path):
    source = opened(make_video(tmp_path / "a.mkv", n=3, times=[700, 733, 766]))
    assert [frame.t_ns for frame in source] == [0, 33_000_000, 66_000_000]


def test_video_source_when_there_are_no_time_stamps_then_nominal_rate(tmp_path):
    source = opened(make_video(tmp_path / "a.h264", n=4))
    assert [frame.t_ns for frame in source] == [i * round(1e9 / source.fps) for i in range(4)]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_video_source_when_phone_lay_on_its_side_then_upright(tmp_path, degrees):
    upright = two_halves(48, 64) if degrees != 180 else two_halves()
    path = make_video(tmp_path / "a.mp4", pictures=[np.rot90(upright, degrees // 90).copy()] * 3)
    lay_on_side(path, degrees)
    source = opened(path)
    frame = source.read()
    assert (frame.height, frame.width) == upright.shape[:2] and worst_level(frame) <= 12
    assert drain(source) == (2, None)


def test_video_source_when_size_changes_midway_then_frames_follow(tmp_path):
    parts = [make_video(tmp_path / f"{i}.h264", n=3, pictures=[two_halves(*size)] * 3)
             for i, size in enumerate([(64, 48), (96, 32)])]
    (tmp_path / "both.h264").write_bytes(b"".join(open(part, "rb").read() for part in parts))
    sizes = [(frame.width, frame.height) for frame in opened(tmp_path / "both.h264")]
    assert sizes == [(64, 48)] * 3 + [(96, 32)] * 3


def test_video_source_when_name_holds_colons_and_percents_then_opens(tmp_path):
    assert drain(opened(make_video(tmp_path / "12:30 %03d.mp4")))[0] == 10


def test_video_source_when_tags_are_not_utf8_then_opens(tmp_path):
    path = make_video(tmp_path / "a.avi", codec="mpeg4")
    data = open(path, "rb").read()
    assert b"Lavf" in data
    open(path, "wb").write(data.replace(b"Lavf", b"L\xe4vf"))
    assert drain(opened(path)) == (10, None)


@pytest.mark.parametrize("name, content, match", [
    ("a.mp4", b"hello, I am a text\n" * 30, "no video that FFmpeg can read"),
    ("a.mp4", b"", "no video that FFmpeg can read"),
    ("a.txt", b"hello, I am a text\n" * 30, "a text file, no video"),
    ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\nhi\n", "no video in it, only subtitle"),
    ("a.mp4", bytes(range(256)) * 40, "no video")])
def test_video_source_when_file_is_no_video_then_open_raises_one_line(tmp_path, name, content, match):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=match) as caught:
        opened(tmp_path / name)
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_video_source_when_file_has_only_sound_then_open_says_so(tmp_path):
    with av.open(str(tmp_path / "a.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        silence.sample_rate = 8000
        out.mux(stream.encode(silence))
    with pytest.raises(SourceError, match=r"a\.wav: no video in it, only audio"):
        opened(tmp_path / "a.wav")


def test_video_source_when_file_is_gone_then_line_says_why(tmp_path):
    with pytest.raises(SourceError, match="gone.mp4: No such file or directory"):
        opened(tmp_path / "gone.mp4")


def test_video_source_when_packets_in_the_middle_are_broken_then_counted_and_the_rest_comes(tmp_path):
    path = make_video(tmp_path / "a.mov", pictures=NOISE, codec="mjpeg", pix_fmt="yuvj420p")
    damage(path, 0.45, 0.55)
    source = opened(path)
    n, _ = drain(source)
    assert 1 <= source.n_broken <= 5 and n + source.n_broken == 30


def test_video_source_when_h264_is_damaged_then_damaged_pictures_are_skipped_and_counted(tmp_path):
    path = make_video(tmp_path / "a.mp4", pictures=NOISE, options={"g": "10", "bf": "0"})
    damage(path, 0.40, 0.42)
    source = opened(path)
    n, error = drain(source)
    assert error is None and source.n_broken >= 1 and n + source.n_broken >= 29


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.flv"])
def test_video_source_when_cut_short_then_frames_so_far_come_and_the_user_learns(tmp_path, name):
    path = make_video(tmp_path / name, pictures=NOISE, options={"bf": "0"}, container={"movflags": "faststart"}
                      if name == "a.mp4" else None)
    cut(path, 0.5)
    source = opened(path)
    n, error = drain(source)
    assert 10 <= n <= 16 and f"breaks off after {n} frames" in error and source.read() is None


@pytest.mark.parametrize("name", ["a.ts", "a.h264"])
def test_video_source_when_cut_short_and_length_is_unknown_then_last_picture_counts_as_broken(tmp_path, name):
    path = make_video(tmp_path / name, pictures=NOISE, options={"bf": "0"})
    cut(path, 0.5)
    source = opened(path)
    assert 10 <= drain(source)[0] <= 16 and source.n_broken == 1


def test_video_source_when_index_is_cut_off_then_open_raises(tmp_path):
    path = make_video(tmp_path / "a.mp4", pictures=NOISE)
    cut(path, 0.5)
    with pytest.raises(SourceError, match="or a damaged one"):
        opened(path)


def test_video_source_when_sound_outlasts_the_pictures_then_that_is_no_error(tmp_path):
    path = str(tmp_path / "a.mkv")
    with av.open(path, "w") as out:
        video, sound = out.add_stream("mpeg4", rate=30), out.add_stream("pcm_s16le", rate=8000)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for i in range(20):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
            silence.sample_rate, silence.pts = 8000, 8000 * i
            out.mux(sound.encode(silence))
        for _ in range(10):
            out.mux(video.encode(av.VideoFrame.from_ndarray(two_halves(), format="rgb24")))
        out.mux(video.encode(None))
    assert drain(opened(path)) == (10, None)


def test_video_source_when_nothing_can_be_decoded_then_read_says_so(tmp_path):
    path = make_video(tmp_path / "a.mp4")
    data = open(path, "rb").read()
    first, past_last = data.index(b"mdat") + 4, data.index(b"moov") - 4
    open(path, "wb").write(data[:first] + bytes(past_last - first) + data[past_last:])
    n, error = drain(opened(path))
    assert n == 0 and "no picture in it can be decoded (10 are broken)" in error


@pytest.mark.parametrize("seed", range(25))
def test_video_source_when_bytes_are_damaged_then_frames_or_source_error(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = tmp_path / ("a.mp4", "a.mkv", "a.avi", "a.ts", "a.flv")[seed % 5]
    make_video(path, pictures=NOISE[:6], codec="mpeg4" if seed % 5 == 2 else "libx264")
    data = bytearray(path.read_bytes())
    for at in rng.integers(len(data), size=30):
        data[at] = rng.integers(256)
    path.write_bytes(data)
    try:
        assert drain(opened(path))[0] <= 40
    except SourceError as error:
        assert path.name in str(error)


def test_video_source_when_threads_are_many_then_the_same_pictures(tmp_path):
    path = make_video(tmp_path / "a.mp4", pictures=NOISE)
    one, four = ([rgb_of(frame).copy() for frame in opened(path, threads=n)] for n in (1, 4))
    assert len(one) == 30 and all(np.array_equal(a, b) for a, b in zip(one, four))


def test_video_source_when_closed_midway_then_read_gives_none(tmp_path):
    source = opened(make_video(tmp_path / "a.mp4"))
    frame = source.read()
    source.close()
    assert source.read() is None and worst_level(frame) <= 45  # what was lent outlives the file


def test_video_source_when_closed_by_another_thread_while_reading_then_both_end(tmp_path):
    source = opened(make_video(tmp_path / "a.mp4", n=400))
    begun, counts = threading.Event(), []

    def read_all():
        source.read()
        begun.set()
        counts.append(drain(source))

    reader = threading.Thread(target=read_all)
    reader.start()
    assert begun.wait(10)
    source.close()
    reader.join(10)
    assert not reader.is_alive() and counts[0][1] is None


def test_video_source_when_opened_again_then_begins_anew(tmp_path):
    source = opened(make_video(tmp_path / "a.mp4"))
    assert drain(source) == (10, None)
    source.open()
    assert source.read().seq == 0 and drain(source) == (9, None)


def test_video_source_when_many_frames_then_memory_stays_flat(tmp_path):
    psutil = pytest.importorskip("psutil")
    source = opened(make_video(tmp_path / "a.mp4", n=900, pictures=[two_halves(320, 240)] * 900))
    sizes = [psutil.Process().memory_info().rss for frame in source if frame.seq % 50 == 0]
    assert sizes[-1] - sizes[3] < 2 << 20
