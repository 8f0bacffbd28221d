"""Where is the answer in a completion: which rule found it, its text, and its span. Linear in the text.

An explicit statement (a box, `#### 42`, an `<answer>` tag, "the final answer is") beats everything, and the last of
them wins. Then come "the answer is", a text that is nothing but mathematics, bold, the last formula, the last number.
What a rule finds is taken whole: whether it can be read is the grammar's question, and a number inside it is never
picked out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from grpo_core.oracle.boxes import last_boxes
from grpo_core.oracle.formulas import last_formula, last_number, lone_mathematics, short_text, statement, trimmed
from grpo_core.oracle.limits import MAX_ANSWER, MAX_COMPLETION
from grpo_core.oracle.phrases import FINAL, HASHES, STATED, all_ends, last_final, last_hashes, last_stated
from grpo_core.types import Span

_BOLD = re.compile(r"\*\*[ \t]{0,4}([^*\n]{1,400})\*\*")
_BOLD_VALUE = re.compile(r"(?:(?i:answer)[:\s]{0,3})?[-+]?[\d.(\\$£€]|[^\n]{0,40}=")


class Found(NamedTuple):
    """An answer's place. `text` is the completion's `span`; `parts` are its members where several boxes make it one;
    `closed` is False for a box that the text broke off in."""

    text: str
    span: Span
    rule: str
    parts: tuple[str, ...] = ()
    closed: bool = True


def find_answer(completion: str) -> Found | None:
    """The answer of a completion, or None. Only the last 200,000 code points are searched."""
    offset = len(completion) - MAX_COMPLETION
    if offset <= 0:
        return _search(completion)
    found = _search(completion[offset:])
    if found is None:
        return None
    return found._replace(span=(found.span[0] + offset, found.span[1] + offset))


def _search(text: str) -> Found | None:
    lower = text.lower()
    found = _explicit(text, lower)
    if found is not None:
        return found
    found = _stated(text, last_stated(text, lower), STATED, "answer_is")
    if found is not None:
        return found
    for rule, find in _RULES:
        span = find(text)
        if span is not None:
            return Found(text[span[0] : span[1]], span, rule)
    return None


def _explicit(text: str, lower: str) -> Found | None:
    """The last explicit statement. Each kind is looked for only where its mark stands in the text."""
    marked = (
        _boxed(text) if "\\" in text else None,
        _hashes(text) if "#" in text else None,
        _tagged(text) if "</answer>" in text else None,
        _final(text, lower) if "final" in lower else None,
    )
    if marked == _NOTHING:
        return None
    return max((found for found in marked if found is not None), key=lambda found: found.span)


_NOTHING = (None, None, None, None)


def _boxed(text: str) -> Found | None:
    boxes = last_boxes(text)
    if not boxes:
        return None
    if boxes[-1].inner is None:
        start, end = boxes[-1].outer[0], min(boxes[-1].outer[1], boxes[-1].outer[0] + MAX_ANSWER)
        return Found(text[start:end], (start, end), "boxed", closed=False)
    parts = tuple(text[box.inner[0] : box.inner[1]] for box in boxes if box.inner)
    span = boxes[-1].inner if len(boxes) == 1 else (boxes[0].outer[0], boxes[-1].outer[1])
    return Found(text[span[0] : span[1]], span, "boxed", parts if len(boxes) > 1 else ())


def _tagged(text: str) -> Found | None:
    """`<answer>…</answer>`, taken whole."""
    end = text.rfind("</answer>")
    start = text.rfind("<answer>", 0, end) if end >= 0 else -1
    span = trimmed(text, start + len("<answer>"), end) if start >= 0 else None
    return Found(text[span[0] : span[1]], span, "tagged") if span else None


def _hashes(text: str) -> Found | None:
    last = last_hashes(text)
    span = _introduced(text, last, HASHES)
    if span is None and last:
        end = (all_ends(HASHES, text) or [len(text)])[0]
        span = short_text(text, end, min(len(text), end + MAX_ANSWER))
    return Found(text[span[0] : span[1]], span, "hashes") if span else None


def _final(text: str, lower: str) -> Found | None:
    return _stated(text, last_final(text, lower), FINAL, "final_answer")


def _stated(text: str, last: int, phrase: re.Pattern[str], rule: str) -> Found | None:
    """What the last phrase that introduces anything does. One that only says what the answer is not, or at which the
    text breaks off, is an answer that was not given, so that no other number of the text is it."""
    span = _introduced(text, last, phrase)
    if span is not None:
        return Found(text[span[0] : span[1]], span, rule)
    end = next(iter(all_ends(phrase, text)), 0) if last else 0
    return Found("", (end, end), rule) if end and _WITHHELD.match(text, end) else None


_WITHHELD = re.compile(
    r"(?i)\s*+\Z|\s{0,3}(?:not|unknown|undetermined|unclear|impossible|n/a|neither|cannot be|can['’]t be)\b"
    r"[^.!?\n]{0,200}+[^\d$]*+\Z"
)
"""What withholds an answer: the end of the text, or words of denial with no number after their sentence."""
_DENIED = re.compile(r"(?i)\s{0,3}(?:definitely |certainly |simply )?not\b(?![^.!?\n]{0,80}\b(?:but|it is|it's)\b)")


def _introduced(text: str, last: int, phrase: re.Pattern[str]) -> Span | None:
    """The mathematics that the last phrase which introduces any does. `last`: where the last of them ends."""
    span = _said(text, last) if last > 0 else None
    if span is not None or not last:
        return span
    spans = (_said(text, end) for end in all_ends(phrase, text))
    return next((span for span in spans if span is not None), None)


def _said(text: str, start: int) -> Span | None:
    """The mathematics after a phrase, unless it is denied: "the answer is not 41", but not "not 41 but 42"."""
    return None if text.startswith(_NOT, start) and _DENIED.match(text, start) else statement(text, start)


_NOT = ("not ", "Not ", "NOT ", "definitely ", "certainly ", "simply ")


def find_words(completion: str) -> Found | None:
    """The words of an answer that is no mathematics: as stated, or all there is."""
    offset = max(0, len(completion) - MAX_COMPLETION)
    text = completion[offset:]
    for match in reversed([*FINAL.finditer(text), *STATED.finditer(text)][-3:]):
        span = short_text(text, match.end(), min(len(text), match.end() + MAX_ANSWER))
        if span is not None:
            return _shifted(text, span, offset, "answer_is")
    span = short_text(text, 0, len(text)) if len(text) < MAX_ANSWER else None
    return _shifted(text, span, offset, "whole") if span and text[span[1] :].strip(" .*\n") == "" else None


def _shifted(text: str, span: Span, offset: int, rule: str) -> Found:
    return Found(text[slice(*span)], (span[0] + offset, span[1] + offset), rule)


def _bold(text: str) -> Span | None:
    if "**" not in text:
        return None
    for match in reversed(list(_BOLD.finditer(text))[-3:]):
        if _BOLD_VALUE.match(match[1]):
            return statement(text, match.start(1), match.end(1))
    return None


_RULES: tuple[tuple[str, Callable[[str], Span | None]], ...] = (
    ("whole", lone_mathematics),
    ("bold", _bold),
    ("formula", last_formula),
    ("last_number", last_number),
)
"""What is looked for where nothing is stated."""
