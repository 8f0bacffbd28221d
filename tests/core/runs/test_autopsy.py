"""Why a run ended, in words, from its records and the end of its log."""

from __future__ import annotations

from pathlib import Path

import pytest

from grpo_core.config import RunConfig
from grpo_core.runs import create_run
from grpo_core.runs.autopsy import explain_ending
from grpo_core.runs.process import ExitRecord, write_record


@pytest.mark.parametrize(
    ("exit_record", "log", "words"),
    [
        (ExitRecord(1, 1, None, 0.0), "torch.OutOfMemoryError: CUDA out of memory. Tried …", "GPU ran out of memory"),
        (
            ExitRecord(1, 1, None, 0.0),
            "grpo-dash: The model x cannot be loaded: no file",
            "The model x cannot be loaded",
        ),
        (
            ExitRecord(1, 1, None, 0.0),
            "torch.OutOfMemoryError: CUDA out of memory.\ngrpo-dash: The GPU ran out of memory in an update. Less …",
            "in an update. Less",
        ),
        (ExitRecord(1, 1, None, 0.0), "ValueError: No available memory for the cache blocks.", "raise vllm_gpu_memory"),
        (ExitRecord(1, 1, None, 0.0), "OSError: [Errno 28] No space left on device", "disk is full"),
        (ExitRecord(1, 1, None, 0.0), "  File x\nValueError: wrong shape", "It raised ValueError: wrong shape"),
        (ExitRecord(1, 3, None, 0.0), "", "ended with code 3"),
        (ExitRecord(1, None, 9, 0.0), "step 3 of 9", "Something killed it (SIGKILL)"),
        (ExitRecord(1, None, 9, 0.0, out_of_memory=True), "step 3 of 9", "because memory ran out"),
        (ExitRecord(1, None, 9, 0.0, forced=True), "", "did not stop when told to"),
        (ExitRecord(1, None, 11, 0.0), "", "SIGSEGV"),
        (ExitRecord(1, None, 15, 0.0), "", "from outside (SIGTERM)"),
    ],
)
def test_the_likely_cause(tmp_path: Path, exit_record: ExitRecord, log: str, words: str) -> None:
    folder = create_run(tmp_path, RunConfig(name="test"))
    folder.log.write_text(log)
    write_record(folder.exit_file, exit_record)
    ending = explain_ending(folder, "failed" if exit_record.signal is None else "killed")
    assert ending is not None
    assert words in ending.cause
    assert list(ending.log) == [line for line in log.splitlines() if line]


def test_a_lost_run_says_so(tmp_path: Path) -> None:
    ending = explain_ending(create_run(tmp_path, RunConfig(name="test")), "lost")
    assert ending is not None
    assert "left no record" in ending.cause
    assert ending.log == ()


def test_a_good_end_needs_no_words(tmp_path: Path) -> None:
    assert explain_ending(create_run(tmp_path, RunConfig(name="test")), "finished") is None
