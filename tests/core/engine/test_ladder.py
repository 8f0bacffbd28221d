"""A temperature ladder: who was sampled how, and what that weighs, recomputed from the policy itself."""

from __future__ import annotations

import math

import pytest
import torch

from grpo_core.config import RunConfig, make_config
from grpo_core.engine.evaluate import EvaluationPlan, generate_texts, inference
from grpo_core.engine.policy import Policy, load_policy
from grpo_core.engine.prompts import prompt_tokens
from grpo_core.errors import ConfigError
from grpo_core.objective import advantages
from grpo_core.problems.prompting import Prompting
from grpo_core.runs.preflight import warnings
from grpo_core.types import Group
from tests.core.engine.conftest import TrainRun

pytestmark = pytest.mark.training


def test_the_rungs() -> None:
    assert RunConfig(num_generations=3, temperature_ladder=0.5).member_temperatures == (0.5, 1.0, 1.5)
    assert set(RunConfig().member_temperatures) == {1.0}
    with pytest.raises(ConfigError, match="temperature_ladder must be below temperature"):
        make_config({"temperature_ladder": 1.0})


def test_the_approximation_is_said() -> None:
    (said,) = warnings(RunConfig(temperature_ladder=0.5))
    assert "from 0.5 to 1.5" in said
    assert "cut at 5" in said
    (said,) = warnings(RunConfig(temperature_ladder=0.5, objective="dpo"))
    assert "no importance weights" in said
    (said,) = warnings(RunConfig(top_p=0.9, top_k=5, min_p=0.1, repetition_penalty=1.1))
    assert "top_p 0.9, top_k 5, min_p 0.1, repetition_penalty 1.1" in said


def test_each_member_is_sampled_on_its_rung(train_run: TrainRun) -> None:
    """At 0.01 nothing but the likeliest is sampled, whatever its siblings do."""
    groups = groups_of_first_step(train_run, temperature_ladder=0.99, temperature=1.0)
    policy = load_policy("embedded")
    plan = EvaluationPlan((), 1, 1.0, 48)
    with inference(policy.model):
        greedy = generate_texts(policy, [group.problem for group in groups], plan, "greedy")
    assert [group.completions[0].text for group in groups] == [each.text for each in greedy]
    assert len({each.text for group in groups for each in group.completions[1:]}) > len(groups)


@pytest.mark.parametrize("settings", [{"objective": "grpo"}, {"objective": "rank"}, {"temperature": 0.7}])
def test_advantages_carry_the_importance_of_their_completion(train_run: TrainRun, settings: dict) -> None:
    groups = groups_of_first_step(train_run, temperature_ladder=0.4, **settings)
    config = RunConfig(num_generations=4, temperature_ladder=0.4, **settings)
    policy = load_policy("embedded")
    cut = 0
    for group in groups:
        plain = advantages(config, group.known_rewards)
        assert plain is not None
        for completion, advantage, rung in zip(group.completions, plain, config.member_temperatures, strict=True):
            log_ratio = likelihood(policy, group, completion.text, config.temperature)
            log_ratio -= likelihood(policy, group, completion.text, rung)
            weight = min(math.exp(log_ratio), 5.0)
            cut += weight == 5.0
            assert completion.importance_weight == pytest.approx(weight, rel=1e-3)
            assert completion.advantage == pytest.approx(advantage * completion.importance_weight, abs=1e-5)
            if config.objective == "rank":
                assert completion.weight == pytest.approx(advantage, abs=1e-5)
    assert cut < len(groups)


def test_pairs_take_no_importance_weights(train_run: TrainRun) -> None:
    groups = groups_of_first_step(train_run, temperature_ladder=0.4, objective="dpo")
    found = [completion for group in groups for completion in group.completions]
    assert all(completion.importance_weight is None for completion in found)
    assert {round(abs(completion.advantage or 0.0), 6) for completion in found} == {0.0, 0.05}


def groups_of_first_step(train_run: TrainRun, **settings: object) -> list[Group]:
    reader = train_run(max_steps=1, save_steps=1, **settings).reader()
    groups = sorted(reader.groups(100), key=lambda group: group.id)
    reader.close()
    return groups


def likelihood(policy: Policy, group: Group, text: str, temperature: float) -> float:
    """log π(y|x) at this temperature, in nats, with the end token."""
    tokenizer = policy.tokenizer
    (prompt,) = prompt_tokens(tokenizer, [group.problem], Prompting())
    answer = tokenizer(text, add_special_tokens=False)["input_ids"]
    answer += [tokenizer.eos_token_id] if len(answer) < 48 else []
    with torch.no_grad():
        logits = policy.model(torch.tensor([[*prompt, *answer]])).logits[0, len(prompt) - 1 : -1]
    logprobs = (logits / temperature).log_softmax(-1)
    return float(logprobs.gather(-1, torch.tensor(answer).unsqueeze(-1)).sum())
