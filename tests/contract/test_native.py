"""The compiled kernels are what runs, wherever a compiler is promised."""

import os
import subprocess
import sys

import pytest

from edgepose import native


@pytest.mark.skipif(not os.environ.get("CI"), reason="a machine without a compiler runs on the twins")
def test_kernels_are_compiled_in_ci():
    assert native.KIND == "compiled", native.WHY


def test_missing_kernels_are_warned_of_once_and_visibly():
    code = "import sys; sys.modules['edgepose.native._kernels'] = None; import edgepose.native"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr.count("install a C compiler") == 1
