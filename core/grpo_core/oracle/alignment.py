"""How far a list of steps follows the reference: pairs in order, and the credit of each pair.

R = (1/T) Σ I{s_t = s*_t} by position, or aligned by the longest common subsequence and damped against spraying:
R = LCS/T · min(1, (T + 2)/n) for n steps that count, of which only the first 2T + 2 can earn.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

Pair = tuple[int, int]
"""(index of the step, index of the reference step)."""


def longest_common_subsequence(steps: Sequence[Hashable], reference: Sequence[Hashable]) -> list[Pair]:
    """The pairs of one longest common subsequence, in order; of several the one that matches earliest."""
    rows, columns = len(steps), len(reference)
    length = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            same = steps[i] == reference[j]
            length[i][j] = length[i + 1][j + 1] + 1 if same else max(length[i + 1][j], length[i][j + 1])
    pairs: list[Pair] = []
    i = j = 0
    while i < rows and j < columns:
        if steps[i] == reference[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif length[i + 1][j] >= length[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def positional(steps: Sequence[Hashable], reference: Sequence[Hashable]) -> list[Pair]:
    """The literal formula: step t counts if it is reference step t."""
    return [(t, t) for t, (step, wanted) in enumerate(zip(steps, reference, strict=False)) if step == wanted]


def earning_limit(reference_count: int) -> int:
    return 2 * reference_count + 2


def damping(reference_count: int, step_count: int) -> float:
    """min(1, (T + 2)/n): many steps that lead nowhere lower what the matching ones earn."""
    return min(1.0, (reference_count + 2) / step_count) if step_count else 1.0


def shares(total: float, count: int) -> list[float]:
    """`count` equal credits that add up, left to right, to exactly `total`."""
    if not count:
        return []
    equal = [total / count] * (count - 1)
    return [*equal, total - sum(equal)]
