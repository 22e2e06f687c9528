"""What four 720p cameras at 10 fps cost while nobody moves, beyond decoding their video: share of one core.

    python benchmarks/idle_daemon.py [--picture FILE] [--noise LEVELS] [--seconds S] [--rounds N] [--backend NAME]

Makes a clip of one picture, with noise as of a sensor, and plays it four times at its own pace: through the daemon's
capture threads and inference loop, and through a bare PyAV decoder in four threads. Both run in processes of their own,
in turn; the difference of their CPU times is what is asked for.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil

from edgepose import backends, model
from edgepose.backends import standby
from edgepose.daemon.cameras.capture import Capture
from edgepose.daemon.config.settings import CameraSettings, Settings
from edgepose.daemon.loop import InferenceLoop
from edgepose.sources import open_source

N_CAMERAS, SIZE, FPS, N_FRAMES = 4, (1280, 720), 10, 200
WARM_UP_S = 8


def make_clip(path, picture, noise):
    """Encode twenty seconds of a picture with noise that is new in every frame, as cheap cameras do."""
    rng = np.random.default_rng(1)
    with av.open(path, "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "26", "g": str(2 * FPS),
                                                              "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        for n in range(N_FRAMES):
            spoilt = picture + noise * rng.standard_normal(picture.shape, np.float32)
            frame = av.VideoFrame.from_ndarray(np.clip(spoilt, 0, 255).astype(np.uint8), format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def load_picture(path):
    """uint8 (720, 1280, 3) RGB; a drawn backdrop without a file."""
    if path is None:
        with open_source(f"synthetic:{SIZE[0]}x{SIZE[1]}?people=0&frames=1") as source:
            return np.array(source.read().planes[0]).reshape(SIZE[1], SIZE[0], 3)
    from PIL import Image

    return np.asarray(Image.open(path).convert("RGB").resize(SIZE))


def decode(clip, end):
    """Decode a clip at its own pace, again and again, and do nothing with it."""
    start = time.monotonic()
    while not end.is_set():
        with av.open(clip) as container:
            for n, _ in enumerate(container.decode(video=0)):
                if end.wait(max(start + n / FPS - time.monotonic(), 0)):
                    return
        start += N_FRAMES / FPS


def run_decoders(clip, seconds):
    """CPU seconds of bare decoders."""
    end = threading.Event()
    threads = [threading.Thread(target=decode, args=(clip, end)) for _ in range(N_CAMERAS)]
    for thread in threads:
        thread.start()
    time.sleep(WARM_UP_S)
    before = time.process_time()
    time.sleep(seconds)
    spent = time.process_time() - before
    end.set()
    return spent, {}


def run_daemon(clip, seconds, backend):
    """CPU seconds of the daemon's threads and loop, and what it did in them."""
    found, counts = model.load(model.DEFAULT), {"frames": 0, "people": 0}
    settings = Settings(tuple(CameraSettings(f"camera{n}", clip, fps=FPS) for n in range(N_CAMERAS)))

    def on_frame(name, poses, slot):
        counts["frames"] += 1
        counts["people"] = max(counts["people"], poses.n)

    captures = [Capture(camera, found.input) for camera in settings.cameras]
    loop = InferenceLoop(settings, found, lambda one: standby.secure(backends.create(backend, one), {}, print),
                         captures, on_frame, lambda now_ns: None)
    for capture in captures:
        capture.start()
    _step_for(loop, WARM_UP_S)
    before, n_looks, counts["frames"] = time.process_time(), _n_looks(loop), 0
    _step_for(loop, seconds)
    spent = time.process_time() - before
    counts |= {"looks": _n_looks(loop) - n_looks, "blind": sorted({str(capture.blind) for capture in captures}),
               "resident_mib": psutil.Process().memory_info().rss >> 20, "backend": loop.backend.name}
    for capture in captures:
        capture.close()
    loop.close()
    return spent, counts


def _step_for(loop, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        loop.step(0.25)


def _n_looks(loop):
    return sum(camera["n_looks"] for camera in loop.health()["cameras"].values())


def measure(options, clip):
    """Take turns; print each round, then median and range."""
    shares = []
    for _ in range(options.rounds):
        spent = {}
        for only in ("decode", "daemon"):
            command = [sys.executable, __file__, "--only", only, "--clip", clip, "--seconds", str(options.seconds),
                       "--backend", options.backend]
            words = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split(maxsplit=1)
            spent[only] = float(words[0]) / options.seconds * 100
        shares.append(spent["daemon"] - spent["decode"])
        print(f"decoding {spent['decode']:5.1f} %, the whole {spent['daemon']:5.1f} %, beyond decoding"
              f" {shares[-1]:5.1f} % of a core; {words[1].strip()}", flush=True)
    print(f"beyond decoding, median of {len(shares)}: {statistics.median(shares):.1f} %"
          f" ({min(shares):.1f} to {max(shares):.1f})")


def main():
    """Make the clip and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", metavar="FILE", help="what the cameras see; default: a drawn backdrop")
    parser.add_argument("--noise", type=float, default=4.0, metavar="LEVELS", help="deviation; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--backend", default="tflite")
    parser.add_argument("--only", choices=("decode", "daemon"), help=argparse.SUPPRESS)
    parser.add_argument("--clip", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only == "decode":
        print(*run_decoders(options.clip, options.seconds))
    elif options.only == "daemon":
        print(*run_daemon(options.clip, options.seconds, options.backend))
    else:
        with tempfile.TemporaryDirectory() as folder:
            clip = str(Path(folder) / "idle.mp4")
            make_clip(clip, load_picture(options.picture), options.noise)
            measure(options, clip)


if __name__ == "__main__":
    main()
