"""How a person looks at curves: smoothed, on a logarithmic axis, without outliers. As on the page; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log10

from grpo_app.tui.braille import Point, Range

SMOOTHS = (0.6, 0.9, 0.0)
"""What the key goes through; the first is what the page begins with."""
FEW = 12
"""Fewer points than these are not smoothed."""
OUTERMOST, MARGIN, ENOUGH = 0.01, 0.08, 20
"""This share of the values at each end may lie outside of the axis, by more than this share of the rest's range; of
fewer values than these none does."""


@dataclass(frozen=True, slots=True)
class CurveView:
    """`smooth` is the weight of what came before in the moving average, 0 for curves as they are."""

    smooth: float = SMOOTHS[0]
    log: bool = False
    clip: bool = False

    def smoothed_next(self) -> CurveView:
        return replace(self, smooth=SMOOTHS[(SMOOTHS.index(self.smooth) + 1) % len(SMOOTHS)])

    @property
    def words(self) -> str:
        """What differs from curves as they are, empty if nothing."""
        smooth = f"smoothed {self.smooth:g}" if self.smooth else ""
        log, clip = "log axis" if self.log else "", "no outliers" if self.clip else ""
        return ", ".join(filter(None, (smooth, log, clip)))


def smoothed(curve: Sequence[Point], weight: float) -> Sequence[Point]:
    """An exponential moving average that begins unbiased: each value weighs `weight` times the one after it."""
    if not weight or len(curve) < FEW:
        return curve
    total = norm = 0.0
    points = []
    for step, value in curve:
        total = total * weight + value
        norm = norm * weight + 1
        points.append((step, total / norm))
    return points


def logarithms(curve: Sequence[Point]) -> Sequence[Point]:
    """The curve over a logarithmic axis; what is not above 0 has no place there."""
    return [(step, log10(value)) for step, value in curve if value > 0]


def range_without_outliers(values: Sequence[float]) -> Range | None:
    """What holds all but the outermost values at each end, a little widened; None if none lies far outside."""
    if len(values) < ENOUGH:
        return None
    ordered = sorted(values)
    low, high = (ordered[round(share * (len(ordered) - 1))] for share in (OUTERMOST, 1 - OUTERMOST))
    margin = (high - low or abs(high) or 1.0) * MARGIN
    if low - margin <= ordered[0] and ordered[-1] <= high + margin:
        return None
    return low - margin, high + margin
