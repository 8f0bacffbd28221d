"""Numbers as people read them, the same on every screen. What is unknown is a dash, never a zero."""

from __future__ import annotations

UNKNOWN = "—"


def percent(rate: float | None) -> str:
    """A rate in [0, 1] as whole percents; a rate that only rounds to 0 or 100 says so."""
    if rate is None:
        return UNKNOWN
    if 0 < rate < 0.005:
        return "<1 %"
    if 0.995 <= rate < 1:
        return ">99 %"
    return f"{rate * 100:.0f} %"


def number(value: float | None) -> str:
    """About three significant digits."""
    if value is None:
        return UNKNOWN
    size = abs(value)
    if size >= 10_000:
        return f"{value:,.0f}".replace(",", " ")
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}"
    if size >= 0.01 or value == 0:
        return f"{value:.2f}"
    return f"{value:.3f}" if size >= 0.001 else f"{value:.0e}"


def signed(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:+.2f}"


def count(value: int | None) -> str:
    """Thousands set apart: `12 345`."""
    return UNKNOWN if value is None else f"{value:,}".replace(",", " ")


def duration(seconds: float | None) -> str:
    """`0:07`, `12:30`, `1:02:03`, `2 d 03:04`."""
    if seconds is None:
        return UNKNOWN
    minutes, second = divmod(max(0, int(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days} d {hour:02}:{minute:02}"
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def interval(low: float | None, high: float | None) -> str:
    """`62–75 %`; empty if unknown."""
    return "" if low is None or high is None else f"{low * 100:.0f}–{high * 100:.0f} %"


def change(delta: float | None, unit: str) -> str:
    """How far a number has moved, with an arrow: `↗ +12 pts`, `↘ -0.20`; empty if unknown."""
    if delta is None:
        return ""
    arrow = "→" if abs(delta) < 1e-9 else "↗" if delta > 0 else "↘"
    return f"{arrow} {delta * 100:+.0f} pts" if unit == "rate" else f"{arrow} {delta:+.2f}"


def in_unit(value: float | None, unit: str) -> str:
    """A number with its unit: `rate` for [0, 1], `count`, or what stands behind it (see `Chart.unit`)."""
    if unit == "count":
        return count(None if value is None else int(value))
    if unit == "rate" or value is None:
        return percent(value)
    return f"{number(value)} {unit}".rstrip()
