"""Built programs in the user's cache, for drivers that keep none themselves."""

import hashlib
import json

import edgepose
from edgepose import cache

#: Platforms that keep built programs themselves. Asked for one, PoCL would compile every kernel of it anew.
OWN_CACHES = ("Portable Computing Language",)
N_KEPT = 32  # some 100 kB each


class Binaries:
    """The programs that were built for a context's device, by their text and options.

    Parameters
    ----------
    cl : the module pyopencl
    context : cl.Context of one device
    """

    def __init__(self, cl, context):
        self._cl, self._context, self._device = cl, context, context.devices[0]
        device, platform = self._device, self._device.platform
        self._about = [edgepose.__version__, platform.name, platform.version, device.name, device.version,
                       device.driver_version]
        self._wanted = platform.name.strip() not in OWN_CACHES

    def recall(self, text, options):
        """The built cl.Program, or None where none is kept, or it is damaged, or the driver refuses it."""
        key = self._key(text, options)
        data = self._read(key)
        if data is None or data[:len(key)] != key:  # whole, and yet another program's
            return None
        try:
            return self._cl.Program(self._context, [self._device], [data[len(key):]]).build(options)
        except self._cl.Error:
            return None

    def keep(self, program, text, options):
        """Write a program where the next start finds it; where that cannot be, this start goes on."""
        if not self._wanted:
            return
        key = self._key(text, options)
        try:
            binary = program.get_info(self._cl.program_info.BINARIES)[0]
            if binary:  # a driver without a compiler at hand may have none
                cache.write_sealed(_path(key), key + binary)
                cache.keep_newest(_path(key).parent, "*.program", N_KEPT)
        except (self._cl.Error, OSError):  # `edgepose doctor` tells of a cache that cannot be written
            pass

    def _key(self, text, options):
        """Everything that a built program depends on, in 32 bytes."""
        return hashlib.sha256(json.dumps([*self._about, text, options]).encode()).digest()

    def _read(self, key):
        try:
            return cache.read_sealed(_path(key)) if self._wanted else None
        except OSError:  # no home, no cache
            return None


def _path(key):
    return cache.folder() / "opencl" / f"{key.hex()[:24]}.program"
