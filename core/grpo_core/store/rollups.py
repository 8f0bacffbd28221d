"""The curves' rollups: least, greatest, sum and number of a metric's points over 4, 16, 64, … steps.

A bucket of level n holds 4ⁿ steps and is written when a later step begins the next one, from the level below: a third
of a row a point. The newest bucket of each level is open and not there; who reads goes down to finer levels for it.
A point that comes late, or is written again, mends the closed buckets that hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import apsw

FACTOR = 4
MOST_LEVELS = 16
_INTO_ROLLUPS = "INTO rollups (key, level, bucket, low, high, total, points)"


class CurvePoint(NamedTuple):
    """The points of a curve from step `first` to `last`, both in: one where nothing was rolled up."""

    first: int
    last: int
    low: float
    high: float
    total: float
    points: int

    @property
    def mean(self) -> float:
        return self.total / self.points


def roll_up(db: apsw.Connection, step: int, keys: Iterable[int]) -> None:
    """Bring the rollups up to date after the points of `keys` at `step` were written; in the writer's transaction."""
    open_bucket = _open_bucket(db)
    bucket = step // FACTOR
    if bucket > open_bucket:
        _set_open_bucket(db, bucket)
        every_key = [number for (number,) in db.execute("SELECT number FROM metric_keys")]
        _write_until_shared(db, every_key, closed=open_bucket, still_open=bucket)
    elif bucket < open_bucket:
        _write_until_shared(db, list(keys), closed=bucket, still_open=open_bucket)


