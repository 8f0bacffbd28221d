"""How a text is cut for search: words, numbers and single signs, so that mathematics is found as it is written.

`\\boxed{42}` is `\\`, `boxed`, `{`, `42`, `}`: a formula is found sign by sign, 42 is not found in 142, and spaces
do not matter. Letters are compared without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grpo_core.types import Span

_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\s]")


def index_form(text: str) -> str:
    """The text as the index takes it: tokens set apart by spaces. A lone surrogate becomes `?`."""
    return " ".join(_TOKEN.findall(text)).encode("utf-8", "replace").decode("utf-8")


def query_form(query: str, prefix: bool = True) -> str | None:
    """What somebody typed as an FTS5 query, or None if there is nothing to look for. Never anything but texts.

    Parts in double quotes and parts without space are phrases, all of which must be there. The last word, while it is
    being typed, stands for all that begin with it.
    """
    phrases = [phrase for part in _parts(query) if (phrase := index_form(part.replace("\0", " ")).strip())]
    if not phrases:
        return None
    last = phrases[-1].rsplit(" ", 1)[-1]
    open_end = prefix and not query.endswith(('"', " ")) and len(last) > 1 and last.isalpha()
    quoted = ['"' + phrase.replace('"', '""') + '"' for phrase in phrases]
    return " AND ".join(quoted) + (" *" if open_end else "")


def find_spans(text: str, query: str, most: int = 20) -> list[Span]:
    """Where the query's parts stand in the text, in code points of it, in order; overlapping ones are left out."""
    patterns = [pattern for part in _parts(query) if (pattern := _pattern(part))]
    if not patterns:
        return []
    spans: list[Span] = []
    for match in re.finditer("|".join(patterns), text, re.IGNORECASE):
        spans.append(match.span())
        if len(spans) == most:
            break
    return spans


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
