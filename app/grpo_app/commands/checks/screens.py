"""The screens: is the page's port free, and what can this terminal show?"""

from __future__ import annotations

import os
import shutil
import sys

from grpo_app.commands.checks.check import Check
from grpo_app.commands.screens import DEFAULT_PORT, is_free

SMALLEST = (80, 24)


def check_port() -> Check:
    if is_free("127.0.0.1", DEFAULT_PORT):
        return Check("Port", "ok", f"{DEFAULT_PORT} is free")
    return Check("Port", "ok", f"{DEFAULT_PORT} is in use", "grpo-dash takes the next free one; --port names another.")


def check_terminal() -> Check:
    name = os.environ.get("TERM", "")
    columns, lines = shutil.get_terminal_size()
    encoding = (sys.stdout.encoding or "").lower()
    found = f"{name or 'no TERM'}, {columns}×{lines}, {_colours(name)}, {encoding or 'no encoding'}"
    if not sys.stdout.isatty():
        return Check("Terminal", "ok", f"not a terminal ({found})")
    advice = []
    if name in ("", "dumb"):
        advice.append("grpo-tui needs a real terminal: use the page, or grpo-tui --once RUN.")
    if "utf" not in encoding:
        advice.append("Set a UTF-8 locale (LANG=C.UTF-8), or marks and curves do not show.")
    if columns < SMALLEST[0] or lines < SMALLEST[1]:
        advice.append(f"grpo-tui wants at least {SMALLEST[0]}×{SMALLEST[1]}.")
    return Check("Terminal", "warn" if advice else "ok", found, " ".join(advice))


def _colours(name: str) -> str:
    if os.environ.get("NO_COLOR"):
        return "no colour (NO_COLOR)"
    if os.environ.get("COLORTERM") in ("truecolor", "24bit"):
        return "true colour"
    return "256 colours" if "256" in name else "few colours"
