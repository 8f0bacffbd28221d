"""Finding `\\boxed{…}` and `\\fbox{…}`: the last one, and those that stand beside it as one answer in parts.

Braces are matched by one scan from each box, so a text of ten thousand boxes costs its length, not its square.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grpo_core.oracle.limits import MAX_JOINED_BOXES
from grpo_core.types import Span

_BOX = re.compile(r"\\(?:boxed|fbox)(?![A-Za-z])\s{0,3}")
_BRACES = re.compile(r"\\?[{}]")
_CONNECTOR = re.compile(
    r"[\s$,;.]*(?:\\[()\[\],;]|\\q?quad|\\text\s?\{[^{}]{0,40}\}|and|or|[\s$,;]|\([a-z]\)|[A-Za-z]\w{0,3}\s{0,2}=|[a-z]{1,12}\s){0,14}"
)
_LETTERS = re.compile(r"[a-z]+")
_BARE = re.compile(r"[^\s$]{0,40}")
_JOINS = re.compile(r"\b(?:and|or)\b|[,;]|\A[\s$]*\Z")
_MAX_GAP = 60
_MAX_WORDS = 6


@dataclass(frozen=True, slots=True)
class Box:
    """`outer` spans the command, `inner` what it holds (None if its brace never closes)."""

    outer: Span
    inner: Span | None


def last_boxes(text: str) -> list[Box]:
    """The last box, preceded by those joined to it by `and`, `or` or a comma; empty if there is none."""
    last = _box_before(text, len(text))
    if last is None:
        return []
    boxes = [last]
    while last.inner is not None and len(boxes) < MAX_JOINED_BOXES:
        earlier = _box_before(text, boxes[0].outer[0])
        if earlier is None or earlier.inner is None or earlier.outer[1] > boxes[0].outer[0]:
            break  # none, not closed, or around this one
        if not _joined(text[earlier.outer[1] : boxes[0].outer[0]]):
            break
        boxes.insert(0, earlier)
    return boxes


def _box_before(text: str, end: int) -> Box | None:
    start = max(text.rfind("\\boxed", 0, end), text.rfind("\\fbox", 0, end))
    while start >= 0:
        match = _BOX.match(text, start)
        if match is not None:
            return _read_box(text, start, match.end())
        start = max(text.rfind("\\boxed", 0, start), text.rfind("\\fbox", 0, start))
    return None


def _read_box(text: str, start: int, opening: int) -> Box:
    if not text.startswith("{", opening):
        token = _BARE.match(text, opening)
        end = token.end() if token else opening
        return Box((start, end), (opening, end))
    for escapes in (True, False):
        close = _closing_brace(text, opening, escapes)
        if close is not None:
            return Box((start, close + 1), (opening + 1, close))
    return Box((start, len(text)), None)


def _closing_brace(text: str, opening: int, escapes: bool) -> int | None:
    """The brace that closes the one at `opening`; `\\}` does not count, unless nothing closes otherwise."""
    depth = 0
    for match in _BRACES.finditer(text, opening):
        if escapes and match[0][0] == "\\":
            continue
        depth += 1 if match[0][-1] == "{" else -1
        if depth == 0:
            return match.end() - 1
    return None


def _joined(gap: str) -> bool:
    """Is this text between two boxes only a connection, so that both together are the answer?"""
    if len(gap) > _MAX_GAP or len(_LETTERS.findall(gap)) > _MAX_WORDS:
        return False
    return _JOINS.search(gap) is not None and _CONNECTOR.fullmatch(gap) is not None
