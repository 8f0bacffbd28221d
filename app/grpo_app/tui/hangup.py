"""Leaving when the terminal goes. Where no hang-up signal says so (a container's shell that was closed, `setsid`), the
app would stay for ever, reading an end of file again and again."""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from collections.abc import Callable

HUNG_UP = 129
"""As a shell reports what SIGHUP ended."""
_PATIENCE = 5.0


def leave_with_terminal(leave: Callable[[], object]) -> None:
    """Call `leave` in a thread once the terminal is gone; if that does not end the process within seconds, end it."""
    if sys.__stdin__ is not None and sys.__stdin__.isatty():
        threading.Thread(target=_wait, args=(sys.__stdin__.fileno(), leave), name="hang-up", daemon=True).start()


def _wait(terminal: int, leave: Callable[[], object]) -> None:
    watch = select.poll()
    watch.register(terminal, 0)  # nothing but a hang-up wakes it
    if not any(event & (select.POLLHUP | select.POLLERR) for _, event in watch.poll()):
        return  # a system that cannot watch a terminal so
    threading.Thread(target=leave, daemon=True).start()
    time.sleep(_PATIENCE)
    os._exit(HUNG_UP)
