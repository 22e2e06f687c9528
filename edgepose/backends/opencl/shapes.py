"""The shipped table: how each family divides its work, and what may be chosen from instead."""

from dataclasses import replace

from edgepose.backends.opencl.lower import Shape

#: (family, inner product) -> Shape of dense convolutions. "cpu" has vectors of 16 channels, "gpu" of 4.
DENSE = {
    ("cpu", "pairs"): Shape("pairs", 16, 16, 3, 16, 16),
    ("cpu", "floats"): Shape("floats", 16, 16, 4, 16, 16),
    ("cpu", "ints"): Shape("ints", 16, 8, 4, 16, 16),
    ("gpu", "floats"): Shape("floats", 4, 4, 4, 32),
    ("gpu", "dots"): Shape("dots", 4, 4, 4, 32),
    ("gpu", "ints"): Shape("ints", 4, 4, 4, 32),
}
#: family -> Shape of all other layers.
OTHERS = {"cpu": Shape("", 16, 1, 4, 16, 4), "gpu": Shape("", 4, 1, 2, 32)}
#: (family, inner product) -> (block, depth, tile) of further dense Shapes that tuning measures.
DENSE_SIZES = {
    ("cpu", "pairs"): ((16, 8, 3), (16, 16, 2), (16, 16, 4)),
    ("gpu", "floats"): ((4, 4, 1), (4, 4, 2), (8, 4, 1), (8, 4, 2), (8, 4, 4)),
    ("gpu", "dots"): ((4, 4, 1), (4, 4, 2)),
}
#: family -> tiles of further Shapes of depthwise convolutions that tuning measures.
DEPTHWISE_TILES = {"cpu": (2,), "gpu": (1, 4)}
#: family -> (tiles, strips) of work-groups that tuning measures for the quickest of the Shapes. On a CPU a group is
#: but a loop, and each size of it compiles anew.
GROUPS = {"cpu": (), "gpu": ((16, 1), (64, 1), (8, 4), (4, 4), (8, 2))}
#: What an inner product needs of a device.
EXTENSIONS = {"dots": "cl_khr_integer_dot_product"}


def family_of(type):
    """The family for a device's type."""
    return "cpu" if type == "CPU" else "gpu"


def shipped(family, extensions=""):
    """Shapes of dense convolutions, one an inner product that a device can build, the most promising first."""
    return [shape for (name, inner), shape in DENSE.items()
            if name == family and EXTENSIONS.get(inner, "") in extensions]


def candidates(family, kind, extensions=""):
    """Shapes of a layer of some kind that tuning chooses from, the shipped ones first."""
    if kind == "convolution":
        dense = shipped(family, extensions)
        return dense + [replace(shape, block=block, depth=depth, tile=tile) for shape in dense
                        for block, depth, tile in DENSE_SIZES.get((family, shape.inner), ())]
    other = OTHERS[family]
    return [other] + [replace(other, tile=tile) for tile in DEPTHWISE_TILES[family] if kind == "depthwise"]


def regrouped(family, kind, shape):
    """A Shape with other work-groups."""
    if kind not in ("convolution", "depthwise"):
        return []
    return [replace(shape, group=tiles, group_strips=strips) for tiles, strips in GROUPS[family]]


def everywhere(plan, family, dense):
    """[Shape of every layer] with one Shape for all dense convolutions."""
    return [dense if layer.kind == "convolution" else OTHERS[family] for layer in plan.layers]


def is_allowed(shape, family, kind):
    """Whether a Shape is one that this version could have chosen for a layer of some kind."""
    ours = candidates(family, kind, " ".join(EXTENSIONS.values()))
    return shape in ours or any(shape in regrouped(family, kind, one) for one in ours)
