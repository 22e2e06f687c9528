"""When each frame came to each stage, in arrays that are as long as the run from the start."""

from array import array

import numpy as np

LEAST_ROWS, MOST_ROWS, ROWS_PER_S = 2000, 1 << 19, 1000

#: What a row holds: moments in monotonic ns, of `infer` and `decode` the time spent, ns, and two counts.
COLUMNS = ("due", "read", "frame", "claim", "publish", "take", "infer", "decode", "sink", "done", "n_people", "n_looks")

#: Every stage, in the order in which a frame meets them.
STAGES = ("source", "letterbox", "wait", "network", "decode", "rest", "sink")
#: Those in which somebody works for the frame, as opposed to its waiting in the ring.
WORK = tuple(stage for stage in STAGES if stage != "wait")


class Stamps:
    """One row a frame, by the number that its source gave it.

    Parameters
    ----------
    seconds : float, how long the run is to be; it ends early when the rows are used up

    Attributes
    ----------
    n_rows : int
    row : int, the frame that the inference thread has in hand; calls of backend and decoder are counted to it
    due, read, ... : array of int64, one for each of `COLUMNS`; all memory is touched before the first frame
    """

    def __init__(self, seconds):
        self.n_rows = int(min(max(seconds * ROWS_PER_S, LEAST_ROWS), MOST_ROWS))
        self.row = 0
        for column in COLUMNS:
            setattr(self, column, array("q", bytes(8 * self.n_rows)))

    @property
    def n_bytes(self):
        """Memory that the rows take."""
        return 8 * self.n_rows * len(COLUMNS)

    def samples(self):
        """The frames that reached the sink, in that order: {stage or other name: int64 array}.

        Beside `STAGES` there are `done` (monotonic ns), `latency` (capture to sink, ns), `work` (the sum of all stages
        in which somebody works for the frame, ns), `n_people` and `n_looks`, how often the network ran.
        """
        raw = {column: np.array(getattr(self, column)) for column in COLUMNS}
        rows = np.flatnonzero(raw["done"])
        rows = rows[np.argsort(raw["done"][rows], kind="stable")]
        return derive({column: values[rows] for column, values in raw.items()})


def derive(raw):
    """The samples of rows that are whole; see `Stamps.samples`."""
    out = {"source": raw["frame"] - raw["read"], "letterbox": raw["publish"] - raw["claim"],
           "wait": raw["take"] - raw["publish"], "network": raw["infer"], "decode": raw["decode"],
           "rest": raw["sink"] - raw["take"] - raw["infer"] - raw["decode"], "sink": raw["done"] - raw["sink"]}
    out["work"] = sum(out[stage] for stage in WORK)
    out["latency"] = raw["done"] - raw["due"]
    return out | {name: raw[name] for name in ("done", "n_people", "n_looks")}
