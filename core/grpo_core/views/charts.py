"""The curves of a run: which of TRL's metrics, of the evaluations and of the counts a step are drawn together.

Keys are TRL's, verbatim, where TRL has one; `label` is what a person reads, `meaning` what the tooltip says. How each
number comes about is told in `explain`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Literal

from grpo_core.types import OUTCOMES, Json, Outcome, Signal
from grpo_core.views.words import OUTCOME_WORDS, SIGNAL_WORDS

Form = Literal["lines", "share", "stack"]
COUNTED = "grpo_dash/train"
"""What the store's counts of the training's groups begin with."""
_SIGNALS: tuple[Signal, ...] = ("mixed", "all_wrong", "all_correct")
SIGNAL_KEYS: dict[Signal, str] = {signal: f"{COUNTED}/signal/{signal}" for signal in _SIGNALS}
OUTCOME_KEYS: dict[Outcome, str] = {outcome: f"{COUNTED}/outcome/{outcome}" for outcome in OUTCOMES}
_GROUP_STD = "group/reward_std"
_REWARD_FUNCTION = re.compile(r"rewards/(?P<name>.+)/mean")


@dataclass(frozen=True, slots=True)
class Series:
    """One curve. `origin` is `metric` (a key of TRL's log or of ours beside it) or `evaluation` (a key of EVAL in the
    JSON interface). `tone` names a colour of the screen's palette and `mark` a sign that needs none, where the curve
    stands for a word of the project."""

    key: str
    label: str
    meaning: str
    origin: str = "metric"
    tone: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves that share an axis. `unit` is empty for plain numbers, `rate` for [0, 1].

    `form`: `lines`; `stack`, one on top of the other; `share`, stacked and each step made 1.
    """

    id: str
    title: str
    unit: str
    series: tuple[Series, ...]
    form: Form = "lines"

    def to_json(self) -> Json:
        return asdict(self)


CHARTS: tuple[Chart, ...] = (
    Chart(
        "learning",
        "Held-out problems solved",
        "rate",
        (
            Series("greedy", "greedy", "Share of held-out problems whose greedy answer is right", "evaluation"),
            Series(
                "pass@1",
                "pass@1, sampled",
                "Share of sampled answers that are right, 95 % interval",
                "evaluation",
            ),
            Series("pass@k", "pass@k", "Share of problems that at least one of k samples solves", "evaluation"),
        ),
    ),
    Chart(
        "reward",
        "Reward of the sampled groups",
        "",
        (
            Series("reward", "reward", "Mean over the step's completions of the weighted reward"),
            Series("reward_std", "reward std", "Standard deviation over the step's batch, not over a group"),
        ),
    ),
    Chart(
        "signal",
        "Groups without signal",
        "rate",
        (
            Series(
                "frac_reward_zero_std",
                "no signal",
                "Share of completions whose group earned all the same: their advantage is 0",
            ),
        ),
    ),
    Chart(
        "entropy",
        "Entropy of the policy",
        "nats",
        (Series("entropy", "entropy", "Mean over tokens; falling to 0 means that it no longer explores"),),
    ),
    Chart(
        "length",
        "Length of completions",
        "tokens",
        (
            Series("completions/mean_length", "mean", "Mean number of tokens of a completion"),
            Series("completions/max_length", "longest", "Tokens of the step's longest completion"),
        ),
    ),
    Chart(
        "truncated",
        "Completions cut off",
        "rate",
        (
            Series(
                "completions/clipped_ratio",
                "cut off",
                "Share that reached max_completion_length without ending (not the objective's clipping)",
            ),
        ),
    ),
    Chart(
        "gradient",
        "Gradient norm",
        "",
        (Series("grad_norm", "gradient norm", "Before clipping, over all trained weights"),),
    ),
    Chart(
        "time",
        "Seconds a step",
        "s",
        (
            Series("step_time", "step", "Sampling, judging and update"),
            Series("capture/seconds", "capture", "What recording the step cost the trainer"),
        ),
    ),
)
"""Charts that every run has."""

