"""Partial credit: what each step equation of a completion earned beside the reference derivation.

A step is the work *and* its result: `15=15` is not `29-14=15`. The work must be the reference's up to the order of
terms and factors, the result equal in value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from grpo_core.oracle.alignment import damping, earning_limit, longest_common_subsequence, positional, shares
from grpo_core.oracle.exact import Undefined, rational, rounds_to
from grpo_core.oracle.grammar import parse
from grpo_core.oracle.limits import CACHED_PARSES, MAX_STEP_SEARCH, MAX_STEP_TEXT, OverBudget, Unreadable
from grpo_core.oracle.nodes import Node, Num, Op, integer, walk
from grpo_core.oracle.notation import fraction_parts
from grpo_core.oracle.polynomial import is_decisive, normal_form
from grpo_core.oracle.quantities import bare
from grpo_core.oracle.step_lines import reference_equation, step_lines
from grpo_core.oracle.structure import canonical
from grpo_core.oracle.tasks import Alignment
from grpo_core.types import Span, StepCredit, StepStatus

_LEAST_DIGITS_OF_A_ROUNDED_STEP = 2
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
MAX_KNOWN_DIGITS = 40
_MOST_GROUNDS = 30
_DIGITS_OF_A_FLOAT, _DECIMALS_KEPT = 15, 9


@dataclass(frozen=True, slots=True)
class Step:
    """A read step: `key` is equal for equal steps (None if unreadable), `truth` None where it cannot be checked,
    `trivial` if two of its sides are the same."""

    key: tuple[object, ...] | None
    truth: bool | None = None
    trivial: bool = False
    operands: frozenset[Fraction] = frozenset()
    result: Fraction | None = None


def credit_steps(
    completion: str, reference: Sequence[str], *, alignment: Alignment = "lcs", known: Sequence[str] | None = None
) -> tuple[StepCredit, ...]:
    """The completion's steps with their status and credit; the credits add up to the partial reward in [0, 1].

    `known`: the numbers of the problem's text. Where given, a step earns only if its operands are among them, among
    the reference's own constants, or results of earlier steps.
    """
    lines = step_lines(completion)
    steps = [read_step(line.equation) for line in lines]
    references = [read_step(reference_equation(step)) for step in reference]
    # `124=124` is no step of a derivation: nothing can be earned, or missed, there.
    wanted = [None if step.trivial else step.key for step in references]
    steps = with_reference_keys(steps, references)
    if known is not None:
        steps = with_known_operands(steps, references, known)
    earned = _earned(steps, wanted, alignment)
    credits = []
    for index, (line, step) in enumerate(zip(lines, steps, strict=True)):
        pair = earned.get(index)
        matched = pair[0] if pair else _first(wanted, step.key)
        credit = pair[1] if pair else 0.0
        status: StepStatus = "matched" if matched is not None else _status(step)
        credits.append(StepCredit(index, line.text, line.span, matched, status, credit))
    return tuple(credits)


def with_answer(steps: tuple[StepCredit, ...], text: str, span: Span) -> tuple[StepCredit, ...]:
    """A right answer's own row: it tops the credits up to exactly 1, whatever the route was."""
    rest = 1.0 - sum(step.credit for step in steps)
    return (*steps, StepCredit(len(steps), text, span, None, "matched", max(0.0, rest)))


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
        total = sum(key is not None for key in wanted)
        limit = earning_limit(total)
        aligned = longest_common_subsequence([steps[i].key for i in kept[:limit]], wanted)
        pairs = [(kept[i], t) for i, t in aligned]
        reward = len(pairs) / total * damping(total, len(kept)) if total else 0.0
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


def with_reference_keys(steps: list[Step], reference: list[Step]) -> list[Step]:
    """The steps, a true one that makes a reference step's result of the same given numbers with that step's key:
    `6*350=2100` and `2100+1350=3450` arrive where `1350+(6*350)=3450` does."""
    keys = {step.key for step in reference}
    grounds = {ground: step.key for ground, step in zip(_grounds(reference), reference, strict=True) if ground}
    return [
        replace(step, key=grounds[ground])
        if step.key not in keys and ground is not None and ground in grounds
        else step
        for step, ground in zip(steps, _grounds(steps), strict=True)
    ]


def _grounds(steps: list[Step]) -> list[tuple[Fraction, frozenset[Fraction]] | None]:
    """Of each true numerical step its result and the numbers that it rests on, results of earlier steps traced back."""
    rests: dict[Fraction, frozenset[Fraction]] = {}
    grounds: list[tuple[Fraction, frozenset[Fraction]] | None] = []
    for step in steps:
        if not step.truth or step.result is None or step.trivial or not step.operands:
            grounds.append(None)
            continue
        numbers = frozenset(n for operand in step.operands for n in rests.get(operand) or {_without_inverse(operand)})
        numbers = numbers - {1} or numbers
        grounds.append((step.result, numbers) if len(numbers) <= _MOST_GROUNDS else None)
        rests.setdefault(abs(step.result), numbers if len(numbers) <= _MOST_GROUNDS else frozenset())
    return grounds


def _without_inverse(operand: Fraction) -> Fraction:
    """Half of 30 is 30/2 as well as 30*0.5."""
    return 1 / operand if operand.numerator == 1 else operand


def with_known_operands(steps: list[Step], reference: list[Step], known: Sequence[str]) -> list[Step]:
    """The steps, those with an operand from nowhere made trivial, so that they earn nothing."""
    available = {rational(parse(number)) for number in known} | _given(reference)
    kept = []
    for step in steps:
        founded = all(operand in available for operand in step.operands)
        kept.append(step if founded else replace(step, trivial=True))
        if founded and step.truth and step.result is not None:
            available.add(abs(step.result))
    return kept


def _given(reference: list[Step]) -> set[Fraction | None]:
    """Operands of the reference that are no results of its earlier steps: 7 days a week, 100 percent."""
    given: set[Fraction | None] = set()
    results: set[Fraction | None] = set()
    for step in reference:
        given |= {operand for operand in step.operands if operand not in results}
        results.add(None if step.result is None else abs(step.result))
    return given


def known_numbers(prompt: str) -> tuple[str, ...]:
    """The numerals of a problem's text, without thousands separators, for `known`."""
    numbers = [match[0].replace(",", "") for match in _NUMBER.finditer(prompt[:MAX_STEP_SEARCH])]
    return tuple(dict.fromkeys(number for number in numbers if len(number) < MAX_KNOWN_DIGITS))


@lru_cache(maxsize=CACHED_PARSES)
def read_step(equation: str) -> Step:
    """A step of two or more sides, or one expression (a line of a derivation without `=`)."""
    if len(equation) > MAX_STEP_TEXT:
        return Step(None)
    try:
        tree = bare(parse(equation))
        sides = tuple(map(_settled, tree.args if isinstance(tree, Op) and tree.head == "eq" else (tree,)))
        keys = [canonical(side) for side in sides]
        key = (*keys[:-1], _result_key(sides[-1]))
        operands = frozenset(abs(n.value) for side in sides[:-1] for n in walk(side) if isinstance(n, Num))
        return Step(key, _truth(sides), len(set(keys)) < len(keys), operands, rational(sides[-1]))
    except (Unreadable, OverBudget, Undefined):
        return Step(None)


def _settled(side: Node) -> Node:
    """A float's last digits, as calculators leave them in annotations (`14.999999999999998`), rounded away."""
    if isinstance(side, Num) and side.digits >= _DIGITS_OF_A_FLOAT:
        return replace(side, value=round(side.value, _DECIMALS_KEPT), digits=0)
    return side


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
