"""Answers in words: a label before a value, numbers and sets that are written out, and texts."""

from __future__ import annotations

from grpo_core.oracle.nodes import Node, Num, Op, Sym
from grpo_core.oracle.quantities import quantity, read_unit
from grpo_core.oracle.real_sets import named_set
from grpo_core.oracle.tokens import Token
from grpo_core.oracle.words import number_in_words

_SAYING = frozenset({"is", "are", "equals", "be"})
_DENYING = frozenset({"not", "or", "cannot", "never", "no", "neither", "nor", "without", "t", "can't", "isn't"})
_MINUS = frozenset({"negative", "minus"})
_SOLUTIONS = frozenset({"solution", "solutions"})
_SAME_WORDS = {"dne": "does not exist", "undef": "undefined", "infinite": "infinitely many"}
_OF_LABELS = frozenset({"word", "name"})


def without_label(tokens: list[Token]) -> list[Token]:
    """`\\text{Area of } ABC = 12` says 12, and `\\text{It is } 12` too; of several labels each keeps its own."""
    if tokens[:1] == [] or tokens[0].kind != "word":
        return tokens
    words = next((i for i, token in enumerate(tokens) if token.kind != "word"), len(tokens))
    said = {token.text.lower() for token in tokens[:words]}
    if words < len(tokens) and tokens[words - 1].text in _SAYING and not said & _DENYING:
        return tokens[words:]
    end = next((i for i, token in enumerate(tokens) if token.kind not in _OF_LABELS or token.text == ":"), 0)
    rest = tokens[end + 1 :]
    if not end or tokens[end].text not in {"=", ":"} or any(t.kind == "word" or t.text == "," for t in rest):
        return tokens
    return rest


def from_words(words: list[str]) -> Node:
    """A number written out, a set that has a name, or the words themselves."""
    negative = words[:1] != [] and words[0] in _MINUS
    number = number_in_words(words[1:] if negative else words)
    if number is not None:
        return Num(-number if negative else number)
    if len(words) > 1 and (unit := read_unit((words[-1],))) and (number := number_in_words(words[:-1])) is not None:
        return quantity(Num(number), unit)
    text = " ".join(word for word in words if word not in _SOLUTIONS or len(words) == 1)
    return named_set(words) or Op("text", (Sym(_SAME_WORDS.get(text, text)),))
