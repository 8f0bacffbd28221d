"""Rewards by name: what each gives, how they add up, and that no text takes long or breaks one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trl.rewards import get_soft_overlong_punishment

from grpo_core.config import RunConfig, make_config
from grpo_core.errors import ConfigError
from grpo_core.oracle import JudgePool, JudgeTask
from grpo_core.rewards import Answered, Scorer, built_in_rewards, judged_rewards, overlong, total_reward
from grpo_core.template import follows_template
from grpo_core.types import Problem

R1 = "<think>...</think> <answer>...</answer>"
BOXED = "...\\boxed{...}..."
PROBLEM = Problem("p", "(2+3)*4", "20", ("2+3=5", "5*4=20"))


def answered(text: str, tokens: int = 10, scorer: Scorer | None = None) -> Answered:
    if scorer is None:
        with JudgePool() as pool:
            return answered(text, tokens, Scorer(pool))
    return Answered(PROBLEM, text, tokens, scorer.verdicts([PROBLEM], [text])[0])


@pytest.mark.parametrize(
    ("text", "template", "follows"),
    [
        ("<think>so</think><answer>4</answer>", R1, True),
        ("  <think>so\n</think>\n\n<answer>4</answer>\n", R1, True),
        ("<think></think><answer></answer>", R1, True),
        ("<think>so</think> well <answer>4</answer>", R1, False),
        ("<answer>4</answer><think>so</think>", R1, False),
        ("<think>so</think><answer>4</answer> and more", R1, False),
        ("Hm. <think>so</think><answer>4</answer>", R1, False),
        ("<think>a<think>b</think><answer>4</answer>", R1, False),
        ("<think>so</think><answer>4</answer><answer>5</answer>", R1, False),
        ("<think>so", R1, False),
        ("", R1, False),
        ("so \\boxed{4}", BOXED, True),
        ("\\boxed{\\frac{1}{2}} it is", BOXED, True),
        ("\\boxed{4", BOXED, False),
        ("4", BOXED, False),
        ("the end", "...the end", True),
        ("the end the end", "...the end", True),
        ("the end.", "...the end", False),
        ("Answer:\n 4", "Answer: ...", True),
        ("42", "42", True),
        ("42.", "42", False),
    ],
)
def test_format_is_the_template(text: str, template: str, follows: bool) -> None:
    assert follows_template(text, template) is follows


@pytest.mark.parametrize("unit", ["<think>", "</think>", "<answer>", "}", "\\boxed{", " ", "\n", "<", "a b ", "\ud800"])
@pytest.mark.parametrize("template", [R1, BOXED, "...}", "a b...", "...a\nb...a b"])
def test_repeated_text_neither_hangs_nor_earns_tags(unit: str, template: str) -> None:
    text = unit * 100_000
    assert follows_template(text, R1) is False
    follows_template(text, template)
    follows_template(f"<think>{text}</think><answer>{text}</answer>", template)


@given(st.text(alphabet="<>/think answer\\boxed{}. \n", max_size=60), st.sampled_from([R1, BOXED, "a...b", "..."]))
def test_any_text_follows_or_not(text: str, template: str) -> None:
    assert follows_template(text, template) in (True, False)


@pytest.mark.parametrize("template", ["", "  ", "...", "... ..."])
def test_a_template_that_says_nothing_is_refused(template: str) -> None:
    with pytest.raises(ConfigError, match="format_template needs some text"):
        make_config({"format_template": template})


@pytest.mark.parametrize("cache", [1, 10, 48])
def test_length_is_trls_soft_overlong_punishment(cache: int) -> None:
    theirs = get_soft_overlong_punishment(48, cache)
    counts = range(1, 60)
    expected = theirs(completion_ids=[[0] * count for count in counts])
    assert [overlong(count, 48, cache) for count in counts] == pytest.approx(expected)


def test_partial_by_hand() -> None:
    half = answered("2+3=5\nso \\boxed{7}")
    assert half.verdict.outcome == "wrong"
    assert half.verdict.partial > 0
    for alpha in (0.0, 0.25, 1.0):
        found = built_in_rewards(RunConfig(partial_alpha=alpha))["partial"](half)
        assert found == pytest.approx(alpha * half.verdict.partial)
    assert judged_rewards(half.verdict) == {"correct": 0.0, "partial": pytest.approx(0.5 * half.verdict.partial)}
    right = answered("\\boxed{20}")
    assert built_in_rewards(RunConfig(partial_alpha=0.0))["partial"](right) == 1.0


def test_steps_are_compared_in_order_or_place_by_place() -> None:
    """The second line is the reference's first: in order it counts, in its place it does not."""
    text = "1+1=2\n2+3=5\nso \\boxed{7}"
    with JudgePool() as pool:
        in_order = answered(text, scorer=Scorer(pool, "lcs"))
        by_place = answered(text, scorer=Scorer(pool, "position"))
    assert in_order.verdict.partial > 0
    assert by_place.verdict.partial == 0
    assert JudgeTask(text, "20").alignment == "lcs"


def test_format_and_length_of_a_completion() -> None:
    rewards = built_in_rewards(RunConfig(format_template=R1, soft_punish_cache=8))
    boxed = answered("so \\boxed{20}", tokens=44)
    assert (rewards["format"](boxed), rewards["length"](boxed)) == (0.0, -0.5)
    assert built_in_rewards(RunConfig())["format"](boxed) == 1.0


@pytest.mark.parametrize(
    ("rewards", "weights", "total"),
    [
        ({"correct": 1.0, "format": 0.0}, {"correct": 1.0, "format": 0.2}, 1.0),
        ({"correct": 0.0, "format": 1.0}, {"correct": 1.0, "format": 0.2}, 0.2),
        ({"correct": None, "format": 1.0}, {"correct": 1.0, "format": 0.2}, None),
        ({"correct": None, "format": 1.0}, {"correct": 0.0, "format": 0.2}, 0.2),
        ({"correct": 1.0, "python:a.b": None}, {"correct": 1.0, "python:a.b": 3.0}, 1.0),
        ({"python:a.b": None, "format": 1.0}, {"python:a.b": 1.0, "format": 0.0}, None),
    ],
)
def test_how_rewards_add_up(rewards: dict, weights: dict, total: float | None) -> None:
    assert total_reward(rewards, weights) == total


def test_format_and_correctness_are_always_recorded() -> None:
    assert RunConfig(rewards={"partial": 0.5}).recorded_rewards == {"partial": 0.5, "correct": 0.0, "format": 0.0}
    assert list(RunConfig(rewards={"format": 0.1, "correct": 1.0}).recorded_rewards) == ["format", "correct"]
    with pytest.raises(ConfigError, match="at least one with a weight"):
        make_config({"rewards": {"correct": 0.0}})
