"""Small videos and servers for the tests of the sources."""

import http.server
import struct
import threading
from fractions import Fraction

import av
import numpy as np

from edgepose.letterbox import Letterbox
from edgepose.ring import Slot

RED, BLUE = (200, 60, 30), (20, 90, 220)


def two_halves(width=64, height=48, left=RED, right=BLUE):
    """A picture, uint8 (height, width, 3) RGB, whose halves differ."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:, :width // 2], picture[:, width // 2:] = left, right
    return picture


def make_video(path, n=10, pictures=None, codec="libx264", pix_fmt="yuv420p", rate=30, times=None, options=None,
               container=None):
    """Write a video; `times` are time stamps in ms, else the pictures follow each other at `rate`."""
    pictures = pictures or [two_halves()] * n
    with av.open(str(path), "w", options=container or {}) as out:
        stream = out.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pix_fmt
        base = Fraction(1, rate) if times is None else Fraction(1, 1000)
        stream.codec_context.time_base = base
        for i, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = i if times is None else times[i], base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return str(path)


def lay_on_side(path, degrees):
    """Write into an MP4 that it must be turned clockwise to be upright, as phones do."""
    one = 1 << 16
    a, b, c, d = {90: (0, one, -one, 0), 180: (-one, 0, 0, -one), 270: (0, -one, one, 0)}[degrees]
    with open(path, "r+b") as file:
        data = file.read()
        file.seek(data.index(b"tkhd") + 4 + 40)
        file.write(struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30))


def rgb_of(frame):
    """A frame as uint8 (height, width, 3) RGB, through the letterbox."""
    slot = Slot(frame.height, frame.width)
    Letterbox(frame.height, frame.width, "rgb").write(frame, slot)
    return slot.tensor


def damage(path, first, past_last):
    """Overwrite a part of a file, given as shares of its length."""
    with open(path, "r+b") as file:
        size = file.seek(0, 2)
        file.seek(int(size * first))
        file.write(b"\xa5" * int(size * (past_last - first)))


def cut(path, share):
    """Keep only the beginning of a file."""
    with open(path, "r+b") as file:
        file.truncate(int(file.seek(0, 2) * share))


def serve_http(handle):
    """An HTTP server on localhost in a thread; `handle(request)` answers. Returns its address and what stops it."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            handle(self)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def stop():
        server.shutdown()
        server.server_close()

    return f"http://127.0.0.1:{server.server_port}", stop
