"""From a task to a verdict: find the answer, read it, compare it, credit the steps. Never raises.

The slow tier comes in as a function, so the same code judges alone, in a pool, and in tests.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from itertools import count

from grpo_core.oracle import reasons
from grpo_core.oracle.choice import find_choice, labelled_choice
from grpo_core.oracle.compare import compare
from grpo_core.oracle.exact import Undefined
from grpo_core.oracle.extract import Found, find_answer, find_words
from grpo_core.oracle.gold import Gold, read_answer, read_gold, second_readings, text_key
from grpo_core.oracle.limits import MAX_PROOFS, OverBudget, Unreadable
from grpo_core.oracle.nodes import Node, Op
from grpo_core.oracle.plain import SAME_TEXT, compare_plain, plain_number
from grpo_core.oracle.scalar import Decision, Prover
from grpo_core.oracle.source import source
from grpo_core.oracle.steps import credit_steps, with_answer
from grpo_core.oracle.tasks import JudgeTask
from grpo_core.oracle.words import number_in_words
from grpo_core.types import Verdict

_LETTERS = re.compile(r"[a-z]+")


def decide(task: JudgeTask, prover: Callable[[], Prover]) -> Verdict:
    """The verdict of one task; `prover` makes the slow tier of one verdict, where it is needed. The one broad `except`
    of the oracle is here: whatever fails becomes `unscorable`."""
    start = time.perf_counter()
    try:
        gold, found = read_gold(task.gold, task.gold_format), find_answer(task.completion)
        verdict = _decide_plain(gold, found, start) or _decide_by_trees(task, gold, found, _limited(prover()))
        if task.steps:
            verdict = with_steps(verdict, task)
        elif verdict.seconds:
            return verdict  # a copy would cost a tenth of judging an easy answer
    except Exception as error:  # noqa: BLE001 - the judge's outer edge; the verdict reports what failed
        verdict = Verdict("unscorable", reason="JUDGE_FAILED", message=reasons.failure_message(error))
    return verdict._replace(seconds=time.perf_counter() - start)


def with_steps(verdict: Verdict, task: JudgeTask) -> Verdict:
    """The verdict with its step credits, which add up to `Verdict.partial`, where there is a reference derivation.
    A right answer has a last row of its own that tops them up to 1."""
    steps = credit_steps(task.completion, task.steps, alignment=task.alignment)
    if verdict.outcome == "correct" and verdict.extracted is not None and verdict.span is not None:
        steps = with_answer(steps, verdict.extracted, verdict.span)
    return verdict._replace(steps=steps)


def _limited(prove: Prover) -> Prover:
    """The slow tier, for so many proofs of one verdict."""
    asked = count(1)

    def limited(left: Node, right: Node) -> bool | None:
        if next(asked) > MAX_PROOFS:
            raise OverBudget("BUDGET_PROOFS")
        return prove(left, right)

    return limited


def _decide_plain(gold: Gold, found: Found | None, start: float) -> Verdict | None:
    """The verdict on one plain number against another, with its seconds since `start`."""
    if gold.plain is None or found is None:
        return None
    number = plain_number(found.text)
    decision = compare_plain(found.text, number, gold.text, gold.plain) if number is not None else None
    return _compared(gold, found, decision, number, start) if decision is not None else None


def _decide_by_trees(task: JudgeTask, gold: Gold, found: Found | None, prove: Prover) -> Verdict:
    if gold.letter is not None:
        return _decide_choice(task, gold, find_choice(task.completion, found), prove)
    if _is_text(gold) and (found is None or found.rule in _GUESSED):
        found = find_words(task.completion) or found
    if found is None:
        found = _written_number(task.completion) or _stated_letters(task.completion)
    return _decide_found(gold, found, prove)


def _written_number(completion: str) -> Found | None:
    """An answer such as `one half`, where no other rule finds one."""
    found = find_words(completion)
    words = _LETTERS.findall(found.text.lower()) if found else []
    return found if number_in_words(words) is not None else None


def _stated_letters(completion: str) -> Found | None:
    """An answer such as `A and C`, which prose begins with as well."""
    found = find_words(completion)
    return found if found is not None and _LIST_OF_LETTERS.fullmatch(found.text) is not None else None


_LIST_OF_LETTERS = re.compile(r"\(?[A-Z]\)?(?:(?:,| and| or|, and)\s?\(?[A-Z]\)?)+")
_GUESSED = frozenset({"whole", "bold", "formula", "last_number"})
"""Rules that look for mathematics without a word that announces the answer."""


def _is_text(gold: Gold) -> bool:
    return isinstance(gold.tree, Op) and gold.tree.head == "text"


def _decide_choice(task: JudgeTask, gold: Gold, found: Found | None, prove: Prover) -> Verdict:
    letter = labelled_choice(found.text) if found else None
    if found is None or (letter is None and found.rule != "choice"):
        return _decide_found(gold, found, prove)
    equal = letter == gold.letter
    decision = Decision(equal, "choice", "SAME_CHOICE" if equal else "DIFFERENT_CHOICE")
    return _compared(gold._replace(text=gold.letter or ""), found, decision)


def _decide_found(gold: Gold, found: Found | None, prove: Prover) -> Verdict:
    if found is not None and found.closed and _same_text(found.text, gold):
        return _compared(gold, found, SAME_TEXT, gold.source)
    if gold.tree is None:
        message = reasons.unscorable_message(gold.text, gold.problem)
        return _of(found, Verdict("unscorable", reason="GOLD_UNREADABLE", message=message))
    if found is None or not found.text.strip():
        return _of(found, Verdict("no_answer", reason="NO_ANSWER", message=reasons.no_answer_message()))
    try:
        tree = _read(found)
        return _compared(gold, found, _compare(tree, found, gold, prove), source(tree))
    except Unreadable as error:
        message = reasons.unparsable_message(found.rule, found.text, str(error))
        return _of(found, Verdict("unparsable", reason="ANSWER_UNREADABLE", message=message))
    except Undefined:
        message = reasons.unscorable_message(gold.text, "it divides by zero")
        return _of(found, Verdict("unscorable", reason="GOLD_UNDEFINED", message=message))
    except OverBudget as error:
        return _of(found, Verdict("timeout", reason=error.code, message=reasons.budget_message(error.code)))


def _same_text(text: str, gold: Gold) -> bool:
    return gold.key != "" and (text == gold.text or text_key(text) == gold.key)


def _read(found: Found) -> Node:
    if not found.closed:
        raise Unreadable("The box is not closed.")
    return read_answer(found)


def _compare(tree: Node, found: Found, gold: Gold, prove: Prover) -> Decision:
    assert gold.tree is not None
    decision = compare(tree, gold.tree, prove)
    if decision.equal:
        return decision
    pairs = [(reading, gold.tree) for reading in second_readings(found.text)]
    pairs += [(tree, reading) for reading in second_readings(gold.text)]
    again = (compare(*pair, prove) for pair in pairs)
    return next((second for second in again if second.equal), decision)


def _compared(
    gold: Gold, found: Found, decision: Decision, answer_source: str | None = None, start: float | None = None
) -> Verdict:
    """The verdict of a comparison; its seconds are left out where no `start` is given."""
    return Verdict(
        "correct" if decision.equal else "wrong",
        found.text,
        found.span,
        found.rule,
        decision.check,
        decision.reason,
        reasons.comparison_message(found.rule, found.text, gold.text, decision.reason),
        time.perf_counter() - start if start is not None else 0.0,
        (),
        answer_source,
        gold.source,
    )


def _of(found: Found | None, verdict: Verdict) -> Verdict:
    if found is None:
        return verdict
    return verdict._replace(extracted=found.text, span=found.span, rule=found.rule)
