"""Write a digest of everything that must be equal to the bit on every architecture.

    python -m tests.arm.digests OUT     # OUT.txt: `stage name sha256`, a line each; OUT.npz: the network's outputs

It needs NumPy, PyAV, the runtime and nothing of the test suite, and reads only what edgepose ships.
"""

import hashlib
import itertools
import random
import sys
from pathlib import Path

import numpy as np

import edgepose
from edgepose import backends, decoders, model, native, sources
from edgepose.frame import COLOURS, FORMATS, Frame
from edgepose.letterbox import Letterbox
from edgepose.pose import PoseBatch
from edgepose.ring import Slot
from edgepose.track import Options, open_pipeline

SIZES = ((641, 363), (97, 201))  # shrinking, and growing; odd, so that chroma planes round up
CROPS = (None, (-320, 95, 5003, 4001), (1601, 1003, 1207, 911))  # 1/16 px: all, beyond the edge, a part that grows
N_FRAMES = 6
CLIP = Path(edgepose.__file__).parent / "clips" / "pedestrians.mp4"


def main():
    """Write both files."""
    out = Path(sys.argv[1])
    outputs = network()
    np.savez(out.with_suffix(".npz"), **outputs)
    found = itertools.chain(kernels(), letterboxes(), frames(), recorded(), painted(), clip(),
                            ((f"network {name}", digest(array)) for name, array in outputs.items()))
    out.with_suffix(".txt").write_text("".join(f"{name} {sha}\n" for name, sha in found))


def digest(*arrays):
    """sha256 of arrays' bytes, types and shapes."""
    sha = hashlib.sha256()
    for array in arrays:
        array = np.ascontiguousarray(array)
        sha.update(f"{array.dtype.str} {array.shape}".encode() + array.tobytes())
    return sha.hexdigest()


def of_poses(poses):
    """The digest of the valid part of a batch."""
    n = poses.n
    return digest(np.array([n, poses.seq], np.int64), poses.keypoints_q4[:n], poses.keypoint_scores_q16[:n],
                  poses.scores_q16[:n], poses.boxes_q4[:n], poses.track_ids[:n])


def kernels():
    """Which kernels run: the compiled ones must."""
    yield "kernels kind", hashlib.sha256(native.KIND.encode()).hexdigest()


def letterboxes():
    """Every pixel format, colour matrix, order of channels, size and crop, on random planes."""
    for (format, layouts), (width, height) in itertools.product(FORMATS.items(), SIZES):
        noise = random.Random(f"{format} {width}")  # its bytes are the same in every Python and NumPy
        lines = [layout.row_bytes(width) + 5 for layout in layouts]
        planes = [np.frombuffer(noise.randbytes(line * layout.n_rows(height)), np.uint8)
                  for line, layout in zip(lines, layouts)]
        for colour, channels, crop in itertools.product(COLOURS, ("bgr", "rgb"), CROPS):
            frame, slot = Frame(format, width, height, planes, lines, colour), Slot(192, 160)
            Letterbox(192, 160, channels, 7).write(frame, slot, crop)
            fit = (slot.fit.x0_q16, slot.fit.y0_q16, slot.fit.scale_q16, *slot.fit.inside)
            where = ",".join(map(str, crop or ("all",)))
            yield f"letterbox {format},{width}x{height},{colour},{channels},{where}", digest(
                slot.tensor, np.array(fit, np.int64))


def frames():
    """Decoded pictures, as sources lend them, and what the letterbox makes of them."""
    found, source = model.load("movenet-lightning"), sources.open_source(str(CLIP))
    letterbox, slot = Letterbox.of(found.input), Slot(found.input.height, found.input.width)
    for frame in itertools.islice(iter(source.read, None), N_FRAMES):
        letterbox.write(frame, slot)
        colour = np.frombuffer(f"{frame.format} {list(frame.line_sizes)}".encode(), np.uint8)
        yield f"frame {frame.seq}", digest(slot.tensor)
        yield f"format {frame.seq}", digest(colour[:7], np.asarray(frame.colour))
    source.close()


