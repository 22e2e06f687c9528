"""Make the clips in edgepose/clips/ from OpenCV's sample vtest.avi (Debian's opencv-doc).

    python benchmarks/make_clip.py [VTEST_AVI] [FOLDER]

pedestrians.mp4 is 5.7 seconds of a part of the picture that one man walks through, always the plainest to see, so
that a network for one person has one to follow; nobody.mp4 is two seconds of a part that nobody is in. Both are
encoded as H.264. The same PyAV makes the same files.
"""

import sys
from collections import namedtuple
from fractions import Fraction
from pathlib import Path

import av

VTEST = "/usr/share/doc/opencv-doc/examples/data/vtest.avi"
CLIPS = "edgepose/clips"
Part = namedtuple("Part", "first past_last left top")  # frames of vtest.avi, and px of its 768x576
PARTS = {"pedestrians.mp4": Part(184, 241, 352, 192), "nobody.mp4": Part(80, 100, 384, 288)}
WIDTH, HEIGHT = 384, 288  # px
FPS = 10


def main(source=VTEST, folder=CLIPS):
    """Write every clip."""
    for name, part in PARTS.items():
        write(source, part, Path(folder) / name)


def write(source, part, clip):
    """Cut, crop and encode one clip."""
    with av.open(source) as original, av.open(str(clip), "w", options={"movflags": "+faststart"}) as out:
        out.metadata["comment"] = "Part of vtest.avi, a sample of OpenCV"
        stream = out.add_stream("libx264", rate=FPS, options={"crf": "21", "preset": "veryslow", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, picture in enumerate(cropped(original, part)):
            if part.first <= number < part.past_last:
                picture.pts, picture.time_base = number - part.first, Fraction(1, FPS)
                picture.pict_type = 0  # the encoder decides anew
                out.mux(stream.encode(picture))
        out.mux(stream.encode(None))


def cropped(original, part):
    """A part of every picture."""
    video = original.streams.video[0]
    graph = av.filter.Graph()
    nodes = (graph.add_buffer(template=video), graph.add("crop", f"{WIDTH}:{HEIGHT}:{part.left}:{part.top}"),
             graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    for picture in original.decode(video):
        graph.vpush(picture)
        yield graph.vpull()


if __name__ == "__main__":
    main(*sys.argv[1:])
