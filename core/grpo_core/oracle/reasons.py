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
}
_DIFFERENT = {
    "DIFFERENT_COUNT": "has another number of members than the gold {gold}",
    "DIFFERENT_KIND": "is another kind of thing than the gold {gold}",
    "DIFFERENT_RELATION": "is another relation than the gold {gold}",
    "MEMBER_WITHOUT_EQUAL": "has a member that the gold {gold} lacks",
    "ANSWER_UNDEFINED": "has no value (it divides by zero); the gold is {gold}",
    "NOT_PROVED": "could not be shown equal to the gold {gold}",
}
_LONGEST = 60


def shortened(text: str) -> str:
    """One clean line of at most 60 characters."""
    line = clean_line(" ".join(text[: 4 * _LONGEST].split()))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def comparison_message(rule: str, answer: str, gold: str, reason: str) -> str:
    subject, shown = _FOUND_BY.get(rule, "The answer"), shortened(gold)
    said = {**_EQUAL, **_DIFFERENT}.get(reason)
    if said is None:
        return f"{subject} is {shortened(answer)} but the gold is {shown}."
    return f"{subject} {shortened(answer)} {said.format(gold=shown)}."


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
