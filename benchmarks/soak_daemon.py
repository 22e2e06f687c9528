"""Four cameras on a real RTSP server that ends their streams every few seconds: does anything stay behind?

    python benchmarks/soak_daemon.py [--minutes M] [--backend NAME] [--fps N]

Every stream lasts as long as the clip that ships, a few seconds; every half minute the server is killed besides, and
another starts on its port. Prints resident memory, threads and descriptors on the way, and what they grew by since the
first minute. The server is `tests/rtsp_server.py`, and needs what that needs.
"""

import argparse
import gc
import re
import subprocess
import time
from pathlib import Path

import psutil

from edgepose import backends, model
from edgepose.backends import standby
from edgepose.daemon.cameras.backoff import Backoff
from edgepose.daemon.cameras.capture import Capture
from edgepose.daemon.config.settings import CameraSettings, Settings
from edgepose.daemon.loop import InferenceLoop

ROOT = Path(__file__).resolve().parent.parent
CLIP, SERVER = ROOT / "edgepose" / "clips" / "pedestrians.mp4", ROOT / "tests" / "rtsp_server.py"
N_CAMERAS, KILL_S, REPORT_S = 4, 30, 30


class Server:
    """The RTSP server, which can be killed and comes back at its address."""

    def __init__(self):
        self._process, self.address, self.n_kills = None, None, 0
        self.start("0")

    def start(self, port):
        self._process = subprocess.Popen(["/usr/bin/python3", SERVER, CLIP, "", port], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self._process.stdout.readline().split()[1]

    def restart(self):
        self.kill()
        self.n_kills += 1
        self.start(re.search(r":(\d+)/", self.address)[1])

    def kill(self):
        self._process.kill()
        self._process.communicate()


class Soak:
    """The daemon's cameras and loop, and what the process holds while they run."""

    def __init__(self, options):
        self._server, self._found = Server(), model.load(model.DEFAULT)
        self._process, self.samples = psutil.Process(), []
        cameras = tuple(CameraSettings(f"camera{n}", self._server.address, fps=options.fps, timeout_s=5.0)
                        for n in range(N_CAMERAS))
        self._captures = [Capture(camera, self._found.input, backoff=Backoff(0.2, 2.0)) for camera in cameras]
        self._loop = InferenceLoop(Settings(cameras), self._found,
                                   lambda one: standby.secure(backends.create(options.backend, one), {}, print),
                                   self._captures, lambda *_: None, lambda _: None)

    def run(self, seconds):
        """Step until the time is over; servers die and come back meanwhile."""
        for capture in self._captures:
            capture.start()
        begun = time.monotonic()
        kill_s, report_s = KILL_S, REPORT_S - KILL_S / 10  # reports come while streams run, before a server is killed
        while (now_s := time.monotonic() - begun) < seconds:
            self._loop.step(0.25)
            if now_s >= kill_s:
                self._server.restart()
                kill_s += KILL_S
            if now_s >= report_s:
                self.report(now_s)
                report_s += REPORT_S

    def report(self, now_s):
        """Keep and print a sample."""
        gc.collect()
        self.samples.append((self._process.memory_info().rss, self._process.num_threads(), self._process.num_fds()))
        resident, threads, descriptors = self.samples[-1]
        health = [capture.health for capture in self._captures]
        print(f"{now_s:5.0f} s  resident {resident / 2**20:6.1f} MiB  {threads} threads  {descriptors} descriptors"
              f"  {sum(one['n_frames'] for one in health):6d} frames"
              f"  {sum(one['n_reconnects'] for one in health):4d} reconnects  {self._server.n_kills} servers killed",
              flush=True)

    def close(self):
        """Stop cameras, loop and server."""
        for capture in self._captures:
            capture.close()
        self._loop.close()
        self._server.kill()


def main():
    """Soak, and print the growth since the first minute."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--backend", default="tflite")
    parser.add_argument("--fps", type=float, default=5)
    options = parser.parse_args()
    soak = Soak(options)
    try:
        soak.run(options.minutes * 60 + 1)
    finally:
        soak.close()
    steady = soak.samples[1:]
    for place, (name, unit) in enumerate((("resident", " bytes"), ("threads", ""), ("descriptors", ""))):
        first, last = steady[0][place], steady[-1][place]
        print(f"{name}: {first}{unit} after the first minute, {last} at the end, {100 * (last - first) / first:+.2f} %;"
              f" least {min(row[place] for row in steady)}, most {max(row[place] for row in steady)}")


if __name__ == "__main__":
    main()
