"""The signal check: what the untrained policy does is counted, and what to change is said in words."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from grpo_core.config import RunConfig
from grpo_core.engine.signal_check import check_signal, describe
from grpo_core.errors import RunError
from grpo_core.runs.signal_check import SignalCheck, advise, run_signal_check

SMALL = RunConfig(num_generations=4, prompts_per_step=4, max_steps=10, eval_steps=0, threads=1)
FINE = SignalCheck(16, 8, 0.4, 0.9, 0.05, 0.05, 0, 0, 0, 0, 0, 20.0, 0.2, 0.4, 2.0)
OTHER_MODEL = RunConfig(model="org/name")


def test_what_the_base_does_is_counted() -> None:
    told: list[tuple[int, int]] = []
    before = torch.get_rng_state()
    found = check_signal(SMALL, 6, lambda done, total: told.append((done, total)))
    assert torch.equal(torch.get_rng_state(), before)
    assert told[-1] == (24, 24)
    assert (found.groups, found.k) == (6, 4)
    assert 0 < found.pass_rate < 1
    assert found.mixed + found.all_correct + found.all_wrong == pytest.approx(1)
    assert 5 < found.mean_tokens < 48
    assert found.step_seconds is not None
    assert found.run_minutes == pytest.approx(10 * found.step_seconds / 60)
    assert "6 groups of 4" in describe(found)
    again = check_signal(SMALL, 6)
    assert (again.pass_rate, again.mean_tokens, again.mixed) == (found.pass_rate, found.mean_tokens, found.mixed)


def test_completions_that_are_cut_off_are_told() -> None:
    found = check_signal(SMALL.model_copy(update={"max_completion_length": 6, "lora_r": 4}), 4)
    assert (found.truncated, found.missing_end, found.all_wrong) == (1.0, 0.0, 1.0)
    assert "max_completion_length" in found.advice[0]


def test_where_there_is_something_to_learn_there_is_no_advice() -> None:
    assert advise(FINE, SMALL) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"all_correct": 0.95, "mixed": 0.05, "all_wrong": 0.0}, "harder problems"),
        ({"all_wrong": 1.0, "mixed": 0.0, "all_correct": 0.0}, "larger model"),
        ({"truncated": 0.8, "no_answer": 0.8}, "raise max_completion_length"),
        ({"truncated": 0.8, "missing_end": 0.7}, "chat template"),
        ({"no_answer": 0.6}, "system_prompt"),
        ({"unparsable": 0.6}, "read as mathematics"),
        ({"unscorable": 0.1}, "gold answers"),
        ({"update_seconds": None}, "per_device_train_batch_size"),
        ({"mixed": 0.05, "all_correct": 0.5, "all_wrong": 0.45}, "num_generations"),
    ],
)
def test_what_to_change_is_said(change: dict, words: str) -> None:
    assert words in advise(replace(FINE, **change), OTHER_MODEL)[0]


def test_the_embedded_model_is_told_to_be_what_it_is() -> None:
    ours = SMALL.model_copy(update={"problems": "mine.jsonl"})
    first, *rest = advise(replace(FINE, all_wrong=1.0, mixed=0.0, no_answer=0.6), ours)
    assert "The embedded model knows only" in first
    assert not any("system_prompt" in sentence for sentence in rest)
    assert advise(FINE, ours) == ()


def test_it_runs_in_a_process_of_its_own() -> None:
    told: list[tuple[int, int]] = []
    found = run_signal_check(SMALL, groups=2, on_progress=lambda done, total: told.append((done, total)))
    assert found is not None
    assert (found.groups, told) == (2, [(8, 8)])
    assert SignalCheck.from_json(found.to_json()) == found


def test_it_can_be_cancelled() -> None:
    cancelled = threading.Event()
    cancelled.set()
    assert run_signal_check(SMALL, cancelled=cancelled) is None


def test_what_went_wrong_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "grpo_broken.py").write_text("raise SystemExit('no such library')")
    monkeypatch.setattr("grpo_core.runs.signal_check.ENGINE_MODULE", "grpo_broken")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "broken"))
    with pytest.raises(RunError, match="no such library"):
        run_signal_check(SMALL)
