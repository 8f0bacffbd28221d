"""Multiple choice: reading which letter A to J a completion picks, where the gold is such a letter."""

from __future__ import annotations

import re

from grpo_core.oracle.extract import Found
from grpo_core.oracle.limits import MAX_COMPLETION
from grpo_core.types import Span

_LETTER = re.compile(r"(?:\\(?:text|mathrm|textbf|mathbf|mbox)\s?\{)?[\s(*\"'\[$]*([A-Ja-j])[\s)*.\"'\]$}]*")
_LABELLED = re.compile(
    r"[\s(*$]*(?:\\(?:text|mathrm|textbf|mathbf|mbox)\s?\{)?\(?([A-J])(?:\)|[.:]|\s+(?=[A-Z\\$\d]))(?!\s*(?:and|or|&|,)\s*\(?[A-J]\b)"
)
_STATED = re.compile(
    r"(?i:\b(?:answer|choice|option|réponse)\b|\b(?:it'?s|is|est|be)\b|答案)(?i:\s+(?:is|est))?[\s:：是为(*$\"']{1,6}"
    r"(?:\\boxed\{|\\text\{)?\(?([A-J])(?![A-Za-z'’])(?!\s+[a-z])"
)
_CHOSEN = re.compile(
    r"(?i:\b(?:choose|chose|pick|select|go(?:ing)? with|hence|therefore|thus|so)\b|选择|选|故选)[\s,:(*$]{0,4}"
    r"(?i:(?:the )?(?:option|choice|answer)\s{1,3})?(?:\\boxed\{|\\text\{)?\(?([A-J])(?![A-Za-z'’])(?!\s+[a-z])"
    r"|(?i:\b(?:choose|chose|pick|select|go(?:ing)? with)\s)\(?([A-J])\)?\s(?:over|because|since|rather)"
    r"|(?<![A-Za-z'’])\(?([A-J])[).]?\s(?:is|must be|would be)\s(?:the\s)?(?:correct|right|best|true|answer)\b"
)
_NOT_CHOSEN = re.compile(
    r"\)?[.)]?\s{0,2}(?:is|are|was|isn['’]t|cannot|can['’]t)\s(?:not|n['’]t|wrong|incorrect|false|be)\b"
)
_BESIDE = re.compile(r"\)?\s{0,2}(?:and|or|&|,|/)\s{0,2}\(?([A-J])(?![A-Za-z'’])(?!\s(?:is|are)\b)")
_BEFORE = re.compile(r"(?<![A-Za-z'’])\(?([A-J])\)?\s{0,2}(?:and|or|&|/)\s{0,2}\(?\Z")
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
    stated = [m for pattern in (_STATED, _CHOSEN) for m in pattern.finditer(text) if not _is_denied(text, m)]
    leading = _LEADING.match(text)
    if leading is not None and _is_denied(text, leading):
        leading = None
    match = max(stated, key=lambda m: m.start()) if stated else leading or _last_alone(text)
    if match is None:
        return found
    span = _with_others(text, match)
    span = (span[0] + offset, span[1] + offset)
    return Found(completion[span[0] : span[1]], span, "choice")


def _is_denied(text: str, match: re.Match[str]) -> bool:
    """Is the letter that was found called wrong, before it or after it?"""
    start, end = match.span(match.lastindex or 1)
    return _NEGATED.search(text[max(0, start - 12) : start]) is not None or _NOT_CHOSEN.match(text, end) is not None


def _with_others(text: str, match: re.Match[str]) -> Span:
    """The letter's span, with the letters that stand beside it: `A or C` picks neither."""
    start, end = match.span(match.lastindex or 1)
    while (beside := _BESIDE.match(text, end)) is not None:
        end = beside.end()
    while (before := _BEFORE.search(text, max(0, start - 12), start)) is not None:
        start = before.start(1)
    return start, end


def _last_alone(text: str) -> re.Match[str] | None:
    last = None
    for match in _ALONE.finditer(text):
        if not _is_denied(text, match):
            last = match
    return last
