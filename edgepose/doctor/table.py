"""What doctor found, in lines for a person."""

from edgepose.doctor import opencl


def rows(findings):
    """The lines."""
    for name, finding in findings.items():
        yield f"{'ok  ' if finding['ok'] else 'FAIL' if finding['needed'] else 'warn'} {name:10s} {finding['text']}"
        if finding["advice"]:
            yield f"     {'':10s} -> {finding['advice']}"
        for row in finding.get("times", ()):
            yield f"     {'':10s}    {_row(row)}"
        for line in _device_rows(finding.get("devices", ())):
            yield f"     {'':10s}    {line}"


def _device_rows(devices):
    return [line for device in devices for line in opencl.rows(device)]


def _row(row):
    """One remembered measurement: the model, its settings, the times with the chosen backend marked."""
    settings = ", ".join(f"{name} {value}" for name, value in row["settings"].items())
    times = ", ".join(f"{name} {ms:.1f} ms{' (chosen)' if name == row['backend'] else ''}"
                      for name, ms in row["times_ms"].items())
    refused = "".join(f"; {name} dropped out: {reason}" for name, reason in row["refused"].items())
    stale = "" if row["holds"] else f"; stale, of {row['machine']}, {', '.join(row['packages'].values())}"
    return f"{row['model']}, {settings}: {times}{refused}; {row['measured']}{stale}"
