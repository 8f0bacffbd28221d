"""Sets of real numbers as sorted, disjoint intervals: their union, intersection and complement.

An endpoint is exact, or within 10^-45 of itself; infinite ones are floats.
"""

from __future__ import annotations

from fractions import Fraction
from math import inf

Endpoint = Fraction | float
Interval = tuple[Endpoint, bool, Endpoint, bool]
"""Low, is it in, high, is it in."""
Intervals = tuple[Interval, ...]
ALL: Intervals = ((-inf, False, inf, False),)
_EQUAL_WITHIN = Fraction(1, 10**45)


def same(left: Intervals, right: Intervals) -> bool:
    return len(left) == len(right) and all(
        a[1] == b[1] and a[3] == b[3] and _equal(a[0], b[0]) and _equal(a[2], b[2])
        for a, b in zip(left, right, strict=True)
    )


def _equal(a: Endpoint, b: Endpoint) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return a == b
    return abs(a - b) <= _EQUAL_WITHIN * max(abs(a), abs(b))


def merged(intervals: Intervals) -> Intervals:
    """Sorted, with those that touch or overlap made one."""
    result: list[Interval] = []
    for low, low_in, high, high_in in sorted(intervals, key=lambda part: (part[0], not part[1])):
        last = result[-1] if result else None
        if last is not None and (low < last[2] or (low == last[2] and (low_in or last[3]))):
            end = max((last[2], last[3]), (high, high_in))
            result[-1] = (last[0], last[1], *end)
        else:
            result.append((low, low_in, high, high_in))
    return tuple(result)


def complement(intervals: Intervals) -> Intervals:
    result: list[Interval] = []
    low: Endpoint = -inf
    low_in = False
    for first, first_in, last, last_in in intervals:
        if low < first or (low == first and low_in and not first_in):
            result.append((low, low_in, first, not first_in and first != -inf))
        low, low_in = last, not last_in and last != inf
    if low < inf:
        result.append((low, low_in, inf, False))
    return tuple(result)


def intersection(left: Intervals, right: Intervals) -> Intervals:
    result: list[Interval] = []
    for a in left:
        for b in right:
            low, low_in = max((a[0], not a[1]), (b[0], not b[1]))
            high, high_in = min((a[2], a[3]), (b[2], b[3]))
            if low < high or (low == high and not low_in and high_in):
                result.append((low, not low_in, high, high_in))
    return merged(tuple(result))
