"""One plain sentence for a person from a verdict's facts. The codes are stable; the sentences may improve."""

from __future__ import annotations

from grpo_core.text import clean_line

_FOUND_BY = {
    "boxed": "The boxed answer",
    "tagged": "The tagged answer",
    "hashes": "The answer after ####",
    "final_answer": "The stated final answer",
    "answer_is": "The stated answer",
    "whole": "The answer",
    "bold": "The bold answer",
    "formula": "The last formula",
    "last_number": "The last number",
    "choice": "The chosen letter",
}
_EQUAL = {
    "SAME_TEXT": "equals the gold {gold} exactly",
    "SAME_CHOICE": "is the gold choice {gold}",
    "SAME_STRUCTURE": "is the gold {gold} up to notation",
    "SAME_VALUE": "has the same exact value as the gold {gold}",
    "ROUNDED_VALUE": "is the gold {gold}, correctly rounded",
    "SAME_NORMAL_FORM": "expands to the same as the gold {gold}",
    "SAME_RELATION": "says the same as the gold {gold}",
    "SAME_AT_POINTS": "agrees with the gold {gold} wherever it was evaluated",
    "PROVED_EQUAL": "was proved equal to the gold {gold}",
    "SAME_SET": "is the same set of numbers as the gold {gold}",
    "SAME_TIME": "is the same time as the gold {gold}",
}
_DIFFERENT = {
    "DIFFERENT_COUNT": "has another number of members than the gold {gold}",
    "DIFFERENT_KIND": "is another kind of thing than the gold {gold}",
    "DIFFERENT_RELATION": "is another relation than the gold {gold}",
    "MEMBER_WITHOUT_EQUAL": "has a member that the gold {gold} lacks",
    "ANSWER_UNDEFINED": "has no value (it divides by zero); the gold is {gold}",
    "NOT_PROVED": "could not be shown equal to the gold {gold}",
    "DIFFERENT_UNIT": "is in a unit of another kind than the gold {gold}",
    "DIFFERENT_NAMES": "names other quantities than the gold {gold}",
    "DIFFERENT_SET": "is another set of numbers than the gold {gold}",
    "DIFFERENT_TIME": "is another time than the gold {gold}",
}
_PLAINLY_DIFFERENT = {
    "DIFFERENT_CHOICE": "another letter than the gold",
    "DIFFERENT_VALUE": "another exact value than the gold",
    "DIFFERENT_NORMAL_FORM": "expands to something else than the gold",
    "DIFFERENT_STRUCTURE": "written otherwise than the gold, and not comparable by value",
    "DIFFERENT_AT_POINTS": "another value than the gold where both were evaluated",
    "PROVED_DIFFERENT": "proved different from the gold",
}
_WITHOUT_COMPARISON = {
    "NO_ANSWER": "no answer was found",
    "ANSWER_UNREADABLE": "the answer is not mathematics that the grammar knows",
    "GOLD_UNREADABLE": "the gold is not mathematics that the grammar knows: nothing can be scored",
    "GOLD_UNDEFINED": "the gold divides by zero: nothing can be scored",
    "JUDGE_FAILED": "the judge itself failed: the completion is not scored",
    "BUDGET_LENGTH": "more than 2,000 characters",
    "BUDGET_TOKENS": "more than 1,500 tokens",
    "BUDGET_DEPTH": "nested deeper than 60",
    "BUDGET_DIGITS": "a numeral of more than 1,000 digits",
    "BUDGET_BITS": "an exact number of more than 20,000 bits",
    "BUDGET_EXPONENT": "a power that would make such a number",
    "BUDGET_FACTORIAL": "a factorial or binomial of more than 1,000",
    "BUDGET_MAGNITUDE": "a sine, power or logarithm of too large a number",
    "BUDGET_TERMS": "an expansion of more than 250 terms",
    "BUDGET_ITEMS": "more than 40 members to compare in any order",
    "BUDGET_SUM": "a finite sum of more than 500 terms",
    "BUDGET_MATRIX": "a matrix larger than 8 × 8, its power above 32, or entries of more than 5,000 nodes",
    "BUDGET_PROOF": "more than 400 nodes to prove equal",
    "BUDGET_PROOFS": "more than 8 slow proofs for one verdict",
    "DEADLINE": "the slow proof took longer than its deadline and its worker was killed",
    "POOL_CLOSED": "the pool was closed before the proof",
}

_SAID = {code: tuple(text.split("{gold}")) for code, text in {**_EQUAL, **_DIFFERENT}.items()}
RULES = tuple(_FOUND_BY)
"""Names of the rules that find an answer."""
_LONGEST = 60


def codes() -> dict[str, str]:
    """Every reason code with what it says of the answer, in the order: equal, different, without a comparison."""
    said = {code: text.replace(" {gold}", "") for code, text in {**_EQUAL, **_DIFFERENT}.items()}
    return {**said, **_PLAINLY_DIFFERENT, **_WITHOUT_COMPARISON}


def shortened(text: str) -> str:
    """One clean line of at most 60 characters."""
    if len(text) <= _LONGEST and text.isalnum() and text.isascii():
        return text
    line = " ".join(text[: 4 * _LONGEST].split())
    line = line if line.isascii() and line.isprintable() else clean_line(line)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def comparison_message(rule: str, answer: str, gold: str, reason: str) -> str:
    subject = _FOUND_BY.get(rule, "The answer")
    said = _SAID.get(reason)
    if said is None:
        return f"{subject} is {shortened(answer)} but the gold is {shortened(gold)}."
    return f"{subject} {shortened(answer)} {said[0]}{shortened(gold)}{said[1]}."


def no_answer_message() -> str:
    return "No answer was found: no box, no “answer is”, no formula and no number."


def unparsable_message(rule: str, answer: str, why: str) -> str:
    return f"{_FOUND_BY.get(rule, 'The answer')} {shortened(answer)} cannot be read: {shortened(why)}"


def budget_message(code: str) -> str:
    return f"Judging this answer would take more work than allowed ({code})."


def unscorable_message(gold: str, why: str) -> str:
    return f"The gold {shortened(gold)} cannot be read, so nothing can be scored against it: {shortened(why)}"


def failure_message(error: Exception) -> str:
    return f"The judge itself failed ({type(error).__name__}: {shortened(str(error))}); this completion is not scored."
