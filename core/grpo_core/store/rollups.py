"""The curves' rollups: least, greatest, sum and number of a metric's points over 4, 16, 64, … steps.

A bucket of level n holds 4ⁿ steps and is written when a later step begins the next one, from the level below: a third
of a row a point. The newest bucket of each level is open and not there; who reads goes down to finer levels for it.
A point that comes late, or is written again, mends the closed buckets that hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    return stretches(db, key, *steps, points) if steps else []


def steps_of(db: apsw.Connection, key: int, first: int | None, last: int | None) -> tuple[int, int] | None:
    """The steps between `first` and `last` that a metric reaches; None if it has no point there."""
    # Two questions: only a single min or max is answered from the index's end.
    lowest = db.execute("SELECT min(step) FROM metrics WHERE key = ?", (key,)).get
    highest = db.execute("SELECT max(step) FROM metrics WHERE key = ?", (key,)).get
    if lowest is None:
        return None
    start, end = max(lowest, first or 0), highest if last is None else min(highest, last)
    return (start, end) if start <= end else None


def stretches(db: apsw.Connection, key: int, start: int, end: int, points: int) -> list[CurvePoint]:
    """`curve` between two steps as they are: metrics that are asked for alike come in the same stretches."""
    found: list[CurvePoint] = []
    for level, first, last in _levels(db, start, end, points):
        size = FACTOR**level
        rows = db.execute(
            "SELECT bucket, low, high, total, points FROM rollups"
            " WHERE key = ? AND level = ? AND bucket BETWEEN ? AND ? ORDER BY bucket",
            (key, level, first, last),
        )
        found += [CurvePoint(bucket * size, bucket * size + size - 1, *values) for bucket, *values in rows]
        start = (last + 1) * size
    rows = db.execute(
        "SELECT step, value FROM metrics WHERE key = ? AND step BETWEEN ? AND ? ORDER BY step", (key, start, end)
    )
    return found + [CurvePoint(step, step, value, value, value, 1) for step, value in rows]


def curve_means(db: apsw.Connection, key: int, points: int) -> list[tuple[int, float]]:
    """All of `curve` as (last step, mean) alone: for a first look, which takes many at once."""
    steps = steps_of(db, key, None, None)
    if steps is None:
        return []
    start, end = steps
    found: list[tuple[int, float]] = []
    for level, first, last in _levels(db, start, end, points):
        found += db.execute(
            "SELECT (bucket + 1) * ?1 - 1, total / points FROM rollups"
            " WHERE key = ?2 AND level = ?3 AND bucket BETWEEN ?4 AND ?5 ORDER BY bucket",
            (FACTOR**level, key, level, first, last),
        )
        start = (last + 1) * FACTOR**level
    found += db.execute(
        "SELECT step, value FROM metrics WHERE key = ? AND step BETWEEN ? AND ? ORDER BY step", (key, start, end)
    )
    return found


def totals(
    db: apsw.Connection, keys: Sequence[int], start: int, end: int, points: int
) -> Iterator[tuple[int, int, int, float, int]]:
    """(key, first step, last step, sum, number of points) of the stretches of many metrics; each metric's by step."""
    wanted = ", ".join(str(key) for key in keys)
    for level, first, last in _levels(db, start, end, points):
        size = FACTOR**level
        yield from db.execute(
            "SELECT key, bucket * ?1, (bucket + 1) * ?1 - 1, total, points FROM rollups"
            f" WHERE level = ?2 AND key IN ({wanted}) AND bucket BETWEEN ?3 AND ?4 ORDER BY key, bucket",
            (size, level, first, last),
        )
        start = (last + 1) * size
    yield from db.execute(
        f"SELECT key, step, step, value, 1 FROM metrics WHERE key IN ({wanted}) AND step BETWEEN ? AND ?"
        " ORDER BY key, step",
        (start, end),
    )


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
