"""The run's database: what was written is read back, changes are found by revision, damage is named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Literal

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grpo_core.config import RunConfig
from grpo_core.errors import StoreError
from grpo_core.runs import create_run
from grpo_core.store import CompletionUpdate, RunReader, RunWriter, network_file_system
from grpo_core.store.codec import dump_json, pack_json, pack_text, unpack_json, unpack_text
from grpo_core.store.group_facts import OUTCOME_OF, make_facts
from grpo_core.types import Completion, Evaluation, Group, Problem, Verdict
from tests.samples import CHAIN, HOSTILE, sample_group, write_sample_run


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "run.db"


def stored(path: Path, *groups: Group) -> RunReader:
    writer = RunWriter(path)
    writer.add_groups(groups)
    writer.close()
    return RunReader(path)


def test_a_group_is_read_back_whole(database: Path) -> None:
    group = sample_group(7, 3, [True, False, True, False])
    assert stored(database, group).group(7) == group


def test_hostile_text_is_kept_as_it_is(database: Path) -> None:
    group = sample_group(1, 1, [True, False])
    found = stored(database, group).group(1)
    assert found is not None
    assert HOSTILE in found.completions[1].text


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_survives(text: str) -> None:
    assert unpack_text(pack_text(text)) == text


def test_a_problem_that_utf_8_cannot_hold_is_kept(database: Path) -> None:
    group = sample_group(1, 1, [True, False])
    odd = replace(group, problem=Problem("\ud800", "\udfff", "\ud800", (), "\ud800", "\ud800"))
    assert stored(database, odd).group(1) == odd


def test_rows_are_newest_first_and_paged_by_id(database: Path) -> None:
    reader = stored(database, *(sample_group(number, number, [True, False]) for number in range(1, 8)))
    first = reader.group_rows(limit=3)
    second = reader.group_rows(before=first[-1].id, limit=3)
    assert [row.id for row in first + second] == [7, 6, 5, 4, 3, 2]


def test_a_row_tells_outcomes_without_texts(database: Path) -> None:
    row = stored(database, sample_group(1, 1, [True, False, True])).group_rows()[0]
    assert row.outcomes == ("correct", "wrong", "correct")
    assert row.rewards == (1.0, 0.0, 1.0)
    assert (row.signal, row.size, row.problem) == ("mixed", 3, CHAIN)


def test_what_is_filled_in_later_is_found_by_revision(database: Path) -> None:
    group = sample_group(1, 1, [True, False])
    unknown = replace(group, completions=tuple(replace(c, mean_logprob=None, entropy=None) for c in group.completions))
    writer = RunWriter(database)
    writer.add_groups([unknown])
    reader = RunReader(database)
    seen = reader.counters()["revision"]
    assert reader.group_rows_changed_since(seen) == []
    writer.fill_completions([CompletionUpdate(1, 0, -0.5, 0.25)])
    assert [row.id for row in reader.group_rows_changed_since(seen)] == [1]
    found = reader.group(1)
    assert found is not None
    assert (found.completions[0].mean_logprob, found.completions[0].entropy) == (-0.5, 0.25)
    assert found.completions[1].mean_logprob is None


def test_metrics_keep_trl_keys_and_drop_what_is_no_number(database: Path) -> None:
    writer = RunWriter(database)
    writer.add_metrics(1, {"reward": 0.5, "rewards/correct/mean": 1, "kl": float("nan"), "note": "x", "flag": True})
    writer.add_metrics(2, {"reward": 0.75})
    reader = RunReader(database)
    assert reader.metrics_since() == {"reward": [(1, 0.5), (2, 0.75)], "rewards/correct/mean": [(1, 1.0)]}
    seen = reader.counters()["revision"]
    writer.add_metrics(2, {"reward": 0.8})
    assert reader.metrics_since(seen) == {"reward": [(2, 0.8)]}


def test_evaluations_come_back_equal(database: Path) -> None:
    evaluation = Evaluation(25, 64, 4, 0.5, 0.4, (0.3, 0.5), 0.8, None, 1.0, 2.5)
    writer = RunWriter(database)
    writer.add_evaluation(evaluation)
    assert RunReader(database).evaluations_since() == [evaluation]


def test_ids_are_never_given_twice(database: Path) -> None:
    writer = RunWriter(database)
    assert writer.next_group_id() == 1
    writer.add_groups([sample_group(writer.next_group_id(), 1, [True, False])])
    writer.close()
    assert RunWriter(database).next_group_id() == 2


def test_one_commit_holds_all_of_a_group_or_none(database: Path) -> None:
    writer = RunWriter(database)
    good, clash = sample_group(1, 1, [True, False]), sample_group(1, 1, [True, False])
    with pytest.raises(apsw.ConstraintError):
        writer.add_groups([good, clash])
    reader = RunReader(database)
    assert reader.group_rows() == []
    assert reader.counters()["groups"] == 0


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.samples import sample_group; "
        "from grpo_core.store import RunWriter; writer = RunWriter(Path(sys.argv[1])); number = 0\n"
        "while True:\n"
        "    number += 1; writer.add_groups([sample_group(number, number, [True, False])])\n"
        "    print(number, flush=True)\n"
    )
    for round_number in range(3):
        path = tmp_path / f"{round_number}.db"
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
        )
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(20 + round_number)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in process.stdout.read().split()]
        process.wait()
        process.stdout.close()
        groups = [RunReader(path).group(number) for number in acknowledged]
        assert all(group is not None and len(group.completions) == 2 for group in groups)


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look like one", b"SQLite format 3\0" * 40]
)
def test_a_damaged_database_is_named(database: Path, content: bytes) -> None:
    database.write_bytes(content)
    with pytest.raises(StoreError, match=r"run\.db"):
        RunReader(database)


def test_a_missing_database_is_named(database: Path) -> None:
    with pytest.raises(StoreError, match="no database"):
        RunReader(database)


def test_a_newer_schema_is_refused(database: Path) -> None:
    RunWriter(database).close()
    connection = apsw.Connection(str(database))
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(StoreError, match="newer grpo-dash"):
        RunReader(database)


def test_a_network_file_system_is_refused(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grpo_core.store.connection._file_system_of", lambda path: "nfs4")
    with pytest.raises(StoreError, match="network file system"):
        RunWriter(database)


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(st.booleans(), min_size=1, max_size=12))
def test_a_reader_with_a_cursor_sees_every_group_once(
    steps: list[bool], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However writes and looks are interleaved, following by revision finds each group exactly once."""
    path = tmp_path_factory.mktemp("cursor") / "run.db"
    writer, seen, cursor, number = RunWriter(path), [], 0, 0
    reader = RunReader(path)
    for write in [*steps, False]:
        if write:
            number += 1
            writer.add_groups([sample_group(number, number, [True, False])])
        else:
            seen += [row.id for row in reader.group_rows_changed_since(cursor)]
            cursor = reader.counters()["revision"]
    writer.close()
    reader.close()
    assert seen == list(range(1, number + 1))


