"""Evaluating a policy on fixed held-out problems: greedy, pass@1 with its interval, pass@k and maj@k.

Sampling has a random state of its own, so that an evaluation leaves the training's untouched and two evaluations of
equal weights are equal.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PreTrainedModel

from grpo_core.engine.policy import Policy
from grpo_core.engine.texts import problem_row
from grpo_core.rewards import Scorer
from grpo_core.types import Completion, Decoding, Evaluation, FinishReason, Group, Problem, Verdict

BATCH = 256
Z95 = 1.959964
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """`k` samples (and one greedy answer) for each of `problems`, at most `max_completion_length` tokens each."""

    problems: tuple[Problem, ...]
    k: int
    temperature: float
    max_completion_length: int
    system_prompt: str = ""
    top_p: float = 1.0
    seed: int = 0
    greedy: bool = True

    @property
    def completions(self) -> int:
        return len(self.problems) * (self.k + self.greedy)


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
) -> EvaluationResult:
    """Sample, judge and count. The model's mode and the random state are as before when it returns."""
    start = time.perf_counter()
    groups: list[Group] = []
    done = 0
    with own_random_state(plan.seed), inference(policy.model):
        for batch in _batches(plan):
            groups += _groups_of(policy, scorer, plan, batch, step, first_group + len(groups))
            done += len(batch.problems) * batch.size
            if on_progress:
                on_progress(done, plan.completions)
    return EvaluationResult(summarise(groups, step, plan, time.perf_counter() - start), tuple(groups))


def _batches(plan: EvaluationPlan) -> Iterator[_Batch]:
    """First every problem greedily, then every problem's samples."""
    kinds: list[tuple[Decoding, int]] = [("sampled", plan.k)]
    if plan.greedy:
        kinds.insert(0, ("greedy", 1))
    for decoding, size in kinds:
        per_batch = max(1, BATCH // size)
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
    """Evaluation mode without gradients; the mode is put back."""
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(training)


def _groups_of(
    policy: Policy, scorer: Scorer, plan: EvaluationPlan, batch: _Batch, step: int, first_group: int
) -> list[Group]:
    repeated = [problem for problem in batch.problems for _ in range(batch.size)]
    texts = generate_texts(policy, repeated, plan, batch.decoding)
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
    policy: Policy, problems: Sequence[Problem], plan: EvaluationPlan, decoding: Decoding
) -> list[Generated]:
    """One completion for each problem."""
    tokenizer = policy.tokenizer
    inputs = tokenizer.apply_chat_template(
        [problem_row(problem, plan.system_prompt)["prompt"] for problem in problems],
        add_generation_prompt=True,
        padding=True,
        return_tensors="pt",
        return_dict=True,
    ).to(policy.model.device)
    output = policy.model.generate(
        **inputs,
        max_new_tokens=plan.max_completion_length,
        pad_token_id=tokenizer.pad_token_id,
        **_sampling(plan, decoding),
    )
    prompt_length = inputs["input_ids"].shape[1]
    cut = [_until_stop(ids, policy.stop_ids) for ids in output[:, prompt_length:].tolist()]
    texts = tokenizer.batch_decode([ids for ids, _ in cut], skip_special_tokens=True)
    return [Generated(text, len(ids), reason) for text, (ids, reason) in zip(texts, cut, strict=True)]


def _sampling(plan: EvaluationPlan, decoding: Decoding) -> dict[str, Any]:
    if decoding == "greedy":
        return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    return {"do_sample": True, "temperature": plan.temperature, "top_p": plan.top_p, "top_k": 0}


def _until_stop(ids: list[int], stop_ids: frozenset[int]) -> tuple[list[int], FinishReason]:
    for place, token in enumerate(ids):
        if token in stop_ids:
            return ids[: place + 1], "stop"
    return ids, "length"


def summarise(groups: Sequence[Group], step: int, plan: EvaluationPlan, seconds: float) -> Evaluation:
    """The figures of an evaluation's groups. An unscorable completion counts as not solved."""
    sampled = [group for group in groups if group.decoding == "sampled"]
    greedy = [_solved(group)[0] for group in groups if group.decoding == "greedy"]
    counts = [sum(_solved(group)) for group in sampled]
    rates = [count / plan.k for count in counts]
    return Evaluation(
        step=step,
        n=len(plan.problems),
        k=plan.k,
        greedy=sum(greedy) / len(greedy) if greedy else None,
        pass_at_1=sum(rates) / len(rates),
        ci95=interval(rates),
        pass_at_k=sum(pass_at_k(plan.k, count, plan.k) for count in counts) / len(counts),
        maj_at_k=sum(majority_solves(group) for group in sampled) / len(sampled),
        temperature=plan.temperature,
        seconds=seconds,
    )


def _solved(group: Group) -> list[bool]:
    return [bool(c.verdict and c.verdict.outcome == "correct") for c in group.completions]


def pass_at_k(n: int, correct: int, k: int) -> float:
    """1 − C(n−c, k) / C(n, k): the unbiased estimate from n samples of which c are right (Chen et al. 2021)."""
    return 1.0 - math.comb(n - correct, k) / math.comb(n, k)


def majority_solves(group: Group) -> bool:
    """Is the commonest answer right? Of equally common ones the first that was given counts."""
    answers = [c.verdict.extracted for c in group.completions if c.verdict and c.verdict.extracted is not None]
    if not answers:
        return False
    commonest = Counter(answers).most_common(1)[0][0]
    return any(
        c.verdict.outcome == "correct" for c in group.completions if c.verdict and c.verdict.extracted == commonest
    )


def interval(rates: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the mean of per-problem rates: Wilson's score with the sample size that the spread between
    problems implies (samples of one problem are not independent). Never wider than [0, 1], never empty at 0 or 1."""
    n, mean = len(rates), sum(rates) / len(rates)
    variance = sum((rate - mean) ** 2 for rate in rates) / (n - 1) / n if n > 1 else 0.0
    effective = mean * (1 - mean) / variance if variance > 0 else n
    spread = Z95 * math.sqrt(mean * (1 - mean) / effective + Z95**2 / (4 * effective**2))
    middle = mean + Z95**2 / (2 * effective)
    scale = 1 + Z95**2 / effective
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
