"""Where is the answer in a completion: which rule found it, its text, and its span. Linear in the text.

An explicit statement (a box, `#### 42`, an `<answer>` tag, "the final answer is") beats everything, and the last of
them wins. Then come "the answer is", a text that is nothing but mathematics, bold, the last formula, the last number.
What a rule finds is taken whole: whether it can be read is the grammar's question, and a number inside it is never
picked out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from grpo_core.oracle.boxes import last_boxes
from grpo_core.oracle.formulas import last_formula, last_number, lone_mathematics, short_text, statement, trimmed
from grpo_core.oracle.limits import MAX_ANSWER, MAX_COMPLETION
from grpo_core.types import Span

_HASHES = re.compile(r"#{4}[ \t]{0,9}(?=\S)")
_FINAL = re.compile(
    r"(?i)\bfinal[ \t]{1,4}(?:answer|result|solution)\b[*_\]]{0,3}(?:[ \t]{0,4}(?:is\b|are\b|[:：=]))+[ \t*_]{0,4}"
    r"|\[final (?:solution|answer)\][ \t*_]{0,4}"
)
_STATED = re.compile(
    r"(?i)(?:\banswers?\b[*_]{0,2}(?:[ \t]{0,2}\([^()\n]{1,40}\))?[ \t]{0,4}"
    r"(?:(?:is|are|would be|must be|equals)\b|[:：=])"
    r"|(?<![^\n])[ \t]{0,4}A:|\b(?:réponse|respuesta|resposta|risposta|antwort)(?: finale?)?\b[ \t]{0,4}"
    r"(?:est\b|es\b|é(?!\w)|è(?!\w)|ist\b|lautet\b|[:：])|(?:答案|答え|答)(?:是|为|為|は|：|:)"
    r"|(?:답은|답)[ \t]{0,2}[:：]?"
    r"|\bответ\b[ \t]{0,2}[:：—-]|(?:الإجابة|الجواب)(?: النهائي(?:ة)?)? ?(?:هي|هو|[:：])|उत्तर ?(?:है|[:：])"
    r"|\b(?:đáp án|đáp số|câu trả lời)\b ?(?:là\b|[:：])|คำตอบ(?:คือ|[:：])|\bjibu ni\b|\bcevap\b ?[:：])[ \t:*_]{0,4}"
)
_CUES = ("respuesta", "resposta", "risposta", "antwort", "jibu", "cevap")
_BOLD = re.compile(r"\*\*[ \t]{0,4}([^*\n]{1,400})\*\*")
_BOLD_VALUE = re.compile(r"(?:(?i:answer)[:\s]{0,3})?[-+]?[\d.(\\$£€]|[^\n]{0,40}=")


@dataclass(frozen=True, slots=True)
class Found:
    """An answer's place. `text` is the completion's `span`; `parts` are its members where several boxes make it one;
    `closed` is False for a box that the text broke off in."""

    text: str
    span: Span
    rule: str
    parts: tuple[str, ...] = ()
    closed: bool = True


def find_answer(completion: str) -> Found | None:
    """The answer of a completion, or None. Only the last 200,000 code points are searched."""
    offset = max(0, len(completion) - MAX_COMPLETION)
    found = _search(completion[offset:])
    if found is None or not offset:
        return found
    span = (found.span[0] + offset, found.span[1] + offset)
    return Found(found.text, span, found.rule, found.parts, found.closed)


def _search(text: str) -> Found | None:
    explicit = [found for find in (_boxed, _hashes, _tagged, _final) if (found := find(text)) is not None]
    if explicit:
        return max(explicit, key=lambda found: found.span)
    rules: tuple[tuple[str, Callable[[str], Span | None]], ...] = (
        ("answer_is", _stated),
        ("whole", lone_mathematics),
        ("bold", _bold),
        ("formula", last_formula),
        ("last_number", last_number),
    )
    for rule, find in rules:
        span = find(text)
        if span is not None:
            return Found(text[span[0] : span[1]], span, rule)
    return None


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
    span = _after_last(_HASHES, text) if "####" in text else None
    return Found(text[span[0] : span[1]], span, "hashes") if span else None


def _final(text: str) -> Found | None:
    span = _after_last(_FINAL, text) if "final" in text.lower() else None
    return Found(text[span[0] : span[1]], span, "final_answer") if span else None


def _stated(text: str) -> Span | None:
    """After the last phrase of `_STATED`. In plain English that is looked for where its last cue word stands first."""
    if not text.isascii():
        return _after_last(_STATED, text)
    lower = text.lower()
    cue = max(lower.rfind("answer"), lower.rfind("a:"))
    if cue < 0 and not any(word in lower for word in _CUES):
        return None
    near = _STATED.match(text, cue) if cue >= 0 else None
    span = statement(text, near.end()) if near and not _STATED.search(text, near.end()) else None
    return span if span is not None else _after_last(_STATED, text)


def _after_last(phrase: re.Pattern[str], text: str) -> Span | None:
    """The mathematics that the last occurrence of a phrase introduces."""
    for match in reversed(list(phrase.finditer(text))[-3:]):
        span = statement(text, match.end())
        if span is not None:
            return span
    return None


def find_words(completion: str) -> Found | None:
    """The words of an answer that is no mathematics: as stated, or all there is."""
    offset = max(0, len(completion) - MAX_COMPLETION)
    text = completion[offset:]
    for match in reversed([*_FINAL.finditer(text), *_STATED.finditer(text)][-3:]):
        span = short_text(text, match.end(), min(len(text), match.end() + MAX_ANSWER))
        if span is not None:
            return _shifted(text, span, offset, "answer_is")
    span = short_text(text, 0, len(text)) if len(text) < MAX_ANSWER else None
    return _shifted(text, span, offset, "whole") if span and text[span[1] :].strip(" .*\n") == "" else None


def _shifted(text: str, span: Span, offset: int, rule: str) -> Found:
    return Found(text[slice(*span)], (span[0] + offset, span[1] + offset), rule)


def _bold(text: str) -> Span | None:
    for match in reversed(list(_BOLD.finditer(text))[-3:]):
        if _BOLD_VALUE.match(match[1]):
            return statement(text, match.start(1), match.end(1))
    return None
