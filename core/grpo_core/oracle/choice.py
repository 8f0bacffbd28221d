"""Multiple choice: reading which letter A to J a completion picks, where the gold is such a letter."""

from __future__ import annotations

import re

from grpo_core.oracle.extract import Found
from grpo_core.oracle.limits import MAX_COMPLETION
from grpo_core.types import Span

_OPENING = r"(?:\\boxed\{|\\(?:text|textbf|mathbf|mathrm|mbox)\s?\{|[(\"'“‘\[*$`]){0,4}"
_LETTER = re.compile(r"(?:\\(?:text|mathrm|textbf|mathbf|mbox)\s?\{)?[\s(*\"'\[$`]*([A-Ja-j])[\s)*.\"'\]$}`!]*")
_NAMED = re.compile(
    r"(?i)(?:\\(?:text|mathrm|textbf|mbox)\s?\{)?(?:the )?(?:correct |final )?(?:option|choice|answer)(?: is)?:?\s?"
)
_LABELLED = re.compile(
    r"[\s(*$]*(?:\\(?:text|mathrm|textbf|mathbf|mbox)\s?\{)?\(?([A-J])(?:\)|[.:]|\s+(?=[A-Z\\$\d]))"
    r"(?!\s*(?:and|or|&|,)\s*\(?[A-J]\b)"
)
_ENDS = r"(?![A-Za-z\d+/^=_]|\*[A-Za-z\d(]|['’][A-Za-z]|\s[+*/^<>]\s|-[A-Za-z])"
"""No letter of a word, of an apostrophe's (`I'm`), or of a formula."""
_ARTICLE = r"(?:(?<![AI])|(?=\s+(?:because|since|as|which|is|and|or|not)\b)|(?!\s+[a-z]))"
"""`A` and `I` before a word are words themselves, unless it gives a reason."""
_STATED = re.compile(
    r"(?i:\b(?:answer|choice|option|réponse|letter)\b|\b(?:it'?s|is|est|be|ist|es)\b|答案)"
    r"(?i:\s+(?:is|est|ist|es))?[\s:：是为(*$\"'`“‘]{1,6}(?i:(?:option|choice|letter)\s{1,3})?"
    rf"{_OPENING}([A-J]){_ENDS}{_ARTICLE}"
)
_STATED_SMALL = re.compile(
    rf"(?i:\banswer)(?i:\s(?:is|:)\s|:\s){_OPENING}(?:([b-j])|(?<=\()(a))[)\]\"'*$]{{0,3}}(?=[.,]?\s*(?:\n|\Z))"
)
_CHOSEN = re.compile(
    r"(?i:\b(?:choose|chose|pick|select|go(?:ing)? with|hence|therefore|thus|so|leaves|leaving)\b|选择|选|故选)"
    rf"[\s,:(*$：（]{{0,4}}(?i:(?:the )?(?:option|choice|answer)\s{{1,3}})?{_OPENING}([A-J]){_ENDS}(?!\s+[a-z])"
    r"|(?i:\b(?:choose|chose|pick|select|go(?:ing)? with)\s)\(?([A-J])\)?\s(?:over|because|since|rather)"
    r"|(?<![A-Za-z'’])\(?([A-J])[).]?\s(?:is|must be|would be)\s(?:the\s)?(?:correct|right|best|true|answer)\b"
)
_NOT_CHOSEN = re.compile(
    r"\)?[.)]?\s{0,2}(?:(?:is|are|was|were|does|do|did|can|could|would|should)\s?n['’o]t\b|cannot\b|can['’]t\b|fails\b"
    r"|(?:is|are|was)\s(?:wrong|incorrect|false|impossible|too|out)\b|(?:would|could) be\s(?:\w{1,12}\s){0,3}if\b)"
)
_JOINING = r"(?:\s{0,2},\s(?:and |or )?|\s{0,2}(?:and|or|nor|through|to|&|/)\s{0,2})"
_BESIDE = re.compile(rf"\)?{_JOINING}\(?([A-J])(?![A-Za-z'’])(?!\s(?:is|are)\b)")
_BEFORE = re.compile(rf"(?<![A-Za-z'’])\(?([A-J])\)?{_JOINING}\(?\Z")
_NEGATED = re.compile(r"(?i)(?:\bnot|n't|\bnon|不是|\bneither|\bnor|\bthan)[\s(*]{0,4}\Z")
_LEADING = re.compile(r"\s*\(?([A-J])(?![A-Za-z'’])(?=\s*(?:[).:,。、]|\n|\Z)|\s+[A-Z])")
_ALONE = re.compile(
    r"(?<![A-Za-z'’\\])\(([A-J])\)|\*\*\(?([A-J])\)?\*\*"
    r"|(?<![A-Za-z'’\\°\d^_])(?<!\d\s)(?<!\d\s°)([B-HJ])(?![A-Za-z'’\d+/^=_]|\*[A-Za-z\d(])"
)


def choice_letter(text: str) -> str | None:
    """The letter if the text is nothing but a choice: `C`, `(C)`, `\\text{(C)}`."""
    match = _LETTER.fullmatch(text.strip()) if len(text) < 40 else None
    return match[1].upper() if match else None


def labelled_choice(text: str) -> str | None:
    """The letter of a choice with its wording: `(C) Cecile`, `C. 12`, `option C`."""
    named = _NAMED.match(text)
    text = text[named.end() :] if named else text
    match = _LABELLED.match(text)
    return match[1] if match else choice_letter(text)


def find_choice(completion: str, found: Found | None) -> Found | None:
    """The chosen letter: of an explicit answer first, then as stated in prose, leading, or last alone."""
    if found is not None and found.rule in {"boxed", "hashes", "tagged"}:
        return found
    offset = max(0, len(completion) - MAX_COMPLETION)
    text = completion[offset:]
    patterns = (_STATED, _STATED_SMALL, _CHOSEN)
    stated = [m for pattern in patterns for m in pattern.finditer(text) if not _is_denied(text, m)]
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
    while (before := _BEFORE.search(text, max(0, start - 14), start)) is not None:
        start = before.start(1)
    return start, end


def _last_alone(text: str) -> re.Match[str] | None:
    last = None
    for match in _ALONE.finditer(text):
        if not _is_denied(text, match):
            last = match
    return last
