"""Curves that a screen keeps while a run goes on for days: the newest steps as they are, older ones averaged."""

from __future__ import annotations

MOST_POINTS = 2000
"""Points of a curve that a screen keeps; with more, the older three quarters are halved."""


def add_points(curve: dict[int, float], points: list[tuple[int, float]], most: int = MOST_POINTS) -> None:
    """Add points (step, value) to a curve by step, in place; a step that is there already is replaced.

    Two neighbours that are averaged stand at the later one's step.
    """
    curve.update((int(step), value) for step, value in points)
    while len(curve) > most:
        _halve_older(curve, most)


def _halve_older(curve: dict[int, float], most: int) -> None:
    steps = sorted(curve)
    older = steps[: max(2, most * 3 // 4)]
    for one, other in zip(older[::2], older[1::2], strict=False):
        curve[other] = (curve.pop(one) + curve[other]) / 2
