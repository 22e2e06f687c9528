"""A record as text for a terminal, at most 99 columns."""

from edgepose.bench import cameras, honesty, quantiles, sweep_table
from edgepose.bench.honesty import Doubt
from edgepose.bench.wording import fold, ms, precision

ROWS = {"source": "source", "letterbox": "letterbox", "wait": "wait in the ring", "network": "network alone",
         "decode": "decode", "rest": "rest of the loop", "sink": "sink", "work": "frame, all its work",
         "latency": "capture to sink"}
CUTS = (*quantiles.QUANTILES, "max")
_START_PARTS = {"imports": "imports", "source": "source", "load": "loading the model"}


def render(whole):
    """The whole record as text."""
    measured = [cell for cell in whole["cells"] if not cell["error"]]
    parts = [_about(whole)]
    if len(whole["cells"]) > 1:
        parts.append(sweep_table.render(whole["cells"]))
    elif measured:
        parts.append(_one(measured[0], whole))
    else:
        parts.append(f"{whole['cells'][0]['name']}: {whole['cells'][0]['error']}")
    parts.append(_doubts(measured))
    return "\n\n".join(part for part in parts if part) + "\n"


def _about(whole):
    machine = whole["machine"]
    return "\n".join(fold(
        f"{machine['name']}, {machine['usable_cores']} of {machine['cores']} cores, {machine['architecture']}, Linux"
        f" {machine['kernel']}{_profile(machine)}; edgepose {whole['edgepose']}{_commit(machine)}"))


def _commit(machine):
    return f" {machine['commit']}" if machine["commit"] else ""


def _profile(machine):
    return f"; profile {machine['board']['name']}" if "board" in machine else ""


def _one(cell, whole):
    """One cell in full."""
    found = cell["summary"]
    lines = [*fold(f"{cell['name']} ({cell['package']}); {_mode(cell['cell'])}"),
             *fold(f"{' + '.join(cell['cell']['sources'])}: {found['n_frames']} frames in {found['n_processes']}"
                    f" process{'es' * (found['n_processes'] > 1)}, after {found['frames']['warm_up']} that warmed up")]
    return "\n".join([*lines, *_probes(cell), "", *_stages(cell), "", *_people(found), "", *_totals(cell),
                      *_energy(cell, whole)])


def _mode(cell):
    if cell["mode"] == "closed":
        return "as fast as it goes"
    cameras = f"{cell['n_cameras']} cameras of " if cell["mode"] == "cameras" else ""
    return f"{cameras}{cell['fps']:g} frames a second"


def _probes(cell):
    """How many cameras are held, and the trials that say so."""
    if "probes" not in cell:
        return
    fps, held = cell["cell"]["fps"], max((probe["n_cameras"] for probe in cell["probes"] if probe["holds"]), default=0)
    yield ""
    yield f"holds {held} camera{'' if held == 1 else 's'} of {fps:g} frames a second; by trial:"
    for probe in sorted(cell["probes"], key=lambda probe: probe["n_cameras"]):
        yield "  " + cameras.sentence(cameras.Probe(**probe), fps)
    if not held and cell["probes"]:
        fewest = min(probe["n_cameras"] for probe in cell["probes"])
        yield f"the table is of {fewest} camera{'' if fewest == 1 else 's'}, which is too many"


def _stages(cell):
    """p50, p90, p99 and the greatest of every stage, and its histogram."""
    yield f"{'ms':20}" + "".join(f"{cut:>9}" for cut in CUTS) + f"   p50 {'±':5}histogram, least to greatest"
    spoilt = {doubt["spoils"] for doubt in cell["doubts"]}
    for name, words in ROWS.items():
        row = cell["summary"]["times_ns"][name]
        cuts = "".join(f"{ms(row[cut]):>9}" if cut != "p99" or "p99" not in spoilt else f"{'-':>9}" for cut in CUTS)
        yield f"{words:20}{cuts}   {precision(row):9}{quantiles.bars(row['histogram']['counts'])}"


def _people(found):
    """The stages that depend on how many people are in view."""
    yield f"{'people found':20}{'frames':>9}{'frame p50':>12}{'p99':>9}{'decode p50':>13}{'p99':>9}{'sink p50':>11}"
    for crowd, row in found["people"].items():
        if not row["n"]:
            yield f"{crowd:20}{0:>9}"
            continue
        yield (f"{crowd:20}{row['n']:>9}{ms(row['work']['p50']):>12}{_tail(row, 'work'):>9}"
               f"{ms(row['decode']['p50']):>13}{_tail(row, 'decode'):>9}{ms(row['sink']['p50']):>11}")


def _tail(row, name):
    return ms(row[name]["p99"]) if row["n"] >= quantiles.needed(quantiles.QUANTILES["p99"]) else "-"


def _totals(cell):
    """Throughput, what was lost, the CPU's time, memory, the start."""
    found, starts = cell["summary"], cell["summary"]["start_ns"]
    frames, memory, first = found["frames"], found["memory"], starts["first_pose"]
    yield from fold(f"throughput {found['throughput_hz']:.1f} frames a second; dropped {frames['dropped']} of"
                     f" {frames['published']}, the camera's gaps {frames['gaps']}{_late(found)}")
    if (looks := found["looks"])["mean"] > 1:
        yield f"the network looks {looks['mean']:.2f} times at a frame, p50 {ms(looks['p50_ns'])} ms each"
    yield (f"CPU {ms(found['cpu_ns'])} ms a frame; memory {memory['peak_bytes'] / 2**20:.1f} MiB at the peak,"
           f" {memory['growth_bytes'] / 2**20:+.2f} MiB over a process's run")
    parts = ", ".join(f"{name} {starts[key]['median'] / 1e9:.2f}" for key, name in _START_PARTS.items())
    yield from fold(f"cold start {first['median'] / 1e9:.2f} s to the first pose ({first['least'] / 1e9:.2f} to"
                     f" {first['greatest'] / 1e9:.2f}), of it {parts}")


def _late(found):
    if "late" not in found:
        return ""
    return f"; later than {found['late']['deadline_ns'] / 1e6:.0f} ms {found['late']['n']}"


def _energy(cell, whole):
    """mJ a frame by every sensor, with what it covers; or that there is none."""
    for row in cell["energy"]:
        yield from fold(
            f"energy {row['above_idle_uj'] / 1000:.1f} mJ a frame above idle, {row['frame_uj'] / 1000:.1f} in all;"
            f" {row['mean_mw'] / 1000:.2f} W, idle {row['idle_mw'] / 1000:.2f} W ({row['name']}: {row['covers']})")
    if not cell["energy"]:
        why = "see the notes" if whole["power"] else "no power sensor here"
        yield from fold("energy not measured: " + ("; ".join(whole["power_notes"]) or why))


def _doubts(cells):
    """The verdict, and every doubt once."""
    doubts = list({doubt["text"]: Doubt(**doubt) for cell in cells for doubt in cell["doubts"]}.values())
    if not cells:
        return ""
    lines = [f"verdict: {honesty.verdict(doubts)[1]}"]
    for doubt in sorted(doubts, key=lambda doubt: ("all", "p99", "nothing").index(doubt.spoils)):
        lines += fold(f"{'note' if doubt.spoils == 'nothing' else 'DOUBT'}: {doubt.text}", indent="  ")
    return "\n".join(lines)
