"""Is the answer's tree equal to the gold's? Collections by members, relations by meaning, values by scalar.py.

An equation with a mere name on its left (`x = 5`, `f(x) = 5`, `|AB| = 5`) says what its right side says. A bare list
has no order against another list; a tuple has. The decision carries the dearest check that any member needed.
"""

from __future__ import annotations

from collections.abc import Sequence

from grpo_core.oracle.aligned import aligned, head_of, kind_of
from grpo_core.oracle.big_operators import unfolded, with_bound_names
from grpo_core.oracle.clock import as_ratio, proportional_ratios, same_time
from grpo_core.oracle.exact import Undefined, rational
from grpo_core.oracle.limits import MAX_ITEMS, OverBudget
from grpo_core.oracle.matrices import evaluated
from grpo_core.oracle.nodes import INTERVALS, Node, Num, Op, variables
from grpo_core.oracle.quantities import in_same_unit
from grpo_core.oracle.real_sets import same_set
from grpo_core.oracle.relations import (
    is_name,
    named_values,
    proportional,
    same_function,
    same_without_fractions,
    with_argument_of,
)
from grpo_core.oracle.scalar import Decision, Prover, compare_values
from grpo_core.oracle.structure import canonical

CHECKS = ("string", "choice", "structure", "rational", "normal_form", "relation", "evaluation", "proof")
"""From cheap to dear."""
_UNORDERED = frozenset({"list", "set", "union", "or", "cases"})
_SET_HEADS = INTERVALS | {"union", "or", "intersect", "minus", "reals", "lt", "le", "ne", "chain", "in"}


def compare(answer: Node, gold: Node, prove: Prover) -> Decision:
    """The decision for two parsed answers. Raises `OverBudget`, and `Undefined` for a gold without a value."""
    if isinstance(answer, Num) and isinstance(gold, Num):
        if answer.value.denominator == gold.value.denominator == 1:
            equal = answer.value == gold.value
            return Decision(equal, "rational", "SAME_VALUE" if equal else "DIFFERENT_VALUE")
        return compare_values(answer, gold, prove)
    if answer == gold:
        return Decision(True, "structure", "SAME_STRUCTURE")
    named = _compare_named(answer, gold, prove)
    if named is not None:
        return named
    answer, gold = aligned(_worked_out(answer), _worked_out(gold))
    values = in_same_unit(answer, gold)
    if values is None:
        return Decision(False, "structure", "DIFFERENT_UNIT")
    decision = _compare_kinds(*values, prove)
    if not decision.equal and _is_set(answer, gold):
        same = same_set(answer, gold)
        return decision if same is None else Decision(same, "structure", "SAME_SET" if same else "DIFFERENT_SET")
    return decision


def _worked_out(node: Node) -> Node:
    """Finite sums written out and matrix arithmetic done."""
    return with_bound_names(evaluated(unfolded(node)))


def _compare_kinds(answer: Node, gold: Node, prove: Prover) -> Decision:
    if head_of(answer) == head_of(gold) == "mod":
        return _compare_residues(answer, gold)
    kinds = [kind_of(side) for side in (answer, gold)]
    if kinds == ["value", "value"]:
        return compare_values(answer, gold, prove)
    if kinds == ["relation", "relation"]:
        return _compare_relations(answer, gold, prove)
    if kinds == ["collection", "collection"]:
        return _compare_collections(answer, gold, prove)
    if set(kinds) == {"value", "collection"}:
        return _compare_ratio_and_value(answer, gold)
    return Decision(False, "structure", "DIFFERENT_KIND")


def _compare_residues(answer: Node, gold: Node) -> Decision:
    """The same class of the same modulus."""
    left, right = ([rational(arg) for arg in side.args] if isinstance(side, Op) else [] for side in (answer, gold))
    if None in left or None in right or not right[1]:
        return Decision(answer == gold, "structure", "SAME_STRUCTURE" if answer == gold else "DIFFERENT_STRUCTURE")
    same = left[1] == right[1] and (left[0] - right[0]) % right[1] == 0  # type: ignore[operator]
    return Decision(same, "rational", "SAME_VALUE" if same else "DIFFERENT_VALUE")


