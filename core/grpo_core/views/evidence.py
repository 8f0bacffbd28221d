"""What alerts look at: the run's series at their beginning and end, its evaluations, and completions of both times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grpo_core.store import ProblemRow
from grpo_core.types import Completion, Evaluation, Group

WIDEST = 10
"""Steps of a window at most; a third of the run where that is less."""
FEWEST = 9
FEWEST_GROUPS = 8
"""Groups below which nothing is said of them."""
Points = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Window:
    """The mean over some steps."""

    first: int
    last: int
    mean: float


@dataclass(frozen=True, slots=True)
class Ends:
    """A series at its beginning and at its end."""

    points: Points
    first: Window
    last: Window

    def around(self, step: int) -> float:
        """The mean over the window of steps that begins at `step`."""
        later = [value for at, value in self.points if at >= step][:WIDEST]
        return sum(later) / len(later) if later else self.last.mean


@dataclass(frozen=True, slots=True)
class Evidence:
    """`metrics` by key, each by step; `evals` by step; `early` and `late` are training groups, the newest first in
    `late`; none of it superseded. `histories` are problems of both splits, `unsolved` the newest groups of each of some
    that were never solved, `weights` those of the reward functions where the run has settings."""

    metrics: Mapping[str, Points] = field(default_factory=dict)
    evals: Sequence[Evaluation] = ()
    early: Sequence[Group] = ()
    late: Sequence[Group] = ()
    histories: Sequence[ProblemRow] = ()
    unsolved: Sequence[Sequence[Group]] = ()
    weights: Mapping[str, float] = field(default_factory=dict)

    def series(self, key: str) -> Ends | None:
        """None until there are enough steps to compare."""
        points = self.metrics.get(key, ())
        if len(points) < FEWEST:
            return None
        width = min(WIDEST, len(points) // 3)
        return Ends(points, _window(points[:width]), _window(points[-width:]))


def _window(points: Points) -> Window:
    return Window(points[0][0], points[-1][0], sum(value for _, value in points) / len(points))


def everyone(groups: Sequence[Group]) -> list[tuple[Group, Completion]]:
    """Every completion with its group, in the groups' order."""
    return [(group, completion) for group in groups for completion in group.completions]


def is_right(completion: Completion) -> bool:
    return completion.verdict is not None and completion.verdict.outcome == "correct"


def correct_share(groups: Sequence[Group]) -> float | None:
    """Of the completions that were judged."""
    judged = [completion for _, completion in everyone(groups) if completion.verdict]
    return sum(map(is_right, judged)) / len(judged) if judged else None
