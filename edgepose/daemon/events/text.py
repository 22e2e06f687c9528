"""Events as JSON text and back: schemas/event-1.schema.json."""

import json
import logging
import math
from dataclasses import replace

from edgepose.daemon.events.event import Event
from edgepose.errors import first_line

N_DEPTH = 8  # levels of `detail`, more is cut off

log = logging.getLogger(__name__)


def text_of(event):
    """One event as a line of JSON, schema `edgepose.event/1`, whatever a rule has put into its detail."""
    try:
        return _dumps(event.as_table())
    except (TypeError, ValueError, RecursionError):
        return _dumps(_plain(replace(event, detail=_plain(event.detail)).as_table()))


def _dumps(table):
    return json.dumps(table, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def event_of(text):
    """The event that `text_of` wrote."""
    return Event.of(json.loads(text))


def events_of(rows):
    """(number, event) of each (number, text); one that cannot be read is passed over, so that it is not in the way."""
    for number, text in rows:
        try:
            yield number, event_of(text)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            log.error("event %s cannot be read and is passed over: %s", number, first_line(error))


def _plain(value, depth=0):
    """A value that JSON has: NumPy's numbers become Python's, NaN becomes None, the unknown its name."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if depth >= N_DEPTH:
        return None
    if isinstance(value, dict):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, depth + 1) for item in value]
    return str(value)
