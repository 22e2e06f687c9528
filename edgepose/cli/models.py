"""`edgepose models`: what is installed, under which licence, how accurate, and whether it is whole."""

from edgepose import model
from edgepose.errors import ModelError


def add_arguments(parser):
    """Declare the sub-commands."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="one line a model")
    info = actions.add_parser("info", help="all that a manifest says")
    info.add_argument("name", metavar="NAME")
    pull = actions.add_parser("pull", help="make sure that a model's files are here and whole")
    pull.add_argument("name", metavar="NAME")
    actions.add_parser("verify", help="hash every installed file again")


def main(options):
    """Run `edgepose models`; returns the exit code."""
    return {"list": _list, "info": _info, "pull": _pull, "verify": _verify}[options.action](options)


def _list(options):
    for name in model.names():
        found = model.load(name)
        size = sum(file.size_bytes for file in found.files) / 1e6
        print(f"{name:24s} {found.input.width}x{found.input.height}  {size:5.1f} MB  {found.summary}")
    return 0


def _info(options):
    found = model.load(options.name)
    print(f"{found.name}: {found.summary}")
    print(f"  licence   {found.licence}")
    print(f"  source    {found.source}")
    print(f"  input     {found.input.width}x{found.input.height} {found.input.channels} uint8")
    print(f"  decoder   {found.decoder}, skeleton {found.skeleton.name}")
    for name, output in found.outputs.items():
        print(f"  output    {name} {output.dtype} {list(output.shape)},"
              f" scale {output.scale}, zero point {output.zero_point}")
    for file in found.files:
        print(f"  file      {file.path} ({file.size_bytes} bytes, sha256 {file.sha256})")
    for protocol, measured in found.accuracy.items():
        _accuracy(protocol, measured)
    return 0


def _accuracy(protocol, measured):
    """The numbers of one protocol, one network a line."""
    print(f"  accuracy  {protocol} of {measured['images']} {measured['dataset']} images; {measured['command']}")
    for network, values in measured.items():
        if isinstance(values, dict):
            numbers = ", ".join(f"{name.upper()} {value}" for name, value in values.items())
            print(f"            {network.replace('_', ' ')}: {numbers}")


def _pull(options):
    found = model.load(options.name)
    for file in found.files:
        file.verify()
    print(f"{found.name}: came with edgepose, {len(found.files)} file(s) verified, nothing to fetch")
    return 0


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
