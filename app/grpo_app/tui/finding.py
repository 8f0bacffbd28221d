"""What is asked of a run about what a person looks for, and the marks that a person makes: questions for the tail."""

from __future__ import annotations

from contextlib import closing

from textual.message import Message

from grpo_app.tui.messages import Found, MarksChanged, Said
from grpo_app.tui.query import ANY_MARK, Wanted
from grpo_app.tui.tail import Question
from grpo_core.errors import StoreError
from grpo_core.runs import RunFolder
from grpo_core.store import MarksDb, RunReader
from grpo_core.store.marks import MarkKind
from grpo_core.types import Json
from grpo_core.views.finding import find_page
from grpo_core.views.marks import FOLLOWED_MARKS, set_mark

WHO = "terminal"
PAGE = 100


def find(folder: RunFolder, wanted: Wanted, cursor: str | None, ticket: int, anew: bool) -> Question:
    """The page of what is wanted after the cursor."""

    def answer(reader: RunReader) -> Message:
        try:
            return Found(ticket, _page(folder, reader, wanted, cursor), anew)
        except StoreError as error:
            return Found(ticket, {}, anew, str(error))

    return answer


def mark(folder: RunFolder, group: int, index: int, kind: MarkKind | None, note: str) -> Question:
    """Mark a completion, or take its mark back (None); the marks there are then."""

    def answer(reader: RunReader) -> Message:
        try:
            with closing(MarksDb(folder.path)) as marks:
                set_mark(marks, group, index, kind, note, WHO)
                return MarksChanged([each.to_json() for each in marks.page(limit=FOLLOWED_MARKS)])
        except (StoreError, OSError) as error:
            return Said(str(error), refused=True)

    return answer


def _page(folder: RunFolder, reader: RunReader, wanted: Wanted, cursor: str | None) -> Json:
    if wanted.marked is None:
        return find_page(folder.path, reader, wanted.search, cursor, PAGE)
    kind: MarkKind | None = None if wanted.marked == ANY_MARK else wanted.marked  # type: ignore[assignment]
    with closing(MarksDb(folder.path)) as marks:
        page = marks.page(kind, int(cursor) if cursor else None, PAGE)
        following = str(page[-1].number) if len(page) == PAGE else None
        return {"marks": [each.to_json() for each in page], "next": following, "total": marks.count(kind)}
