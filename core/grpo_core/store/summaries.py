"""What the writer sums up of the groups it stores: blocks of groups, and how many there are of each sort.

A block is `BLOCK` consecutive ids with bits and bounds that say what cannot be in it, so that whoever looks for
something rare skips most of history. Totals count groups and completions by split, decoding, signal, source and level,
outcome and ending, so that no screen counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apsw

from grpo_core.store.filters import ORIGIN_BITS
from grpo_core.store.group_facts import (
    FINISH_LETTERS,
    UNKNOWN_LETTER,
    GroupFacts,
    class_bit,
    make_facts,
    read_facts,
)
from grpo_core.store.histories import Visit, add_visits, rebuild_histories
from grpo_core.store.rollups import rebuild_rollups
from grpo_core.store.schema import COMPLETIONS_PER_GROUP
from grpo_core.store.step_counts import add_step_counts, rebuild_step_counts

BLOCK = 512
SUMMARIES_SINCE = 2
"""The first version of the schema whose writer kept summaries."""


@dataclass(frozen=True, slots=True)
class Summarised:
    """A group as the summaries see it; `problem` and `origin` are the numbers of their rows."""

    id: int
    step: int
    split: str
    decoding: str
    superseded: bool
    problem: int
    origin: int
    facts: GroupFacts
    judge_seconds: float = 0.0

    @property
    def sort(self) -> tuple[Any, ...]:
        return int(self.superseded), self.split, self.decoding, self.facts.signal or "", self.origin


def summarise_groups(db: apsw.Connection, groups: list[Summarised]) -> None:
    """Take up new groups everywhere; in the writer's transaction."""
    _add_to_blocks(db, groups)
    _add_to_totals(db, groups)
    add_visits(db, _visits(groups))
    add_step_counts(db, groups)


