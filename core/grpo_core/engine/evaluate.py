"""Evaluating a policy on fixed held-out problems: sample, judge, and hand over to `figures`, which counts.

Sampling has a random state of its own, so that an evaluation leaves the training's untouched and two evaluations of
equal weights are equal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PreTrainedModel, StoppingCriteria, StoppingCriteriaList

from grpo_core.config import RunConfig
from grpo_core.engine.figures import summarise
from grpo_core.engine.policy import Policy
from grpo_core.engine.prompts import encode_prompts
from grpo_core.problems.prompting import PLAIN, Prompting
from grpo_core.rewards import Scorer
from grpo_core.types import Completion, Decoding, Evaluation, FinishReason, Group, Problem, Verdict

BATCH = 256
"""Completions that are sampled side by side."""
OnProgress = Callable[[int, int], None]
OnGroups = Callable[[Sequence[Group]], None]


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """`k` samples (and one greedy answer) for each of `problems`, at most `max_completion_length` tokens each."""

    problems: tuple[Problem, ...]
    k: int
    temperature: float
    max_completion_length: int
    prompting: Prompting = PLAIN
    top_p: float = 1.0
    top_k: int = 0
    min_p: float | None = None
    repetition_penalty: float = 1.0
    seed: int = 0
    greedy: bool = True
    batch_size: int = BATCH

    @property
    def completions(self) -> int:
        return len(self.problems) * (self.k + self.greedy)


def plan_of(
    config: RunConfig,
    problems: Sequence[Problem],
    prompting: Prompting,
    *,
    seed: int,
    batch_size: int = BATCH,
) -> EvaluationPlan:
    """Sampling as the configuration says, its samples from `eval_generations`."""
    return EvaluationPlan(
        problems=tuple(problems),
        k=config.eval_generations,
        temperature=config.temperature,
        max_completion_length=config.max_completion_length,
        prompting=prompting,
        top_p=config.top_p,
        top_k=config.top_k,
        min_p=config.min_p,
        repetition_penalty=config.repetition_penalty,
        seed=seed,
        batch_size=batch_size,
    )


@dataclass(frozen=True, slots=True)
class Generated:
    """A completion's text, its tokens (the end token counted) and how it ended."""

    text: str
    token_count: int
    finish_reason: FinishReason


@dataclass(frozen=True, slots=True)
class _Batch:
    problems: tuple[Problem, ...]
    decoding: Decoding
    size: int


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """The figures, and every completion as groups of k (sampled) and of 1 (greedy); ids count from `first_group`."""

    evaluation: Evaluation
    groups: tuple[Group, ...]


def evaluate_policy(
    policy: Policy,
    scorer: Scorer,
    plan: EvaluationPlan,
    *,
    step: int = 0,
    first_group: int = 1,
    on_progress: OnProgress | None = None,
    on_groups: OnGroups | None = None,
) -> EvaluationResult:
    """Sample, judge and count; `on_groups` gets each batch's as soon as it is judged. The model's mode and the random
    state are as before when it returns."""
    start = time.perf_counter()
    groups: list[Group] = []
    progress = _Progress(plan, on_progress)
    with own_random_state(plan.seed), inference(policy.model):
        for batch in _batches(plan):
            progress.begin(batch)
            fresh = _groups_of(policy, scorer, plan, batch, step, first_group + len(groups), progress)
            groups += fresh
            progress.end(batch)
            if on_groups:
                on_groups(fresh)
    return EvaluationResult(summarise(groups, step, plan.temperature, time.perf_counter() - start), tuple(groups))


class _Progress(StoppingCriteria):
    """Tells how many completions are done; within a batch by its tokens, as if all became as long as they may. It
    stops none."""

    def __init__(self, plan: EvaluationPlan, tell: OnProgress | None) -> None:
        self._plan = plan
        self._tell = tell or (lambda done, total: None)
        self._done = self._size = self._tokens = 0

    def begin(self, batch: _Batch) -> None:
        self._size, self._tokens = len(batch.problems) * batch.size, 0

    def end(self, batch: _Batch) -> None:
        self._done += self._size
        self._tell(self._done, self._plan.completions)

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        self._tokens += 1
        share = self._tokens / (self._plan.max_completion_length + 1)
        self._tell(self._done + int(self._size * share), self._plan.completions)
        return torch.zeros(len(input_ids), device=input_ids.device, dtype=torch.bool)


