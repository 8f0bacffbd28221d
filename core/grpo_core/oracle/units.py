"""Which words beside an answer are units or remarks, so that `15 cm^2`, `$125$ miles` and `28 percent` are numbers."""

from __future__ import annotations

from grpo_core.oracle.tokens import Token

_VALUE_ENDS = frozenset({")", "]", "}", "\\}", "%", "!", "\\pi", "\\infty", "|"})
_PERCENT = frozenset({"percent", "percentage", "pct"})
_REMARK_WORDS = "about approximately approx roughly around exactly only a an the is are"
_REMARKS = frozenset(_REMARK_WORDS.split())


def without_units(tokens: list[Token]) -> list[Token]:
    """The tokens without unit words after a value, and without remarks before one. Words elsewhere stay."""
    kept: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.kind != "word":
            kept.append(token)
            position += 1
        elif token.text in _PERCENT and kept and _ends_value(kept[-1]):
            kept.append(Token("op", "%"))
            position += 1
        elif (end := _unit_end(tokens, position)) and kept and _ends_value(kept[-1]):
            position = end
        elif token.text.lower() in _REMARKS and (not kept or kept[-1].text == ","):
            position += 1
        else:
            kept.append(token)
            position += 1
    return kept


def _unit_end(tokens: list[Token], start: int) -> int:
    """Where the words from `start` end, if they run (with `/`, `^2`) to the text's end, a separator or a bracket."""
    position = start
    while position < len(tokens) and not _closes(tokens[position]):
        token = tokens[position]
        power = token.kind == "num" and tokens[position - 1].text == "^"
        if not (power or token.kind in {"word", "name"} or token.text in {"/", "^", ".", "-", "(", ")", "'"}):
            return 0
        position += 1
    return position


def _closes(token: Token) -> bool:
    return token.kind == "op" and token.text in {",", ";", "}", "\\}", "]", "=", "\\approx"}


def _ends_value(token: Token) -> bool:
    return token.kind in {"num", "name", "end"} or (token.kind == "op" and token.text in _VALUE_ENDS)
