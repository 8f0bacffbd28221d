"""Partial credit: what each step equation of a completion earned beside the reference derivation.

A step is the work *and* its result: `15=15` is not `29-14=15`. The work must be the reference's up to the order of
terms and factors, the result equal in value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from grpo_core.oracle.alignment import damping, earning_limit, longest_common_subsequence, positional, shares
from grpo_core.oracle.exact import Undefined, rational, rounds_to
from grpo_core.oracle.grammar import parse
from grpo_core.oracle.limits import CACHED_PARSES, MAX_STEP_TEXT, OverBudget, Unreadable
from grpo_core.oracle.nodes import Node, Num, Op, integer
from grpo_core.oracle.notation import fraction_parts
from grpo_core.oracle.polynomial import is_decisive, normal_form
from grpo_core.oracle.step_lines import reference_equation, step_lines
from grpo_core.oracle.structure import canonical
from grpo_core.types import StepCredit, StepStatus

Alignment = Literal["lcs", "position"]
_LEAST_DIGITS_OF_A_ROUNDED_STEP = 2


@dataclass(frozen=True, slots=True)
class Step:
    """A read step: `key` is equal for equal steps (None if unreadable), `truth` None where it cannot be checked,
    `trivial` if two of its sides are the same."""

    key: tuple[object, ...] | None
    truth: bool | None = None
    trivial: bool = False


def credit_steps(completion: str, reference: Sequence[str], *, alignment: Alignment = "lcs") -> tuple[StepCredit, ...]:
    """The completion's steps with their status and credit; the credits add up to the partial reward in [0, 1]."""
    lines = step_lines(completion)
    steps = [read_step(line.equation) for line in lines]
    wanted = [read_step(reference_equation(step)).key for step in reference]
    earned = _earned(steps, wanted, alignment)
    credits = []
    for index, (line, step) in enumerate(zip(lines, steps, strict=True)):
        pair = earned.get(index)
        matched = pair[0] if pair else _first(wanted, step.key)
        credit = pair[1] if pair else 0.0
        status: StepStatus = "matched" if matched is not None else _status(step)
        credits.append(StepCredit(index, line.text, line.span, matched, status, credit))
    return tuple(credits)


def _status(step: Step) -> StepStatus:
    if step.truth is None:
        return "unchecked"
    return "valid" if step.truth else "wrong"


def _first(wanted: list[tuple[object, ...] | None], key: tuple[object, ...] | None) -> int | None:
    return wanted.index(key) if key is not None and key in wanted else None


def _earned(
    steps: list[Step], wanted: list[tuple[object, ...] | None], alignment: Alignment
) -> dict[int, tuple[int, float]]:
    """Step index → (reference index, credit)."""
    total = len(wanted)
    if not total:
        return {}
    if alignment == "position":
        pairs = [(i, t) for i, t in positional([step.key for step in steps], wanted) if wanted[t] is not None]
        reward = len(pairs) / total
    else:
        kept = _countable(steps, wanted)
        limit = earning_limit(total)
        aligned = longest_common_subsequence([steps[i].key for i in kept[:limit]], wanted)
        pairs = [(kept[i], t) for i, t in aligned]
        reward = len(pairs) / total * damping(total, len(kept))
    return {i: (t, share) for (i, t), share in zip(pairs, shares(reward, len(pairs)), strict=True)}


def _countable(steps: list[Step], wanted: list[tuple[object, ...] | None]) -> list[int]:
    """Indices of the steps that count: true or the reference's, not trivial, no oftener than the reference has them."""
    allowed, seen = Counter(wanted), Counter[tuple[object, ...]]()
    kept = []
    for index, step in enumerate(steps):
        if step.key is None or step.trivial or not (step.truth or step.key in allowed):
            continue
        seen[step.key] += 1
        if seen[step.key] <= max(1, allowed[step.key]):
            kept.append(index)
    return kept


@lru_cache(maxsize=CACHED_PARSES)
def read_step(equation: str) -> Step:
    """A step of two or more sides, or one expression (a line of a derivation without `=`)."""
    if len(equation) > MAX_STEP_TEXT:
        return Step(None)
    try:
        tree = parse(equation)
        sides = tree.args if isinstance(tree, Op) and tree.head == "eq" else (tree,)
        keys = [canonical(side) for side in sides]
        key = (*keys[:-1], _result_key(sides[-1]))
        return Step(key, _truth(sides), len(set(keys)) < len(keys))
    except (Unreadable, OverBudget, Undefined):
        return Step(None)


def _result_key(node: Node) -> object:
    """A result that is a numeral or a fraction is its value, however written; one that still holds arithmetic is
    itself; one with variables is its normal form."""
    value = rational(node)
    if value is not None:
        plain = node.args[0] if isinstance(node, Op) and node.head == "neg" else node
        return value if isinstance(plain, Num) or fraction_parts(plain) else canonical(node)
    form = normal_form(node)
    return canonical(node) if form is None else repr(sorted(form.items(), key=repr))


def _truth(sides: Sequence[Node]) -> bool | None:
    """Do the sides agree? None where a variable leaves it open, as in `3*x = 14-5` or a bare expression."""
    if len(sides) < 2:
        return None
    numbers = [side for side in sides if rational(_without_percent(side)) is not None]
    if any(not _agree(left, right) for left, right in pairwise(numbers)):
        return False
    if len(numbers) == len(sides) or len(numbers) > 1:
        return True
    forms = [normal_form(side) for side in sides]
    if all(form == forms[0] for form in forms) and forms[0] is not None:
        return True
    derivative = any(isinstance(side, Op) and side.head == "diff" for side in sides)
    decisive = all(form is not None and is_decisive(form) for form in forms)
    return False if derivative and decisive else None


def _without_percent(node: Node) -> Node:
    """Percent signs as hundredths, as arithmetic in prose uses them."""
    if not isinstance(node, Op):
        return node
    args = tuple(_without_percent(arg) for arg in node.args)
    return Op("mul", (args[0], Op("inv", (integer(100),)))) if node.head == "percent" else Op(node.head, args)


def _agree(left: Node, right: Node) -> bool:
    a, b = (rational(_without_percent(side)) for side in (left, right))
    if a is None or b is None:
        return False
    rounded = isinstance(right, Num) and rounds_to(right, a, _LEAST_DIGITS_OF_A_ROUNDED_STEP)
    percents = any(isinstance(side, Op) and side.head == "percent" for side in (left, right))
    return a == b or rounded or (percents and a * 100 == b) or (percents and a == b * 100)
