"""What drivers of GPUs take from a process, given back."""

import signal
import threading
from contextlib import contextmanager

#: Signals that nobody can take, and those of a crash, which may be faulthandler's.
UNTOUCHED = {signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV, signal.SIGFPE, signal.SIGABRT, signal.SIGBUS,
             signal.SIGILL}


@contextmanager
def own_signals():
    """Give signals back to those who had them: drivers of GPUs bring a compiler that takes them (PoCL's LLVM does).

    Such a driver may be unloaded again, and then Ctrl-C or a full disk would end in a segmentation fault.
    """
    main = threading.current_thread() is threading.main_thread()  # only there Python sets handlers
    kept = {number: signal.getsignal(number) for number in signal.valid_signals() - UNTOUCHED} if main else {}
    try:
        yield
    finally:
        for number, handler in kept.items():
            if handler is not None:
                signal.signal(number, handler)
