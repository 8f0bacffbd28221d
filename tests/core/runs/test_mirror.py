"""Copies of whole checkpoints elsewhere: whole or absent, as many as are kept, and no matter where they cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from grpo_core.config import RunConfig
from grpo_core.runs import RunFolder, create_run
from grpo_core.runs.checkpoints import complete_checkpoints, verify_checkpoint, write_manifest
from grpo_core.runs.mirror import Mirror


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return create_run(tmp_path / "runs", RunConfig(name="test"))


def checkpoint_of(folder: RunFolder, step: int) -> Path:
    made = folder.checkpoints / f"checkpoint-{step}"
    (made / "ref").mkdir(parents=True)
    (made / "model.safetensors").write_bytes(bytes([step]))
    (made / "ref" / "adapter.safetensors").write_bytes(b"ref")
    write_manifest(made, step)
    return made


def test_the_newest_are_copied_whole_beside_the_settings(folder: RunFolder, tmp_path: Path) -> None:
    told: list[str | None] = []
    mirror = Mirror(folder, tmp_path / "volume", 2, told.append)
    for step in (1, 2, 3):
        mirror.copy(checkpoint_of(folder, step))
    mirror.close()
    copy = RunFolder(tmp_path / "volume" / folder.id)
    found = complete_checkpoints(copy.checkpoints)
    assert [path.name for path in found] == ["checkpoint-3", "checkpoint-2"]
    assert [verify_checkpoint(path) for path in found] == [None, None]
    assert copy.config() == folder.config()
    assert told == [None, None, None]


def test_a_mirror_that_fails_says_so_and_goes_on(folder: RunFolder, tmp_path: Path) -> None:
    told: list[str | None] = []
    (tmp_path / "volume").write_text("a file stands where the folder should be")
    mirror = Mirror(folder, tmp_path / "volume", 2, told.append)
    mirror.copy(checkpoint_of(folder, 1))
    mirror.close()
    assert "checkpoint-1 could not be copied" in (told[0] or "")


def test_a_checkpoint_that_is_gone_by_then_is_let_be(folder: RunFolder, tmp_path: Path) -> None:
    told: list[str | None] = []
    mirror = Mirror(folder, tmp_path / "volume", 2, told.append)
    mirror.copy(folder.checkpoints / "checkpoint-7")
    mirror.close()
    assert told == [None]
    assert not (tmp_path / "volume").exists()
