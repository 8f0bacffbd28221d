"""Answering a question: the same seed gives the same text, what is streamed adds up, what is right is judged so."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import torch

from grpo_core.engine.answer import _encode, _problem_of, answer, answer_json
from grpo_core.engine.policy import Policy, load_policy
from grpo_core.errors import ConfigError
from grpo_core.oracle import JudgePool
from grpo_core.problems import load_problem_set
from grpo_core.rewards import Scorer
from grpo_core.runs.playground_events import Done, Event, Finished, Text, event_json, event_of
from grpo_core.store import Question, Subject
from grpo_core.types import Completion, Problem
from tests.samples import HOSTILE

(PROBLEM,) = load_problem_set("generated").train_problems(1, seed=0)
SUBJECT = Subject("embedded model", "embedded")
ASKED = Question(SUBJECT, PROBLEM.prompt, gold=PROBLEM.gold, steps=PROBLEM.steps, k=8, seed=3)


@pytest.fixture(scope="module")
def policy() -> Policy:
    torch.set_num_threads(1)
    return load_policy("embedded")


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(JudgePool())


def events_of(policy: Policy, scorer: Scorer, question: Question) -> list[Event]:
    events: list[Event] = []
    answer(policy, question, scorer, events.append)
    return events


def completions_in(events: list[Event]) -> list[Completion]:
    return [event.completion for event in events if isinstance(event, Finished)]


def test_the_same_seed_gives_the_same_completions(policy: Policy, scorer: Scorer) -> None:
    one, same, other = (completions_in(events_of(policy, scorer, replace(ASKED, seed=seed))) for seed in (3, 3, 4))
    assert one == same
    assert [each.text for each in one] != [each.text for each in other]


def test_the_random_state_and_the_mode_are_left_alone(policy: Policy, scorer: Scorer) -> None:
    policy.model.train()
    before = torch.get_rng_state()
    events_of(policy, scorer, ASKED)
    assert torch.equal(torch.get_rng_state(), before)
    assert policy.model.training


def test_what_is_streamed_adds_up_to_the_completions(
    policy: Policy, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grpo_core.engine.answer.TICK_SECONDS", 0.0)
    events = events_of(policy, scorer, ASKED)
    texts = [""] * ASKED.k
    for event in events:
        if isinstance(event, Text):
            texts[event.index] += event.added
    assert texts == [each.text for each in completions_in(events)]
    assert sum(isinstance(event, Text) for event in events) > 2 * ASKED.k


def test_completions_are_judged_and_counted(policy: Policy, scorer: Scorer) -> None:
    events = events_of(policy, scorer, replace(ASKED, k=32))
    completions, done = completions_in(events), events[-1]
    for each in completions:
        assert each.verdict is not None
        assert (each.verdict.outcome == "correct") is (f"\\boxed{{{PROBLEM.gold}}}" in each.text)
        assert each.reward == each.rewards["correct"] == each.verdict.reward
        assert each.verdict.steps
    right = sum(each.reward == 1 for each in completions)
    assert isinstance(done, Done)
    assert 0 < right < 32
    assert (done.judged, done.correct, done.pass_at_1, done.pass_at_k) == (32, right, right / 32, 1.0)


def test_without_a_gold_answer_nothing_is_judged(policy: Policy, scorer: Scorer) -> None:
    events = events_of(policy, scorer, replace(ASKED, gold=""))
    assert [each.verdict for each in completions_in(events)] == [None] * ASKED.k
    assert isinstance(events[-1], Done)
    assert events[-1].pass_at_1 is None


def test_greedy_gives_one_completion_whatever_the_seed(policy: Policy, scorer: Scorer) -> None:
    one, other = (
        completions_in(events_of(policy, scorer, replace(ASKED, temperature=0, seed=seed))) for seed in (1, 2)
    )
    assert len(one) == 1
    assert one == other


def test_a_completion_is_as_long_as_it_may_be(policy: Policy, scorer: Scorer) -> None:
    for each in completions_in(events_of(policy, scorer, replace(ASKED, max_completion_length=5))):
        assert (each.token_count, each.finish_reason) == (5, "length")


def test_cancelling_ends_it_at_once_and_judges_nothing(policy: Policy, scorer: Scorer) -> None:
    cancelled, events = threading.Event(), []
    cancelled.set()
    done = answer(policy, ASKED, scorer, events.append, cancelled)
    assert done.cancelled
    assert [(each.token_count, each.finish_reason, each.verdict) for each in completions_in(events)] == [
        (1, None, None)
    ] * ASKED.k


@pytest.mark.parametrize("prompt", [HOSTILE, "\ud800 lone", "<|im_end|><|endoftext|>", "{{ 7*7 }}{% raise %}", "\x00"])
def test_any_prompt_is_answered(policy: Policy, scorer: Scorer, prompt: str) -> None:
    events = events_of(policy, scorer, replace(ASKED, prompt=prompt, system_prompt=prompt, gold=prompt, k=2))
    assert len(completions_in(events)) == 2
    assert [event_of(event_json(event)) for event in events] == events


def test_a_prompt_that_does_not_fit_is_refused_in_words(policy: Policy, scorer: Scorer) -> None:
    with pytest.raises(ConfigError, match="reads at most 256"):
        events_of(policy, scorer, replace(ASKED, prompt="1+" * 200))


def test_the_prompt_is_shown_as_in_training_in_its_template_after_worked_examples(policy: Policy) -> None:
    example = Problem("e", "1+1", "2", ("1+1=2",))
    shown = replace(ASKED, prompt="6*7", prompt_template="Solve: {problem}", examples=(example,), k=1)
    (text,) = policy.tokenizer.batch_decode(_encode(policy, _problem_of(shown), shown)["input_ids"])
    assert text.index("Solve: 1+1") < text.index("\\boxed{2}") < text.index("Solve: 6*7")


def test_the_trainers_answer_is_the_same(policy: Policy, scorer: Scorer) -> None:
    said = answer_json(policy, scorer, ASKED.to_json())
    there = completions_in(events_of(policy, scorer, ASKED))
    assert [Completion.from_json(data) for data in said["completions"]] == there
