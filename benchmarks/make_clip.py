"""Make edgepose/clips/pedestrians.mp4 from OpenCV's sample vtest.avi (Debian's opencv-doc).

    python benchmarks/make_clip.py [VTEST_AVI] [OUTPUT]

Cuts out 5.7 seconds and a part of the picture that one man walks through, always the plainest to see, so that a
network for one person has one to follow; encodes them as H.264. The same PyAV makes the same file.
"""

import sys
from fractions import Fraction

import av

VTEST = "/usr/share/doc/opencv-doc/examples/data/vtest.avi"
CLIP = "edgepose/clips/pedestrians.mp4"
FIRST, PAST_LAST = 184, 241  # frames of vtest.avi
LEFT, TOP, WIDTH, HEIGHT = 352, 192, 384, 288  # px of its 768x576
FPS = 10


def main(source=VTEST, clip=CLIP):
    """Cut, crop and encode."""
    with av.open(source) as original, av.open(clip, "w", options={"movflags": "+faststart"}) as out:
        out.metadata["comment"] = "Part of vtest.avi, a sample of OpenCV"
        stream = out.add_stream("libx264", rate=FPS, options={"crf": "21", "preset": "veryslow", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, picture in enumerate(cropped(original)):
            if FIRST <= number < PAST_LAST:
                picture.pts, picture.time_base = number - FIRST, Fraction(1, FPS)
                picture.pict_type = 0  # the encoder decides anew
                out.mux(stream.encode(picture))
        out.mux(stream.encode(None))


def cropped(original):
    """Our part of every picture."""
    video = original.streams.video[0]
    graph = av.filter.Graph()
    nodes = (graph.add_buffer(template=video), graph.add("crop", f"{WIDTH}:{HEIGHT}:{LEFT}:{TOP}"),
             graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    for picture in original.decode(video):
        graph.vpush(picture)
        yield graph.vpull()


if __name__ == "__main__":
    main(*sys.argv[1:])
