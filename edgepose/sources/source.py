"""What all sources share; a source need not inherit from it."""


class Source:
    """Hands out frames one by one, each lent until the next `read`.

    Attributes
    ----------
    name : str as the user gave it, passwords masked
    live : bool, True where frames come at their own pace and are lost when nobody reads
    timed : bool, False where frames follow each other without a time, as pictures do
    n_frames : int or None, best knowledge of how many there are
    fps : float or None, frames per second
    n_broken : int, pictures skipped so far because they could not be decoded
    """

    live, timed, n_frames, fps = False, True, None, None

    def __init__(self, name):
        self.name, self.n_broken, self.is_open = name, 0, False

    def __enter__(self):
        """The source itself, opened if it was not."""
        if not self.is_open:
            self.open()
        return self

    def __exit__(self, *_):
        self.close()

    def __iter__(self):
        """All frames to the end; each is lent until the next one."""
        return iter(self.read, None)

    def __repr__(self):
        return f"<{type(self).__name__} {self.name!r} {'open' if self.is_open else 'closed'}>"
