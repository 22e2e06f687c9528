"""What a user writes: parameters and passwords."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgepose.errors import SourceError
from edgepose.sources.address import mask_password, split_parameters


@pytest.mark.parametrize("address, shown", [
    ("rtsp://camera/live", "rtsp://camera/live"),
    ("rtsp://10.0.0.4:554/cam@1", "rtsp://10.0.0.4:554/cam@1"),
    ("rtsp://user@camera/live", "rtsp://user@camera/live"),
    ("rtsp://user:secret@camera:554/live", "rtsp://user:***@camera:554/live"),
    ("rtsp://user:se:c/r@et@camera/live", "rtsp://user:***@camera/live"),
    ("http://camera/mjpg?user=a&password=secret&size=1", "http://camera/mjpg?user=a&password=***&size=1"),
    ("http://camera/mjpg?Token=secret", "http://camera/mjpg?Token=***"),
    ("rtsp://camera/user=admin_password=secret_channel=1", "rtsp://camera/user=admin_password=***"),
    ("a:b@c.mp4", "a:b@c.mp4"),
])
def test_mask_password_when_address_has_one_then_only_that_is_hidden(address, shown):
    assert mask_password(address) == shown


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=8))
def test_mask_password_when_password_is_anything_then_it_never_shows(password):
    password = "zq" + password
    assert password not in mask_password(f"rtsp://user:{password}@camera/live")


def test_split_parameters_when_given_then_they_are_read():
    assert split_parameters("thing?n=3&x=0.5", {"n": int, "x": float, "z": int}) == ("thing", {"n": 3, "x": 0.5})


def test_split_parameters_when_there_are_none_then_thing_alone():
    assert split_parameters("thing", {"n": int}) == ("thing", {})


def test_split_parameters_when_key_is_unknown_then_line_names_it_and_the_known():
    with pytest.raises(SourceError, match="thing\\?m=3: 'm' is not known.*one of n, x"):
        split_parameters("thing?m=3", {"n": int, "x": float})


def test_split_parameters_when_value_is_no_number_then_line_names_it():
    with pytest.raises(SourceError, match="n=three cannot be read"):
        split_parameters("thing?n=three", {"n": int})
