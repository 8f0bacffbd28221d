"""How a text is cut for search: words, numbers and single signs, so that mathematics is found as it is written.

`\\boxed{42}` is `\\`, `boxed`, `{`, `42`, `}`: a formula is found sign by sign, 42 is not found in 142, and spaces
do not matter. Letters are compared without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from grpo_core.types import Span

_ANYWHERE = 100_000_000
"""Tokens between two phrases: more than any text has."""
_SNIPPET = 160
_BEFORE_HIT = 40
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\s]")


def index_form(text: str) -> str:
    """The text as the index takes it: tokens set apart by spaces. A lone surrogate becomes `?`."""
    return " ".join(_TOKEN.findall(text)).encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class TextQuery:
    """What somebody typed: phrases in the index's form, all of which must be there. `typing`: the last word of the
    last phrase may be the beginning of one."""

    phrases: tuple[str, ...]
    typing: str | None


def read_query(query: str) -> TextQuery | None:
    """Parts in double quotes and parts without space are phrases; None if there is nothing to look for."""
    phrases = [phrase for part in _parts(query) if (phrase := index_form(part.replace("\0", " ")).strip())]
    if not phrases:
        return None
    last = phrases[-1].rsplit(" ", 1)[-1]
    typing = not query.endswith(('"', " ")) and len(last) > 1 and last.isalpha()
    return TextQuery(tuple(phrases), last if typing else None)


def match_of(query: TextQuery, endings: Iterable[str] = (), within: str | None = None) -> str:
    """The query as FTS5 takes it, whatever was typed: nothing but quoted texts. `endings` are the words that the last
    one may be the beginning of; `within` is a word of the index that has to be there, whatever stands between."""
    *whole, last = query.phrases
    before = last[: len(last) - len(query.typing)] if query.typing else last
    needed = [*([within] if within else []), *whole]
    return " OR ".join(_all_of([*needed, variant]) for variant in [before + word for word in endings] or [last])


def _all_of(phrases: list[str]) -> str:
    """As one NEAR, for which FTS5 goes through the texts that have all the words; with AND it would go through those
    of each phrase alone."""
    return f"NEAR({' '.join(map(_quoted, phrases))}, {_ANYWHERE})"


def words_of(text: str) -> set[str]:
    """The words (no numbers, no signs) of a text in the index's form, in small letters."""
    return {token.lower() for token in text.split(" ") if len(token) > 1 and token.isalpha()}


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', '""') + '"'


def snippet_of(text: str, query: str) -> tuple[Span | None, str, int, tuple[Span, ...]]:
    """The first place of the query in a text, what stands around it, where that begins, and the places within it."""
    spans = find_spans(text, query)
    start = max(0, spans[0][0] - _BEFORE_HIT) if spans else 0
    snippet = text[start : start + _SNIPPET]
    marks = [(low - start, min(high - start, len(snippet))) for low, high in spans if low < start + len(snippet)]
    return spans[0] if spans else None, snippet, start, tuple(marks)


def find_spans(text: str, query: str, most: int = 20) -> list[Span]:
    """Where the query's parts stand in the text, in code points of it, in order; overlapping ones are left out."""
    pattern = _pattern_of(query)
    return [match.span() for match in islice(pattern.finditer(text), most)] if pattern else []


@lru_cache(maxsize=16)
def _pattern_of(query: str) -> re.Pattern[str] | None:
    patterns = [pattern for part in _parts(query) if (pattern := _pattern(part))]
    return re.compile("|".join(patterns), re.IGNORECASE) if patterns else None


def _parts(query: str) -> Iterator[str]:
    for quoted, plain in re.findall(r'"([^"]*)"?|([^\s"]+)', query):
        yield quoted or plain


def _pattern(part: str) -> str:
    """The part's tokens with any space between them; a word or number does not begin within another."""
    tokens = _TOKEN.findall(part)
    if not tokens:
        return ""
    before = r"(?<!\d)" if tokens[0].isdigit() else r"(?<![^\W\d_])" if tokens[0].isalpha() else ""
    after = r"(?!\d)" if tokens[-1].isdigit() else ""
    return before + r"\s*".join(re.escape(token) for token in tokens) + after
