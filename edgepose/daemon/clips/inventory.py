"""What files there are in the folder of clips, and which of them go first."""

PART = ".part"  # ends the name of a file that is being written
_BLOCK = 4096
_CLOCK_SET_S = 1_704_067_200  # 2024: a file that is older was written before the board knew what time it is


class Inventory:
    """Names of files with what each takes on the disk and when it was written.

    Attributes
    ----------
    n_bytes : int, all of them together, in whole blocks
    """

    def __init__(self):
        self._files, self.n_bytes = {}, 0

    def count(self, name, n_bytes, written_s):
        """Take up a file, in the place of one of that name; `written_s` in s since 1970."""
        self.forget(name)
        n_bytes = -(-n_bytes // _BLOCK) * _BLOCK
        self._files[name] = n_bytes, written_s
        self.n_bytes += n_bytes

    def forget(self, name):
        """A file is gone; it need not have been there."""
        self.n_bytes -= self._files.pop(name, (0, 0))[0]

    def whole(self, held=frozenset()):
        """Names of files that are not being written, the first to go first: the oldest, and a video before the
        skeletons of its event; those of events in `held` last."""
        ids = {name: name.partition(".")[0] for name in list(self._files) if not name.endswith(PART)}
        return sorted(ids, key=lambda name: (ids[name] in held, ids[name], name.endswith(".json.gz")))

    def older(self, than_s):
        """Names of whole files that were written before a time, as far as the clock was right then."""
        return [name for name in self.whole() if _CLOCK_SET_S <= self._files[name][1] < than_s]
