"""The words of the project: what a problem, a verdict, a completion, a group and a run are.

Plain frozen data, JSON-ready through `to_json`; behaviour lives elsewhere. `None` always means "unknown" or "not yet".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Json = dict[str, Any]

Outcome = Literal["correct", "wrong", "no_answer", "unparsable", "timeout", "unscorable"]
OUTCOMES: tuple[Outcome, ...] = ("correct", "wrong", "no_answer", "unparsable", "timeout", "unscorable")
StepStatus = Literal["matched", "valid", "wrong", "unchecked"]
Split = Literal["train", "eval"]
Decoding = Literal["sampled", "greedy"]
Signal = Literal["mixed", "all_correct", "all_wrong"]
FinishReason = Literal["stop", "length"]
RunStatus = Literal[
    "created",
    "starting",
    "running",
    "paused",
    "suspended",
    "stopping",
    "finished",
    "failed",
    "killed",
    "lost",
]
Span = tuple[int, int]
"""Half-open `[start, end)` in code points of the stored text."""


def _fields(value: Any) -> Json:
    """A dataclass with slots as a dict; `dataclasses.asdict` copies deeply, at ten times the price a verdict."""
    return {name: getattr(value, name) for name in value.__slots__}


@dataclass(frozen=True, slots=True)
class Problem:
    """One question with its gold answer (text) and, where known, the lines of a reference derivation."""

    id: str
    prompt: str
    gold: str
    steps: tuple[str, ...] = ()
    source: str = "custom"
    level: str | None = None
    subject: str | None = None

    def to_json(self) -> Json:
        return {**_fields(self), "steps": list(self.steps)}


@dataclass(frozen=True, slots=True)
class StepCredit:
    """What one line of a completion earned beside the reference derivation; credits add up to the partial reward."""

    index: int
    text: str
    span: Span
    matched: int | None
    status: StepStatus
    credit: float

    def to_json(self) -> Json:
        return {**_fields(self), "span": list(self.span)}


class Verdict(NamedTuple):
    """Is this completion right, why, and how much of it. A tuple, since a frozen dataclass takes four times as long to
    make: a fifth of judging an easy answer.

    `rule` names how the answer was found, `check` what decided, `reason` is a stable code and `message` one sentence
    for a person. `answer_parsed` and `gold_parsed` are SymPy source of both sides where a parse was made.
    """

    outcome: Outcome
    extracted: str | None = None
    span: Span | None = None
    rule: str | None = None
    check: str | None = None
    reason: str = ""
    message: str = ""
    seconds: float = 0.0
    steps: tuple[StepCredit, ...] = ()
    answer_parsed: str | None = None
    gold_parsed: str | None = None

    @property
    def reward(self) -> float | None:
        """1 if correct, None if the judge could not score it (out of the baseline), else 0."""
        return {"correct": 1.0, "unscorable": None}.get(self.outcome, 0.0)

    @property
    def partial(self) -> float:
        """The sum of the rows' credits, in [0, 1]: R = 1/T Σ I{s_t = s*_t}, topped up to 1 by a right answer's row."""
        return sum(step.credit for step in self.steps)

    def to_json(self) -> Json:
        return {
            **self._asdict(),
            "span": list(self.span) if self.span else None,
            "steps": [step.to_json() for step in self.steps],
        }

    @classmethod
    def from_json(cls, data: Json) -> Verdict:
        known = {**data}
        known["span"] = tuple(data["span"]) if data.get("span") else None
        known["steps"] = tuple(StepCredit(**{**step, "span": tuple(step["span"])}) for step in data.get("steps", ()))
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Completion:
    """One sampled answer of a group. `reward` is the weighted sum that the objective saw, `advantage` the number
    that entered the loss, `weight` the wᵢ of a rank objective; `mean_logprob`, `entropy` and `reference_logprob` (nats,
    mean over the completion's tokens) are known only after the update, the last only of a run with a reference.
    `importance_weight`: what a temperature ladder multiplied the advantage by."""

    index: int
    text: str
    token_count: int | None
    finish_reason: FinishReason | None
    verdict: Verdict | None = None
    rewards: dict[str, float | None] = field(default_factory=dict)
    reward: float | None = None
    advantage: float | None = None
    weight: float | None = None
    mean_logprob: float | None = None
    entropy: float | None = None
    importance_weight: float | None = None
    reference_logprob: float | None = None

    def to_json(self) -> Json:
        return {
            "index": self.index,
            "text": self.text,
            "token_count": self.token_count,
            "finish_reason": self.finish_reason,
            "verdict": self.verdict.to_json() if self.verdict else None,
            "rewards": dict(self.rewards),
            "reward": self.reward,
            "advantage": self.advantage,
            "weight": self.weight,
            "mean_logprob": self.mean_logprob,
            "entropy": self.entropy,
            "importance_weight": self.importance_weight,
            "reference_logprob": self.reference_logprob,
        }

    @classmethod
    def from_json(cls, data: Json) -> Completion:
        return cls(**{**data, "verdict": Verdict.from_json(data["verdict"]) if data["verdict"] else None})


@dataclass(frozen=True, slots=True)
class Group:
    """The k completions sampled for one problem at one step. `id` is unique in its run and never reused."""

    id: int
    step: int
    split: Split
    problem: Problem
    completions: tuple[Completion, ...]
    superseded: bool = False
    decoding: Decoding = "sampled"

    @property
    def known_rewards(self) -> list[float]:
        return [c.reward for c in self.completions if c.reward is not None]

    @property
    def mean(self) -> float | None:
        known = self.known_rewards
        return sum(known) / len(known) if known else None

    @property
    def std(self) -> float | None:
        """Standard deviation over the group with Bessel's correction, as in TRL's advantage."""
        known = self.known_rewards
        if len(known) < 2:
            return None
        mean = sum(known) / len(known)
        return (sum((r - mean) ** 2 for r in known) / (len(known) - 1)) ** 0.5

    @property
    def signal(self) -> Signal | None:
        return signal_of(self.known_rewards, (c.verdict.outcome == "correct" for c in self.completions if c.verdict))

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "step": self.step,
            "split": self.split,
            "decoding": self.decoding,
            "superseded": self.superseded,
            "signal": self.signal,
            "problem": self.problem.to_json(),
            "completions": [c.to_json() for c in self.completions],
        }


EQUAL_REWARDS = 1e-6
"""Rewards of a group closer than this carry no signal: what is left of their difference is rounding."""


def signal_of(rewards: Sequence[float], right: Iterable[bool] = ()) -> Signal | None:
    """Can this group teach anything? `mixed` if its rewards differ; else whether all of it was right or wrong.

    `right` is what the judge found of those that it judged. Where that is nothing, or not the same of all, a group of
    equal rewards is `all_correct` when every completion earned more than half a point.
    """
    if not rewards:
        return None
    if max(rewards) - min(rewards) > EQUAL_REWARDS:
        return "mixed"
    found = set(right)
    all_correct = found.pop() if len(found) == 1 else rewards[0] > 0.5
    return "all_correct" if all_correct else "all_wrong"


@dataclass(frozen=True, slots=True)
class EvaluationPart:
    """The figures of an evaluation's `n` problems of one level or subject; see `Evaluation`."""

    name: str
    n: int
    greedy: float | None
    pass_at_1: float
    ci95: tuple[float, float]
    pass_at_k: float
    maj_at_k: float | None

    def to_json(self) -> Json:
        return {
            "name": self.name,
            "n": self.n,
            "greedy": self.greedy,
            "pass@1": self.pass_at_1,
            "ci95": list(self.ci95),
            "pass@k": self.pass_at_k,
            "maj@k": self.maj_at_k,
        }

    @classmethod
    def from_json(cls, data: Json) -> EvaluationPart:
        low, high = data["ci95"]
        return cls(data["name"], data["n"], data["greedy"], data["pass@1"], (low, high), data["pass@k"], data["maj@k"])


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation on fixed held-out problems: `n` problems, `k` samples each; rates in [0, 1].

    `pass_at_1` is the mean over samples with its 95 % interval over problems (`statistics.rate_interval`); `pass_at_k`
    the unbiased estimate of Chen et al. 2021, and `pass_at` the same for 1, 2, 4, … k; `maj_at_k` the rate at which the
    commonest answer of a problem is right (`oracle.majority`). `by_level` and `by_subject` are empty where the problems
    have no more than one.
    """

    step: int
    n: int
    k: int
    greedy: float | None
    pass_at_1: float
    ci95: tuple[float, float]
    pass_at_k: float
    maj_at_k: float | None
    temperature: float = 1.0
    seconds: float = 0.0
    pass_at: dict[int, float] = field(default_factory=dict)
    by_level: tuple[EvaluationPart, ...] = ()
    by_subject: tuple[EvaluationPart, ...] = ()

    def to_json(self) -> Json:
        return {
            "step": self.step,
            "n": self.n,
            "k": self.k,
            "greedy": self.greedy,
            "pass@1": self.pass_at_1,
            "ci95": list(self.ci95),
            "pass@k": self.pass_at_k,
            "maj@k": self.maj_at_k,
            "temperature": self.temperature,
            "seconds": self.seconds,
            "pass_at": {str(k): rate for k, rate in self.pass_at.items()},
            "by_level": [part.to_json() for part in self.by_level],
            "by_subject": [part.to_json() for part in self.by_subject],
        }

    @classmethod
    def from_json(cls, data: Json) -> Evaluation:
        """What an older version stored has no parts."""
        low, high = data["ci95"]
        return cls(
            step=data["step"],
            n=data["n"],
            k=data["k"],
            greedy=data["greedy"],
            pass_at_1=data["pass@1"],
            ci95=(low, high),
            pass_at_k=data["pass@k"],
            maj_at_k=data["maj@k"],
            temperature=data["temperature"],
            seconds=data["seconds"],
            pass_at={int(k): rate for k, rate in data.get("pass_at", {}).items()},
            by_level=tuple(map(EvaluationPart.from_json, data.get("by_level", ()))),
            by_subject=tuple(map(EvaluationPart.from_json, data.get("by_subject", ()))),
        )
