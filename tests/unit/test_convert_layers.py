"""The converter on a small IR: every layer against its meaning in float64, and every fault by name."""

import hashlib

import numpy as np
import pytest

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

from edgepose.convert import check, grids, ir, layers, openpose
from edgepose.convert.__main__ import main
from edgepose.errors import ModelError
from tests import convert_oracle, ir_double

SIZE = (16, 24)
ROUNDED_ANEW = "last/ReLU"  # its inputs differ in scale, so its weights are rounded a second time


@pytest.fixture
def double(tmp_path):
    return ir_double.write(tmp_path)


@pytest.fixture
def network(double):
    """(layers, {layer: Grid}) of the small network."""
    found = openpose.recognise(*double)
    return found, grids.assign(found, openpose.RANGES)


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


# ---- what it means

@pytest.mark.parametrize("seed", range(3))
def test_every_layer_computes_what_the_ir_means(network, seed):
    pytest.importorskip("ai_edge_litert")
    found, stored = network
    picture = np.random.default_rng(seed).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    values = convert_oracle.tensors(found, stored, picture)
    for layer in found[1:]:
        inputs = [convert_oracle.real(stored[part], values[part]) for part in layer.inputs]
        away = convert_oracle.steps_away(stored[layer], values[layer], convert_oracle.compute(layer, inputs))
        assert away.max() < (3 if layer.name == ROUNDED_ANEW else 1), f"{layer.name} is {away.max():.2f} steps away"


def test_all_kinds_of_layers_are_in_the_small_network(network):
    found, stored = network
    assert {layer.kind for layer in found} == {"input", "conv", "depthwise", "elu", "add", "concat"}
    assert {True, False} == {stored[layer].plain for layer in found}
    assert {1, 2} == {layer.kernel.stride for layer in found if layer.kernel} == {
        layer.kernel.dilation for layer in found if layer.kernel}


def test_every_grid_holds_zero_and_the_range_of_the_ir(network):
    found, stored = network
    for layer in found:
        grid = stored[layer]
        assert np.all((grid.zero >= -128) & (grid.zero <= 127))
        if layer.low is not None and layer.kind != "elu":
            assert np.all((127 - grid.zero) * grid.step >= layer.high - grid.step)
            assert np.all((-128 - grid.zero) * grid.step <= layer.low + grid.step)


def test_same_files_give_the_same_bytes(double, tmp_path):
    (tmp_path / "again").mkdir()
    again = ir_double.write(tmp_path / "again")
    assert openpose.convert(*double, *SIZE) == openpose.convert(*again, *SIZE)


def test_size_of_the_picture_is_free(double):
    pytest.importorskip("ai_edge_litert")
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=openpose.convert(*double, 32, 40))
    shapes = {entry["name"]: list(entry["shape"]) for entry in interpreter.get_output_details()}
    assert shapes == {"paf": [1, 8, 10, 38], "heatmap": [1, 8, 10, 19]}


