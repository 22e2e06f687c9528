"""What `ports/lite.py` makes of a library; all of an installation is in tests/slow/test_lite.py."""

import importlib.util
import struct

import numpy as np
import pytest
from numpy.random import mtrand as library

from tests.conftest import ROOT

spec = importlib.util.spec_from_file_location("lite", ROOT / "ports" / "lite.py")
lite = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lite)


@pytest.fixture
def data():
    with open(library.__file__, "rb") as file:
        found = file.read()
    return found if found[4] == 2 else pytest.skip("this machine has 32 bits, where libraries stay as they are")


def test_library_when_kept_to_what_is_loaded_then_every_segment_is_where_it_was(data):
    kept = lite.loaded_of(data)
    begin, (size, n) = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<HH", data, 54)
    assert n > 3 and kept[:40] == data[:40] and kept[begin:begin + size * n] == data[begin:begin + size * n]
    for i in range(n):
        first, length = struct.unpack_from("<8xQ16xQ", data, begin + i * size)
        assert kept[max(first, 64):first + length] == data[max(first, 64):first + length]
    assert len(kept) <= len(data) and lite.loaded_of(kept) == kept


def test_file_when_written_with_holes_then_reads_the_same_and_takes_less(tmp_path):
    data = bytes(3_000_001) + np.arange(5000, dtype=np.uint16).tobytes() + bytes(1_000_003)
    lite.write_sparse(tmp_path / "file", data)
    assert (tmp_path / "file").read_bytes() == data
    assert lite.size_bytes(tmp_path / "file") < 100_000


def test_library_when_no_elf_file_then_stays(tmp_path):
    (tmp_path / "linker.so").write_text("INPUT(-lm)")
    lite.keep_loaded(tmp_path / "linker.so")
    assert (tmp_path / "linker.so").read_text() == "INPUT(-lm)"
