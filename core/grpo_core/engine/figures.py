"""What an evaluation's groups say: greedy, pass@1 with its interval, pass@k, maj@k; all of it, by level, by subject."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grpo_core.oracle.majority import majority_is_right
from grpo_core.statistics import pass_at_k, rate_interval
from grpo_core.types import Evaluation, EvaluationPart, Group, Problem

MOST_PARTS = 20
"""A set with more levels than this has none that are worth a line each."""


def summarise(groups: Sequence[Group], step: int, temperature: float, seconds: float) -> Evaluation:
    """The figures of an evaluation's groups: k sampled completions for each problem, and perhaps a greedy one. An
    unscorable completion counts as not solved."""
    whole = _part("all", groups)
    k = max((len(group.completions) for group in groups if group.decoding == "sampled"), default=0)
    return Evaluation(
        step=step,
        n=whole.n,
        k=k,
        greedy=whole.greedy,
        pass_at_1=whole.pass_at_1,
        ci95=whole.ci95,
        pass_at_k=whole.pass_at_k,
        maj_at_k=whole.maj_at_k,
        temperature=temperature,
        seconds=seconds,
        pass_at=_pass_at(groups, k),
        by_level=_parts(groups, lambda problem: problem.level),
        by_subject=_parts(groups, lambda problem: problem.subject),
    )


def _part(name: str, groups: Sequence[Group]) -> EvaluationPart:
    sampled = [group for group in groups if group.decoding == "sampled"]
    greedy = [solved(group)[0] for group in groups if group.decoding == "greedy"]
    counts = [(sum(solved(group)), len(group.completions)) for group in sampled]
    rates = [right / size for right, size in counts]
    return EvaluationPart(
        name=name,
        n=len(sampled),
        greedy=_mean(greedy) if greedy else None,
        pass_at_1=_mean(rates),
        ci95=rate_interval(rates),
        pass_at_k=_mean([float(right > 0) for right, _ in counts]),
        maj_at_k=_mean([majority_is_right([each.verdict for each in group.completions]) for group in sampled]),
    )


def _pass_at(groups: Sequence[Group], k: int) -> dict[int, float]:
    """pass@1, 2, 4, … and k, each from all k samples."""
    sizes = sorted({*(2**power for power in range(k.bit_length())), k} if k else set())
    counts = [sum(solved(group)) for group in groups if group.decoding == "sampled"]
    return {size: _mean([pass_at_k(k, count, size) for count in counts]) for size in sizes}


def _parts(groups: Sequence[Group], name_of: Callable[[Problem], str | None]) -> tuple[EvaluationPart, ...]:
    """Problems of one name each, in the names' order, those without last; none where there is but one name."""
    names = sorted({name_of(group.problem) or "" for group in groups}, key=lambda name: (not name, name))
    if not 1 < len(names) <= MOST_PARTS:
        return ()
    return tuple(
        _part(name or "unknown", [group for group in groups if (name_of(group.problem) or "") == name])
        for name in names
    )


def solved(group: Group) -> list[bool]:
    return [bool(each.verdict and each.verdict.outcome == "correct") for each in group.completions]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
