"""Text for the screen as `Content`: never markup, every string from outside cleaned, colours by tone.

A tone only repeats what a mark or a word beside it says already.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from grpo_core.text import clean, clean_line
from grpo_core.types import Json
from grpo_core.views import MARK_WORDS, OUTCOME_WORDS, SIGNAL_WORDS, STATUS_WORDS
from grpo_core.views.words import Word

TONES = {
    "good": "$text-success",
    "bad": "$text-error",
    "warn": "$text-warning",
    "accent": "$text-accent",
    "muted": "$foreground-muted",
}
UNJUDGED = Word("·", "not judged yet", "The judge has not looked at it.", "muted")
NO_SIGNAL_YET = Word("·", "unknown", "No reward is known.", "muted")
MAX_MARKS = 8
"""Completions of a group that a row shows one by one; more are counted."""


def toned(text: str, tone: str) -> Content:
    return Content.styled(text, TONES[tone])


def muted(text: str) -> Content:
    return toned(text, "muted")


def bold(text: str) -> Content:
    return Content.styled(text, "bold")


def marked(word: Word) -> Content:
    """The mark and the word, such as `✓ correct`."""
    return Content.styled(f"{word.mark} {word.label}", f"bold {TONES[word.tone]}")


def outside(text: str) -> Content:
    """Text that a model, a file or a person wrote; tabs are one space, so that spans keep their places."""
    return Content(clean(text).replace("\t", " "))


def outside_line(text: str) -> Content:
    return Content(clean_line(text))


def fit(content: Content | str, width: int) -> Content:
    """Exactly `width` cells: padded, or cut with an ellipsis."""
    known = Content(content) if isinstance(content, str) else content
    return known.truncate(width, ellipsis=True, pad=True)


def right(content: Content | str, width: int) -> Content:
    """`fit`, aligned to the right."""
    known = Content(content) if isinstance(content, str) else content
    return known.pad_left(max(0, width - known.cell_length)).truncate(width, ellipsis=True)


def outcome_word(verdict: Json | None) -> Word:
    return OUTCOME_WORDS[verdict["outcome"]] if verdict else UNJUDGED


def signal_word(group: Json) -> Word:
    return SIGNAL_WORDS[group["signal"]] if group["signal"] else NO_SIGNAL_YET


def status_word(run: Json) -> Word:
    return STATUS_WORDS[run["status"]]


def outcome_marks(outcomes: list[str | None]) -> Content:
    """A mark for each completion of a group, or how many are correct where there are many."""
    if len(outcomes) > MAX_MARKS:
        return Content(f"{outcomes.count('correct')}/{len(outcomes)} ✓")
    words = [OUTCOME_WORDS[outcome] if outcome else UNJUDGED for outcome in outcomes]  # type: ignore[index]
    return Content("").join([toned(word.mark, word.tone) for word in words])


def flag(marks: Sequence[Json]) -> Content:
    """A sign for what a person has marked, the gravest of several; empty without a mark."""
    kinds = {mark["kind"] for mark in marks}
    word = next((word for kind, word in MARK_WORDS.items() if kind in kinds), None)
    return Content("") if word is None else toned(word.mark, word.tone)
