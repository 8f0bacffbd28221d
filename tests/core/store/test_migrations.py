"""A database of any earlier schema, with data, becomes what the newest writer would have made of the same data."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from grpo_core.errors import StoreError
from grpo_core.store import GroupFilter, RunReader, RunWriter
from grpo_core.store.schema import RUN_MIGRATIONS
from tests.samples import sample_group, write_sample_run

OLD_COMPLETIONS = (
    "id, text, token_count, finish_reason, verdict, rewards, reward, advantage, weight, mean_logprob, entropy"
)
OLD_COLUMNS = {
    1: {
        "facts": "*",
        "problems": "*",
        "groups": "id, revision, step, split, decoding, superseded, problem, size, mean, std, signal, outcomes,"
        " rewards, created_at",
        "completions": OLD_COMPLETIONS,
        "metric_keys": "number, key",
        "metrics": "*",
        "evaluations": "*",
    },
    2: {
        "facts": "*",
        "problems": "*",
        "origins": "*",
        "groups": "*",
        "completions": OLD_COMPLETIONS,
        "metric_keys": "*",
        "metrics": "*",
        "evaluations": "*",
        **dict.fromkeys(("blocks", "group_totals", "completion_totals", "histories", "rollups"), "*"),
    },
}
"""What each earlier schema recorded: its tables and columns."""


def write_old(path: Path, new: Path, version: int) -> None:
    """The data of `new` as a program of an earlier schema would have stored it."""
    db = apsw.Connection(str(path))
    for script in RUN_MIGRATIONS[:version]:
        db.execute(script)
    db.execute(f"PRAGMA user_version = {version}")
    db.execute("ATTACH ? AS new", (str(new),))
    kept = "(SELECT number FROM new.metric_keys WHERE kind = 'metric')"
    only = {} if version > 1 else {"metric_keys": f"WHERE number IN {kept}", "metrics": f"WHERE key IN {kept}"}
    for table, columns in OLD_COLUMNS[version].items():
        db.execute(f"INSERT INTO {table} SELECT {columns} FROM new.{table} {only.get(table, '')}")
    db.execute("UPDATE counters SET value = (SELECT value FROM new.counters AS n WHERE n.name = counters.name)")
    db.close()


def contents(path: Path) -> dict[str, list[tuple]]:
    """Every row of what is summed up, and of the rows it was summed up into; keys by name, not by number."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    tables = [
        "groups",
        "completions",
        "blocks",
        "group_totals",
        "completion_totals",
        "histories",
        "origins",
        "counters",
    ]
    found = {table: sorted(db.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in tables}
    names = "SELECT k.key, t.* FROM {} AS t JOIN metric_keys AS k ON k.number = t.key"
    known = "WHERE k.key NOT LIKE '%judge_seconds'"
    for table in ("metrics", "rollups"):
        rows = db.execute(f"{names.format(table)} {known}").fetchall()
        found[table] = sorted(
            ((row[0], *row[2:5]) if table == "rollups" else (row[0], *row[2:4]) for row in rows), key=repr
        )
    db.close()
    return found


@pytest.mark.parametrize("version", range(1, len(RUN_MIGRATIONS)))
@pytest.mark.parametrize("opened_by", [RunWriter, RunReader])
def test_an_old_run_is_brought_up_to_date(tmp_path: Path, version: int, opened_by: type) -> None:
    folder = write_sample_run(tmp_path)
    writer = folder.writer()
    writer.supersede_after(9)
    writer.close()
    old = tmp_path / "run.db"
    write_old(old, folder.database, version)
    opened_by(old).close()
    assert contents(old) == contents(folder.database)
    reader = RunReader(old)
    assert reader.count_groups(GroupFilter(superseded=True)) == 6
    assert reader.group(1) == folder.reader().group(1)
    reader.close()


def test_every_earlier_schema_is_tried() -> None:
    assert list(OLD_COLUMNS) == list(range(1, len(RUN_MIGRATIONS)))


def test_a_failed_migration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_sample_run(tmp_path)
    old = tmp_path / "run.db"
    write_old(old, folder.database, 1)
    monkeypatch.setattr("grpo_core.store.reader.rebuild_summaries", lambda db, version: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        RunReader(old)
    db = apsw.Connection(str(old))
    assert db.pragma("user_version") == 1
    db.close()


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    db = apsw.Connection(str(path))
    db.execute("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
    db.close()
    for opened_by in (RunReader, RunWriter):
        with pytest.raises(StoreError, match=r"run\.db"):
            opened_by(path)
    db = apsw.Connection(str(path))
    assert db.execute("SELECT x FROM theirs").get == 1
    db.close()


def test_a_writer_goes_on_while_a_newer_program_migrates_its_database(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path, steps=9)
    writer = folder.writer()
    writer.add_groups([sample_group(writer.next_group_id(), 10, [True, False])])
    newer = apsw.Connection(str(folder.database))
    for (table,) in newer.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        newer.execute(f"ALTER TABLE {table} ADD COLUMN later")
    newer.close()
    number = writer.next_group_id()
    for step in range(11, 30):
        writer.add_groups([sample_group(number, step, [True, False])])
        writer.add_metrics(step, {"reward": 0.5})
        number += 1
    writer.supersede_after(25)
    writer.close()
    reader = folder.reader()
    assert reader.count_groups(GroupFilter(superseded=True)) == 4
    newest = reader.group(number - 1)
    assert newest is not None
    assert [completion.text for completion in newest.completions]
    reader.close()
