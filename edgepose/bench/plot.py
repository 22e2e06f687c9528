"""A record as a picture: how times are spread, how they go over the run with heat and clock, and power."""

import os

import numpy as np

from edgepose.bench import honesty, packing
from edgepose.bench.honesty import Doubt
from edgepose.errors import ConfigError

SUFFIXES = (".png", ".svg", ".pdf")
_SHOWN = ("source", "letterbox", "network", "decode", "sink", "work")
_WORDS = {"work": "frame, all its work", "network": "network alone"}
_SPOILT = "#b3261e"
#: What the timeline shows beside the frames: words, factor to their unit, colour.
_SURROUNDINGS = {"max_mc": ("°C, hottest zone", 1e-3, "tab:red"), "mhz": ("MHz, mean of cores", 1, "tab:green")}


def check(path):
    """Raise ConfigError where no picture can be drawn; loads matplotlib."""
    if os.path.splitext(path)[1].lower() not in SUFFIXES:
        raise ConfigError(f"--plot {path}: it takes a name that ends in {', '.join(SUFFIXES)}")
    try:
        import matplotlib
    except ImportError as error:
        raise ConfigError(f"--plot needs matplotlib: {error}; pip install 'edgepose[plot]'") from error
    matplotlib.use("Agg")


def draw(whole, path):
    """Write the picture of a record as `reading.check` gives it. ConfigError, SinkError."""
    from matplotlib import pyplot

    from edgepose.sinks.paths import sink_error

    check(path)
    cells = [cell for cell in whole["cells"] if not cell["error"]]
    rows = ["times", "timeline"] + ["power"] * any(trace["t_ns"]["n"] for trace in whole["power"])
    figure, axes = pyplot.subplots(len(rows), 1, figsize=(11, 3.6 * len(rows)), constrained_layout=True)
    begin = min(run["moments"]["begin_ns"] for cell in cells for run in cell["runs"])
    for axis in axes[2:]:
        axis.sharex(axes[1])
    for name, axis in zip(rows, axes):
        {"times": _draw_times, "timeline": _draw_timeline, "power": _draw_power}[name](axis, whole, cells, begin)
    _title(figure, whole, cells)
    try:
        figure.savefig(path, dpi=110)
    except OSError as error:
        raise sink_error(path, error) from error
    finally:
        pyplot.close(figure)


def _title(figure, whole, cells):
    """What was measured where, and whether to believe it."""
    doubts = [Doubt(**doubt) for cell in cells for doubt in cell["doubts"]]
    good, verdict = honesty.verdict(doubts)
    name = cells[0]["name"] if len(cells) == 1 else f"{len(cells)} cells"
    figure.suptitle(f"{name} on {whole['machine']['name']}, {whole['date'][:10]}: {verdict}", fontsize=11,
                    color="black" if good else _SPOILT)


def _draw_times(axis, whole, cells, begin):
    """The share of frames that took no longer than so long, by stage, or by cell."""
    curves = {_WORDS.get(name, name): [run["samples"][name] for run in cells[0]["runs"]] for name in _SHOWN}
    if len(cells) > 1:
        curves = {cell["name"]: [run["samples"]["work"] for run in cell["runs"]] for cell in cells}
    for name, groups in curves.items():
        times = np.sort(np.concatenate(groups)) / 1e6
        axis.plot(np.maximum(times, 1e-3), np.arange(1, len(times) + 1) / len(times), label=name, linewidth=1.4)
    for share in (0.5, 0.9, 0.99):
        axis.axhline(share, color="0.8", linewidth=0.7, zorder=0)
        axis.text(0.995, share, f"p{share * 100:.0f}", transform=axis.get_yaxis_transform(), fontsize=7, color="0.4",
                  ha="right", va="top")
    axis.set(xscale="log", xlabel="ms", ylabel="share of frames", ylim=(0, 1.02),
             title="Time of a frame: how many took no longer")
    _plain(axis.xaxis)
    axis.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1))


def _draw_timeline(axis, whole, cells, begin):
    """Every frame's time over the run; heat and clock where they are known."""
    for cell in cells:
        done = np.concatenate([run["samples"]["done"] for run in cell["runs"]])
        work = np.concatenate([run["samples"]["work"] for run in cell["runs"]])
        name = cell["name"] if len(cells) > 1 else "frame"
        axis.plot((done - begin) / 1e9, work / 1e6, ".", markersize=2, label=name)
    _shade_idle(axis, whole, begin)
    axis.set(xlabel="s", ylabel="ms a frame", yscale="log", title="The run: every frame, processes one after the other")
    _plain(axis.yaxis)
    axis.legend(fontsize=8, loc="upper left")
    place = 1.0
    for column, (words, factor, colour) in _SURROUNDINGS.items():
        values = packing.unpack(whole["timeline"][column], column) * factor
        if np.any(values):
            other = axis.twinx()
            other.spines["right"].set_position(("axes", place))
            other.plot((_t_ns(whole["timeline"]) - begin) / 1e9, values, color=colour, linewidth=1)
            other.set_ylabel(words, color=colour)
            place += 0.08


def _plain(axis):
    """Write 0.5, 1, 2 on a logarithmic axis, not powers of ten."""
    from matplotlib import ticker

    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(ticker.NullFormatter())


def _draw_power(axis, whole, cells, begin):
    """What every sensor said, W; a counter's slope."""
    for trace in whole["power"]:
        t_s, values = (_t_ns(trace) - begin) / 1e9, packing.unpack(trace["values"], "power").astype(float)
        if trace["kind"] == "energy" and len(values) > 1:
            values = np.diff(values) / np.maximum(np.diff(t_s), 1e-6) / 1000
            t_s = t_s[1:]
        axis.plot(t_s, values / 1000, linewidth=1, label=f"{trace['name']}: {trace['covers']}")
    _shade_idle(axis, whole, begin)
    axis.set(xlabel="s", ylabel="W", ylim=(0, None), title="Power, by sensor and what it covers")
    axis.legend(fontsize=8)


def _shade_idle(axis, whole, begin):
    low, high = ((moment - begin) / 1e9 for moment in whole["idle_ns"])
    axis.axvspan(low, high, color="0.92", zorder=0, label="idle baseline")


def _t_ns(table):
    return packing.unpack(table["t_ns"], "t_ns")
