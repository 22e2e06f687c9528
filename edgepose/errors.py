"""The errors a caller can meet. Each is an EdgePoseError and the builtin that fits."""


class EdgePoseError(Exception):
    """Base of all errors that edgepose raises on purpose; its text is one line for a person."""


class ConfigError(EdgePoseError, ValueError):
    """An option, an argument or a configuration file is wrong."""


class ModelError(EdgePoseError, ValueError):
    """A model is unknown, or its manifest or files are missing, damaged or unfit."""


class BackendUnavailable(EdgePoseError, ImportError):
    """A backend's package is not installed or does not load."""


class BackendError(EdgePoseError, RuntimeError):
    """A backend failed while opening or running a model."""


class SourceError(EdgePoseError, OSError):
    """A source cannot be opened or read."""


class SourceTimeout(SourceError, TimeoutError):
    """A source did not answer in time."""


class SinkError(EdgePoseError, OSError):
    """An output cannot be opened or written."""


class BoardError(EdgePoseError, OSError):
    """A board's sensor or setting cannot be read."""


def first_line(error):
    """The first line of what an error says, or the name of its type where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
