"""What may be said to the daemon over MQTT, checked to the letter."""

import json

from edgepose.daemon.config.settings import MODES
from edgepose.daemon.events.ids import is_id

N_BYTES = 512  # of a payload
N_BY = 32  # letters of who acknowledges


def read_mode(payload):
    """The mode that a payload names; ValueError for anything else."""
    text = _text(payload).strip()
    if text not in MODES:
        raise ValueError(f"a mode is one of {', '.join(MODES)}")
    return text


def read_acknowledgement(payload):
    """(id, who or None) of `ID` or `{"id": ID, "by": NAME}`; ValueError for anything else."""
    text = _text(payload).strip()
    if is_id(text):
        return text, None
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict) or not is_id(table.get("id")) or not table.keys() <= {"id", "by"}:
        raise ValueError('an acknowledgement is an event\'s id or {"id": ID, "by": NAME}')
    return table["id"], _name(table.get("by"))


def _text(payload):
    if len(payload) > N_BYTES:
        raise ValueError(f"a command has {N_BYTES} bytes at most")
    return bytes(payload).decode("utf-8")  # UnicodeDecodeError is a ValueError


def _name(by):
    if by is None:
        return None
    if not isinstance(by, str) or not 0 < len(by) <= N_BY or not by.isprintable():
        raise ValueError(f'"by" is 1 to {N_BY} printable letters')
    return by