def test_command_writes_the_file_and_prints_what_the_manifest_says(double, tmp_path, capsys):
    target = tmp_path / "made.tflite"
    assert main([*map(str, double), "16", "24", str(target)]) == 0
    data, said = target.read_bytes(), tomllib.loads(capsys.readouterr().out)
    assert (said["size_bytes"], said["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert said["outputs"]["heatmap"] == dict(shape=[4, 6, 19], dtype="int8", scale=0.00392156886, zero_point=-128)
    assert main([*map(str, double), "16", "20", str(target)]) == 2 and main([]) == 2


# ---- the check

@pytest.mark.parametrize("wrong, complaint", [
    (lambda kernel: kernel.values.__setitem__((0, 0, 0, 0), kernel.values[0, 0, 0, 0] ^ 1), "weights are"),
    (lambda kernel: kernel.bias.__setitem__(0, kernel.bias[0] + 0.1), "bias"),
    (lambda kernel: kernel.scale.__imul__(1.01), "weights are")])
def test_check_finds_a_layer_that_differs(double, network, wrong, complaint):
    found, stored = network
    data = openpose.convert(*double, *SIZE)
    assert len(check.check(data, found, stored)) == 9
    layer = next(layer for layer in found if layer.name == "depth/ReLU")
    layer.kernel.values = layer.kernel.values.copy()
    wrong(layer.kernel)
    with pytest.raises(ModelError, match=f"layer depth/ReLU: .*{complaint}"):
        check.check(data, found, stored)


def test_check_finds_a_tensor_that_cannot_hold_its_range(double, network):
    found, stored = network
    found[1].high = found[1].high * 1.1
    with pytest.raises(ModelError, match=r"layer first/ReLU: its stored range"):
        check.check(openpose.convert(*double, *SIZE), found, stored)


# ---- what does not fit

@pytest.mark.parametrize("old, new, complaint", [
    ('type="ReLU"', 'type="Swish"', "layer first/ReLU is of type Swish, which the converter does not know"),
    ('alpha="1"', 'alpha="2"', "layer unit/Elu of type Elu: only alpha 1"),
    ('levels="256"', 'levels="16"', "layer range of type FakeQuantize: only FakeQuantize with 256 levels"),
    ('strides="2,2"', 'strides="2,1"', "layer first of type Convolution: strides 2,1"),
    ('pads_end="1,1"', 'pads_end="0,0"', "layer first of type Convolution: only no padding"),
    ('axis="1"', 'axis="2"', "layer joined of type Concat: only a Concat of channels"),
    ('version="10"', 'version="7"', "is not an OpenVINO IR of version 10"),
    ("<net", "<nut", "not an OpenVINO IR, or cut short"),
    ('element_type="i8"', 'element_type="i4"', "is of type i4; the converter knows"),
    ('from-layer="0"', 'from-layer="none"', "is not a sound OpenVINO IR: KeyError"),
    ('shape="1,3,1,1"', 'shape="1,4,1,1"', "is not a sound OpenVINO IR: ValueError"),
    ('type="Add"', 'type="Subtract"', "layer mean of type Subtract: an Add was expected here")])
def test_ir_that_cannot_be_converted_is_named_with_its_layer(double, old, new, complaint):
    change(double[0], old, new)
    with pytest.raises(ModelError, match=complaint) as caught:
        openpose.convert(*double, *SIZE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.999])
def test_xml_that_is_cut_short_is_named(double, share):
    data = double[0].read_bytes()
    double[0].write_bytes(data[:int(share * len(data))])
    with pytest.raises(ModelError, match="double.xml is not an OpenVINO IR, or cut short"):
        openpose.convert(*double, *SIZE)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.999])
def test_weights_that_are_cut_short_are_named(double, share):
    data = double[1].read_bytes()
    double[1].write_bytes(data[:int(share * len(data))])
    with pytest.raises(ModelError, match="double.bin is cut short: constant const"):
        openpose.convert(*double, *SIZE)


def test_ir_that_lacks_a_line_is_refused_or_converted(double):
    lines, n_refused = double[0].read_text().splitlines(), 0
    for left_out in range(0, len(lines), 3):
        double[0].write_text("\n".join(lines[:left_out] + lines[left_out + 1:]))
        try:
            openpose.convert(*double, *SIZE)
        except ModelError:
            n_refused += 1
    assert n_refused > len(lines) / 6


def test_missing_file_is_named(double, tmp_path):
    with pytest.raises(ModelError, match=r"none.bin cannot be read: No such file"):
        openpose.convert(double[0], tmp_path / "none.bin", *SIZE)


def test_another_network_is_refused(tmp_path):
    files = ir_double.write(tmp_path, heads=("detection", "classes"))
    with pytest.raises(ModelError, match="is not Lightweight OpenPose: it has no layer Mconv7_stage2_L1"):
        openpose.convert(*files, *SIZE)


@pytest.mark.parametrize("size", [(12, 24), (16, 20), (0, 24), (-8, 24)])
def test_size_that_the_stride_does_not_divide_is_refused(double, size):
    with pytest.raises(ModelError, match="must be multiples of 8"):
        openpose.convert(*double, *size)


def test_input_of_two_scales_is_refused(tmp_path):
    net = ir_double.draw(ir_double.Writer())
    xml, weights = net.save(tmp_path)
    found = ir.read(xml, weights)
    assert layers.recognise(found)[0].kind == "input"
    change(xml, 'name="scale" type="Multiply"', 'name="scale" type="Add"')
    with pytest.raises(ModelError, match="layer"):
        openpose.convert(xml, weights, *SIZE)