def _batches(plan: EvaluationPlan) -> Iterator[_Batch]:
    """First every problem greedily, then every problem's samples."""
    kinds: list[tuple[Decoding, int]] = [("sampled", plan.k)]
    if plan.greedy:
        kinds.insert(0, ("greedy", 1))
    for decoding, size in kinds:
        per_batch = max(1, plan.batch_size // size)
        for at in range(0, len(plan.problems), per_batch):
            yield _Batch(plan.problems[at : at + per_batch], decoding, size)


@contextmanager
def own_random_state(seed: int) -> Iterator[None]:
    devices = list(range(torch.cuda.device_count()))
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield


@contextmanager
def inference(model: PreTrainedModel) -> Iterator[None]:
    """Evaluation mode without gradients; the mode is put back, and with it what Unsloth's `generate` changed."""
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        if training and hasattr(model, "for_training"):
            model.for_training(use_gradient_checkpointing=getattr(model, "_unsloth_gradient_checkpointing", "unsloth"))
        model.train(training)


def _groups_of(
    policy: Policy,
    scorer: Scorer,
    plan: EvaluationPlan,
    batch: _Batch,
    step: int,
    first_group: int,
    progress: _Progress,
) -> list[Group]:
    repeated = [problem for problem in batch.problems for _ in range(batch.size)]
    texts = generate_texts(policy, repeated, plan, batch.decoding, [progress])
    verdicts = scorer.verdicts(repeated, [each.text for each in texts])
    completions = [_completion(i % batch.size, texts[i], verdicts[i]) for i in range(len(texts))]
    return [
        Group(
            id=first_group + number,
            step=step,
            split="eval",
            problem=problem,
            completions=tuple(completions[number * batch.size : (number + 1) * batch.size]),
            decoding=batch.decoding,
        )
        for number, problem in enumerate(batch.problems)
    ]


def _completion(index: int, generated: Generated, verdict: Verdict) -> Completion:
    return Completion(
        index=index,
        text=generated.text,
        token_count=generated.token_count,
        finish_reason=generated.finish_reason,
        verdict=verdict,
        rewards={"correct": verdict.reward},
        reward=verdict.reward,
    )


def generate_texts(
    policy: Policy,
    problems: Sequence[Problem],
    plan: EvaluationPlan,
    decoding: Decoding,
    watchers: Sequence[StoppingCriteria] = (),
) -> list[Generated]:
    """One completion for each problem; `watchers` are called after each token."""
    tokenizer = policy.tokenizer
    inputs = encode_prompts(tokenizer, problems, plan.prompting).to(policy.model.device)
    output = policy.model.generate(
        **inputs,
        max_new_tokens=plan.max_completion_length,
        pad_token_id=tokenizer.pad_token_id,
        stopping_criteria=StoppingCriteriaList(watchers),
        **_sampling(plan, decoding),
    )
    prompt_length = inputs["input_ids"].shape[1]
    cut = [_until_stop(ids, policy.stop_ids) for ids in output[:, prompt_length:].tolist()]
    texts = tokenizer.batch_decode([ids for ids, _ in cut], skip_special_tokens=True)
    return [Generated(text, len(ids), reason) for text, (ids, reason) in zip(texts, cut, strict=True)]


def _sampling(plan: EvaluationPlan, decoding: Decoding) -> dict[str, Any]:
    """What a model's own generation settings say beyond these is not applied, as in training."""
    always = {"repetition_penalty": plan.repetition_penalty}
    if decoding == "greedy":
        return {"do_sample": False, **always, "temperature": None, "top_p": None, "top_k": None}
    kept = {"top_p": plan.top_p, "top_k": plan.top_k, "min_p": plan.min_p}
    return {"do_sample": True, **always, "temperature": plan.temperature, **kept}


def _until_stop(ids: list[int], stop_ids: frozenset[int]) -> tuple[list[int], FinishReason]:
    for place, token in enumerate(ids):
        if token in stop_ids:
            return ids[: place + 1], "stop"
    return ids, "length"