def network():
    """{model.output: int8 arrays of a few real frames, and of noise}, by the TFLite runtime."""
    found = {}
    for name in ("movenet-lightning", "movenet-thunder"):
        loaded, backend = model.load(name), backends.create("tflite")
        backend.open(loaded, None)
        stacks = [run(backend, slot) for slot in inputs(loaded, 2)]
        found.update({f"{name}.{head}": np.stack(stack) for head, stack in zip(loaded.outputs, zip(*stacks))})
        backend.close()
    return found


def inputs(loaded, n_frames):
    """Filled slots: frames of the clip, then noise."""
    source, slot = sources.open_source(str(CLIP)), Slot(loaded.input.height, loaded.input.width)
    letterbox = Letterbox.of(loaded.input)
    for frame in itertools.islice(iter(source.read, None), n_frames):
        letterbox.write(frame, slot)
        yield slot
    source.close()
    slot.tensor[:] = np.frombuffer(random.Random(loaded.name).randbytes(slot.tensor.size),
                                   np.uint8).reshape(slot.tensor.shape)
    yield slot


def run(backend, slot):
    """Copies of a backend's outputs."""
    backend.infer(slot)
    return [output.copy() for output in backend.outputs]


def recorded():
    """MoveNet's decoders, presence among them, on the outputs that ship."""
    found, backend, slot = model.load("movenet-lightning"), backends.create("replay"), Slot(192, 192)
    backend.open(found, None)
    slot.fit.x0_q16, slot.fit.y0_q16, slot.fit.scale_q16, slot.width, slot.height = -12345, 54321, 262147, 768, 576
    for several, slot.seq in itertools.product((False, True), range(backend.n_frames)):
        decoder = decoders.create(found, several=several)
        decoder.set_min_score(0)
        yield f"movenet {'people' if several else 'single'},{slot.seq}", decoded(decoder, run(backend, slot), slot)


def painted():
    """OpenPose's decoder on painted crowds and on noise; the maps first, for they are made with floats."""
    from tests.openpose_maps import model as painted_model
    from tests.openpose_maps import paint, standing

    people = [standing((17.3 + 61.7 * i, 11.1 + 3 * i), 0.6 + 0.05 * i) for i in range(6)]
    crowds = {n: paint(people[:n]) for n in (0, 1, 6)}
    crowds["noise"] = tuple(noise(f"openpose {maps.shape}", maps.shape) for maps in crowds[0])
    found, slot = painted_model(), Slot(256, 456)
    slot.fit.scale_q16, slot.width, slot.height = 120000, 835, 469
    for n, (heatmap, paf) in crowds.items():
        yield f"maps {n}", digest(heatmap, paf)
        yield f"openpose {n}", decoded(decoders.create(found), (paf, heatmap), slot)


def noise(seed, shape):
    """int8 that every NumPy makes alike."""
    return np.frombuffer(random.Random(seed).randbytes(int(np.prod(shape))), np.int8).reshape(shape)


def decoded(decoder, outputs, slot):
    """The digest of what a decoder makes of outputs."""
    poses = PoseBatch(decoder.capacity, decoder.skeleton)
    decoder.decode(outputs, slot, poses)
    return of_poses(poses)


def clip():
    """The whole pipeline with tracking, smoothing and the motion gate on the shipped clip: on recorded outputs, which
    are the same everywhere, and on the network's own."""
    found = model.load("movenet-lightning")
    for backend in ("replay", "tflite"):
        source = sources.open_source(str(CLIP))
        make = lambda _=None, name=backend: backends.create(name)  # noqa: E731
        with open_pipeline(source, found, make(), decoders.create(found), Options(scout="none"), make) as pipeline:
            for poses in itertools.islice(pipeline, N_FRAMES):
                yield f"poses-{backend} {poses.seq}", of_poses(poses)


if __name__ == "__main__":
    main()