FURTHER_CHARTS: tuple[Chart, ...] = (
    Chart(
        "signals",
        "What groups could teach",
        "rate",
        tuple(
            Series(key, SIGNAL_WORDS[signal].label, SIGNAL_WORDS[signal].meaning, "metric", tone, mark)
            for (signal, key), tone, mark in zip(
                SIGNAL_KEYS.items(), ("accent", "bad", "good"), ("◐", "○", "●"), strict=True
            )
        ),
        "share",
    ),
    Chart(
        "outcomes",
        "How completions turned out",
        "rate",
        tuple(
            Series(key, word.label, word.meaning, "metric", word.tone, word.mark)
            for key, word in ((key, OUTCOME_WORDS[outcome]) for outcome, key in OUTCOME_KEYS.items())
        ),
        "share",
    ),
    Chart(
        "spread",
        "Spread of rewards",
        "",
        (
            Series(_GROUP_STD, "within a group", "Mean over groups of each group's own standard deviation"),
            Series("reward_std", "over the batch", "Standard deviation over all of the step's completions (TRL's)"),
        ),
    ),
    Chart("kl", "KL to the base model", "nats", (Series("kl", "KL", "Mean over tokens; only where beta is not 0"),)),
    Chart(
        "clip",
        "Clipped by the objective",
        "rate",
        (
            Series("clip_ratio/low_mean", "below", "Share of tokens whose ratio was clipped from below"),
            Series("clip_ratio/high_mean", "above", "Share of tokens whose ratio was clipped from above"),
            Series("clip_ratio/region_mean", "either", "Share of tokens whose ratio was clipped at all"),
        ),
    ),
    Chart("rate", "Learning rate", "", (Series("learning_rate", "learning rate", "Of the optimizer, at this step"),)),
    Chart(
        "phases",
        "Where a step's time goes",
        "s",
        (
            Series("phase/sample", "sampling", "Seconds in which the step's completions were sampled"),
            Series("phase/judge", "judging", "Seconds in which their rewards were computed"),
            Series("phase/update", "update", "Seconds of forward and backward passes and the optimizer"),
        ),
        "stack",
    ),
    Chart(
        "speed",
        "Tokens a second",
        "",
        (Series("sampling/tokens_per_second", "sampled", "The step's sampled tokens over its seconds of sampling"),),
    ),
    Chart(
        "memory",
        "Memory of the trainer",
        "GiB",
        (
            Series("memory/process_gib", "process", "Resident memory of the trainer's process"),
            Series("memory/gpu_gib", "GPU, at most", "The most that torch has held on the GPU so far"),
            Series("memory/gpu_step_gib", "GPU, step's peak", "The most that was in use on the GPU during the step"),
            Series("memory/gpu_now_gib", "GPU, between steps", "In use at the step's end: if it climbs, it leaks"),
        ),
    ),
)
"""Charts of what not every run has or logs: drawn once there is something to draw."""

ORDER = (
    *("learning", "reward", "rewards", "spread", "signals", "outcomes", "signal", "entropy", "kl", "clip"),
    *("length", "truncated", "gradient", "rate", "phases", "time", "speed", "memory"),
)
_DRAWN = frozenset(
    series.key for chart in (*CHARTS, *FURTHER_CHARTS) for series in chart.series if series.origin == "metric"
)
_MAJORITY = Series("maj@k", "maj@k", "Share of problems whose commonest answer of k is right", "evaluation")
_INSTEAD = {"signals": "signal", "phases": "time"}
"""A further chart, and the one that tells less of the same."""


def is_drawn(key: str) -> bool:
    """Does any chart draw this metric?"""
    return key in _DRAWN or _REWARD_FUNCTION.fullmatch(key) is not None


def charts_of(keys: Collection[str]) -> tuple[Chart, ...]:
    """The charts of a run that has logged these metrics, in the order of a page."""
    further = [_with_known(chart, keys) for chart in (*FURTHER_CHARTS, _reward_functions(keys))]
    there = {chart.id: chart for chart in (*CHARTS, *(chart for chart in further if chart.series))}
    there["learning"] = replace(there["learning"], series=(*there["learning"].series, _MAJORITY))
    for better, instead in _INSTEAD.items():
        if better in there:
            there.pop(instead, None)
    if _GROUP_STD in keys:
        there["reward"] = _without(there["reward"], "reward_std")
    else:
        there.pop("spread", None)
    return tuple(there[name] for name in ORDER if name in there)


def _with_known(chart: Chart, keys: Collection[str]) -> Chart:
    """Without the curves that are not there; none of them, and the chart is not drawn. What is stacked is whole."""
    known = tuple(series for series in chart.series if series.key in keys)
    return replace(chart, series=known if chart.form == "lines" or not known else chart.series)


def _without(chart: Chart, key: str) -> Chart:
    return replace(chart, series=tuple(series for series in chart.series if series.key != key))


def _reward_functions(keys: Iterable[str]) -> Chart:
    """One curve a reward function, by TRL's `rewards/NAME/mean`; a single one is the reward itself."""
    names = sorted(match["name"] for key in keys if (match := _REWARD_FUNCTION.fullmatch(key)))
    series = [Series(f"rewards/{name}/mean", name, f"Mean of {name} alone, before its weight") for name in names]
    return Chart("rewards", "Rewards by function", "", tuple(series) if len(series) > 1 else ())