def _is_set(answer: Node, gold: Node) -> bool:
    """Is at least one side a set of real numbers, or a condition on one, so that both may be?"""
    found = {head_of(side) for side in (answer, gold)}
    conditions = any(_is_list_of_conditions(side) for side in (answer, gold))
    if not (found & _SET_HEADS or conditions):
        return False
    # Conditions on differently named variables say different things.
    names = [variables(side) for side in (answer, gold)]
    return not (names[0] and names[1] and names[0] != names[1])


def _is_list_of_conditions(node: Node) -> bool:
    return isinstance(node, Op) and node.head == "list" and head_of(node.args[0]) in _SET_HEADS


def _compare_named(answer: Node, gold: Node, prove: Prover) -> Decision | None:
    """`x = 1, y = 2` beside the same in another order, beside `(1, 2)`, or beside `1, 2`; None for what is not so."""
    left, right = named_values(answer), named_values(gold)
    if left is not None and right is not None:
        if left.keys() != right.keys():
            return Decision(False, "structure", "DIFFERENT_NAMES")
        return _compare_ordered([left[name] for name in right], list(right.values()), prove)
    if left is None and right is None:
        return None
    values, other = (right, answer) if left is None else (left, gold)
    assert values is not None
    if (
        not isinstance(other, Op)
        or other.head not in {"tuple", "list"}
        or any(kind_of(n) == "relation" for n in other.args)
    ):
        return None
    orders = [list(values.values()), [values[name] for name in sorted(values)]]
    decisions = [
        _compare_ordered(other.args, order, prove) if left is None else _compare_ordered(order, other.args, prove)
        for order in orders
    ]
    return next((decision for decision in decisions if decision.equal), decisions[0])


def _compare_ratio_and_value(answer: Node, gold: Node) -> Decision:
    """`1:2` beside `1/2`, and `204_5` beside its value."""
    values = []
    for side in (as_ratio(answer), as_ratio(gold)):
        if isinstance(side, Op) and side.head == "ratio" and len(side.args) == 2:
            side = Op("mul", (side.args[0], Op("inv", (side.args[1],))))
        try:
            values.append(rational(side))
        except Undefined:
            values.append(None)
    if None not in values and values[0] == values[1]:
        return Decision(True, "rational", "SAME_VALUE")
    return Decision(False, "structure", "DIFFERENT_KIND")


# --- relations --------------------------------------------------------------------------------------------------


def _compare_relations(answer: Node, gold: Node, prove: Prover) -> Decision:
    """Equal sides, or both brought to `form = 0` and proportional (positively, for an inequality)."""
    assert isinstance(answer, Op)
    assert isinstance(gold, Op)
    if answer.head != gold.head:
        return Decision(False, "relation", "DIFFERENT_RELATION")
    if canonical(answer) == canonical(gold):
        return Decision(True, "structure", "SAME_STRUCTURE")
    if (head_of(answer.args[-1]) == "mod") != (head_of(gold.args[-1]) == "mod"):
        return Decision(False, "relation", "DIFFERENT_RELATION")
    answer = with_argument_of(answer, gold)
    if answer.head == "eq" and canonical(answer.args[0]) == canonical(gold.args[0]) and is_name(gold.args[0]):
        return compare(answer.args[-1], gold.args[-1], prove)
    if same_function(answer, gold):
        return compare(answer.args[-1], gold.args[-1], prove)
    if len(answer.args) == len(gold.args) == 2 and answer.head in {"eq", "ne", "lt", "le"}:
        same = proportional(answer, gold)
        if same is None and answer.head in {"eq", "ne"}:
            same = same_without_fractions(answer, gold)
        if same is not None:
            return Decision(same, "relation", "SAME_RELATION" if same else "DIFFERENT_RELATION")
    return _compare_ordered(answer.args, gold.args, prove)


