"""A record as Markdown, for a README."""

from edgepose.bench import honesty, quantiles, table
from edgepose.bench.honesty import Doubt
from edgepose.bench.wording import ms


def render(whole):
    """The record as one Markdown table, its verdict and its command."""
    measured = [cell for cell in whole["cells"] if not cell["error"]]
    body = _stages(measured[0]) if len(measured) == 1 else _cells(measured)
    return "\n".join([*body, "", _about(whole, measured)]) + "\n"


def _stages(cell):
    """A row a stage."""
    yield f"| ms, {cell['name']} | p50 | p90 | p99 | max |"
    yield "|---|---|---|---|---|"
    for name, words in table.ROWS.items():
        row = cell["summary"]["times_ns"][name]
        yield f"| {words} | " + " | ".join(_cut(cell, row, cut) for cut in table.CUTS) + " |"


def _cells(cells):
    """A row a cell."""
    yield ("| | frame p50 ms | p99 | network alone p50 | frames a second | CPU ms a frame | memory MiB"
           " | energy mJ above idle |")
    yield "|---|---|---|---|---|---|---|---|"
    for cell in cells:
        found = cell["summary"]
        work = found["times_ns"]["work"]
        energy = "; ".join(f"{row['above_idle_uj'] / 1000:.1f} ({row['covers']})" for row in cell["energy"]) or "-"
        yield (f"| {cell['name']} | {ms(work['p50'])} | {_cut(cell, work, 'p99')} |"
               f" {ms(found['times_ns']['network']['p50'])} | {found['throughput_hz']:.1f} |"
               f" {ms(found['cpu_ns'])} | {found['memory']['peak_bytes'] / 2**20:.0f} | {energy} |")


def _cut(cell, row, cut):
    few = cell["summary"]["n_frames"] < quantiles.needed(quantiles.QUANTILES["p99"])
    return "-" if cut == "p99" and few else ms(row[cut])


def _about(whole, cells):
    """The machine, the command, and what speaks against the numbers."""
    machine = whole["machine"]
    doubts = list({doubt["text"]: Doubt(**doubt) for cell in cells for doubt in cell["doubts"]}.values())
    against = "; ".join(doubt.text for doubt in doubts if doubt.spoils != "nothing")
    return (f"`{whole['command']}` on {machine['name']}, {machine['usable_cores']} cores, {whole['date'][:10]};"
            f" {honesty.verdict(doubts)[1]}{': ' + against if against else ''}.")
