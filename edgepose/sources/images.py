"""Picture files and directories of them."""

import os
from collections import deque

from edgepose.errors import SourceError
from edgepose.sources.pictures import find_pictures, load_picture
from edgepose.sources.source import Source


class ImagesSource(Source):
    """One picture, or all pictures of a directory in the order of their names.

    Parameters
    ----------
    path : str
    recursive : bool, take the pictures of its folders too
    report : callable of one line, told of every broken picture that is skipped; or None

    Notes
    -----
    `frame.file` is the path within the directory. Pictures have no time: their `t_ns` is 0.
    """

    timed = False

    def __init__(self, path, recursive=False, report=None):
        super().__init__(path)
        self._recursive, self._report = recursive, report
        self._files, self._only, self._seq = deque(), None, 0

    def open(self):
        """List the directory, or decode the single picture; SourceError where there is none."""
        self._seq, self.n_broken = 0, 0
        if os.path.isdir(self.name):
            self._files = deque(find_pictures(self.name, self._recursive, self._report))
            self.n_frames = len(self._files)
        else:
            self._only = load_picture(self.name)
            self._only.file, self.n_frames = os.path.basename(self.name), 1
        self.is_open = True

    def read(self):
        """The next Frame that can be decoded, or None at the end."""
        frame, self._only = self._only, None
        while frame is None and self._files:
            frame = self._load(self._files.popleft())
        if frame is not None:
            frame.seq = self._seq
            self._seq += 1
        return frame

    def _load(self, file):
        """A picture of the directory, or None where it is broken."""
        try:
            frame = load_picture(os.path.join(self.name, file))
        except SourceError as error:
            self._skip(error)
            return None
        frame.file = file
        return frame

    def _skip(self, error):
        self.n_broken += 1
        if self._report is not None:
            self._report(f"skipped {error}")

    def close(self):
        """Forget what is left; closing twice is fine."""
        self._files, self._only, self.is_open = deque(), None, False
