"""How each number on a screen comes about: its formula, TRL's key, over what it is taken, what to read behind it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Literal

from grpo_core.types import Json
from grpo_core.views.charts import OUTCOME_KEYS, SIGNAL_KEYS, Chart

Scope = Literal["group", "batch", "held-out", "trainer"]
SCOPE_WORDS: dict[Scope, str] = {
    "group": "within each group of k completions, then over the step's groups",
    "batch": "over all completions of the step, whatever their group",
    "held-out": "over the held-out problems of one evaluation",
    "trainer": "of the trainer's process, not of completions",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """`by` is who computes it. `opens` are filters of the step's groups that made it (empty: all of them), None where
    no completion did."""

    formula: str
    scope: Scope
    by: str = "TRL"
    opens: dict[str, str] | None = None

    def to_json(self) -> Json:
        return asdict(self)


_TRAINED = {"split": "train"}
_EVALUATED = {"split": "eval"}
_OURS = "grpo-dash"
_LENGTH = "tokens(yᵢ), the end token counted"

EXPLANATIONS: dict[str, Explanation] = {
    "greedy": Explanation("problems whose greedy answer is right / n", "held-out", _OURS, _EVALUATED),
    "pass@1": Explanation(
        "mean over problems of (right samples / k); Wilson's 95 % interval over problems", "held-out", _OURS, _EVALUATED
    ),
    "pass@k": Explanation(
        "mean over problems of 1 − C(k−c, k) / C(k, k): is any of the k samples right?", "held-out", _OURS, _EVALUATED
    ),
    "maj@k": Explanation("problems whose commonest answer of k is right / n", "held-out", _OURS, _EVALUATED),
    "reward": Explanation("1/N Σᵢ Σⱼ wⱼ · rⱼ(yᵢ), weights wⱼ as configured", "batch", opens=_TRAINED),
    "reward_std": Explanation("standard deviation of all N rewards of the step", "batch", opens=_TRAINED),
    "group/reward_std": Explanation(
        "mean over groups of √(Σᵢ (rᵢ − r̄)² / (k − 1)): what the advantage divides by", "group", _OURS, _TRAINED
    ),
    "frac_reward_zero_std": Explanation(
        "groups whose rewards differ by less than 10⁻⁶ / groups; their advantages are 0. TRL asks for a std of exactly "
        "0, which rounding can miss",
        "group",
        _OURS,
        _TRAINED,
    ),
    "entropy": Explanation("mean over tokens of −Σᵥ p(v) log p(v), in nats", "batch", opens=_TRAINED),
    "kl": Explanation("mean over tokens of π_ref/π − log(π_ref/π) − 1, in nats", "batch", opens=_TRAINED),
    "clip_ratio/low_mean": Explanation("tokens with π/π_old < 1 − ε and A < 0 / tokens", "batch", opens=_TRAINED),
    "clip_ratio/high_mean": Explanation("tokens with π/π_old > 1 + ε and A > 0 / tokens", "batch", opens=_TRAINED),
    "clip_ratio/region_mean": Explanation("tokens whose ratio was clipped on either side / tokens", "batch"),
    "completions/mean_length": Explanation(f"1/N Σᵢ {_LENGTH}", "batch", opens=_TRAINED),
    "completions/max_length": Explanation(f"maxᵢ {_LENGTH}", "batch", opens={**_TRAINED, "sort": "longest"}),
    "completions/clipped_ratio": Explanation(
        "completions without an end token at max_completion_length / N",
        "batch",
        opens={**_TRAINED, "truncated": "true"},
    ),
    "grad_norm": Explanation("√Σ g² over all trained weights, before max_grad_norm clips it", "trainer"),
    "learning_rate": Explanation("the schedule's value at this step", "trainer"),
    "step_time": Explanation("seconds from the step's start to its end", "trainer"),
    "capture/seconds": Explanation("seconds that the trainer's thread spent on recording", "trainer", _OURS),
    "phase/sample": Explanation("seconds from the prompts to the last token", "trainer", _OURS),
    "phase/judge": Explanation("seconds in the reward functions", "trainer", _OURS),
    "phase/update": Explanation("seconds from the rewards to the optimizer's step", "trainer", _OURS),
    "sampling/tokens_per_second": Explanation("Σᵢ tokens(yᵢ) / seconds of sampling", "trainer", _OURS),
    "memory/process_gib": Explanation("resident set of the trainer's process at the step's end", "trainer", _OURS),
    "memory/gpu_gib": Explanation("torch.cuda.max_memory_reserved()", "trainer", _OURS),
    "memory/gpu_step_gib": Explanation("torch.cuda.max_memory_allocated() since the last step", "trainer", _OURS),
    "memory/gpu_now_gib": Explanation("torch.cuda.memory_allocated() at the step's end", "trainer", _OURS),
    "groups": Explanation("groups stored so far, of training and evaluations", "group", _OURS, {}),
    "completions": Explanation("completions stored so far, of training and evaluations", "batch", _OURS, {}),
    **{
        key: Explanation(f"groups of the step that are {signal.replace('_', ' ')} / groups", "group", _OURS,
                         {**_TRAINED, "signal": signal})
        for signal, key in SIGNAL_KEYS.items()
    },
    **{
        key: Explanation(f"completions judged {outcome.replace('_', ' ')} / N", "batch", _OURS,
                         {**_TRAINED, "outcome": outcome})
        for outcome, key in OUTCOME_KEYS.items()
    },
}  # fmt: skip
_REWARD_FUNCTION = re.compile(r"rewards/(?P<name>.+)/mean")


def explain(key: str) -> Explanation | None:
    """How the number of this key comes about; None for one that no screen shows."""
    match = _REWARD_FUNCTION.fullmatch(key)
    if match:
        return Explanation(f"1/N Σᵢ {match['name']}(yᵢ), before its weight", "batch", opens=_TRAINED)
    return EXPLANATIONS.get(key)


def explained_chart(chart: Chart) -> Json:
    """A chart with an `explanation` beside each of its curves."""
    found = chart.to_json()
    for series in found["series"]:
        explanation = explain(series["key"])
        series["explanation"] = explanation.to_json() if explanation else None
    return found
