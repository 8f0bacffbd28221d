"""`signal-check`: groups from the untrained policy with a run's own settings, judged and timed, before the run.

What the numbers mean is said by `runs.signal_check`. Approximations: the optimizer's own step and a KL reference are
not measured, and times are scaled in proportion to the number of completions.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import torch
from peft import get_peft_model
from transformers import PreTrainedModel
from transformers.utils.logging import disable_progress_bar

from grpo_core.config import RunConfig, load_config
from grpo_core.engine.arguments import lora_arguments
from grpo_core.engine.evaluate import BATCH, Generated, generate_texts, inference, own_random_state, plan_of
from grpo_core.engine.longest_case import try_longest_case
from grpo_core.engine.policy import Policy, load_policy
from grpo_core.engine.prompts import longest_prompt, prompt_tokens
from grpo_core.engine.rewarding import Failures, load_rewards
from grpo_core.oracle import JudgePool
from grpo_core.rewards import Answered, RewardFunction, Scorer, total_reward
from grpo_core.runs.material import load_material, training_count
from grpo_core.runs.signal_check import OnProgress, SignalCheck, advise, longest_words
from grpo_core.types import Problem, Signal, Verdict, signal_of

_STATED = frozenset({"boxed", "tagged", "hashes", "final_answer", "answer_is"})
"""Rules that find an answer which was stated as one, not just the last number of what was cut off."""
_QUICK_SECONDS = 2.0
"""An update that takes less is measured once more: the first one warms up."""


def signal_check_command(options: argparse.Namespace) -> int:
    """Check the configuration in `options.config`; 0 when done. Raises GrpoDashError with what is missing."""
    if options.end_with_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    disable_progress_bar()
    found = check_signal(load_config(options.config), options.groups, _show_progress)
    print(json.dumps(found.to_json()) if options.json else describe(found))  # noqa: T201
    return 0


def check_signal(config: RunConfig, groups: int, on_progress: OnProgress | None = None) -> SignalCheck:
    """Sample `groups` groups, judge them, and measure what one micro-batch takes."""
    if config.threads:
        torch.set_num_threads(config.threads)
    rewards = load_rewards(config, Failures())
    problems = load_material(config).train.train_problems(groups, config.seed)
    policy = load_policy(config.model)
    policy.model.to("cuda" if torch.cuda.is_available() else "cpu")
    repeated = [problem for problem in problems for _ in range(config.num_generations)]
    texts, seconds = _sample(policy, config, repeated, on_progress or (lambda done, total: None))
    with JudgePool() as pool:
        verdicts = Scorer(pool, config.partial_alignment).verdicts(repeated, [each.text for each in texts])
    answered = [
        Answered(problem, each.text, each.token_count, verdict)
        for problem, each, verdict in zip(repeated, texts, verdicts, strict=True)
    ]
    signals = _signals(config, rewards, answered)
    per_completion = seconds / len(texts)
    model = _trainable(policy.model, config)
    update = _measured_update(model, policy, config, repeated, texts)
    found = _summarise(config, texts, verdicts, signals, per_completion * config.generation_batch_size, update)
    if torch.cuda.is_available():
        found = _with_longest_case(found, model, policy, config)
    found = replace(found, run_minutes=_run_minutes(config, found, per_completion))
    return replace(found, advice=advise(found, config))


def describe(check: SignalCheck) -> str:
    """For people."""
    step = "—" if check.step_seconds is None else f"{check.step_seconds:.2f} s"
    run = "—" if check.run_minutes is None else f"{check.run_minutes:.1f} min"
    lines = [
        f"{check.groups} groups of {check.k} completions from the untrained policy",
        f"  right        {check.pass_rate:6.1%}",
        f"  groups       {check.mixed:.0%} mixed, {check.all_correct:.0%} all correct, {check.all_wrong:.0%} all wrong",
        f"  cut off      {check.truncated:6.1%}   of them after an answer {check.missing_end:.1%}",
        f"  no answer    {check.no_answer:6.1%}   unreadable {check.unparsable:.1%}",
        f"  tokens       {check.mean_tokens:.1f} in the mean",
        f"  a step       {step}, the run {run}",
    ]
    if check.longest_fits is not None:
        lines.append(f"  longest case {check.longest_tokens} tokens: {longest_words(check)}")
    return "\n".join([*lines, *(f"→ {sentence}" for sentence in check.advice)])


def _sample(
    policy: Policy, config: RunConfig, problems: Sequence[Problem], on_progress: OnProgress
) -> tuple[list[Generated], float]:
    """A completion for each problem, and the seconds that it took."""
    plan = plan_of(config, (), load_material(config).prompting, seed=config.seed)
    size = max(config.num_generations, BATCH // config.num_generations * config.num_generations)
    texts: list[Generated] = []
    start = time.perf_counter()
    with own_random_state(config.seed), inference(policy.model):
        for at in range(0, len(problems), size):
            texts += generate_texts(policy, problems[at : at + size], plan, "sampled")
            on_progress(len(texts), len(problems))
    return texts, time.perf_counter() - start


def _summarise(
    config: RunConfig,
    texts: Sequence[Generated],
    verdicts: Sequence[Verdict],
    signals: Sequence[Signal | None],
    sampling: float,
    update: float | None,
) -> SignalCheck:
    k, n = config.num_generations, len(texts)
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    cut_off = [i for i in range(n) if texts[i].finish_reason == "length"]
    return SignalCheck(
        groups=len(signals),
        k=k,
        pass_rate=outcomes["correct"] / n,
        mixed=signals.count("mixed") / len(signals),
        all_correct=signals.count("all_correct") / len(signals),
        all_wrong=signals.count("all_wrong") / len(signals),
        truncated=len(cut_off) / n,
        missing_end=sum(verdicts[i].rule in _STATED for i in cut_off) / n,
        unparsable=outcomes["unparsable"] / n,
        no_answer=outcomes["no_answer"] / n,
        unscorable=outcomes["unscorable"] / n,
        mean_tokens=sum(each.token_count for each in texts) / n,
        sampling_seconds=sampling,
        update_seconds=update,
        run_minutes=None,
    )


def _signals(
    config: RunConfig, rewards: Mapping[str, RewardFunction], answered: Sequence[Answered]
) -> list[Signal | None]:
    """Of each group, by the rewards that the run would see."""
    totals = [total_reward({name: rewards[name](each) for name in config.rewards}, config.rewards) for each in answered]
    right = [each.verdict.outcome == "correct" for each in answered]
    groups = [slice(at, at + config.num_generations) for at in range(0, len(totals), config.num_generations)]
    return [signal_of([reward for reward in totals[of] if reward is not None], right[of]) for of in groups]


def _run_minutes(config: RunConfig, check: SignalCheck, per_completion: float) -> float | None:
    """All steps, and the evaluations before, between and after them."""
    if check.step_seconds is None:
        return None
    evaluations = config.max_steps // config.eval_steps + 1 if config.eval_steps else 0
    evaluated = evaluations * config.eval_problems * (config.eval_generations + 1)
    return (config.max_steps * check.step_seconds + evaluated * per_completion) / 60


def _with_longest_case(check: SignalCheck, model: PreTrainedModel, policy: Policy, config: RunConfig) -> SignalCheck:
    material = load_material(config)
    problems = [*material.train.train_problems(training_count(config), config.seed), *material.heldout]
    prompt = longest_prompt(problems, material.prompting, policy.tokenizer)
    longest = try_longest_case(model, config, prompt, _forward_backward)
    return replace(check, longest_tokens=longest.tokens, longest_fits=longest.fits, longest_gib=longest.peak_gib)


def _measured_update(
    model: PreTrainedModel,
    policy: Policy,
    config: RunConfig,
    problems: Sequence[Problem],
    texts: Sequence[Generated],
) -> float | None:
    """Seconds of a step's forward and backward passes; None if one micro-batch does not fit in memory."""
    inputs, keep = _micro_batch(policy, config, problems, texts)
    try:
        seconds = _timed(lambda: _forward_backward(model, inputs, keep))
        if seconds < _QUICK_SECONDS:
            seconds = _timed(lambda: _forward_backward(model, inputs, keep))
    except RuntimeError as error:
        if not _is_out_of_memory(error):
            raise
        return None
    return seconds * config.generation_batch_size / config.micro_batch_size


