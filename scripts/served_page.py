"""The page, served by a process of its own as a person would: what measurements and pictures of it share."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


@contextmanager
def served_page(runs_dir: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The page over the runs in `runs_dir`, on a port that is free: its address without a slash, and its process."""
    command = [sys.executable, "-m", "grpo_app.cli", "serve", "--runs-dir", str(runs_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            found = (re.search(r"http://[^/\s]+", line) for line in server.stdout)
            address = next((match.group() for match in found if match), None)
            if address is None:
                raise SystemExit("the page did not come up")
            yield address, psutil.Process(server.pid)
        finally:
            server.terminate()
