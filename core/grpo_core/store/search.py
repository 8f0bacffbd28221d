"""`search.db`: full-text search over a run's completions and prompts, beside the run and never in the trainer's way.

Whoever shows the run brings the index up to date, a batch at a time; any number may, each batch is taken up once. The
index is made of the run alone, so that a damaged one is thrown away and made anew. Texts are not stored in it again.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from grpo_core.errors import StoreError
from grpo_core.store.codec import unpack_json, unpack_text
from grpo_core.store.connection import open_reader, open_writer, transaction
from grpo_core.store.filters import GroupFilter
from grpo_core.store.finding import CompletionRow, GroupsByCompletion, read_completion
from grpo_core.store.rows import GROUP_COLUMNS, GroupRow, ProblemShelf, group_row, read_problem
from grpo_core.store.schema import COMPLETIONS_PER_GROUP, RUN_MIGRATIONS
from grpo_core.store.summaries import rebuild_summaries
from grpo_core.store.text_tokens import TextQuery, index_form, match_of, read_query, snippet_of, words_of
from grpo_core.types import Span

SEARCH_DB = "search.db"
SEARCH_MIGRATIONS = [
    """
    CREATE VIRTUAL TABLE texts USING fts5 (
        text, content = '', tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co S* P*'"
    );
    CREATE VIRTUAL TABLE prompts USING fts5 (
        text, content = '', tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co S* P*'"
    );
    CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE progress (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO progress VALUES ('newest_group', 0), ('oldest_group', 0), ('newest_problem', 0);
    """,
    # The texts are taken up anew, each with the names of its blocks.
    """
    INSERT INTO texts (texts) VALUES ('delete-all');
    INSERT INTO prompts (prompts) VALUES ('delete-all');
    UPDATE progress SET value = 0;
    """,
]
BATCH_GROUPS = 16
SECONDS = 0.005
"""After this long a page of hits is given as far as it has come."""
BLOCKS = (256, 1024, 4096, 16384)
"""Groups that are searched at once: each text is in a block of every size, and says so in the index (`_block_name`)."""
MOST_CHECKED = 400
"""Places that one page looks at, where a filter turns most of them down."""
_WORDS_KEPT = 50_000
"""Words that are known to be in the index already."""
_MOST_ENDINGS = 24
"""Words that one being typed may be the beginning of."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A completion that was found. `span` is the first place in its text (None if only a part of it is found again);
    `snippet` is what stands around it, from `start` on, and `marks` are the places within the snippet."""

    completion: CompletionRow
    span: Span | None
    snippet: str
    start: int
    marks: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class PromptHit:
    """A problem whose prompt was found, with the newest group that sampled it (None if there is none yet)."""

    group: GroupRow | None
    problem_id: str
    span: Span | None
    snippet: str
    start: int
    marks: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """Completions, newest first. `next` is the id to go on before; None at the end. `indexed` of `groups` groups are
    in the index so far."""

    rows: tuple[SearchHit, ...]
    next: int | None
    indexed: int
    groups: int


class SearchIndex:
    """The index of one run; for one thread at a time, and to be closed. Raises StoreError if the run cannot be
    read; a damaged index is made anew."""

    def __init__(self, run_dir: Path) -> None:
        self._run = open_reader(run_dir / "run.db", RUN_MIGRATIONS, rebuild_summaries)
        self._problems = ProblemShelf(self._run)
        self._path = run_dir / SEARCH_DB
        self._words: set[str] = set()
        self._db = self._open()

    def close(self) -> None:
        self._db.close()
        self._run.close()

    def catch_up(self, seconds: float = 0.25) -> bool:
        """Take up what is new, the newest first, for about so long; True once all of the run is in the index."""
        deadline = time.monotonic() + seconds
        while self._mended(self._take_up_batch):
            if time.monotonic() > deadline:
                return False
        return True

    def progress(self) -> tuple[int, int]:
        """(groups in the index, groups of the run), by their ids."""
        newest, oldest = self._bounds()
        whole = self._run.execute("SELECT max(id) FROM groups").get or 0
        return (newest - oldest + 1 if newest else 0), int(whole)

    def search(
        self, query: str, wanted: GroupFilter | None = None, *, before: int | None = None, limit: int = 50
    ) -> Hits:
        """Completions that hold all parts of `query`, before the completion `before`; any text may be asked for.

        A page may be short and have a `next`: it was searched only as far as a moment allows.
        """
        read = read_query(query)
        if read is None:
            return Hits((), None, *self.progress())
        return self._mended(lambda: self._search(query, read, wanted or GroupFilter(), before, limit))

    def search_prompts(self, query: str, limit: int = 50) -> list[PromptHit]:
        """Problems whose prompt holds all parts of `query`, the newest problems first."""
        read = read_query(query)
        return [] if read is None else self._mended(lambda: self._search_prompts(query, read, limit))

    def _endings(self, query: TextQuery) -> list[str]:
        """The words that the last one may be the beginning of: looked up, since FTS5 would put together all the
        places of all of them first."""
        if query.typing is None:
            return []
        start = query.typing.lower()
        rows: Iterator[tuple[Any, ...]] = self._db.execute(
            "SELECT word FROM words WHERE word >= ? AND word < ? ORDER BY word LIMIT ?",
            (start, start + chr(0x10FFFF), _MOST_ENDINGS),
        )
        return [word for (word,) in rows]

    def _open(self) -> apsw.Connection:
        try:
            return self._connect()
        except (StoreError, apsw.SQLError):
            if not self._path.is_file() or not os.access(self._path, os.W_OK):
                raise
            self._remove()
            return self._connect()

    def _connect(self) -> apsw.Connection:
        db = open_writer(self._path, SEARCH_MIGRATIONS)
        db.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes back is taken up again
        for table in ("progress", "texts", "prompts", "words"):
            db.execute(f"SELECT 1 FROM {table} LIMIT 0")
        return db

    def _remove(self) -> None:
        log.warning("%s is damaged and made anew", self._path)
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _mended(self, work: Any) -> Any:
        """Do it; if the index turns out to be damaged, throw it away and do it on a new one."""
        try:
            return work()
        except (apsw.CorruptError, apsw.NotADBError, apsw.IOError):
            self._db.close()
            self._remove()
            self._words = set()
            self._db = self._open()
            return work()

    def _bounds(self) -> tuple[int, int]:
        values: dict[Any, Any] = dict(self._db.execute("SELECT name, value FROM progress"))
        return values["newest_group"], values["oldest_group"]

    def _take_up_batch(self) -> bool:
        """One transaction; False if there is nothing left. Others who index wait here and find it done."""
        try:
            with transaction(self._db):
                return self._take_up_groups() or self._take_up_problems()
        except BaseException:
            self._words = set()
            raise

    def _take_up_groups(self) -> bool:
        newest, oldest = self._bounds()
        last = self._run.execute("SELECT max(id) FROM groups").get or 0
        if newest == 0 and last:
            newest, oldest = last, last + 1  # from the newest back: what people look for first
        if last > newest:
            first, end = newest + 1, min(newest + BATCH_GROUPS, last)
            newest = end
        elif oldest > 1:
            first, end = max(1, oldest - BATCH_GROUPS), oldest - 1
            oldest = first
        else:
            return False
        self._add_texts(first, end)
        self._say("newest_group", newest)
        self._say("oldest_group", oldest)
        return True

    def _add_texts(self, first: int, end: int) -> None:
        rows: Iterator[tuple[Any, ...]] = self._run.execute(
            "SELECT id, text FROM completions WHERE id >= ? AND id < ? ORDER BY id",
            (first * COMPLETIONS_PER_GROUP, (end + 1) * COMPLETIONS_PER_GROUP),
        )
        self._insert("texts", [(id_, f"{_blocks_of(id_)} {index_form(unpack_text(text))}") for id_, text in rows])

    def _insert(self, table: str, texts: list[tuple[int, str]]) -> None:
        self._db.executemany(f"INSERT INTO {table} (rowid, text) VALUES (?, ?)", texts)
        words = set().union(*(words_of(text) for _, text in texts)) - self._words
        self._db.executemany("INSERT OR IGNORE INTO words VALUES (?)", [(word,) for word in words])
        self._words = (self._words | words) if len(self._words) < _WORDS_KEPT else set()

    def _take_up_problems(self) -> bool:
        known = self._db.execute("SELECT value FROM progress WHERE name = 'newest_problem'").get
        rows: list[Any] = self._run.execute(
            "SELECT number, body FROM problems WHERE number > ? ORDER BY number LIMIT ?", (known, BATCH_GROUPS)
        ).fetchall()
        self._insert("prompts", [(number, index_form(read_problem(unpack_json(body)).prompt)) for number, body in rows])
        if rows:
            self._say("newest_problem", rows[-1][0])
        return bool(rows)

    def _say(self, name: str, value: int) -> None:
        self._db.execute("UPDATE progress SET value = ? WHERE name = ?", (value, name))

    def _search(self, query: str, read: TextQuery, wanted: GroupFilter, before: int | None, limit: int) -> Hits:
        groups = GroupsByCompletion(self._run, self._problems, wanted)
        found: list[SearchHit] = []
        checked, last = 0, 0
        for ids, searched_to in self._by_block(read, before):
            for id_ in ids:
                if len(found) == limit or checked == MOST_CHECKED:
                    return Hits(tuple(found), last, *self.progress())
                checked, last = checked + 1, id_
                if group := groups.of(id_):
                    completion, text = read_completion(self._run, group, id_)
                    found.append(SearchHit(completion, *snippet_of(text, query)))
            last = searched_to
        return Hits(tuple(found), last or None, *self.progress())

    def _by_block(self, read: TextQuery, before: int | None) -> Iterator[tuple[list[int], int]]:
        """The ids that match in a block, newest first, and the id down to which that is all (0: of the whole run).

        FTS5 looks for the next place of a phrase to the end of the index, whatever ids are asked for; only a block's
        name beside the phrase keeps it within one. Ever larger blocks follow, as long as there is time for them.
        """
        newest, oldest = self._bounds()
        end, floor = (newest + 1) * COMPLETIONS_PER_GROUP, oldest * COMPLETIONS_PER_GROUP
        end = end if before is None else min(end, before)
        endings, level = self._endings(read), 0
        began = asked = time.monotonic()
        while end > floor:
            number, first = _block(end - 1, level)
            match = match_of(read, endings, within=_block_name(level, number))
            searched_to = first if first > floor else 0
            yield self._ids(match, end), searched_to
            end, now = searched_to, time.monotonic()
            took, left, asked = now - asked, began + SECONDS - now, now
            if left <= 0:
                return
            if took * 4 < left:
                level = min(level + 1, len(BLOCKS) - 1)
            elif took > left:
                level = max(level - 1, 0)

    def _ids(self, match: str, end: int) -> list[int]:
        """Newest first; found the other way round, which is several times cheaper for FTS5."""
        rows: Iterator[tuple[Any, ...]] = self._db.execute(
            "SELECT rowid FROM texts WHERE texts MATCH ? AND rowid < ? ORDER BY rowid", (match, end)
        )
        return [id_ for (id_,) in rows][::-1]

    def _search_prompts(self, query: str, read: TextQuery, limit: int) -> list[PromptHit]:
        match = match_of(read, self._endings(read))
        rows: list[Any] = self._db.execute(
            "SELECT rowid FROM prompts WHERE prompts MATCH ? ORDER BY rowid DESC LIMIT ?", (match, limit)
        ).fetchall()
        return [self._prompt_hit(number, query) for (number,) in rows]

    def _prompt_hit(self, number: int, query: str) -> PromptHit:
        problem = self._problems.get(number)
        rows: Sequence[Any] = self._run.execute(
            f"SELECT {GROUP_COLUMNS} FROM groups AS g WHERE g.problem = ? ORDER BY g.id DESC LIMIT 1", (number,)
        ).fetchall()
        group = group_row(rows[0], self._problems) if rows else None
        return PromptHit(group, problem.id, *snippet_of(problem.prompt, query))


def _block(id_: int, level: int) -> tuple[int, int]:
    """The number of the block of this level that a completion is in, and the first id that may be in it."""
    size = BLOCKS[level] * COMPLETIONS_PER_GROUP
    number = id_ // size
    return number, number * size


def _block_name(level: int, number: int) -> str:
    """What no text has in it: a letter beside a digit, which the index form sets apart."""
    return f"{level}block{number}"


def _blocks_of(id_: int) -> str:
    return " ".join(_block_name(level, _block(id_, level)[0]) for level in range(len(BLOCKS)))
