"""Several cells in one table, a row each."""

from edgepose.bench import honesty, quantiles
from edgepose.bench.honesty import Doubt
from edgepose.bench.wording import fold, ms, precision

_NAME = 32  # columns
_HEAD = (f"{'':{_NAME}}{'frame p50':>10}{'±':>7}{'p99':>8}{'network':>9}{'frames/s':>9}{'CPU ms':>8}{'MiB':>5}"
         f"{'mJ':>7}")
_FOOT = ("ms a frame: the work of all stages, and of the network alone; MiB at the peak; mJ above idle by the first"
         " sensor; (!): not trustworthy")


def render(cells):
    """All cells of a record as text."""
    return "\n".join([_HEAD, *(line for cell in cells for line in _rows(cell)), *fold(_FOOT)])


def _rows(cell):
    """The row of a cell; a name that is too long for its column has a line of its own."""
    name = cell["name"]
    if "probes" in cell:
        name += f": holds {max((probe['n_cameras'] for probe in cell['probes'] if probe['holds']), default=0)} cameras"
    if cell["error"]:
        yield from fold(f"{name} left out: {cell['error']}")
        return
    if len(name) > _NAME - 1:
        yield name
        name = ""
    yield f"{name:{_NAME}}" + _numbers(cell)


def _numbers(cell):
    found, times = cell["summary"], cell["summary"]["times_ns"]
    enough = found["n_frames"] >= quantiles.needed(quantiles.QUANTILES["p99"])
    energy = f"{cell['energy'][0]['above_idle_uj'] / 1000:.1f}" if cell["energy"] else "-"
    p99 = ms(times["work"]["p99"]) if enough else "-"
    mark = "" if honesty.verdict([Doubt(**doubt) for doubt in cell["doubts"]])[0] else " (!)"
    return (f"{ms(times['work']['p50']):>10}{precision(times['work']):>7}{p99:>8}"
            f"{ms(times['network']['p50']):>9}{found['throughput_hz']:>9.1f}{ms(found['cpu_ns']):>8}"
            f"{found['memory']['peak_bytes'] / 2**20:>5.0f}{energy:>7}{mark}")
