"""Waits for several things at once, so that the slowest is all that the end takes."""

import threading


def together(calls):
    """Make calls at the same time, each in a thread of its own; come back when all have."""
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