# --- collections ------------------------------------------------------------------------------------------------


def _compare_collections(answer: Node, gold: Node, prove: Prover) -> Decision:
    assert isinstance(answer, Op)
    assert isinstance(gold, Op)
    pair = {answer.head, gold.head}
    if pair <= {"clock", "ratio"}:
        return _compare_ratios(answer, gold, prove)
    if len(pair) == 1 and answer.head not in _UNORDERED:
        return _compare_ordered(answer.args, gold.args, prove)
    if pair in ({"list"}, {"set"}, {"union"}, {"or"}, {"list", "set"}, {"cases"}):
        return _compare_unordered(answer.args, gold.args, prove, bare_list=pair == {"list"})
    if pair == {"list", "or"} and same_set(answer, gold) is None:
        return _compare_unordered(answer.args, gold.args, prove, bare_list=False)
    if pair == {"list", "tuple"}:
        return _compare_ordered(answer.args, gold.args, prove)
    return Decision(False, "structure", "DIFFERENT_KIND")


def _compare_ratios(answer: Op, gold: Op, prove: Prover) -> Decision:
    if answer.head == gold.head == "clock":
        same = same_time(answer, gold)
        return Decision(same, "structure", "SAME_TIME" if same else "DIFFERENT_TIME")
    if answer.head == gold.head and proportional_ratios(answer, gold):
        return Decision(True, "rational", "SAME_VALUE")
    left, right = as_ratio(answer), as_ratio(gold)
    if not (isinstance(left, Op) and isinstance(right, Op) and left.head == right.head):
        return Decision(False, "structure", "DIFFERENT_KIND")
    return _compare_ordered(left.args, right.args, prove)


def _compare_ordered(answer: Sequence[Node], gold: Sequence[Node], prove: Prover) -> Decision:
    if len(answer) != len(gold):
        return Decision(False, "structure", "DIFFERENT_COUNT")
    decisions: list[Decision] = []
    for left, right in zip(answer, gold, strict=True):
        decisions.append(compare(left, right, prove))
        if not decisions[-1].equal:
            return decisions[-1]
    return _dearest(decisions)


def _compare_unordered(
    answer: Sequence[Node], gold: Sequence[Node], prove: Prover, bare_list: bool = False
) -> Decision:
    """Each distinct member of one side has its equal in the other; what the gold of a list repeats (`3, 3, 4`), the
    answer must repeat too."""
    answer_members, gold_members = _distinct(answer), _distinct(gold)
    if bare_list and len(gold_members) < len(gold):
        answer_members, gold_members = list(answer), list(gold)
    answer, gold = answer_members, gold_members
    if len(answer) != len(gold):
        return Decision(False, "structure", "DIFFERENT_COUNT")
    if len(answer) > MAX_ITEMS:
        raise OverBudget("BUDGET_ITEMS")
    remaining, decisions = list(gold), []
    for member in answer:
        found = next(
            ((i, d) for i, d in ((i, compare(member, g, prove)) for i, g in enumerate(remaining)) if d.equal), None
        )
        if found is None:
            return Decision(False, "structure", "MEMBER_WITHOUT_EQUAL")
        remaining.pop(found[0])
        decisions.append(found[1])
    return _dearest(decisions)


def _distinct(items: Sequence[Node]) -> list[Node]:
    return list({canonical(item): item for item in items}.values())


def _dearest(decisions: list[Decision]) -> Decision:
    """Nothing at all is the same as nothing: ℝ has no members to compare."""
    nothing = Decision(True, "structure", "SAME_STRUCTURE")
    return max(decisions, key=lambda decision: CHECKS.index(decision.check), default=nothing)