def supersede_summaries(db: apsw.Connection, step: int) -> None:
    """Groups after `step` are about to be marked superseded: call it before they are."""
    groups = list(_stored(db, "WHERE g.step > ? AND NOT g.superseded", (step,)))
    _add_to_totals(db, groups, sign=-1)
    _add_to_totals(db, [_superseded(group) for group in groups])
    db.executemany(
        "UPDATE blocks SET superseded = superseded + ? WHERE number = ?",
        [(count, number) for number, count in Counter(group.id // BLOCK for group in groups).items()],
    )


def rebuild_summaries(db: apsw.Connection, version: int) -> None:
    """Make all summaries from groups, completions and metrics, for a database of a schema that had none."""
    if version >= SUMMARIES_SINCE:
        return
    for table in ("blocks", "group_totals", "completion_totals"):
        db.execute(f"DELETE FROM {table}")
    _fill_group_facts(db)
    batch: list[Summarised] = []
    for group in list(_stored(db, "ORDER BY g.id", ())):
        batch.append(group)
        if len(batch) == BLOCK:
            _rebuild_batch(db, batch)
            batch = []
    _rebuild_batch(db, batch)
    rebuild_histories(db)
    rebuild_step_counts(db)
    rebuild_rollups(db)


def origin_number(db: apsw.Connection, source: str, level: str | None) -> int:
    """The number of a source and level, given when they are first seen."""
    found = db.execute("SELECT number FROM origins WHERE source = ? AND level IS ?", (source, level)).get
    if found is None:
        db.execute("INSERT INTO origins (source, level) VALUES (?, ?)", (source, level))
        found = db.last_insert_rowid()
    return int(found)


def _rebuild_batch(db: apsw.Connection, batch: list[Summarised]) -> None:
    _add_to_blocks(db, batch)
    _add_to_totals(db, batch)


def _visits(groups: Iterable[Summarised]) -> list[Visit]:
    return [
        Visit(group.problem, group.split, group.id, group.step, group.facts.outcomes)
        for group in groups
        if group.decoding == "sampled" and not group.superseded
    ]


def _superseded(group: Summarised) -> Summarised:
    return Summarised(group.id, group.step, group.split, group.decoding, True, group.problem, group.origin, group.facts)


def _add_to_blocks(db: apsw.Connection, groups: Iterable[Summarised]) -> None:
    db.executemany(
        "INSERT INTO blocks (number, groups, superseded, classes, kinds, origins, step_low, step_high, tokens_low,"
        " tokens_high, reward_low, reward_high) VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (number) DO UPDATE SET"
        " groups = groups + 1, superseded = superseded + excluded.superseded, classes = classes | excluded.classes,"
        " kinds = kinds | excluded.kinds, origins = origins | excluded.origins,"
        " step_low = min(step_low, excluded.step_low), step_high = max(step_high, excluded.step_high),"
        " tokens_low = min(ifnull(tokens_low, excluded.tokens_low), ifnull(excluded.tokens_low, tokens_low)),"
        " tokens_high = max(ifnull(tokens_high, excluded.tokens_high), ifnull(excluded.tokens_high, tokens_high)),"
        " reward_low = min(ifnull(reward_low, excluded.reward_low), ifnull(excluded.reward_low, reward_low)),"
        " reward_high = max(ifnull(reward_high, excluded.reward_high), ifnull(excluded.reward_high, reward_high))",
        [_block_row(group) for group in groups],
    )


def _block_row(group: Summarised) -> tuple[Any, ...]:
    facts = group.facts
    return (
        group.id // BLOCK,
        int(group.superseded),
        class_bit(group.split, group.decoding, facts.signal),
        facts.kinds,
        1 << group.origin % ORIGIN_BITS,
        group.step,
        group.step,
        facts.tokens_low,
        facts.tokens_high,
        facts.reward_low,
        facts.reward_high,
    )


def _add_to_totals(db: apsw.Connection, groups: Iterable[Summarised], sign: int = 1) -> None:
    of_groups: Counter[tuple[Any, ...]] = Counter()
    of_completions: Counter[tuple[Any, ...]] = Counter()
    for group in groups:
        of_groups[(*group.sort, group.facts.kinds)] += sign
        for kind in group.facts.kind_numbers():
            of_completions[(*group.sort, 1 << kind)] += sign
    for table, counts in (("group_totals", of_groups), ("completion_totals", of_completions)):
        db.executemany(
            f"INSERT INTO {table} (superseded, split, decoding, signal, origin, kinds, number)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET number = number + excluded.number",
            [(*sort, number) for sort, number in counts.items()],
        )


def _stored(db: apsw.Connection, rest: str, values: tuple[Any, ...]) -> Iterator[Summarised]:
    rows = db.execute(
        "SELECT g.id, g.step, g.split, g.decoding, g.superseded, g.problem, g.origin, g.signal, g.outcomes, g.finishes,"
        f" g.lengths, g.rewards FROM groups AS g {rest}",
        values,
    )
    for id_, step, split, decoding, superseded, problem, origin, signal, outcomes, finishes, lengths, rewards in rows:
        read = read_facts(outcomes, finishes, lengths, rewards, signal)
        facts = make_facts(outcomes, finishes, read.lengths, read.rewards)
        yield Summarised(id_, step, split, decoding, bool(superseded), problem, origin, facts)


def _fill_group_facts(db: apsw.Connection) -> None:
    """Write into each group's row what it says of its completions."""
    problems: list[Any] = db.execute("SELECT number, source, level FROM problems").fetchall()
    for problem, source, level in problems:
        origin = origin_number(db, source, level)
        db.execute("UPDATE groups SET origin = ? WHERE problem = ?", (origin, problem))
    groups: list[Any] = db.execute("SELECT id, outcomes, rewards FROM groups").fetchall()
    for group, outcomes, rewards in groups:
        first = group * COMPLETIONS_PER_GROUP
        rows: list[Any] = db.execute(
            "SELECT token_count, finish_reason FROM completions WHERE id >= ? AND id < ? ORDER BY id",
            (first, first + COMPLETIONS_PER_GROUP),
        ).fetchall()
        finishes = "".join(FINISH_LETTERS.get(finish or "", UNKNOWN_LETTER) for _, finish in rows)
        facts = make_facts(
            outcomes, finishes, [tokens for tokens, _ in rows], read_facts("", "", "[]", rewards, None).rewards
        )
        db.execute(
            "UPDATE groups SET finishes = ?, lengths = ?, kinds = ?, tokens_low = ?, tokens_high = ?, reward_low = ?,"
            " reward_high = ? WHERE id = ?",
            (finishes, *facts_columns(facts)[1:], group),
        )


def facts_columns(facts: GroupFacts) -> tuple[Any, ...]:
    """`finishes`, `lengths`, `kinds` and the bounds, as the columns of a group's row hold them."""
    return (
        facts.finishes,
        "[" + ",".join("null" if length is None else str(length) for length in facts.lengths) + "]",
        facts.kinds,
        facts.tokens_low,
        facts.tokens_high,
        facts.reward_low,
        facts.reward_high,
    )
