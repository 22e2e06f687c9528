"""The shipped table: how each family divides its work, and what `tuning` may choose from."""

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
#: family -> further Shapes of dense convolutions, for depths that the first would fill with zeros.
VARIANTS = {"cpu": (Shape("pairs", 16, 8, 3, 16, 16),), "gpu": ()}
#: family -> Shape of all other layers.
OTHERS = {"cpu": Shape("", 16, 1, 4, 16, 4), "gpu": Shape("", 4, 1, 2, 32)}
#: What an inner product needs of a device.
EXTENSIONS = {"dots": "cl_khr_integer_dot_product"}


def family_of(type):
    """The family for a device's type."""
    return "cpu" if type == "CPU" else "gpu"


def candidates(family, extensions=""):
    """Shapes of dense convolutions to choose from, the most promising first."""
    first, *others = (shape for (name, inner), shape in DENSE.items()
                      if name == family and EXTENSIONS.get(inner, "") in extensions)
    return [first, *VARIANTS[family], *others]


def everywhere(plan, family, dense):
    """[Shape of every layer] with one Shape for all dense convolutions."""
    return [dense if layer.kind == "convolution" else OTHERS[family] for layer in plan.layers]
