"""A sink that drops everything, for measuring what the rest costs."""


class NullSink:
    """Takes poses and keeps none."""

    wants_picture = False

    def open(self, run):
        """Nothing to open."""

    def write(self, poses):
        """Nothing to write."""

    def close(self):
        """Nothing to close."""

    def __repr__(self):
        return "<NullSink>"
