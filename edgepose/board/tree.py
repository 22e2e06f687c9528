"""The kernel's files, read without fuss: what is not there is None."""


def read_text(path):
    """A file of the kernel without its line end, or None where it cannot be read."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return None


def read_int(path):
    """The number in a file of the kernel, or None."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def read_strings(path):
    """The strings in a file of the device tree, each ended by a zero byte; none where it cannot be read."""
    return [part for part in (read_text(path) or "").split("\0") if part.strip()]
