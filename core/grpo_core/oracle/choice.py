"""Multiple choice: reading which letter A to J a completion picks, where the gold is such a letter."""

from __future__ import annotations

import re

from grpo_core.oracle.extract import Found
from grpo_core.oracle.limits import MAX_COMPLETION

_LETTER = re.compile(r"(?:\\(?:text|mathrm|textbf|mathbf|mbox)\s?\{)?[\s(*\"'\[$]*([A-Ja-j])[\s)*.\"'\]$}]*")
_LABELLED = re.compile(r"[\s(*$]*(?:\\text\{)?\(?([A-J])(?:\)|[.:]|\s+(?=[A-Z\\$\d]))")
_STATED = re.compile(
    r"(?i:\b(?:answer|choice|option|réponse)\b|\b(?:it'?s|is|est|be)\b|答案)(?i:\s+(?:is|est))?[\s:：是为(*$\"']{1,6}"
    r"(?:\\boxed\{|\\text\{)?\(?([A-J])(?![A-Za-z'’])(?!\s+[a-z])"
)
_NEGATED = re.compile(r"(?i)(?:\bnot|n't|\bnon|不是)[\s(*]{0,4}\Z")
_LEADING = re.compile(r"\s*\(?([A-J])(?![A-Za-z'’])(?=\s*(?:[).:,。、]|\n|\Z)|\s+[A-Z])")
_ALONE = re.compile(r"(?<![A-Za-z'’\\])\(([A-J])\)|\*\*\(?([A-J])\)?\*\*|(?<![A-Za-z'’\\])([B-HJ])(?![A-Za-z'’])")


def choice_letter(text: str) -> str | None:
    """The letter if the text is nothing but a choice: `C`, `(C)`, `\\text{(C)}`."""
    match = _LETTER.fullmatch(text.strip()) if len(text) < 40 else None
    return match[1].upper() if match else None


def labelled_choice(text: str) -> str | None:
    """The letter of a choice with its wording: `(C) Cecile`, `C. 12`."""
    match = _LABELLED.match(text)
    return match[1] if match else choice_letter(text)


def find_choice(completion: str, found: Found | None) -> Found | None:
    """The chosen letter: of an explicit answer first, then as stated in prose, leading, or last alone."""
    if found is not None and found.rule in {"boxed", "hashes"}:
        return found
    offset = max(0, len(completion) - MAX_COMPLETION)
    text = completion[offset:]
    stated = [m for m in _STATED.finditer(text) if not _NEGATED.search(text[max(0, m.start(1) - 12) : m.start(1)])]
    match = stated[-1] if stated else _LEADING.match(text) or _last_alone(text)
    if match is None:
        return found
    group = match.lastindex or 1
    span = (match.start(group) + offset, match.end(group) + offset)
    return Found(completion[span[0] : span[1]], span, "choice")


def _last_alone(text: str) -> re.Match[str] | None:
    last = None
    for match in _ALONE.finditer(text):
        if not _NEGATED.search(text[max(0, match.start() - 12) : match.start()]):
            last = match
    return last
