"""The kernels' hot loops in ARM's object code: every one works with vectors, and nothing falls back to scalars."""

import json

import pytest

from tests import object_code
from tests.conftest import ROOT

#: Hot loops by source file and function: what they do. They are hot by benchmarks/results/qemu-*/kernels.json.
HOT = {
    "rows.c": {
        "sum_ends": "first and last row of each window, weighted: every byte of them",
        "add_one": "whole rows between: every byte of them", "add_two": "the same", "add_three": "the same",
        "add_four": "the same", "add_eight": "the same"},
    "columns.c": {
        "turn": "sums of eight rows, column by column", "sum_columns": "every column of every window",
        "settle": "every level of the input"},
    "colours.c": {"convert_yuv": "every pixel of the input", "interleave": "every pixel of the input"},
    "movenet.c": {"raise_to": "every value of the heatmaps"},
    "peaks.c": {"raise_to": "every value of the heatmaps", "mark": "every value of the heatmaps"},
    "presence.c": {"add_four": "every value of the trunk's features", "add_one": "the same", "weigh": "every channel"},
}
#: Whose vectors are written out, on ARM: of its loops the compiler has nothing to say.
WRITTEN_OUT = {"columns.c"}
#: What else takes 5 % of a case, and why it has no vectors.
SCALAR = {
    "find": "compares few cells, by a table and by 64-bit products",
    "root": "a bit after the other, for few cells",
    "find_connections": "ten samples of four cells each, wherever the line between two peaks lies",
    "find_peaks": "overwrites one value in nineteen; refines few peaks",
    "read_context": "calls the loops that have vectors, four cells at a time",
}
OF_THE_C_LIBRARY = ("mem", "__mem", "__udiv", "__aeabi", "?")
MACHINES = list(object_code.TOOLS)


@pytest.fixture(params=MACHINES)
def machine(request):
    object_code.tool(request.param, "objdump")
    return request.param


@pytest.mark.parametrize("source", HOT)
def test_hot_loops_are_vectorised_and_have_no_second_version(machine, source, tmp_path):
    functions, said = object_code.compiled(machine, source, tmp_path)
    for name in HOT[source]:
        assert object_code.innermost_loops(functions[name]), f"{name} has no loop"
        scalar = object_code.scalar_loops(functions[name])
        assert not scalar, f"{name}: a loop without vectors: {[(i.name, i.operands) for i in scalar[0]]}"
    assert "vectorized" in said or source in WRITTEN_OUT
    assert "versioned" not in said  # one for memory that overlaps would be scalar


@pytest.mark.parametrize("source", ["peaks.c", "presence.c"])
def test_scalar_loops_are_seen(machine, source, tmp_path):
    functions, _ = object_code.compiled(machine, source, tmp_path, "-fno-tree-vectorize")
    assert all(object_code.scalar_loops(functions[name]) for name in HOT[source])


def test_a_jump_back_that_is_no_loop_is_none():
    listing = "0000 <f>:\n  0:\tcbz\tw0, c <f+0xc>\n  4:\tldrb\tw1, [x1]\n  8:\tret\n  c:\tb\t4 <f+0x4>\n"
    assert object_code.innermost_loops(object_code.read_functions(listing)["f"]) == []


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_hot_is_known(machine):
    record = json.loads((ROOT / "benchmarks" / "results" / f"qemu-{machine}" / "kernels.json").read_text())
    known = {name for names in HOT.values() for name in names} | SCALAR.keys()
    for case, row in record["cases"].items():
        functions = row["after"]["functions"]
        hot = {name.split(".")[0] for name, n in functions.items() if n > 0.05 * row["after"]["instructions"]}
        assert not {name for name in hot - known if not name.startswith(OF_THE_C_LIBRARY)}, case