def forget_after(db: apsw.Connection, step: int) -> None:
    """Points after `step` are gone: so are the buckets that held any of them."""
    for level in range(1, MOST_LEVELS + 1):
        size = FACTOR**level
        db.execute("DELETE FROM rollups WHERE level = ? AND (bucket + 1) * ? > ?", (level, size, step + 1))
    _set_open_bucket(db, min(_open_bucket(db), max(0, step) // FACTOR))


def rebuild_rollups(db: apsw.Connection) -> None:
    """Make them anew from all points."""
    db.execute("DELETE FROM rollups")
    newest = db.execute("SELECT max(step) FROM metrics").get or 0
    open_bucket = newest // FACTOR
    _set_open_bucket(db, open_bucket)
    db.execute(
        f"INSERT {_INTO_ROLLUPS} SELECT key, 1, step / ?1, min(value), max(value), sum(value), count(*)"
        " FROM metrics WHERE step < ?2 GROUP BY key, step / ?1",
        (FACTOR, open_bucket * FACTOR),
    )
    for level in range(2, MOST_LEVELS + 1):
        closed = open_bucket // FACTOR ** (level - 1)
        db.execute(
            f"INSERT {_INTO_ROLLUPS} SELECT key, ?1, bucket / ?2, min(low), max(high), sum(total), sum(points)"
            " FROM rollups WHERE level = ?1 - 1 AND bucket < ?3 * ?2 GROUP BY key, bucket / ?2",
            (level, FACTOR, closed),
        )


def curve(
    db: apsw.Connection, key: int, first: int | None = None, last: int | None = None, points: int = 1000
) -> list[CurvePoint]:
    """A metric from step `first` to `last`, by step, in about `points` points (up to that many, and some at the end).

    Buckets at the edges may begin before `first` and end after `last`.
    """
    steps = steps_of(db, key, first, last)
    if steps is None:
        return []
    stretches = _stretches(db, *steps, points)
    rows = db.execute(f"SELECT first, last, low, high, total, points FROM ({stretches})", {"key": key})
    return sorted(map(CurvePoint._make, rows))


def steps_of(db: apsw.Connection, key: int, first: int | None, last: int | None) -> tuple[int, int] | None:
    """The steps between `first` and `last` that a metric reaches; None if it has no point there."""
    # Two questions: only a single min or max is answered from the index's end.
    lowest = db.execute("SELECT min(step) FROM metrics WHERE key = ?", (key,)).get
    highest = db.execute("SELECT max(step) FROM metrics WHERE key = ?", (key,)).get
    if lowest is None:
        return None
    start, end = max(lowest, first or 0), highest if last is None else min(highest, last)
    return (start, end) if start <= end else None


def curve_means(db: apsw.Connection, keys: Iterable[int], points: int) -> dict[int, list[tuple[int, float]]]:
    """All of each metric's `curve` as (last step, mean) alone, in stretches of one length: for a first look, which
    takes many at once."""
    last = (_open_bucket(db) + 1) * FACTOR - 1
    words = f"SELECT last, total / points FROM ({_stretches(db, 0, last, points)})"
    return {key: sorted(db.execute(words, {"key": key})) for key in keys}


def curve_totals(
    db: apsw.Connection, keys: Iterable[int], start: int, end: int, points: int
) -> dict[int, dict[tuple[int, int], float]]:
    """The sum of each metric over the same stretches, by (first step, last step)."""
    words = f"SELECT first, last, total FROM ({_stretches(db, start, end, points)})"
    return {key: {(first, last): total for first, last, total in db.execute(words, {"key": key})} for key in keys}


def _stretches(db: apsw.Connection, start: int, end: int, points: int) -> str:
    """The statement for the stretches (first, last, low, high, total, points) of the metric `:key`: buckets of ever
    finer levels, and in the end points. One statement, since each has a price of its own."""
    parts = []
    for level, first, last in _levels(db, start, end, points):
        size = FACTOR**level
        parts.append(
            f"SELECT bucket * {size} AS first, (bucket + 1) * {size} - 1 AS last, low, high, total, points"
            f" FROM rollups WHERE key = :key AND level = {level} AND bucket BETWEEN {first} AND {last}"
        )
        start = (last + 1) * size
    parts.append(
        "SELECT step AS first, step AS last, value AS low, value AS high, value AS total, 1 AS points"
        f" FROM metrics WHERE key = :key AND step BETWEEN {start} AND {end}"
    )
    return " UNION ALL ".join(parts)


def _levels(db: apsw.Connection, start: int, end: int, points: int) -> Iterator[tuple[int, int, int]]:
    """(level, first bucket, last bucket) from the coarsest down: closed buckets, each level from where the one before
    ends; what is left are points."""
    open_bucket = _open_bucket(db)
    for level in range(_level_for(end - start + 1, points), 0, -1):
        size = FACTOR**level
        last = min(open_bucket // FACTOR ** (level - 1) - 1, end // size)
        if last >= start // size:
            yield level, start // size, last
            start = (last + 1) * size


def _level_for(steps: int, points: int) -> int:
    level = 0
    while steps > points * FACTOR**level and level < MOST_LEVELS:
        level += 1
    return level


def _write_until_shared(db: apsw.Connection, keys: list[int], closed: int, still_open: int) -> None:
    """Write the bucket `closed` and those above it, until one that is still open."""
    level = 1
    while closed != still_open and level <= MOST_LEVELS:
        _write_bucket(db, keys, level, closed)
        closed, still_open, level = closed // FACTOR, still_open // FACTOR, level + 1


def _write_bucket(db: apsw.Connection, keys: list[int], level: int, bucket: int) -> None:
    first = bucket * FACTOR
    if level == 1:
        statement = (
            f"INSERT OR REPLACE {_INTO_ROLLUPS} SELECT ?1, ?2, ?3, min(value), max(value), sum(value), count(*)"
            " FROM metrics WHERE key = ?1 AND step >= ?4 AND step < ?5 HAVING count(*) > 0"
        )
    else:
        statement = (
            f"INSERT OR REPLACE {_INTO_ROLLUPS} SELECT ?1, ?2, ?3, min(low), max(high), sum(total), sum(points)"
            " FROM rollups WHERE key = ?1 AND level = ?2 - 1 AND bucket >= ?4 AND bucket < ?5 HAVING count(*) > 0"
        )
    db.executemany(statement, [(key, level, bucket, first, first + FACTOR) for key in keys])


def _open_bucket(db: apsw.Connection) -> int:
    return int(db.execute("SELECT value FROM counters WHERE name = 'open_bucket'").get)


def _set_open_bucket(db: apsw.Connection, bucket: int) -> None:
    db.execute("UPDATE counters SET value = ? WHERE name = 'open_bucket'", (bucket,))
