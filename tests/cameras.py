"""What the daemon's tests do to cameras: a capture that tells when it lost one, and servers with faults."""

import io
import socket
import threading
import time

import numpy as np
from PIL import Image

from edgepose import model
from edgepose.daemon.cameras.capture import Capture
from edgepose.daemon.config.settings import CameraSettings
from edgepose.frame import Frame
from edgepose.letterbox import Letterbox
from edgepose.ring import FrameRing
from tests.sources_media import two_halves

WAIT_S = 20
PART = b"--edge\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n"

#: For a camera's table in a configuration: whoever comes into the picture is an alarm.
ENTERED = """
[[camera.zone]]
name = "street"
points = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]

[[camera.rule]]
name = "somebody"
kind = "enter"
zones = ["street"]
severity = "alarm"
"""


class Notice:
    """A Backoff that hardly waits, and tells of every loss."""

    def __init__(self, wait_s=0.02):
        self._wait_s, self.losses, self.ran_s = wait_s, threading.Semaphore(0), []

    def next_s(self):
        self.losses.release()
        return self._wait_s

    def ran(self, seconds):
        self.ran_s.append(seconds)


class Watched(Capture):
    """A Capture whose frames and losses can be waited for; used in a `with`."""

    def __init__(self, source, timeout_s=5.0, fps=1000.0, name="door", wait_s=0.02, **more):
        self.notice = Notice(wait_s)
        super().__init__(CameraSettings(name, source, fps, timeout_s), model.load(model.DEFAULT).input,
                         backoff=self.notice, **more)
        self.bell = threading.Event()

    def frames(self, n=1):
        """The sizes of the next n frames that are seen."""
        sizes = []
        while len(sizes) < n:
            self.bell.clear()
            slot = self.ring.take_newest()
            if slot is None:
                assert self.bell.wait(WAIT_S), self.health
                continue
            sizes.append((slot.width, slot.height))
            self.ring.release(slot)
        return sizes

    def loss(self):
        """Wait for the next loss; the health after it."""
        assert self.notice.losses.acquire(timeout=WAIT_S), self.health
        return self.health

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()


def jpeg(width=64, height=48):
    """A picture as a camera sends it."""
    with io.BytesIO() as file:
        Image.fromarray(two_halves(width, height)).save(file, "JPEG")
        return file.getvalue()


def motion_jpeg(*pictures, then=None):
    """An answer of these JPEGs, each a part; `then` is an event to wait for before it ends."""
    def handle(request):
        request.send_response(200)
        request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=edge")
        request.end_headers()
        for picture in pictures:
            request.wfile.write(PART % (len(picture), picture))
        request.wfile.flush()
        if then is not None:
            then.wait(WAIT_S)

    return handle


class Relay:
    """A TCP relay before a server, with the faults of a bad line; used in a `with`.

    Parameters
    ----------
    port : int, of the server on localhost

    Attributes
    ----------
    port : int, where it listens
    n_calls : int, connections so far
    """

    def __init__(self, port):
        self._target, self._fault, self._lock = port, None, threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port, self.n_calls, self._sockets = self._server.getsockname()[1], 0, []

    def fail(self, fault):
        """From now on: None relays, "silent" swallows all, "garbage" sends noise instead, "slow" a little at a time."""
        self._fault = fault

    def hang_up(self):
        """Break all connections."""
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for one in sockets:
            _shut(one)

    def _accept(self):
        while True:
            try:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            with self._lock:
                self.n_calls += 1
                self._sockets += [near, far]
            for one, other, is_reply in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._pass_on, args=(one, other, is_reply), daemon=True).start()

    def _pass_on(self, one, other, is_reply):
        try:
            while data := one.recv(512 if self._fault == "slow" else 65536):
                if is_reply and self._fault == "garbage":
                    data = b"\xa5" * len(data)
                if self._fault != "silent":
                    other.sendall(data)
        except OSError:
            pass
        _shut(one), _shut(other)

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        _shut(self._server)
        self.hang_up()


def _shut(one):
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()


class Door:
    """What the loop knows of a camera, without one: a test puts the frames into its ring."""

    def __init__(self, name, size=(64, 48), **settings):
        self.name, self.settings, self.bell, self.blind = name, CameraSettings(name, "none", **settings), None, None
        taken = model.load(model.DEFAULT).input
        self.ring, self._letterbox = FrameRing(taken.height, taken.width, 3, "drop"), Letterbox.of(taken)
        picture = np.random.default_rng(1).integers(0, 256, (size[1], size[0]), np.uint8)
        self.frame = Frame.from_array(picture, "gray8")

    def send(self, n=1):
        """Publish n frames, captured now."""
        for _ in range(n):
            slot, self.frame.t_ns = self.ring.claim(), time.monotonic_ns()
            self._letterbox.write(self.frame, slot)
            slot.describe(self.frame)
            slot.keep(self.frame)
            self.frame.seq += 1
            self.ring.publish(slot)
            if self.bell is not None:
                self.bell.set()
