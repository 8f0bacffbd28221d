"""Pages of groups and completions that a filter wants, from the newest back or from the oldest on.

A page costs a bounded amount of looking, however rare what is wanted and however long the history: it may come back
short, with a cursor from which to look further. Nothing is counted and nothing is sorted that no index sorts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import apsw

from grpo_core.store.codec import unpack_text
from grpo_core.store.filters import GroupFilter, block_conditions, group_conditions, wanted_completions
from grpo_core.store.group_facts import GroupFacts, kinds_with
from grpo_core.store.rows import GROUP_COLUMNS, GroupRow, ProblemShelf, facts_of_row, group_row
from grpo_core.store.schema import COMPLETIONS_PER_GROUP
from grpo_core.store.summaries import BLOCK
from grpo_core.types import Problem

Towards = Literal["older", "newer"]
Order = Literal["token_count", "reward"]
Row = TypeVar("Row")
Cursor = TypeVar("Cursor")
MOST_BLOCKS = 16
"""Blocks of groups that one page opens."""
MOST_CHECKED = 300
"""Groups that one page looks into, once their bits and bounds have let them pass."""
MOST_LOOKED_AT = 1_500
"""Completions that one page of a sorted list looks at."""
OPENING = 400
"""Characters of a completion's text that a list shows."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row, Cursor]):
    """`rows` in the direction of looking. `next` is the cursor to go on from in the same direction, None at the end;
    there may be one although `rows` is short: then nothing else was found as far as it was looked."""

    rows: tuple[Row, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class CompletionRow:
    """A completion as a list shows it. `id` is unique in the run and grows with time; `opening` is the first
    `OPENING` characters of the text."""

    id: int
    group: int
    index: int
    step: int
    split: str
    decoding: str
    superseded: bool
    signal: str | None
    outcome: str | None
    finish_reason: str | None
    token_count: int | None
    reward: float | None
    advantage: float | None
    opening: str
    problem: Problem
    created_at: float


@dataclass(frozen=True, slots=True)
class _Match:
    row: tuple[Any, ...]
    facts: GroupFacts
    indices: list[int]


def find_groups(
    db: apsw.Connection,
    problems: ProblemShelf,
    wanted: GroupFilter,
    cursor: int | None = None,
    towards: Towards = "older",
    limit: int = 40,
) -> Page[GroupRow, int]:
    """Groups beyond the id `cursor` (None: from the end), at most `limit`; the cursor is a group's id."""
    rows: list[GroupRow] = []
    looker = _Looker(db, wanted, towards)
    for match in looker.matches(cursor):
        if len(rows) == limit:
            return Page(tuple(rows), rows[-1].id)
        rows.append(group_row(match.row, problems, match.facts))
    return Page(tuple(rows), looker.stopped_at)


def find_completions(
    db: apsw.Connection,
    problems: ProblemShelf,
    wanted: GroupFilter,
    cursor: int | None = None,
    towards: Towards = "older",
    limit: int = 40,
) -> Page[CompletionRow, int]:
    """Completions beyond the id `cursor` (None: from the end), at most `limit`; the cursor is a completion's id."""
    found: list[tuple[int, GroupRow]] = []
    looker = _Looker(db, wanted, towards)
    older = towards == "older"
    for match in looker.matches(_group_cursor(cursor, older)):
        group = group_row(match.row, problems, match.facts)
        first = group.id * COMPLETIONS_PER_GROUP
        for index in reversed(match.indices) if older else match.indices:
            id_ = first + index
            if cursor is not None and (id_ >= cursor if older else id_ <= cursor):
                continue
            if len(found) == limit:
                return Page(_completion_rows(db, found), found[-1][0])
            found.append((id_, group))
    stopped = looker.stopped_at
    return Page(
        _completion_rows(db, found),
        None
        if stopped is None
        else stopped * COMPLETIONS_PER_GROUP
        if older
        else (stopped + 1) * COMPLETIONS_PER_GROUP - 1,
    )


def rank_completions(
    db: apsw.Connection,
    problems: ProblemShelf,
    wanted: GroupFilter,
    by: Order,
    highest: bool = True,
    cursor: tuple[float, int] | None = None,
    limit: int = 40,
) -> Page[CompletionRow, tuple[float, int]]:
    """Completions by length or reward, the highest (or lowest) first, the newest (oldest) first among equals.

    The cursor is (value, id) of the last one. Completions of which the value is not known are left out.
    """
    groups = GroupsByCompletion(db, problems, wanted)
    found: list[tuple[int, GroupRow]] = []
    last: tuple[float, int] | None = None
    for looked, (id_, value) in enumerate(_by_value(db, by, highest, cursor)):
        if len(found) == limit or looked == MOST_LOOKED_AT:
            return Page(_completion_rows(db, found), last)
        last = value, id_
        if group := groups.of(id_):
            found.append((id_, group))
    return Page(_completion_rows(db, found), None)


def count_groups(db: apsw.Connection, wanted: GroupFilter) -> int | None:
    """How many groups the filter wants in all; None where only looking would tell (ranges)."""
    return _count(db, "group_totals", wanted)


def count_completions(db: apsw.Connection, wanted: GroupFilter) -> int | None:
    """How many completions the filter wants in all; None where only looking would tell (ranges)."""
    return _count(db, "completion_totals", wanted)


def origins_with(db: apsw.Connection, wanted: GroupFilter) -> list[int] | None:
    """The numbers of the wanted source and level; None where both are open."""
    if wanted.source is None and wanted.level is None:
        return None
    rows = db.execute(
        "SELECT number FROM origins WHERE (?1 IS NULL OR source = ?1) AND (?2 IS NULL OR level = ?2)",
        (wanted.source, wanted.level),
    )
    return [number for (number,) in rows]


class _Looker:
    """Looks through history for groups, a block at a time; `stopped_at` is where it gave up, None at the end."""

    def __init__(self, db: apsw.Connection, wanted: GroupFilter, towards: Towards) -> None:
        self._db = db
        self._wanted = wanted
        self._older = towards == "older"
        self._origins = origins_with(db, wanted)
        self._checked = 0
        self.stopped_at: int | None = None

    def matches(self, cursor: int | None) -> Iterator[_Match]:
        for opened, number in enumerate(self._blocks(cursor)):
            if opened == MOST_BLOCKS:
                self.stopped_at = (number + 1) * BLOCK if self._older else number * BLOCK - 1
                return
            yield from self._of_block(number, cursor)
            if self.stopped_at is not None:
                return

    def _blocks(self, cursor: int | None) -> Iterator[int]:
        conditions, values = block_conditions(self._wanted, self._origins)
        if cursor is not None:
            conditions.append(f"b.number {'<=' if self._older else '>='} ?")
            values.append((cursor - 1 if self._older else cursor + 1) // BLOCK)
        rows: Iterable[tuple[Any, ...]] = self._db.execute(
            f"SELECT b.number FROM blocks AS b WHERE {' AND '.join(conditions) or '1'}"
            f" ORDER BY b.number {'DESC' if self._older else 'ASC'} LIMIT ?",
            (*values, MOST_BLOCKS + 1),
        )
        return iter([int(row[0]) for row in rows])

    def _of_block(self, number: int, cursor: int | None) -> Iterator[_Match]:
        conditions, values = group_conditions(self._wanted, self._origins)
        low, high = number * BLOCK, (number + 1) * BLOCK - 1
        if cursor is not None:
            low, high = (low, min(high, cursor - 1)) if self._older else (max(low, cursor + 1), high)
        rows = self._db.execute(
            f"SELECT {GROUP_COLUMNS} FROM groups AS g WHERE {' AND '.join(['g.id BETWEEN ? AND ?', *conditions])}"
            f" ORDER BY g.id {'DESC' if self._older else 'ASC'}",
            (low, high, *values),
        )
        for row in rows:
            facts = facts_of_row(row)
            if indices := wanted_completions(facts, self._wanted):
                yield _Match(row, facts, indices)
            self._checked += 1
            if self._checked == MOST_CHECKED:
                self.stopped_at = row[0]
                return


class GroupsByCompletion:
    """The groups of completions that the filter wants, met in any order; a group is read once."""

    def __init__(self, db: apsw.Connection, problems: ProblemShelf, wanted: GroupFilter) -> None:
        self._db = db
        self._problems = problems
        self._wanted = wanted
        self._conditions = group_conditions(wanted, origins_with(db, wanted))
        self._known: dict[int, tuple[GroupRow, list[int]] | None] = {}

    def of(self, completion: int) -> GroupRow | None:
        """The group of this completion; None if the filter does not want it."""
        group, index = divmod(completion, COMPLETIONS_PER_GROUP)
        if group not in self._known:
            self._known[group] = self._read(group)
        found = self._known[group]
        return found[0] if found and index in found[1] else None

    def _read(self, group: int) -> tuple[GroupRow, list[int]] | None:
        conditions, values = self._conditions
        row = self._db.execute(
            f"SELECT {GROUP_COLUMNS} FROM groups AS g WHERE {' AND '.join(['g.id = ?', *conditions])}", (group, *values)
        ).fetchone()
        if row is None:
            return None
        facts = facts_of_row(row)
        indices = wanted_completions(facts, self._wanted)
        return (group_row(row, self._problems, facts), indices) if indices else None


def _group_cursor(cursor: int | None, older: bool) -> int | None:
    """The completion's own group may have more: the cursor of groups is beside it."""
    if cursor is None:
        return None
    return (cursor - 1) // COMPLETIONS_PER_GROUP + 1 if older else (cursor + 1) // COMPLETIONS_PER_GROUP - 1


def _by_value(
    db: apsw.Connection, by: Order, highest: bool, cursor: tuple[float, int] | None
) -> Iterator[tuple[int, float]]:
    """(id, value) in order; what is equal to the cursor's value first."""
    way, beyond = ("DESC", "<") if highest else ("ASC", ">")
    if cursor is None:
        yield from db.execute(f"SELECT id, {by} FROM completions WHERE {by} NOTNULL ORDER BY {by} {way}, id {way}")
        return
    value, id_ = cursor
    yield from db.execute(
        f"SELECT id, {by} FROM completions WHERE {by} = ? AND id {beyond} ? ORDER BY id {way}", (value, id_)
    )
    yield from db.execute(
        f"SELECT id, {by} FROM completions WHERE {by} {beyond} ? ORDER BY {by} {way}, id {way}", (value,)
    )


def _completion_rows(db: apsw.Connection, found: list[tuple[int, GroupRow]]) -> tuple[CompletionRow, ...]:
    return tuple(read_completion(db, group, id_)[0] for id_, group in found)


def read_completion(db: apsw.Connection, group: GroupRow, id_: int) -> tuple[CompletionRow, str]:
    """The completion with this id, of the group whose row this is, and its whole text."""
    index = id_ % COMPLETIONS_PER_GROUP
    packed, advantage = next(db.execute("SELECT text, advantage FROM completions WHERE id = ?", (id_,)))
    text = unpack_text(packed)
    row = CompletionRow(
        id=id_,
        group=group.id,
        index=index,
        step=group.step,
        split=group.split,
        decoding=group.decoding,
        superseded=group.superseded,
        signal=group.signal,
        outcome=group.outcomes[index],
        finish_reason=group.finish_reasons[index],
        token_count=group.token_counts[index],
        reward=group.rewards[index],
        advantage=advantage,
        opening=text[:OPENING],
        problem=group.problem,
        created_at=group.created_at,
    )
    return row, text


def _count(db: apsw.Connection, table: str, wanted: GroupFilter) -> int | None:
    if wanted.has_ranges:
        return None
    exact = {
        "superseded": None if wanted.superseded is None else int(wanted.superseded),
        "split": wanted.split,
        "decoding": wanted.decoding,
        "signal": wanted.signal,
    }
    asked = {column: value for column, value in exact.items() if value is not None}
    conditions, values = [f"{column} = ?" for column in asked], list(asked.values())
    if (kinds := kinds_with(wanted.outcome, wanted.truncated)) is not None:
        conditions.append("(kinds & ?) != 0")
        values.append(kinds)
    if (origins := origins_with(db, wanted)) is not None:
        conditions.append(f"origin IN ({', '.join('?' for _ in origins)})")
        values.extend(origins)
    total = db.execute(f"SELECT sum(number) FROM {table} WHERE {' AND '.join(conditions) or '1'}", values).get
    return int(total or 0)
