"""The statistics of evaluations: pass@k, intervals, and whether one policy is better than another on the same problems.

Pure, and without a library for it: every figure is exact or in closed form. The unit is the problem, since samples of
one problem are not independent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Z95 = 1.959964
MOST_BITS = 20_000_000
"""Of the exact distribution below; a larger one takes seconds, and the normal approximation is good long before."""
Interval = tuple[float, float]
Method = Literal["exact", "normal"]


def pass_at_k(n: int, correct: int, k: int) -> float:
    """1 − C(n−c, k) / C(n, k): the unbiased estimate from n samples of which c are right (Chen et al. 2021)."""
    return 1.0 - math.comb(n - correct, k) / math.comb(n, k)


def rate_interval(rates: Sequence[float]) -> Interval:
    """The 95 % interval of the mean of per-problem rates: Wilson's score with the sample size that the spread between
    problems implies (samples of one problem are not independent). Never wider than [0, 1], never empty at 0 or 1."""
    n, mean = len(rates), sum(rates) / len(rates)
    variance = sum((rate - mean) ** 2 for rate in rates) / (n - 1) / n if n > 1 else 0.0
    effective = mean * (1 - mean) / variance if variance > 0 else n
    spread = Z95 * math.sqrt(mean * (1 - mean) / effective + Z95**2 / (4 * effective**2))
    middle = mean + Z95**2 / (2 * effective)
    scale = 1 + Z95**2 / effective
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


@dataclass(frozen=True, slots=True)
class PairedTest:
    """Two policies on the same `n` problems. `difference` is the mean of the second's rate less the first's, with its
    95 % interval; `wins` and `losses` are the problems on which the second is better and worse. `p` is two-sided."""

    n: int
    difference: float
    ci95: Interval
    wins: int
    losses: int
    p: float
    method: Method


def paired_test(pairs: Sequence[tuple[Fraction, Fraction]]) -> PairedTest:
    """Fisher and Pitman's paired permutation test of per-problem rates: were the two policies alike, each difference
    would be as likely to have the other sign. With rates of 0 and 1 it is the exact sign test (McNemar's).

    Raises ValueError where there is no pair.
    """
    if not pairs:
        raise ValueError("no problem was answered by both")
    differences = [second - first for first, second in pairs]
    p, method = sign_flip_p(differences)
    return PairedTest(
        n=len(differences),
        difference=float(sum(differences) / len(differences)),
        ci95=difference_interval([float(each) for each in differences]),
        wins=sum(each > 0 for each in differences),
        losses=sum(each < 0 for each in differences),
        p=p,
        method=method,
    )


def difference_interval(differences: Sequence[float]) -> Interval:
    """The 95 % interval of a mean of paired differences in [−1, 1]: the normal one after adding two problems that
    cancel each other (Agresti and Min 2005, there for rates of 0 and 1). Never empty, never wider than [−1, 1]."""
    n = len(differences) + 2
    mean = sum(differences) / n
    variance = (sum(each**2 for each in differences) + 1) / n - mean**2
    spread = Z95 * math.sqrt(variance / n)
    return max(-1.0, mean - spread), min(1.0, mean + spread)


def sign_flip_p(differences: Sequence[Fraction]) -> tuple[float, Method]:
    """P(|Σ ±dᵢ| ≥ |Σ dᵢ|) with every sign equally likely, two-sided. Exact, over all 2ⁿ signs, by convolution; where
    that would take long, by the normal distribution of the same variance."""
    sizes = _whole_numbers([abs(each) for each in differences if each])
    observed = abs(sum(_whole_numbers([each for each in differences if each])))
    if observed == 0:
        return 1.0, "exact"
    total = sum(sizes)
    if (len(sizes) + 1) * (total + 1) > MOST_BITS:
        return math.erfc(observed / math.sqrt(2 * sum(size**2 for size in sizes))), "normal"
    return _exact_tail(sizes, total, observed), "exact"


def _whole_numbers(values: Sequence[Fraction]) -> list[int]:
    """The values times the same smallest number that makes all of them whole."""
    scale = math.lcm(*(value.denominator for value in values))
    return [int(value * scale) for value in values]


def _exact_tail(sizes: Sequence[int], total: int, observed: int) -> float:
    """Slot t of one long integer counts the choices of sizes that add up to t: a signed sum of 2t − total."""
    width = (len(sizes) + 8) // 8
    counts = 1
    for size in sizes:
        counts += counts << (size * width * 8)
    slots = counts.to_bytes(width * (total + 1), "little")
    low = range(0, width * ((total - observed) // 2 + 1), width)
    tail = sum(int.from_bytes(slots[at : at + width], "little") for at in low)
    return float(Fraction(2 * tail, 2 ** len(sizes)))
