"""What the oracle's rules and checks are called on a screen, with a sentence for a person."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from grpo_core.types import Json


@dataclass(frozen=True, slots=True)
class Term:
    """A code's label and what it means."""

    label: str
    meaning: str

    def to_json(self) -> Json:
        return asdict(self)


RULE_WORDS = {
    "boxed": Term("the last box", "The last \\boxed{…}; boxes joined by “and”, “or” or a comma are one answer."),
    "hashes": Term("after ####", "What follows the last ####."),
    "tagged": Term("the answer tag", "What stands in <answer>…</answer>."),
    "final_answer": Term("“final answer is”", "What follows the words “final answer” or “final solution”."),
    "answer_is": Term("“the answer is”", "What follows words that announce an answer."),
    "whole": Term("a line of mathematics", "The text, or its last line, is nothing but mathematics."),
    "bold": Term("the last bold value", "The last value in bold."),
    "formula": Term("the last formula", "A guess: nothing announced an answer, so the last formula was taken."),
    "last_number": Term("the last number", "A guess: nothing announced an answer, so the last number was taken."),
    "choice": Term("the chosen letter", "The gold is a letter: the letter that the text chooses."),
}
"""By the rule's code, as `oracle.reasons.RULES` lists them."""

CHECK_WORDS = {
    "string": Term("same text", "Are both texts the same once normalised?"),
    "choice": Term("same letter", "Is the chosen letter the gold letter?"),
    "structure": Term("same structure", "Are both trees the same up to the order of terms and members?"),
    "rational": Term("exact value", "Have both the same exact rational value?"),
    "normal_form": Term("expanded", "Do both expand to the same sum of monomials?"),
    "relation": Term("same relation", "Is one relation a multiple of the other?"),
    "evaluation": Term("evaluated", "Have both the same value, to 45 digits, at random points?"),
    "proof": Term("proved", "Does SymPy simplify the difference to zero?"),
}
"""By the check's code, from cheap to dear."""

_SPECIAL = frozenset({"choice", "relation"})


def is_special(check: str) -> bool:
    """Is this check for one kind of answer only?"""
    return check in _SPECIAL
