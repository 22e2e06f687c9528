"""Profiles: the table that LiteRT prints, and ours."""

import pytest

from edgepose.bench import plan, profile
from edgepose.bench.profile import tflite
from edgepose.errors import BackendError, ConfigError

CELL = plan.Cell(("clip",), "movenet-lightning", "tflite")
SUMMARY = """Number of nodes executed: 3
============ Run Order ============
            [node type]   [start]  [first]  [avg ms]     [%]    [cdf%]  [mem KB] [times called]  [Name]
               QUANTIZE     0.000    0.133     0.325   1.399%   1.399%     0.000             20  [Builtin]:0
 Delegate/Convolution (NHWC, QC8) IGEMM  0.000  0.992  2.472  10.645%  12.044%  0.000  20  [Delegate]:0
      Delegate/Add (ND)     0.000    0.010     0.010   0.043%  31.554%     0.000             20  [Delegate]:9

============ Top by Computation Time ============
               QUANTIZE     0.000    0.133     0.325   1.399%   1.399%     0.000             20  [Builtin]:0
"""


def test_table_of_litert_is_read_in_the_order_of_running():
    assert tflite.read_summary(SUMMARY) == [
        {"type": "QUANTIZE", "name": "[Builtin]:0", "ns": 325_000},
        {"type": "Convolution (NHWC, QC8) IGEMM", "name": "[Delegate]:0", "ns": 2_472_000},
        {"type": "Add (ND)", "name": "[Delegate]:9", "ns": 10_000}]


@pytest.mark.parametrize("text", ["", "nothing to see", SUMMARY.partition("QUANTIZE")[0]])
def test_summary_without_a_table_is_an_error(text):
    with pytest.raises(BackendError, match="no table"):
        tflite.read_summary(text)


def test_profile_is_summed_by_kind_within_99_columns():
    found = {"operations": tflite.read_summary(SUMMARY) * 9, "network_ns": 26_000_000, "package": "p" * 200}
    lines = profile.render(found, CELL).splitlines()
    assert max(map(len, lines)) <= 99 and "27 operations" in lines[-1] and "26.000 ms" in lines[-1]
    assert next(line for line in lines if "IGEMM" in line).split()[-3:] == ["9", "22.248", "88.1%"]


def test_backend_without_a_profiler_is_one_line():
    with pytest.raises(ConfigError, match="replay has no profiler; tflite, openvino, opencl have"):
        profile.profile(plan.Cell(("clip",), "movenet-lightning", "replay"))
