"""Curves as braille characters: two by four dots a cell. Pure; colours and axes are the plot's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
Range = tuple[float, float]
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bit of the dot in column 0 or 1, rows 0 to 3 from the top."""
_EMPTY = 0x2800
DOTTED_EVERY = 3


def curve_cells(
    points: Sequence[Point], columns: int, rows: int, x_range: Range, y_range: Range, dotted: bool = False
) -> list[list[int]]:
    """The dots of one curve, a number for each cell (0 is empty). `points` are by x.

    Several points that share a dot column become the line from the lowest to the highest of them, so that no spike
    is lost; columns between two points are joined. A dotted curve shows every third column.
    """
    cells = [[0] * columns for _ in range(rows)]
    if not points or columns < 1 or rows < 1:
        return cells
    spans = _join(_column_spans(points, columns * 2, rows * 4, x_range, y_range))
    for x, (low, high) in spans.items():
        if dotted and x % DOTTED_EVERY:
            continue
        for y in range(low, high + 1):
            row = rows * 4 - 1 - y
            cells[row // 4][x // 2] |= _DOTS[x % 2][row % 4]
    return cells


def braille(bits: int) -> str:
    return chr(_EMPTY + bits) if bits else " "


def nice_range(values: Sequence[float]) -> Range:
    """An axis for these values; it starts at 0 when that costs little, and is never empty."""
    if not values:
        return (0.0, 1.0)
    low, high = min(values), max(values)
    if 0 <= low <= high * 0.6:
        low = 0.0
    if high - low < 1e-9:
        margin = abs(high) * 0.1 or 1.0
        return (low - margin if low else 0.0, high + margin)
    return (low, high)


def _column_spans(
    points: Sequence[Point], width: int, height: int, x_range: Range, y_range: Range
) -> dict[int, tuple[int, int]]:
    spans: dict[int, tuple[int, int]] = {}
    columns = _places([x for x, _ in points], x_range, width)
    rows = _places([y for _, y in points], y_range, height)
    for column, row in zip(columns, rows, strict=True):
        low, high = spans.get(column, (row, row))
        spans[column] = (min(low, row), max(high, row))
    return spans


def _join(spans: dict[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Fill the columns between neighbours, straight from the middle of one to the middle of the next."""
    joined = dict(spans)
    columns = sorted(spans)
    for left, right in pairwise(columns):
        start, end = sum(spans[left]) / 2, sum(spans[right]) / 2
        before = round(start)
        for column in range(left + 1, right + 1):
            at = round(start + (end - start) * (column - left) / (right - left))
            low, high = sorted((before, at))
            # The dot of `before` belongs to the column on the left already.
            low, high = (low + 1, high) if at > before else (low, high - 1) if at < before else (low, high)
            if column in spans:
                low, high = min(low, spans[column][0]), max(high, spans[column][1])
            joined[column] = (low, high)
            before = at
    return joined


def _places(values: Sequence[float], limits: Range, count: int) -> list[int]:
    """Of so many, from the lower limit on. All at once: a long run has thousands of points to place at every step."""
    (low, high), last = limits, count - 1
    if high <= low:
        return [round(last / 2)] * len(values)
    places = [round((value - low) / (high - low) * last) for value in values]
    if min(places) >= 0 and max(places) <= last:
        return places
    return [min(last, max(0, place)) for place in places]
