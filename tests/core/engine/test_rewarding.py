"""A person's own reward functions: found or refused before anything loads, and never the end of a run."""

from __future__ import annotations

import sys
import textwrap
import types
from pathlib import Path

import pytest

from grpo_core.config import RunConfig
from grpo_core.engine import train as train_module
from grpo_core.engine.rewarding import Failures, load_own, own_reward
from grpo_core.engine.train import train
from grpo_core.errors import ConfigError
from grpo_core.rewards import Answered
from grpo_core.runs import create_run
from grpo_core.runs.preflight import check_fields
from grpo_core.types import Problem, Verdict
from tests.core.engine.conftest import TrainRun

ANSWERED = Answered(Problem("p", "1+1", "2"), "two \x1b[2J", 3, Verdict("correct"))
MODULE = """
    import sys
    from fractions import Fraction

    number = 3
    def brief(completion, problem): return Fraction(1, 1 + len(completion))
    def raises(completion, problem): raise KeyError(completion)
    def leaves(completion, problem): sys.exit("enough")
    def words(completion, problem): return "much"
    def infinite(completion, problem): return float("inf")
    def abstains(completion, problem): return None
    def picky(completion, problem):
        if "x" in problem.prompt: raise ValueError("no\\nthanks")
        return 1.0
"""


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "rewards_of_mine.py").write_text(textwrap.dedent(MODULE))
    (folder / "broken_rewards.py").write_text("def half(:\n")
    monkeypatch.syspath_prepend(str(folder))


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("brief", 1 / 9, None),
        ("abstains", None, None),
        ("raises", None, "KeyError: 'two \\x1b[2J'"),
        ("leaves", None, "SystemExit: enough"),
        ("words", None, "it returned 'much', which is no number"),
        ("infinite", None, "it returned inf, which is no number"),
    ],
)
@pytest.mark.usefixtures("own_module")
def test_a_failure_is_no_reward_with_a_reason(name: str, value: float | None, reason: str | None) -> None:
    failures, full = Failures(), f"python:rewards_of_mine.{name}"
    reward = own_reward(full, load_own(full), failures)
    assert reward(ANSWERED) == (pytest.approx(value) if value is not None else None)
    assert reward(ANSWERED) is None or reason is None
    assert failures.take_news() == ([f"{full} gave no reward 2 times: {reason}"] if reason else None)
    assert failures.take_news() is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("python:no_such_module.f", "cannot be imported: ModuleNotFoundError"),
        ("python:broken_rewards.half", "cannot be imported: SyntaxError"),
        ("python:rewards_of_mine.nothing", "has no such function"),
        ("python:rewards_of_mine.number", "cannot be called"),
        ("python:os; import sys", "not of the form"),
    ],
)
@pytest.mark.usefixtures("own_module")
def test_what_cannot_be_used_is_said_before_anything_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        load_own(name)
    monkeypatch.setattr(train_module, "load_tokenizer", lambda _: pytest.fail("something was loaded"))
    folder = create_run(tmp_path / "runs", RunConfig(rewards={"correct": 1.0, name: 0.5}))
    with pytest.raises(ConfigError, match=words):
        train(folder)


@pytest.mark.usefixtures("own_module")
def test_a_missing_module_is_seen_without_importing_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "made_not_found", types.ModuleType("made_not_found"))
    assert "is not there" in check_fields(RunConfig(rewards={"python:no_such_module.f": 1.0}))["rewards"]
    assert "is not there" in check_fields(RunConfig(rewards={"python:made_not_found.f": 1.0}))["rewards"]
    assert "There is no reward" in check_fields(RunConfig(rewards={"python:f": 1.0}))["rewards"]
    assert check_fields(RunConfig(rewards={"python:broken_rewards.half": 1.0})) == {}


@pytest.mark.training
@pytest.mark.usefixtures("own_module")
def test_a_run_goes_on_and_records_every_reward_apart(train_run: TrainRun) -> None:
    name = "python:rewards_of_mine.picky"
    folder = train_run(rewards={"partial": 0.5, name: 0.25}, partial_alignment="position", partial_alpha=0.25)
    reader = folder.reader()
    groups = [group for group in reader.groups(100) if group.split == "train"]
    (failure,) = reader.facts()["reward_failures"]
    reader.close()
    refused = sum("x" in group.problem.prompt for group in groups)
    assert 0 < refused < len(groups)
    assert failure == f"{name} gave no reward {refused * 4} times: ValueError: no thanks"
    for completion in (each for group in groups for each in group.completions):
        found = completion.rewards
        assert list(found) == ["partial", name, "correct", "format"]
        assert found["correct"] == completion.verdict.reward  # type: ignore[union-attr]
        assert found["format"] == float("\\boxed{" in completion.text and "}" in completion.text)
        assert completion.reward == pytest.approx(0.5 * found["partial"] + 0.25 * (found[name] or 0.0), abs=1e-6)
