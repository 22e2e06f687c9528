"""MOTA, IDF1, HOTA and identity switches, as TrackEval, HOTA's own code, computes them."""

import numpy as np

from edgepose.errors import ConfigError
from edgepose.evaluate.boxes import LEAST_IOU


def load():
    """trackeval.metrics; ConfigError with the way out where it is missing."""
    try:
        from trackeval import metrics
    except ImportError as error:
        raise ConfigError(f"MOTA, IDF1 and HOTA need the package trackeval, which does not load: {error};"
                          " pip install 'edgepose[tracks]'") from error
    return metrics


def judge(true_ids, found_ids, alike):
    """{"MOTA", "IDF1", "HOTA": float, "switches": int} over frames.

    Parameters
    ----------
    true_ids, found_ids : lists of a frame's ids, int (N,) each
    alike : list of float64 (true, found), 0..1, of each frame; 0 is nobody's match
    """
    metrics, settings = load(), {"THRESHOLD": LEAST_IOU, "PRINT_CONFIG": False}
    data = {"num_timesteps": len(alike), "similarity_scores": alike}
    for name, ids in (("gt", true_ids), ("tracker", found_ids)):
        names = np.unique(np.concatenate(ids))
        data |= {f"num_{name}_ids": len(names), f"num_{name}_dets": sum(map(len, ids)),
                 f"{name}_ids": [np.searchsorted(names, each) for each in ids]}
    clear = metrics.CLEAR(settings).eval_sequence(data)
    return {"MOTA": float(clear["MOTA"]), "IDF1": float(metrics.Identity(settings).eval_sequence(data)["IDF1"]),
            "HOTA": float(np.mean(metrics.HOTA().eval_sequence(data)["HOTA"])), "switches": int(clear["IDSW"])}
