"""Bars of characters: progress along a line, a signed value about a middle, eighths of a height."""

from __future__ import annotations

BARS = "▁▂▃▄▅▆▇█"
"""Eighths of a cell's height."""


def progress_bar(share: float, width: int) -> tuple[str, str]:
    """The done and the open part of a bar of `width` cells."""
    halves = round(min(1.0, max(0.0, share)) * width * 2)
    done = "━" * (halves // 2) + ("╸" if halves % 2 else "")
    return done, "─" * (width - len(done))


def signed_bar(value: float | None, limit: float, half: int = 4) -> str:
    """`value` to the left or right of a middle line, full at `limit`; 2 × half + 1 cells, empty if unknown."""
    cells = 0 if value is None or limit <= 0 else round(min(1.0, abs(value) / limit) * half)
    if value and limit > 0:
        cells = max(1, cells)
    left = "█" * cells if value is not None and value < 0 else ""
    right = "█" * cells if value is not None and value > 0 else ""
    return f"{left:>{half}}│{right:<{half}}"
