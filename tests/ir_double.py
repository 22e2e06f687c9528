"""A small OpenVINO IR with everything that Lightweight OpenPose's has: its layers, its heads' names, its quirks."""

import numpy as np

HEADS = ("Mconv7_stage2_L1", "Mconv7_stage2_L2")


class Writer:
    """Collects layers and constants; `save` writes name.xml and name.bin."""

    def __init__(self, seed=20261121):
        self.rng = np.random.default_rng(seed)
        self.layers, self.edges, self.blob = [], [], bytearray()

    def layer(self, kind, name, inputs=(), **data):
        """Number of a new layer behind others."""
        number = len(self.layers)
        text = " ".join(f'{key}="{value}"' for key, value in data.items())
        self.layers.append(f'<layer id="{number}" name="{name}" type="{kind}" version="opset1"><data {text}/></layer>')
        self.edges += [f'<edge from-layer="{origin}" from-port="9" to-layer="{number}" to-port="{port}"/>'
                       for port, origin in enumerate(inputs)]
        return number

    def constant(self, values, element_type="f16"):
        """Number of a new Const."""
        data = np.asarray(values, {"f16": "<f2", "i8": "i1", "i64": "<i8", "f64": "<f8"}[element_type])
        offset, shape = len(self.blob), ",".join(map(str, data.shape))
        self.blob += data.tobytes()
        return self.layer("Const", f"const{len(self.layers)}", element_type=element_type, offset=offset,
                          size=data.nbytes, shape=shape)

    def ranged(self, source, low, high, name="range", levels=256):
        """A FakeQuantize; one number, or one a channel."""
        shape = (1, -1, 1, 1) if np.ndim(high) else ()
        ends = [self.constant(np.reshape(np.broadcast_to(end, np.shape(high)), shape)) for end in (low, high) * 2]
        return self.layer("FakeQuantize", name, [source, *ends], levels=levels, auto_broadcast="numpy")

    def conv(self, source, name, shape, stride=1, dilation=1, activation=None, spread=0.02):
        """Convolution with int8 weights, bias and activation; of one input channel, depthwise."""
        depthwise, size = shape[1] == 1, shape[2]
        weights = self.constant(self.rng.integers(-127, 128, shape), "i8")
        zero = self.constant(np.full((shape[0], 1, 1, 1), 7.6e-6))
        scale = self.constant(self.rng.uniform(spread / 4, spread, (shape[0], 1, 1, 1)) / size)
        chain = self.layer("Subtract", name + "/zero", [self.layer("Convert", name + "/f16", [weights]), zero])
        chain = self.layer("Multiply", name + "/scale", [chain, scale])
        if depthwise:
            groups = self.constant([shape[0], 1, 1, size, size], "i64")
            chain = self.layer("Reshape", name + "/groups", [chain, groups], special_zero="true")
        pad = dilation * (size // 2)
        made = self.layer("GroupConvolution" if depthwise else "Convolution", name, [source, chain],
                          strides=f"{stride},{stride}", dilations=f"{dilation},{dilation}", pads_begin=f"{pad},{pad}",
                          pads_end=f"{pad},{pad}", auto_pad="explicit")
        made = self.layer("Add", name + "/bias", [made, self.constant(self.rng.normal(0, 0.2, (1, shape[0], 1, 1)))])
        if activation is None:
            return made
        return self.layer(activation, f"{name}/{activation}", [made], **({"alpha": 1} if activation == "Elu" else {}))

    def save(self, folder, name="double"):
        """Paths of the two files."""
        xml, weights = folder / f"{name}.xml", folder / f"{name}.bin"
        xml.write_text('<?xml version="1.0"?><net name="double" version="10"><layers>' + "\n".join(self.layers)
                       + "</layers><edges>" + "\n".join(self.edges) + "</edges></net>")
        weights.write_bytes(self.blob)
        return xml, weights


def draw(net, heads=HEADS):
    """The whole small network: 16 channels where the real one has 128."""
    picture = net.layer("Parameter", "data", element_type="f16", shape="1,3,16,24")
    scaled = net.layer("Multiply", "scale", [picture, net.constant(np.full((1, 1, 1, 1), 1 / 255))])
    shifted = net.layer("Add", "mean", [scaled, net.constant(np.full((1, 3, 1, 1), -0.502))])
    first = net.conv(net.ranged(shifted, -0.506, 0.502), "first", (16, 3, 3, 3), 2, activation="ReLU")
    highs, spans = net.rng.uniform(0.1, 2.5, 16), net.rng.uniform(0.5, 1.9, 16)
    depth = net.conv(net.ranged(first, 0.0, highs), "depth", (16, 1, 3, 3), 2, activation="ReLU")
    unit = net.ranged(net.conv(net.ranged(depth, 0.0, 2.0), "unit", (16, 16, 1, 1), activation="Elu"), -spans, spans)
    far = net.ranged(net.conv(unit, "far", (16, 1, 3, 3), 1, 2, activation="ReLU"), 0.0, 1.5)
    both = net.ranged(net.layer("Add", "both", [unit, far]), -2.5, 2.5)
    parts = [net.conv(both, "paf1", (38, 16, 1, 1)), net.conv(both, "heatmap1", (19, 16, 1, 1))]
    joined = net.layer("Concat", "joined", [*(net.ranged(part, -0.6, 0.6) for part in parts), far], axis=1)
    last = net.ranged(net.conv(joined, "last", (16, 73, 1, 1), activation="ReLU", spread=0.004), 0.0, 2.0)
    for name, channels in zip(heads, (38, 19)):
        net.layer("Result", name + "/sink", [_renamed(net, net.conv(last, name, (channels, 16, 1, 1)), name)])
    return net


def _renamed(net, number, name):
    """Call a head's Add as the IR does."""
    net.layers[number] = net.layers[number].replace(f'"{name}/bias"', f'"{name}"')
    return number


def write(folder, heads=HEADS):
    """Paths of the small network's .xml and .bin."""
    return draw(Writer(), heads).save(folder)
