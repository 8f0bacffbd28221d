"""The statistics of evaluations against other ways to compute them: enumeration, tables, simulation."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations, product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpo_core.statistics import (
    Z95,
    difference_interval,
    paired_test,
    pass_at_k,
    rate_interval,
    sign_flip_p,
)

RATES = st.integers(0, 8).map(lambda right: Fraction(right, 8))


def human_eval_pass_at_k(n: int, c: int, k: int) -> float:
    """The estimator as Chen et al. 2021 print it (figure 3): 1 − Π (1 − k / i) for i from n − c + 1 to n."""
    if n - c < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / i for i in range(n - c + 1, n + 1))


@given(n=st.integers(1, 8), data=st.data())
def test_pass_at_k_is_the_share_of_subsets_with_a_right_one(n: int, data: st.DataObject) -> None:
    correct, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    subsets = list(combinations(range(n), k))
    expected = sum(any(member < correct for member in subset) for subset in subsets) / len(subsets)
    assert pass_at_k(n, correct, k) == pytest.approx(expected)


@given(n=st.integers(1, 400), data=st.data())
def test_pass_at_k_is_that_of_human_eval(n: int, data: st.DataObject) -> None:
    correct, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    assert pass_at_k(n, correct, k) == pytest.approx(human_eval_pass_at_k(n, correct, k), abs=1e-9)


def test_an_interval_of_independent_yes_and_no_is_wilsons() -> None:
    # 80 of 100: Wilson's score interval is 0.711 to 0.867; the sample variance makes it a hair wider.
    assert rate_interval([1.0] * 80 + [0.0] * 20) == pytest.approx((0.711, 0.867), abs=0.002)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=40))
def test_an_interval_holds_its_mean_and_is_never_empty(rates: list[float]) -> None:
    low, high = rate_interval(rates)
    assert 0 <= low < high <= 1
    assert low - 1e-12 <= sum(rates) / len(rates) <= high + 1e-12


def test_95_of_100_intervals_hold_the_truth() -> None:
    """Problems of differing difficulty, 4 samples each: the truth is the mean over all problems."""
    dice, held = Random(7), 0
    for _ in range(400):
        chances = [dice.betavariate(0.5, 0.8) for _ in range(60)]
        low, high = rate_interval([sum(dice.random() < chance for _ in range(4)) / 4 for chance in chances])
        held += low <= 0.5 / 1.3 <= high
    assert 0.92 <= held / 400 <= 0.98


@given(st.lists(st.tuples(RATES, RATES), min_size=1, max_size=7))
def test_the_paired_test_is_that_of_all_signs(pairs: list[tuple[Fraction, Fraction]]) -> None:
    found = paired_test(pairs)
    differences = [int(8 * (second - first)) for first, second in pairs]
    observed = abs(sum(differences))
    signs = list(product((1, -1), repeat=len(pairs)))
    sums = [abs(sum(sign * each for sign, each in zip(row, differences, strict=True))) for row in signs]
    assert found.p == pytest.approx(sum(each >= observed for each in sums) / len(signs))
    assert found.method == "exact"
    assert found.ci95[0] <= found.difference <= found.ci95[1]
    assert found.wins + found.losses <= found.n == len(pairs)
    back = paired_test([(second, first) for first, second in pairs])
    assert (back.difference, back.p) == pytest.approx((-found.difference, found.p))


@pytest.mark.parametrize(
    ("better", "worse", "p"),
    [(9, 1, 0.021484375), (5, 0, 0.0625), (6, 0, 0.03125), (8, 2, 0.109375), (15, 5, 0.04138946533203125), (0, 0, 1.0)],
)
def test_for_yes_and_no_it_is_the_exact_sign_test(better: int, worse: int, p: float) -> None:
    """Tabled two-sided binomial probabilities; problems that both solve or neither do change nothing."""
    one, none = Fraction(1), Fraction(0)
    pairs = [(none, one)] * better + [(one, none)] * worse + [(one, one)] * 30
    assert paired_test(pairs).p == pytest.approx(p, abs=1e-12)


def test_many_problems_are_exact_within_a_moment_and_more_are_normal() -> None:
    dice = Random(1)
    some = [Fraction(dice.randint(-7, 8), 8) for _ in range(1_000)]
    p, method = sign_flip_p(some)
    assert method == "exact"
    assert p == pytest.approx(math.erfc(abs(sum(some)) / math.sqrt(2 * sum(each**2 for each in some))), rel=0.05)
    assert sign_flip_p([Fraction(dice.randint(-63, 64), 64) for _ in range(5_000)])[1] == "normal"


def test_a_difference_of_one_problem_in_a_thousand_is_noise_and_of_fifty_is_not() -> None:
    one, none = Fraction(1), Fraction(0)
    assert paired_test([(none, one)] + [(one, one)] * 999).p == 1.0
    found = paired_test([(none, one)] * 50 + [(one, one)] * 950)
    assert found.p < 1e-12
    assert found.ci95[0] > 0


def test_the_interval_of_a_difference_by_hand() -> None:
    # Agresti and Min: with 0.5 more in each of the four cells, (8 + .5 − 2 − .5) / 42 ± z √((11 − 36 / 42) / 42²).
    found = difference_interval([1.0] * 8 + [-1.0] * 2 + [0.0] * 30)
    spread = Z95 * math.sqrt(11 - 36 / 42) / 42
    assert found == pytest.approx((6 / 42 - spread, 6 / 42 + spread))


def test_nothing_in_common_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="both"):
        paired_test([])
