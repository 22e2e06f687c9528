"""The throttle word of a Raspberry Pi, from the kernel's file or from vcgencmd."""

import pytest

from edgepose.board import Vitals
from tests.board_trees import firmware, lay_out_text

PATHS = ["sys/devices/platform/soc/soc:firmware/get_throttled",
         "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled"]


def refused(*_):
    raise AssertionError("asked, though the kernel has a file")


@pytest.mark.parametrize("path", PATHS, ids=["Raspberry Pi 4", "Raspberry Pi 5"])
@pytest.mark.parametrize("text, flags", [("0", 0), ("50005", 0x50005), ("0x80008", 0x80008), ("", None), ("x", None)])
def test_throttle_word_is_read_from_the_kernels_file(tmp_path, path, text, flags):
    assert Vitals(lay_out_text(f"{path}: {text}", tmp_path), refused).firmware_flags() == flags


def test_throttle_word_without_a_file_is_asked_of_the_firmware(tmp_path):
    assert Vitals(tmp_path, firmware("0x20002")).firmware_flags() == 0x20002
    assert Vitals(tmp_path, lambda _: None).firmware_flags() is None
