"""Where poses go. A sink has `wants_picture`, `open(run)`, `write(poses)` and `close()`.

`run` says what produces the poses: `source`, `model` and `backend` (str; `backend` is another one after a fault),
`skeleton` (Skeleton), `fps` (float or None), `live` (bool). `open` checks everything and raises SinkError before it
touches what exists. `write` keeps no reference to the poses or their picture. `close` leaves valid files, also after
a failed `write`; twice is fine. Pillow and PyAV are loaded only when an overlay is opened.
"""

from edgepose.sinks.jsonl import JsonlSink
from edgepose.sinks.null import NullSink
from edgepose.sinks.openpose_json import OpenposeJsonSink
from edgepose.sinks.overlay import OverlaySink
from edgepose.sinks.table import TableSink

#: Every sink by name; tests/contract/test_sinks.py runs over all of them.
SINKS = {"jsonl": JsonlSink, "openpose-json": OpenposeJsonSink, "table": TableSink, "overlay": OverlaySink,
         "null": NullSink}

__all__ = ["SINKS", "JsonlSink", "NullSink", "OpenposeJsonSink", "OverlaySink", "TableSink"]
