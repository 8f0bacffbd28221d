"""`grpo-tui` in a real pseudo-terminal: what it sends, byte by byte, and when."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

from tests.app.tui.held import Held

LIMIT_SECONDS = 90.0
SIZE = (160, 45)
OPEN = "from grpo_app.cli import tui_main; raise SystemExit(tui_main())"


class Terminal:
    """The app with these arguments in a terminal of `size` columns and rows, and everything that it has sent."""

    def __init__(
        self, *arguments: str, size: tuple[int, int] = SIZE, environment: dict[str, str] | None = None
    ) -> None:
        self._master, slave = pty.openpty()
        self._resize(size)
        # What a test runner says of its own window is not the size of this one.
        inherited = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", OPEN, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**inherited, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none", **(environment or {})},
        )
        os.close(slave)
        self.sent = b""
        self.held = Held()
        self._pressed_at = 0

    def until(self, *words: str) -> None:
        """Until all the words stand in lines that have been drawn, if only in part, since the last keys."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while missing := [word for word in words if not self.held.shows(word, self._pressed_at)]:
            assert time.monotonic() < deadline, f"not drawn: {missing}"
            self.read(0.1)

    def until_gone(self, word: str) -> None:
        """Until no line has it any more: what is pressed after an escape too soon would be one key with it."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while self.held.shows(word):
            assert time.monotonic() < deadline, f"still there: {word}"
            self.read(0.1)

    def press(self, keys: str) -> None:
        self._pressed_at = self.held.drawn
        os.write(self._master, keys.encode())

    def resize(self, size: tuple[int, int]) -> None:
        """As a window manager does it."""
        self._resize(size)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def leave(self) -> int:
        self.press("q")
        deadline = time.monotonic() + LIMIT_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.1)
        return self.process.wait(1)

    def hang_up(self) -> None:
        """The terminal goes; the app, which it does not control, gets no signal."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        if self._master >= 0:
            os.close(self._master)

    def read(self, seconds: float) -> int:
        """Takes what it sends, waiting so long for the first of it; how many bytes that were."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return 0
        try:
            got = os.read(self._master, 65536)
        except OSError:
            return 0  # the app has closed its side
        self.sent += got
        self.held.take(got)
        return len(got)

    def _resize(self, size: tuple[int, int]) -> None:
        columns, rows = size
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