def test_the_sample_run_reads(tmp_path: Path) -> None:
    reader = write_sample_run(tmp_path).reader()
    assert reader.counters()["groups"] == 24
    assert {row.signal for row in reader.group_rows(limit=100)} == {"mixed", "all_wrong", "all_correct"}


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        *((kind, True) for kind in ("nfs", "nfs4", "cifs", "lustre", "ceph", "9p", "fuse", "fuse.sshfs", "fuse.new")),
        *((kind, False) for kind in ("ext4", "xfs", "btrfs", "tmpfs", "overlay", "fuse.fuse-overlayfs", "")),
    ],
)
def test_which_file_systems_are_refused(kind: str, refused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grpo_core.store.connection._file_system_of", lambda path: kind)
    assert (network_file_system(Path("/runs")) == kind) is refused


def test_no_run_is_made_on_a_network_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grpo_core.store.connection._file_system_of", lambda path: "lustre")
    with pytest.raises(StoreError, match="lustre"):
        create_run(tmp_path / "runs", RunConfig())
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("with_dictionary", [True, False])
def test_json_is_read_as_it_was_written(with_dictionary: bool) -> None:
    value = {"outcome": "wrong", "text": HOSTILE + "\ud800", "steps": [1, None, 0.5]}
    assert unpack_json(pack_json(value) if with_dictionary else pack_text(dump_json(value))) == value


@pytest.mark.parametrize(
    ("step", "towards", "found"),
    [
        (3, "later", 5),
        (5, "later", None),
        (4, "earlier", 3),
        (3, "earlier", 1),
        (1, "earlier", None),
        (0, "later", 1),
    ],
)
def test_the_next_step_that_has_groups_is_found_either_way(
    database: Path, step: int, towards: Literal["later", "earlier"], found: int | None
) -> None:
    reader = stored(database, *(sample_group(number, at, [True]) for number, at in enumerate((1, 3, 3, 5), 1)))
    assert reader.next_step(step, towards) == found
    reader.close()


@pytest.mark.parametrize(
    ("outcomes", "rewards", "signal"),
    [
        ("cc", [1.0, 1.0], "all_correct"),
        ("ww", [0.0, 0.0], "all_wrong"),
        ("cw", [1.0, 0.0], "mixed"),
        ("ww", [1.0, 1.0], "all_wrong"),
        ("cc", [-1.0, -1.0], "all_correct"),
        ("cw", [1.0, 1.0], "all_correct"),
        ("cw", [0.0, 0.0], "all_wrong"),
        ("--", [1.0, 1.0], "all_correct"),
        ("ss", [None, None], None),
    ],
)
def test_a_group_is_all_right_or_all_wrong_by_the_judge_where_it_judged(
    outcomes: str, rewards: list[float | None], signal: str | None
) -> None:
    assert make_facts(outcomes, "ss", [1, 1], rewards).signal == signal
    judged = [None if letter == "-" else Verdict(OUTCOME_OF[letter]) for letter in outcomes]
    completions = tuple(
        Completion(index, "", 1, "stop", verdict, {}, reward)
        for index, (verdict, reward) in enumerate(zip(judged, rewards, strict=True))
    )
    assert Group(1, 1, "train", CHAIN, completions).signal == signal
