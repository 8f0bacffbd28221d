"""Is one policy better than another, or is it noise? Two evaluations over the same problems, by a paired test.

What is compared is stored already: an evaluation on demand, or one that a run made of itself while it trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

from grpo_core.errors import BadReferenceError, RunError
from grpo_core.runs import find_run
from grpo_core.statistics import PairedTest, paired_test
from grpo_core.store import GroupRow, RunReader
from grpo_core.types import Json
from grpo_core.views.reference import parse_reference

LEVEL = 0.05
"""A difference is called more than noise where p is below this."""
ProblemKey = tuple[str, str]
Rates = Mapping[ProblemKey, Fraction]


@dataclass(frozen=True, slots=True)
class Answers:
    """One side: the share of right answers to each problem, sampled and greedy. `label` is a reference."""

    label: str
    sampled: Rates
    greedy: Rates


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of both sides over the problems that both answered, and the test of its difference (second less
    first). `first` and `second` are rates in [0, 1]."""

    key: str
    first: float
    second: float
    test: PairedTest

    @property
    def is_noise(self) -> bool:
        return self.test.p >= LEVEL

    def to_json(self) -> Json:
        rates = {"key": self.key, "first": self.first, "second": self.second}
        return {**rates, **asdict(self.test), "ci95": list(self.test.ci95), "noise": self.is_noise}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two evaluations; `only_first` and `only_second` count the problems that the other did not answer."""

    first: str
    second: str
    measures: tuple[Measure, ...]
    only_first: int
    only_second: int

    def to_json(self) -> Json:
        return {
            "first": self.first,
            "second": self.second,
            "only_first": self.only_first,
            "only_second": self.only_second,
            "measures": [measure.to_json() for measure in self.measures],
            "summary": self.summary(),
        }

    def summary(self) -> list[str]:
        """One sentence for each figure."""
        return [_sentence(measure, self.first, self.second) for measure in self.measures]


def compare(runs_dir: Path, first: str, second: str) -> Comparison:
    """Compare what two references name: `RUN` (its newest evaluation) or `RUN/step/N`.

    Raises RunError or BadReferenceError with what is missing.
    """
    return compare_answers(answers_at(runs_dir, first), answers_at(runs_dir, second))


def compare_answers(first: Answers, second: Answers) -> Comparison:
    """Over the problems (by text and gold) that both answered. Raises RunError if there is none."""
    pairs = {"pass@1": (first.sampled, second.sampled), "greedy": (first.greedy, second.greedy)}
    measures = [_measure(key, *rates) for key, rates in pairs.items() if rates[0].keys() & rates[1].keys()]
    if not measures:
        raise RunError(f"{first.label} and {second.label} have no problem in common: evaluate both on the same ones.")
    return Comparison(
        first.label,
        second.label,
        tuple(measures),
        len(first.sampled.keys() - second.sampled.keys()),
        len(second.sampled.keys() - first.sampled.keys()),
    )


def answers_at(runs_dir: Path, text: str) -> Answers:
    """The stored answers of the evaluation that a reference names."""
    reference = parse_reference(text)
    folder = find_run(runs_dir, reference.run)
    reader = folder.reader()
    try:
        with reader.snapshot():
            step = _newest(reader, folder.id) if reference.step is None else reference.step
            rows = reader.evaluation_rows(step)
            figures = any(evaluation.step == step for evaluation in reader.evaluations_since())
    finally:
        reader.close()
    if not rows and figures:
        raise BadReferenceError(
            f"Of the evaluation of {folder.id} at step {step} only the figures are here, not its answers: nothing to "
            "compare problem by problem."
        )
    if not rows:
        raise BadReferenceError(f"{folder.id} has no evaluation at step {step}.")
    return Answers(f"{folder.id}/step/{step}", _rates(rows, "sampled"), _rates(rows, "greedy"))


def plain_comparison(comparison: Comparison) -> str:
    """For people."""
    lines = [f"A  {comparison.first}", f"B  {comparison.second}", ""]
    for measure in comparison.measures:
        test = measure.test
        lines.append(
            f"{measure.key:<8} A {measure.first:.3f}  B {measure.second:.3f}  B − A {test.difference:+.3f} "
            f"(95 % {test.ci95[0]:+.3f} to {test.ci95[1]:+.3f})  p {_probability(test.p)}  "
            f"B better on {test.wins}, worse on {test.losses} of {test.n}"
        )
    lines += ["", *comparison.summary()]
    if comparison.only_first or comparison.only_second:
        lines.append(f"Left out: {comparison.only_first} problems of A alone and {comparison.only_second} of B alone.")
    return "\n".join(lines)


def _newest(reader: RunReader, run: str) -> int:
    found = reader.evaluations_since()
    if not found:
        raise RunError(f"{run} has no evaluation yet: make one with `grpo-dash evaluate {run}`.")
    return found[-1].step


def _rates(rows: Sequence[GroupRow], decoding: str) -> dict[ProblemKey, Fraction]:
    """The newest group of each problem."""
    return {
        (row.problem.prompt, row.problem.gold): Fraction(row.outcomes.count("correct"), row.size)
        for row in rows
        if row.decoding == decoding
    }


def _measure(key: str, first: Rates, second: Rates) -> Measure:
    both = sorted(first.keys() & second.keys())
    pairs = [(first[problem], second[problem]) for problem in both]
    means = [float(sum(side) / len(pairs)) for side in zip(*pairs, strict=True)]
    return Measure(key, means[0], means[1], paired_test(pairs))


def _sentence(measure: Measure, first: str, second: str) -> str:
    test = measure.test
    points = f"{abs(test.difference) * 100:.1f} points"
    where = f"{measure.key} on {test.n} problems"
    if measure.is_noise:
        return f"No difference that can be told from noise in {where} ({points}, p {_probability(test.p)})."
    better, worse = (second, first) if test.difference > 0 else (first, second)
    return f"{better} is better than {worse} in {where}: by {points} (p {_probability(test.p)})."


def _probability(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"= {p:.4f}" if p < 0.1 else f"= {p:.2f}"
