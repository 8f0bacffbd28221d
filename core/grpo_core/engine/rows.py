"""From the tensors of a generation to groups and completions: what `capture` hands to the store's thread."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from accelerate.utils import gather_object

from grpo_core.engine.sequences import aligned
from grpo_core.rewards import Scorer
from grpo_core.store import CompletionUpdate
from grpo_core.types import Completion, FinishReason, Group, Problem, Split, Verdict


@dataclass(frozen=True, slots=True)
class Sampled:
    """The completions of a generation, in the trainer's order: one entry each."""

    problems: list[Problem]
    texts: list[str]
    token_counts: list[int]
    finish_reasons: list[FinishReason]


@dataclass(frozen=True, slots=True)
class Scored:
    """What a generation of N completions earned: rewards are N × functions (nan where a function abstained),
    advantages the N numbers that enter the loss; `weighs` if those are rank weights, times N `importance` weights where
    there are some."""

    sampled: Sampled
    reward_names: Sequence[str]
    reward_weights: Sequence[float]
    rewards: Sequence[Sequence[float]]
    advantages: Sequence[float]
    weighs: bool
    importance: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a generation's groups belong."""

    first_group: int
    step: int


def gather_sampled(local: Sampled) -> Sampled:
    """The completions of all processes, in their order; `local` itself where there is one."""
    return Sampled(
        gather_object(local.problems),
        gather_object(local.texts),
        gather_object(local.token_counts),
        gather_object(local.finish_reasons),
    )


def judge_all(sampled: Sampled, scorer: Scorer | None) -> list[Verdict | None]:
    """A verdict for every completion whose problem has a gold answer."""
    verdicts: list[Verdict | None] = [None] * len(sampled.texts)
    judged = [i for i, problem in enumerate(sampled.problems) if problem.gold] if scorer else []
    if scorer and judged:
        found = scorer.verdicts([sampled.problems[i] for i in judged], [sampled.texts[i] for i in judged])
        for i, verdict in zip(judged, found, strict=True):
            verdicts[i] = verdict
    return verdicts


def make_groups(
    scored: Scored, verdicts: Sequence[Verdict | None], place: Place, split: Split, size: int
) -> list[Group]:
    """Groups of `size` completions, with consecutive ids from `place.first_group`."""
    completions = [_completion(scored, verdicts[i], i, i % size) for i in range(len(scored.advantages))]
    problems = scored.sampled.problems
    return [
        Group(place.first_group + i // size, place.step, split, problems[i], tuple(completions[i : i + size]))
        for i in range(0, len(completions), size)
    ]


def _completion(scored: Scored, verdict: Verdict | None, i: int, index: int) -> Completion:
    rewards = [None if math.isnan(reward) else reward for reward in scored.rewards[i]]
    advantage = scored.advantages[i]
    importance = scored.importance[i] if scored.importance else None
    return Completion(
        index=index,
        text=scored.sampled.texts[i],
        token_count=scored.sampled.token_counts[i],
        finish_reason=scored.sampled.finish_reasons[i],
        verdict=verdict,
        rewards=dict(zip(scored.reward_names, rewards, strict=True)),
        reward=weighted_reward(rewards, scored.reward_weights),
        advantage=advantage,
        weight=advantage / (importance or 1.0) if scored.weighs else None,
        importance_weight=importance,
    )


def weighted_reward(rewards: Sequence[float | None], weights: Sequence[float]) -> float | None:
    """The weighted sum over the functions that scored it, as TRL takes it; None if none did."""
    known = [reward * weight for reward, weight in zip(rewards, weights, strict=True) if reward is not None]
    return math.fsum(known) if known else None


def token_statistics(inputs: Mapping[str, Any], logprobs: torch.Tensor, entropies: torch.Tensor) -> torch.Tensor:
    """(B, 4): the row's index in its generation; mean log-probability and entropy (nats) over its tokens; mean
    log-probability under the reference; nan for what is unknown."""
    mask = inputs["completion_mask"]
    tokens, length = mask.sum(-1).clamp(min=1), mask.shape[1]
    reference = inputs.get("ref_per_token_logps", torch.full_like(logprobs, torch.nan))
    found = (logprobs, entropies, reference)
    completions = [aligned(each.detach(), inputs["prompt_mask"], length) for each in found]
    means = [(each * mask).sum(-1).to(torch.float64) / tokens for each in completions]
    return torch.stack([inputs["sample_idx"].to(torch.float64), *means], dim=1)


def sampling_statistics(output: Mapping[str, Any]) -> list[torch.Tensor]:
    """The same of a generation, where the trainer or vLLM took log-probabilities while sampling; entropies are nan."""
    logprobs = output.get("old_per_token_logps", output.get("sampling_per_token_logps"))
    return [] if logprobs is None else [token_statistics(output, logprobs, torch.full_like(logprobs, torch.nan))]


def loss_statistics(inputs: Mapping[str, Any], logprobs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The same from inside Unsloth's loss: log-probabilities (B, T) and the tokens that count, in its own window."""
    means = (logprobs * mask).sum(-1).to(torch.float64) / mask.sum(-1).clamp(min=1)
    unknown = torch.full_like(means, torch.nan)
    return torch.stack([inputs["sample_idx"].to(torch.float64), means, unknown, unknown], dim=1)


def make_updates(rows: Iterable[Sequence[float]], first_group: int, size: int) -> list[CompletionUpdate]:
    """`token_statistics` rows of a generation whose first group has this id."""
    return [
        CompletionUpdate(first_group + int(number) // size, int(number) % size, logprob, entropy, reference)
        for number, logprob, entropy, reference in rows
    ]
