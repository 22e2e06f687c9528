"""The outcome for people and for programs: a table and a JSON file."""

import json

from edgepose.evaluate.protocols import PROTOCOLS
from edgepose.sinks.paths import sink_error

SCHEMA = "edgepose.eval/1"


def table(report):
    """The whole outcome as text, at most 99 columns.

    Parameters
    ----------
    report : dict as the JSON file holds it
    """
    parts = [_heading(report), _oks(report), _rates("keypoint", report["keypoints"]),
             _rates("limb", report["limbs"]), _lengths(report["keypoints"])]
    return "\n\n".join(parts) + "\n"


def write(report, path):
    """Write the JSON file; SinkError where it cannot be written."""
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise sink_error(path, error) from error


def _heading(report):
    counts, protocol = report["counts"], report["protocol"]
    lines = [f"protocol {protocol} ({PROTOCOLS[protocol]}): {counts['images']} images, {counts['people']} people,"
             f" {counts['poses']} poses", _maker(report)]
    if counts["people_without_pose"]:
        lines.append(f"{counts['people_without_pose']} people have no pose: their keypoints count as wrong")
    if counts["broken"]:
        lines.append(f"{counts['broken']} broken images are left out")
    return "\n".join(lines)


def _maker(report):
    if "results" in report:
        results = report["results"]
        made = f", model {results['model']} on {results['backend']}" if "model" in results else ""
        return f"results {results['file']} ({results['format']}{made}), {results['images']} images in it"
    run = report["run"]
    return (f"model {run['model']} ({run['sha256'][:12]}) on {run['backend']} ({run['package']}),"
            f" decoder {run['decoder']}")


def _oks(report):
    values = report["oks"]
    names, numbers = "  ".join(f"{name:>5}" for name in values), "  ".join(map(_rate, values.values()))
    return f"OKS{'':17}{names}\n{'':20}{numbers}{_beside_float(report)}"


def _beside_float(report):
    """How much of the float network's precision is left, where it was measured on these pictures."""
    if "float_network" not in report:
        return ""
    ap, command = report["float_network"]["AP"], report["float_network"]["command"]
    return f"\n{'float network':20}{_rate(ap)}  this is {report['oks']['AP'] / ap:.3f} of it ({command})"


def _rates(kind, metrics):
    """A row for each keypoint or limb, for each metric the rate and how many were counted."""
    head = f"{kind:18}" + "".join(f"{name:>11}{'of':>7}" for name in metrics)
    rows = [_row("all", [metric["all"] for metric in metrics.values()])]
    for name in next(iter(metrics.values()))["each"]:
        rows.append(_row(name.replace("_", " "), [metric["each"][name] for metric in metrics.values()]))
    return "\n".join([head, *rows])


def _row(name, cells):
    return f"{name:18}" + "".join(f"{_rate(cell['rate']):>11}{cell['counted']:>7}" for cell in cells)


def _rate(value):
    return "    -" if value is None else f"{value:5.3f}"


def _lengths(metrics):
    words = [f"{name}: within {metric['threshold']} of the {metric['length']}" for name, metric in metrics.items()]
    return "\n".join([*words, "PCP@0.5: both ends within half the limb's length"])
