"""Which words beside an answer are units or remarks, so that `15 cm^2`, `$125$ miles` and `28 percent` are numbers.

A known unit becomes one `unit` token, which the grammar keeps; an unknown one (apples) is dropped.
"""

from __future__ import annotations

from grpo_core.oracle.quantities import is_unit, read_unit
from grpo_core.oracle.tokens import Token
from grpo_core.oracle.words import PARTS, SCALES

_VALUE_ENDS = frozenset({")", "]", "}", "\\}", "%", "!", "\\pi", "\\infty", "|", "\\circ"})
_PERCENT = frozenset({"percent", "percentage", "pct"})
_OPERATIONS = {
    "squared": ("^", "2"), "cubed": ("^", "3"), "factorial": ("!",), "plus": ("+",), "minus": ("-",), "times": ("*",),
    "hundred": ("*", "100"),
}  # fmt: skip
_OPERATIONS |= {word: ("/", str(part)) for word, part in PARTS.items() if not word.startswith("quarter")}
"""Words after a value that make another value of it. A quarter is a coin as well."""
_COMPARING = frozenset({"than", "through", "per", "less", "fewer", "over", "under", "mod", "modulo", "choose"})
"""Words that no unit begins with."""
_DEGREES = frozenset({"degree", "degrees", "deg"})
_TEMPERATURES = {"C": "Celsius", "F": "Fahrenheit"}
_REMARK_WORDS = "about approximately approx roughly around exactly only a an the is are if for when where"
_REMARKS = frozenset(_REMARK_WORDS.split())
_IN_UNITS = frozenset({"/", "^", ".", "-", "'", "(", ")", "{", "}"})


def without_units(tokens: list[Token]) -> list[Token]:
    """The tokens with known units as one token after their value, without other units, and without remarks before a
    value. Words elsewhere stay."""
    if not any(token.kind in {"word", "func"} or token.text in _TEMPERATURES for token in tokens):
        return tokens
    tokens = _unit_words(tokens)
    kept: list[Token] = []
    position = 0
    while position < len(tokens):
        position = _keep(tokens, position, kept)
    return kept


def _keep(tokens: list[Token], position: int, kept: list[Token]) -> int:
    """Put what stands at `position` into `kept`, and return where to go on."""
    token = tokens[position]
    after_value = bool(kept) and _ends_value(kept[-1])
    if token.kind != "word":
        kept.append(token)
    elif after_value and token.text in _PERCENT:
        kept.append(Token("op", "%"))
    elif after_value and token.text in _DEGREES:
        kept += [Token("op", "^"), Token("op", "\\circ")]
    elif after_value and token.text.lower() in SCALES:
        kept += [Token("op", "*"), Token("num", str(SCALES[token.text.lower()]))]
    elif after_value and token.text.lower() in _OPERATIONS and kept[-1].kind in {"num", "op"}:
        kept += [Token("num" if text.isdigit() else "op", text) for text in _OPERATIONS[token.text.lower()]]
    elif after_value and (end := _unit_end(tokens, position)) > position:
        unit = tuple(t.text for t in tokens[position:end])
        kept += [Token("unit", " ".join(unit))] if read_unit(unit) else []
        return end
    elif not (token.text.lower() in _REMARKS and (not kept or kept[-1].text in {",", "&", "\\\\"})):
        kept.append(token)
    return position + 1


def _unit_words(tokens: list[Token]) -> list[Token]:
    """`min` after a value, `h` before another quantity, and `C` after a degree sign are words."""
    made = list(tokens)
    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else None
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        if before is None:
            continue
        minutes = token.text == "min" and token.kind == "func" and before.kind == "num"
        hours = token.kind == "name" and token.text in {"h", "m"} and before.kind == "num" and following is not None
        quantities = hours and following is not None and following.kind == "num" and following.spaced
        if (minutes and (following is None or following.kind != "op" or _closes(following))) or quantities:
            made[i] = Token("word", token.text, True)
        elif token.kind == "name" and token.text in _TEMPERATURES and before.text in {"\\circ", "}"} and i > 2:
            degree = "\\circ" in {before.text, tokens[i - 2].text}
            made[i] = Token("word", _TEMPERATURES[token.text], True) if degree else token
    return made


def _unit_end(tokens: list[Token], start: int) -> int:
    """Where the words from `start` end, if they run (with `/`, `^2`) to the text's end, a separator or a bracket, or to
    the next quantity (`1 hour 30 minutes`)."""
    position, depth = start, 0
    if tokens[start].text in _COMPARING:
        return 0
    while position < len(tokens) and not _closes(tokens[position]):
        token = tokens[position]
        power = token.kind == "num" and _is_raised(tokens[max(0, position - 2) : position])
        if token.kind == "num" and not power and is_unit(tokens[position - 1].text):
            return position
        if not (power or token.kind in {"word", "name"} or token.text in _IN_UNITS):
            return 0
        depth += (token.text in {"(", "{"}) - (token.text in {")", "}"})
        if depth < 0:
            return position
        position += 1
    return position


def _is_raised(before: list[Token]) -> bool:
    """Do these two tokens begin the exponent of a unit: `^`, `^{`, `^-`, `{-`?"""
    texts = [token.text for token in before]
    return texts[-1:] in (["^"], ["{"]) or texts in (["^", "-"], ["{", "-"])


def _closes(token: Token) -> bool:
    return token.kind == "op" and token.text in {",", ";", "\\}", "]", "=", "\\approx", "&", "\\\\"}


def _ends_value(token: Token) -> bool:
    return token.kind in {"num", "name", "end", "unit"} or (token.kind == "op" and token.text in _VALUE_ENDS)
