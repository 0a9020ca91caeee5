"""Lets threads that draw go behind what people look at."""

import os
import sys
from contextlib import suppress
from threading import get_native_id

_NICENESS = 5
"""Beside a thread of the usual priority that wants the same core, a third of the time."""


def go_behind() -> None:
    """Lower the priority of the calling thread, and of those that it starts; on Linux.

    A drawing takes all cores for as long as it lasts: the window of the program that it is for, and
    calls of others that are soon answered, would wait at each turn. Where nothing else wants the
    cores it is as fast as before.
    """
    if sys.platform == "linux":  # where a thread has a priority of its own
        with suppress(OSError):  # it is lower already
            os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICENESS)
