"""Traces of external meters, whose clock is not ours."""

from edgepose.bench.trace import Trace
from edgepose.errors import BoardError
from edgepose.power import pulse


def late_trace(meter, edges_ns):
    """The Trace of a meter whose readings come from a file when the run is over, set right by the load pulse.

    Parameters
    ----------
    meter : has `readings`, such as CsvMeter
    edges_ns : of the pulse, as `pulse.emit` gave them
    """
    trace = Trace(meter.name, meter.covers, meter.kind)
    try:
        time_s, mw = meter.readings()
        offset_s, _ = pulse.find_offset(time_s, mw, edges_ns)
    except BoardError as fault:
        trace.fault = str(fault)
        return trace
    trace.t_ns = [round((t + offset_s) * 1e9) for t in time_s]
    trace.values = [round(value) for value in mw]
    return trace
