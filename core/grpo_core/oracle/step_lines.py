"""Splitting a text into step equations with their spans: GSM8K's `<<48/2=24>>`, lines that are equations, and
arithmetic inside prose. One pass over the lines, bounded in number and length."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grpo_core.oracle.formulas import is_prose, trimmed
from grpo_core.oracle.limits import MAX_STEP_LINES, MAX_STEP_SEARCH, MAX_STEP_TEXT
from grpo_core.types import Span

_ANNOTATION = re.compile(r"<<([^<>=]{1,200})=([^<>]{1,60})>>")
_MARKER = re.compile(r"\s*(?:[-*•]\s+|\(?\d{1,2}[.)]\s+|(?i:step)\s+\d{1,2}\s*[:.]\s*|=>\s*)?")
_ANSWER_LINE = re.compile(r"\\boxed|\\fbox|####|(?i:\banswer\b)|\A\s*A:")
_TIMES = re.compile(r"(?<=\d)\s*[x×]\s*(?=[\d$(])")
_ARITHMETIC = re.compile(r"[-\d$(.][-\d\s+*/×÷x().,$%]{0,150}=[\s$]{0,3}-?[\s$]{0,2}\d[\d,]*(?:\.\d+)?%?")
_FORMULA = re.compile(r"\$([^$\n]{3,300})\$|\\\((.{3,300}?)\\\)")
_OPERATION = re.compile(r"[=+*/^]|\S\s*-|\\frac")
_MEANINGFUL = re.compile(r"[\dA-Za-z]")
_EQUATION = re.compile(r"[\w)}\]]\s*=\s*[-\w({\\|]")
_MAX_LINE = 2_000


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step equation as it stands in the text (`text` is the span's), and as it is parsed."""

    text: str
    span: Span
    equation: str


def step_lines(completion: str) -> list[StepLine]:
    """The step equations of a completion in order, at most 200."""
    found: list[StepLine] = []
    start = 0
    for line in completion[:MAX_STEP_SEARCH].split("\n"):
        found += _steps_of(line, start) if len(line) <= _MAX_LINE else []
        start += len(line) + 1
        if len(found) >= MAX_STEP_LINES:
            break
    return found[:MAX_STEP_LINES]


def reference_equation(step: str) -> str:
    """A reference line as it is parsed."""
    return as_equation(step.strip())


def as_equation(text: str) -> str:
    return _TIMES.sub("*", text) if "x" in text or "×" in text else text


def _steps_of(line: str, offset: int) -> list[StepLine]:
    if "<<" in line:
        spans = [(match.start() + 2, match.end() - 2) for match in _ANNOTATION.finditer(line)]
        if spans:
            spans += [m.span() for m in _ARITHMETIC.finditer(line) if not any(_overlap(m.span(), s) for s in spans)]
            return [_step(line, span, offset) for s in sorted(spans) if (span := _balanced(line, *s))]
    if _ANSWER_LINE.search(line):
        return []
    whole = _whole_line(line)
    if whole is not None:
        return [_step(line, whole, offset)]
    if "=" not in line:
        return []
    candidates = [trimmed(line, *m.span(m.lastindex or 0)) for m in _FORMULA.finditer(line)]
    formulas = [span for span in candidates if span is not None and _is_equation(line[slice(*span)])]
    if formulas:
        return [_step(line, span, offset) for span in formulas]
    return [_step(line, span, offset) for m in _ARITHMETIC.finditer(line) if (span := _balanced(line, *m.span()))]


def _is_equation(formula: str) -> bool:
    return _EQUATION.search(formula) is not None and not any(is_prose(word) for word in formula.split())


def _balanced(line: str, start: int, end: int) -> Span | None:
    """The trimmed span, without the bracket that opens a remark (`(4+2=6 pets)`)."""
    while line[start : start + 1] == "(" and line.count("(", start, end) > line.count(")", start, end):
        start += 1
    return trimmed(line, start, end)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _step(line: str, span: Span, offset: int) -> StepLine:
    text = line[span[0] : span[1]]
    return StepLine(text, (span[0] + offset, span[1] + offset), as_equation(text))


def _whole_line(line: str) -> Span | None:
    """The line without its list marker, if it is mathematics with an operation in it."""
    marker = _MARKER.match(line)
    span = trimmed(line, marker.end() if marker else 0, len(line))
    if span is None or span[1] - span[0] > MAX_STEP_TEXT:
        return None
    while span[1] - span[0] > 2 and line[span[0]] == line[span[1] - 1] == "$":
        span = (span[0] + 1, span[1] - 1)
    text = line[span[0] : span[1]]
    if not _OPERATION.search(text) or not _MEANINGFUL.search(text):
        return None
    return None if any(is_prose(word) for word in text.split() if word != "x") else span
