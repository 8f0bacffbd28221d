"""A run out to a file and in again is the same; what TRL and verl logged becomes groups; nothing living is pruned."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from grpo_core.errors import GrpoDashError, ProblemsError
from grpo_core.runs import RunFolder, list_run_folders, summarise
from grpo_core.runs.checkpoints import write_manifest
from grpo_core.runs.process import ProcessRecord, identify, take_lock, write_record
from grpo_core.runs.retention import removable_checkpoints, removable_runs, remove
from grpo_core.runs.transfer import export_lines, export_parquet, import_run, stored_groups
from tests.samples import sample_group, write_sample_run


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    found = write_sample_run(tmp_path / "runs")
    writer = found.writer()
    odd = sample_group(26, 13, [True, False])
    text = odd.completions[1].text + "\ud800\x00 the last of it"
    writer.add_groups([replace(odd, completions=(odd.completions[0], replace(odd.completions[1], text=text)))])
    writer.supersede_after(10)
    writer.close()
    return found


def groups_of(folder: RunFolder) -> list:
    reader = folder.reader()
    found = list(stored_groups(reader))
    reader.close()
    return found


def test_json_lines_lose_nothing(folder: RunFolder, tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_text("\n".join(export_lines(folder)))
    copy = import_run(tmp_path / "runs", [file])
    assert groups_of(copy) == groups_of(folder)
    assert list(export_lines(copy)) == list(export_lines(folder))
    assert summarise(copy).status == "finished"


def test_parquet_loses_nothing_of_the_groups(folder: RunFolder, tmp_path: Path) -> None:
    file = tmp_path / "run.parquet"
    assert export_parquet(folder, file) == sum(len(group.completions) for group, _ in groups_of(folder))
    copy = import_run(tmp_path / "runs", [file], "copy")
    assert groups_of(copy) == groups_of(folder)
    assert summarise(copy).name == "copy"


def test_our_parquet_has_trls_columns(folder: RunFolder, tmp_path: Path) -> None:
    export_parquet(folder, tmp_path / "run.parquet")
    table = parquet.read_table(tmp_path / "run.parquet")
    assert table.column_names == ["step", "prompt", "completion", "correct", "partial", "grpo_dash", "advantage"]
    assert table.column("advantage").type == pyarrow.float64()


def write_trl(path: Path, step: int, gold: bool = False) -> None:
    """As `log_completions` of TRL 1.14.2 writes it."""
    table = {
        "step": [step] * 4,
        "prompt": ["1+1", "1+1", "2+2", "2+2"],
        "completion": ["2", "3", "\\boxed{4}", "5"],
        "accuracy": [1.0, 0.0, 1.0, float("nan")],
        "format": [0.5, 0.5, 0.0, 0.0],
        **({"answer": ["2", "2", "4", "4"]} if gold else {}),
        "advantage": [0.7, -0.7, 0.7, -0.7],
    }
    parquet.write_table(pyarrow.table(table), path)


def test_trls_log_of_completions(tmp_path: Path) -> None:
    for step in (10, 9):
        write_trl(tmp_path / f"completions_{step:05d}.parquet", step, gold=True)
    copy = import_run(tmp_path / "runs", sorted(tmp_path.glob("completions_*.parquet")))
    groups = [group for group, _ in groups_of(copy)]
    assert [(group.step, group.problem.prompt, group.problem.gold, len(group.completions)) for group in groups] == [
        (9, "1+1", "2", 2),
        (9, "2+2", "4", 2),
        (10, "1+1", "2", 2),
        (10, "2+2", "4", 2),
    ]
    last = groups[-1].completions[1]
    assert (last.text, last.rewards, last.reward) == ("5", {"accuracy": None, "format": 0.0}, 0.0)
    assert [completion.advantage for completion in groups[0].completions] == [0.7, -0.7]
    assert (summarise(copy).step, summarise(copy).status) == (10, "finished")


def test_a_step_that_older_trl_wrote_as_text(tmp_path: Path) -> None:
    path = tmp_path / "completions.jsonl"
    rows = [{"step": step, "prompt": "1+1", "completion": "2", "accuracy": 1.0} for step in ("9", "10")]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    copy = import_run(tmp_path / "runs", [path])
    assert [group.step for group, _ in groups_of(copy)] == [9, 10]


def test_verls_rollouts(tmp_path: Path) -> None:
    rows = [
        {"input": "1+1", "output": "2", "gts": "2", "score": 1.0, "step": 5, "acc": True},
        {"input": "1+1", "output": "3", "gts": "2", "score": 0.0, "step": 5, "acc": False},
        {"input": "2+2", "output": "4", "gts": "4", "score": 1.0, "step": 5, "acc": True},
    ]
    (tmp_path / "5.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    found = [group for group, _ in groups_of(import_run(tmp_path / "runs", [tmp_path / "5.jsonl"]))]
    assert [(group.step, group.problem.gold, len(group.completions)) for group in found] == [(5, "2", 2), (5, "4", 1)]
    assert found[0].completions[0].rewards == {"score": 1.0, "acc": 1.0}
    assert found[0].signal == "mixed"


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"[1]", b"{}", b"not json", b'{"input": "x"}', b'{"kind": "run"}', b"PAR1", b"\xff\xfe"]
)
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_a_file_of_another_kind_leaves_no_run(tmp_path: Path, content: bytes, ending: str) -> None:
    file = tmp_path / f"file.{ending}"
    file.write_bytes(content)
    with pytest.raises(ProblemsError, match=r"file|TRL"):
        import_run(tmp_path / "runs", [file])
    assert list_run_folders(tmp_path / "runs") == []


@settings(max_examples=25, deadline=None)
@given(
    row=st.dictionaries(
        st.sampled_from(["input", "output", "gts", "score", "step", "prompt", "completion", "advantage", "kind"]),
        st.none() | st.integers(-5, 5) | st.floats() | st.text(max_size=4) | st.lists(st.text(max_size=2), max_size=2),
        max_size=7,
    )
)
def test_any_row_is_taken_or_refused(row: dict, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("rows")
    (folder / "1.jsonl").write_text(json.dumps(row))
    try:
        import_run(folder / "runs", [folder / "1.jsonl"])
    except GrpoDashError:
        assert list_run_folders(folder / "runs") == []


def make_alive(folder: RunFolder) -> None:
    write_record(folder.process_file, ProcessRecord(identify(os.getpid()), identify(os.getpid()), 1))


def test_only_what_has_ended_can_be_removed(tmp_path: Path) -> None:
    ended, alive = (write_sample_run(tmp_path, name=name) for name in ("ended", "alive"))
    make_alive(alive)
    (found,) = removable_runs(tmp_path)
    assert (found.folder, found.bytes > 0) == (ended, True)
    assert removable_runs(tmp_path, older_than_days=1) == []
    assert removable_runs(tmp_path, keep=1) == []
    assert removable_runs(tmp_path, only=[alive]) == []
    assert remove(found)
    assert [folder.id for folder in list_run_folders(tmp_path)] == [alive.id]


def test_a_run_that_came_to_life_meanwhile_stays(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path)
    (found,) = removable_runs(tmp_path)
    lock = take_lock(folder.lock)
    assert lock is not None
    assert not remove(found)
    os.close(lock)
    make_alive(folder)
    assert not remove(found)
    assert folder.path.is_dir()


def test_old_runs_are_found_by_when_they_were_written(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path)
    for path in folder.path.rglob("*"):
        os.utime(path, (time.time() - 40 * 86_400,) * 2)
    assert [round(each.age_days) for each in removable_runs(tmp_path, older_than_days=30)] == [40]


def test_the_newest_checkpoint_stays(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path)
    for step in (1, 2, 3):
        checkpoint = folder.checkpoints / f"checkpoint-{step}"
        checkpoint.mkdir(parents=True)
        (checkpoint / "model").write_bytes(b"x" * 1000)
        write_manifest(checkpoint, step)
    (found,) = removable_checkpoints(tmp_path)
    assert found.bytes > 2000
    assert remove(found)
    assert [path.name for path in folder.checkpoints.iterdir()] == ["checkpoint-3"]
    assert removable_checkpoints(tmp_path) == []