def _trainable(model: PreTrainedModel, config: RunConfig) -> PreTrainedModel:
    """As the trainer would have it: with its adapter, and checkpointed gradients on a GPU."""
    if torch.cuda.is_available():
        model.gradient_checkpointing_enable()
        model.enable_input_require_grads()
    adapter = lora_arguments(config, model)
    return get_peft_model(model, adapter) if adapter else model


def _micro_batch(
    policy: Policy, config: RunConfig, problems: Sequence[Problem], texts: Sequence[Generated]
) -> tuple[dict[str, torch.Tensor], int]:
    """(B, T) tokens of prompts and completions, and how many at the end are a completion's."""
    tokenizer = policy.tokenizer
    places = [number % len(texts) for number in range(config.micro_batch_size)]
    prompts = prompt_tokens(tokenizer, [problems[i] for i in places], load_material(config).prompting)
    answers = [tokenizer(texts[i].text, add_special_tokens=False)["input_ids"] for i in places]
    joined = [[*prompt, *answer] for prompt, answer in zip(prompts, answers, strict=True)]
    inputs = tokenizer.pad({"input_ids": joined}, return_tensors="pt").to(policy.model.device)
    return dict(inputs), max(1, *(len(answer) for answer in answers))


def _forward_backward(model: PreTrainedModel, inputs: dict[str, torch.Tensor], keep: int) -> None:
    model.train()
    logits = model(**inputs, logits_to_keep=keep + 1).logits[:, :-1]
    logprobs = torch.log_softmax(logits.float(), dim=-1)
    chosen = logprobs.gather(-1, inputs["input_ids"][:, -logits.shape[1] :].unsqueeze(-1))
    chosen.mean().backward()
    model.zero_grad(set_to_none=True)


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def _is_out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _show_progress(done: int, total: int) -> None:
    print(f"{done} of {total} completions", file=sys.stderr, flush=True)  # noqa: T201


def _end_with_stdin() -> None:
    """Whoever started this is gone, or does not want it any more."""
    while os.read(sys.stdin.fileno(), 1024):
        continue
    os._exit(1)
