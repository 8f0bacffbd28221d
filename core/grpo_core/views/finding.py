"""Looking for groups and completions over a whole run: filtered, sorted, by their text, or those that are marked.

Filtered groups come newest first; what is sorted or found by its text are completions. Each page costs a bounded amount
of looking, so it may be short and have a `next` to go on from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from grpo_core.store import GroupFilter, OpenIndexes, RunReader
from grpo_core.types import Json
from grpo_core.views.groups import completion_row_json, group_row_json, hit_json

INDEXING_SECONDS = 0.25
"""How long a search may bring the index up to date before it looks."""
MOST_PROMPTS = 10
"""Problems whose prompt holds what is searched, each by its newest group, before the completions."""
_INDEXES = OpenIndexes()
Sort = Literal["newest", "longest", "shortest", "highest", "lowest"]


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. `text` is in the completion; a `sort` other than `newest` lists completions by their length
    or reward, and does not hold for a `text`."""

    text: str = ""
    wanted: GroupFilter = field(default_factory=GroupFilter)
    sort: Sort = "newest"


def find_page(run_dir: Path, reader: RunReader, search: Search, cursor: str | None = None, limit: int = 40) -> Json:
    """`groups` or `completions`, the cursor `next` of what follows (None at the end) and how many there are in all
    (`total`, None where only looking tells). By text besides: `prompts` (groups whose problem fits, with the first
    page), and `indexed` of `groups_in_all` groups were looked through.

    `cursor` is the `next` of the page before.
    """
    if search.text.strip():
        return _searched(run_dir, search, cursor, limit)
    with reader.snapshot():
        if search.sort == "newest":
            return _groups(reader, search, cursor, limit)
        return _ranked(reader, search, cursor, limit)


def _groups(reader: RunReader, search: Search, cursor: str | None, limit: int) -> Json:
    page = reader.find_groups(search.wanted, cursor=_number(cursor), limit=limit)
    total = reader.count_groups(search.wanted)
    return {"groups": [group_row_json(row) for row in page.rows], "next": _text(page.next), "total": total}


def _ranked(reader: RunReader, search: Search, cursor: str | None, limit: int) -> Json:
    page = reader.rank_completions(
        search.wanted,
        "token_count" if search.sort in ("longest", "shortest") else "reward",
        highest=search.sort in ("longest", "highest"),
        cursor=_place(cursor),
        limit=limit,
    )
    following = None if page.next is None else f"{page.next[0]!r}:{page.next[1]}"
    total = reader.count_completions(search.wanted)
    return {"completions": [completion_row_json(row) for row in page.rows], "next": following, "total": total}


def _searched(run_dir: Path, search: Search, cursor: str | None, limit: int) -> Json:
    with _INDEXES.borrow(run_dir) as index:
        index.catch_up(INDEXING_SECONDS)
        hits = index.search(search.text, search.wanted, before=_number(cursor), limit=limit)
        prompts = index.search_prompts(search.text, MOST_PROMPTS) if cursor is None else []
    return {
        "prompts": [group_row_json(hit.group) for hit in prompts if hit.group],
        "completions": [hit_json(hit) for hit in hits.rows],
        "next": _text(hits.next),
        "total": None,
        "indexed": hits.indexed,
        "groups_in_all": hits.groups,
    }


def _place(cursor: str | None) -> tuple[float, int] | None:
    if cursor is None:
        return None
    value, _, id_ = cursor.partition(":")
    return float(value), int(id_ or 0)


def _number(cursor: str | None) -> int | None:
    return int(cursor) if cursor else None


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
