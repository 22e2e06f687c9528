"""What a decoder must know of a stream before its first picture, found in the packets themselves."""

_START = b"\x00\x00\x01"
#: How each codec tells a packet's kind from the byte behind a start code, and the kinds that are parameter sets
_SETS = {"h264": (lambda byte: byte & 0x1F, (7, 8)), "hevc": (lambda byte: byte >> 1 & 0x3F, (32, 33, 34))}
#: Kinds that stand before or among parameter sets: delimiters and messages
_BESIDE = {"h264": (6, 9), "hevc": (35, 39)}
_MAX_SETS_BYTES = 4096
_SIZES = (0xC0, 0xC1, 0xC2)  # of JPEG, the markers of segments that hold a picture's size


def look_of(codec, data):
    """The parameter sets at the beginning of a packet, or of a JPEG its size: another look is another stream.

    Parameters
    ----------
    codec : str, FFmpeg's name
    data : bytes-like, a packet that begins with a key frame

    Returns
    -------
    bytes: of H.264 and H.265 each set behind a start code; empty where there are none, as in packets of MP4 files

    Notes
    -----
    Sources: ITU-T H.264, 7.3.1 and annex B; ITU-T H.265, 7.3.1.2; ITU-T T.81, B.2.2.
    """
    if codec == "mjpeg":
        return _jpeg_size(data)
    if codec not in _SETS:
        return b""
    return b"".join(b"\x00" + _START + unit for unit in _parameter_sets(codec, bytes(data[:_MAX_SETS_BYTES])))


def _parameter_sets(codec, data):
    kind_of, sets = _SETS[codec]
    if not data.startswith((_START, b"\x00" + _START)):
        return
    for unit in data.split(_START)[1:]:
        kind = kind_of(unit[0]) if unit else None
        if kind in sets:
            yield unit.rstrip(b"\x00")
        elif kind not in _BESIDE[codec]:
            return  # the picture


def _jpeg_size(data):
    """The segment with the picture's size, but for its tables."""
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        if data[place + 1] in _SIZES:
            return bytes(data[place + 5:place + 9])
        place += 2 + int.from_bytes(data[place + 2:place + 4], "big")
    return b""
