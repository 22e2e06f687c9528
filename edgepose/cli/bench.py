"""`edgepose bench`: what a pipeline costs on this machine, in time, memory and energy."""

import shlex
import signal
import sys
from types import SimpleNamespace

from edgepose.board.defaults import words
from edgepose.cli.bench_options import add_arguments, check
from edgepose.cli.printing import print_whole
from edgepose.cli.progress import progress
from edgepose.errors import EdgePoseError

__all__ = ["add_arguments", "main"]


def main(options):
    """Run `edgepose bench`; returns the exit code."""
    from edgepose.bench import cells, reading

    check(options)
    signal.signal(signal.SIGTERM, _end)
    note = words(cells.settle(options), options.threads, options.cpus)
    if note:
        _report(note)
    old = reading.read(options.compare) if options.compare else None
    _check_outputs(options)
    if options.profile:
        return _profile(options)
    return _measure(options, old)


def _check_outputs(options):
    """What cannot be written is found out before a minute is spent."""
    from edgepose.sinks.paths import check_file

    for path in (options.json, options.plot, options.submit_file):
        if path:
            check_file(path, SimpleNamespace(source=options.compare or ""))
    if options.plot:
        from edgepose.bench import plot

        plot.check(options.plot)


def _end(*_):
    raise KeyboardInterrupt


def _report(line):
    print(f"edgepose: {line}", file=sys.stderr)


def _measure(options, old):
    """Measure, and hand out what came of it; 130 when the user ended it, 1 on a regression."""
    from edgepose import power
    from edgepose.bench import compare, reading, record
    from edgepose.bench.cells import wanted_cells

    notes = []
    wanted = wanted_cells(options, notes.append)
    if old:
        compare.check(old, wanted)
    readers, power_notes = power.find(options.power)
    for note in notes + power_notes:
        _report(note)
    session, code = _session(wanted, options, readers)
    if code == 2:
        return code
    whole = session.record("edgepose " + shlex.join(sys.argv[1:])) | {"power_notes": power_notes}
    if options.json:
        record.write(whole, options.json)
    if options.submit_file:
        _submit(whole, options)
    reading.unpack_in_place(whole)
    return max(code, _show(whole, options), _compare(old, whole, options))


def _submit(whole, options):
    """Write what can be sent, and say what to do with it."""
    from edgepose.bench import record, submission

    found = submission.build(whole, options)
    record.write(found, options.submit_file)
    for line in submission.refusals(found):
        _report(f"no proof yet: {line}")
    _report(f"{options.submit_file}: read through it, open an issue of the project and attach it; it has these numbers,"
            " what edgepose doctor says, and the kernel's files that were read; names, folders, serial numbers and"
            " hardware addresses are left out")


def _session(wanted, options, readers):
    """A Session that has measured what it could, and the exit code: 2 where that is nothing, 130 when it was cut."""
    from edgepose.bench.session import Session
    from edgepose.board import Vitals

    if options.gap_s is None:
        options.gap_s = 3.0 if len(wanted) > 1 else 0.5
    with progress(len(wanted) * options.processes, "processes") as bar:
        session = Session(wanted, options, Vitals(), readers, lambda line: bar.write(f"edgepose: {line}"), bar)
        try:
            session.find_cameras() if options.cameras else session.measure()
        except EdgePoseError as fault:
            _report(fault)
            return session, 1 if any(session.runs) else 2
    return session, 130 if session.was_cut else 0


def _show(whole, options):
    """Print the table and draw the picture; 1 when nothing was measured."""
    from edgepose.bench import markdown, table

    print_whole(markdown.render(whole) if options.markdown else table.render(whole))
    has_numbers = any(not cell["error"] for cell in whole["cells"])
    if options.plot and has_numbers:
        from edgepose.bench import plot

        plot.draw(whole, options.plot)
    return 0 if has_numbers else 1


def _compare(old, whole, options):
    """Print what changed; 1 on a regression."""
    if old is None:
        return 0
    from edgepose.bench import compare

    found = compare.compare(old, whole, options.tolerance / 100)
    print_whole(compare.render(found, options.compare))
    return 1 if any(change.is_regression for pair in found for change in pair.changes) else 0


def _profile(options):
    from edgepose.bench import profile
    from edgepose.bench.cells import wanted_cells

    for cell in wanted_cells(options, _report):
        print_whole(profile.render(profile.profile(cell), cell))
    return 0
