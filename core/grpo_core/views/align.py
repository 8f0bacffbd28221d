"""Two sequences beside each other: which items of one are which of the other, in order. Bounded work, always.

Equal ends are set apart first; what is left is cut at items that are unique in both (patience), and each piece between
is aligned by its longest common subsequence if that is small, else left unaligned.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence

Pair = tuple[int, int]
"""(index in the one, index in the other)."""
MOST_CELLS = 250_000
"""Comparisons of all pieces together; a piece that would take more than is left stays unaligned."""


def align(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Pair]:
    """Pairs of equal items, both indices increasing. About linear in the lengths, plus at most `MOST_CELLS`."""
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and left[-1 - end] == right[-1 - end]:
        end += 1
    between = _by_anchors(left[start : len(left) - end], right[start : len(right) - end])
    pairs = [(index, index) for index in range(start)]
    pairs += [(start + one, start + other) for one, other in between]
    return pairs + [(len(left) - end + index, len(right) - end + index) for index in range(end)]


def _by_anchors(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Pair]:
    pairs: list[Pair] = []
    cells = MOST_CELLS
    before = (-1, -1)
    for anchor in [*_anchors(left, right), (len(left), len(right))]:
        piece = left[before[0] + 1 : anchor[0]], right[before[1] + 1 : anchor[1]]
        size = len(piece[0]) * len(piece[1])
        if 0 < size <= cells:
            cells -= size
            pairs += [(before[0] + 1 + one, before[1] + 1 + other) for one, other in _common(*piece)]
        if anchor[0] < len(left):
            pairs.append(anchor)
        before = anchor
    return pairs


def _anchors(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Pair]:
    """Items that occur once in each, in an order that is the same in both: the longest increasing subsequence."""
    counts = Counter(left), Counter(right)
    places = {item: index for index, item in enumerate(right) if counts[1][item] == 1 and counts[0][item] == 1}
    unique = [(index, places[item]) for index, item in enumerate(left) if item in places]
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(unique):
        length = bisect_left(tails, place)
        tails[length:] = [place]
        ends[length:] = [number]
        before.append(ends[length - 1] if length else -1)
    chain: list[Pair] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chain.append(unique[number])
        number = before[number]
    return chain[::-1]


def _common(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Pair]:
    """A longest common subsequence, of several the one that matches earliest."""
    length = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in range(len(left) - 1, -1, -1):
        for j in range(len(right) - 1, -1, -1):
            same = left[i] == right[j]
            length[i][j] = length[i + 1][j + 1] + 1 if same else max(length[i + 1][j], length[i][j + 1])
    pairs: list[Pair] = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] == right[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif length[i + 1][j] >= length[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
