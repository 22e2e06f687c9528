"""What ends a run."""


class Missing(Exception):
    """Something that the run cannot do without; the text is one line that names it and the way out."""


class Failed(Exception):
    """The run's finding: something is not as it must be on that architecture."""
