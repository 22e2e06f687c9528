"""`edgepose models`: what is installed and what can be pulled, under which licence, and whether it is whole."""

import signal
import sys

from edgepose import model
from edgepose.cli.progress import progress
from edgepose.errors import ModelError, SinkError, SourceError


def add_arguments(parser):
    """Declare the sub-commands."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="one line a model")
    info = actions.add_parser("info", help="all that a manifest says")
    info.add_argument("name", metavar="NAME")
    pull = actions.add_parser("pull", help="fetch a model's files, make ours of them, or make sure that they are whole")
    pull.add_argument("name", metavar="NAME")
    actions.add_parser("verify", help="hash every installed file again")


def main(options):
    """Run `edgepose models`; returns the exit code."""
    return {"list": _list, "info": _info, "pull": _pull, "verify": _verify}[options.action](options)


def _list(options):
    for name in model.known():
        found = model.load(name)
        size = sum(file.size_bytes for file in found.files) / 1e6
        state = "" if found.installed else f" (not here yet: edgepose models pull {name})"
        print(f"{name:26s} {found.input.width}x{found.input.height}  {size:5.1f} MB  {found.summary}{state}")
    return 0


def _info(options):
    found = model.load(options.name)
    print(f"{found.name}: {found.summary}")
    print(f"  licence   {found.licence}")
    print(f"  source    {found.source}")
    _info_pull(found)
    print(f"  input     {found.input.width}x{found.input.height} {found.input.channels} uint8")
    print(f"  decoder   {found.decoder}, skeleton {found.skeleton.name}")
    for name, output in found.outputs.items():
        print(f"  output    {name} {output.dtype} {list(output.shape)},"
              f" scale {output.scale}, zero point {output.zero_point}")
    for file in found.files:
        print(f"  file      {file.path} ({file.size_bytes} bytes, sha256 {file.sha256}){_origin(found, file)}")
    for protocol, measured in found.accuracy.items():
        _accuracy(protocol, measured)
    return 0


def _info_pull(found):
    if found.pull is None:
        return
    print(f"  publisher {found.pull.publisher}, licence {found.pull.licence}")
    print(f"  here      {'yes' if found.installed else f'no; edgepose models pull {found.name}'}")


def _origin(found, file):
    """Where a file of a pulled model comes from."""
    if found.pull is None:
        return ""
    return f", from {found.pull.publisher}/{file.address}" if file.address else ", made here of the others"


def _accuracy(protocol, measured):
    """The numbers of one protocol, one network a line."""
    print(f"  accuracy  {protocol} of {measured['images']} {measured['dataset']} images; {measured['command']}")
    for network, values in measured.items():
        if isinstance(values, dict):
            numbers = ", ".join(f"{name.upper()} {value}" for name, value in values.items())
            print(f"            {network.replace('_', ' ')}: {numbers}")


def _pull(options):
    found = model.load(options.name)
    if found.pull is None:
        for file in found.files:
            file.verify()
        print(f"{found.name}: came with edgepose, {len(found.files)} file(s) verified, nothing to fetch")
        return 0
    return _get(found)


def _get(found):
    """Pull one model; 1 when it broke on the way, 130 when the user ended it."""
    from edgepose.pull import Pull

    signal.signal(signal.SIGTERM, _end)
    with Pull(found, _report) as pull:
        try:
            n_fetched, n_made = _fetch(pull), pull.make()
        except KeyboardInterrupt:
            _report("interrupted; the same command goes on where it stopped")
            return 130
        except (SinkError, SourceError) as fault:
            _report(fault)
            return 1
    print(f"{found.name}: {n_fetched} file(s) fetched, {n_made} made, {len(found.files)} verified in {pull.folder}")
    return 0


def _fetch(pull):
    """Fetch what is missing under one bar; how many files that were."""
    from edgepose.download import part_of, size_of

    files = pull.missing()
    begun = sum(size_of(part_of(file.path)) for file in files)
    with progress(sum(file.size_bytes for file in files), "B", bool(files), begun) as bar:
        pull.fetch(files, bar.update)
    return len(files)


def _end(*_):
    raise KeyboardInterrupt


def _report(line):
    print(f"edgepose: {line}", file=sys.stderr)


def _verify(options):
    faults = 0
    for name in model.names():
        try:
            for file in model.load(name).files:
                file.verify()
            print(f"{name}: whole")
        except ModelError as error:
            faults += 1
            print(f"{name}: {error}")
    return 2 if faults else 0
