"""The curves of a run: which of TRL's metrics and of the evaluations are drawn together, and what each means.

Keys are TRL's, verbatim; `label` is what a person reads, `meaning` what the tooltip says.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from grpo_core.types import Json


@dataclass(frozen=True, slots=True)
class Series:
    """One curve. `origin` is `metric` (a key of TRL's log) or `evaluation` (a key of EVAL in the JSON interface)."""

    key: str
    label: str
    meaning: str
    origin: str = "metric"


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves that share an axis. `unit` is empty for plain numbers, `rate` for [0, 1]."""

    id: str
    title: str
    unit: str
    series: tuple[Series, ...]

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
DRAWN_METRICS = frozenset(series.key for chart in CHARTS for series in chart.series if series.origin == "metric")
