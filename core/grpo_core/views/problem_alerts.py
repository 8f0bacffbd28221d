"""Alerts about problems: golds that completions agree against, problems that are there twice, and forgotten ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from grpo_core.store import ProblemRow
from grpo_core.types import Group
from grpo_core.views.alert import SAMPLES, Alert, More, Sample
from grpo_core.views.evidence import Evidence, correct_share
from grpo_core.views.group_evidence import Agreement, agreed_and_right, agreement_against_gold
from grpo_core.views.numbers import percent
from grpo_core.views.problems import course_of, turn_of

MOSTLY_RIGHT, AGAINST_GOLD, MOST_AGREE, MORE_THAN_HALF = 0.5, 0.05, 0.75, 0.6
RIGHT_WHERE_AGREED, FEWEST_AGREED = 0.7, 8
FORGOTTEN, FEWEST_FORGOTTEN, FEWEST_VISITS, CLEAR_FALL = 0.1, 2, 4, 0.4
MUCH_OFTENER, FEWEST_OFTENER = 1.75, 2
SHOWN = 60
"""Characters of a prompt or answer that an alert repeats."""


def agreement_against_the_gold(evidence: Evidence) -> Alert | None:
    """A policy that is mostly right, or right where it agrees with itself, agrees on an answer other than the gold."""
    right = correct_share(evidence.late)
    agreed = agreed_and_right(evidence.late, MORE_THAN_HALF)
    if right is None or not (right >= MOSTLY_RIGHT or _trusts(agreed)):
        return None
    again = [
        (groups[0], found) for groups in evidence.unsolved if (found := agreement_against_gold(groups, MORE_THAN_HALF))
    ]
    once = [(group, found) for group in evidence.late if (found := agreement_against_gold([group], MOST_AGREE))]
    problems = {group.problem.id for group, _ in again}
    many = once if len(once) >= max(3, AGAINST_GOLD * len(evidence.late)) else []
    disputed = [*again, *(one for one in many if one[0].problem.id not in problems)]
    if not disputed:
        return None
    return Alert(
        "agreement_against_gold",
        "Completions agree on answers that the gold denies",
        f"{_sampled_again(again)}{_newest_against(many, evidence.late)}{_usually(right, agreed)}",
        "The gold answer may be wrong, the judge may miss that two forms are equal, or the policy has a habit.",
        "outcomes",
        tuple(_disputed(*one) for one in disputed[:SAMPLES]),
        More("problems", {"course": "never"}) if again else None,
    )


def _trusts(agreed: Sequence[bool]) -> bool:
    return len(agreed) >= FEWEST_AGREED and sum(agreed) >= RIGHT_WHERE_AGREED * len(agreed)


def _usually(right: float, agreed: Sequence[bool]) -> str:
    """How good the policy is otherwise."""
    said = f"{percent(right)} of all the newest completions are right."
    if right >= MOSTLY_RIGHT:
        return said
    return f"{said} Where most of a group answer the same, that is right in {sum(agreed)} of {len(agreed)} groups."


def _sampled_again(again: Sequence[tuple[Group, Agreement]]) -> str:
    if not again:
        return ""
    group, agreed = again[0]
    count = "One problem was" if len(again) == 1 else f"{len(again)} problems were"
    return (
        f"{count} sampled again and again and never solved, while most completions give one and the same answer. "
        f"For {_short(group.problem.prompt)} {agreed.count} of {agreed.of} answer {_short(agreed.answer)}; its gold is "
        f"{_short(group.problem.gold)}. "
    )


def _newest_against(once: Sequence[tuple[Group, Agreement]], late: Sequence[Group]) -> str:
    if not once:
        return ""
    return (
        f"In {len(once)} of the newest {len(late)} groups most completions give the same answer and all of them are "
        "judged wrong. "
    )


def _disputed(group: Group, agreed: Agreement) -> Sample:
    of_group = [c.index for own, c in agreed.completions if own.id == group.id] or [0]
    return Sample(group.id, of_group[0], f"{agreed.count} of {agreed.of} answer {_short(agreed.answer)}")


def same_problem_twice(evidence: Evidence) -> Alert | None:
    """One question under two names, trained on and held out, or sampled much oftener than the others."""
    by_prompt: dict[str, list[ProblemRow]] = defaultdict(list)
    for row in evidence.histories:
        by_prompt[" ".join(row.problem.prompt.split()).casefold()].append(row)
    twice = [rows for rows in by_prompt.values() if len(rows) > 1]
    oftener = [] if twice else [[row] for row in _oftener(evidence.histories)]
    if not twice and not oftener:
        return None
    rows = (twice or oftener)[0]
    said = _how_often(twice, rows) if twice else _too_often(oftener, evidence.histories)
    return Alert(
        "same_problem_twice",
        "A problem is there more than once",
        f"{said} The first is {_short(rows[0].problem.prompt)}{_golds(rows)}.",
        "The data may hold it twice. Where the golds differ one of them must be wrong; a problem that is both held out "
        "and trained on proves nothing.",
        "outcomes",
        tuple(_visited(row) for own in (twice or oftener) for row in own)[:SAMPLES],
        More("problems", {"sort": "visits"}),
    )


def _how_often(twice: Sequence[Sequence[ProblemRow]], rows: Sequence[ProblemRow]) -> str:
    splits = " of training and held out" if len({row.split for row in rows}) > 1 else ""
    count = "One question is" if len(twice) == 1 else f"{len(twice)} questions are"
    return f"{count} among the problems{splits} under several names or with several golds."


def _too_often(oftener: Sequence[Sequence[ProblemRow]], histories: Sequence[ProblemRow]) -> str:
    usual = median(row.visits for row in histories if row.split == "train")
    count = "One problem was" if len(oftener) == 1 else f"{len(oftener)} problems were"
    return f"{count} sampled {oftener[0][0].visits} times, where the others come {usual:.0f} times."


def _oftener(histories: Sequence[ProblemRow]) -> list[ProblemRow]:
    """A trainer goes through all problems before it repeats one: visits differ by one at most."""
    train = [row for row in histories if row.split == "train"]
    usual = median([row.visits for row in train]) if train else 0.0
    return [row for row in train if usual > 1 and row.visits >= max(MUCH_OFTENER * usual, usual + FEWEST_OFTENER)]


def _golds(rows: Sequence[ProblemRow]) -> str:
    golds = list(dict.fromkeys(row.problem.gold for row in rows))
    return f", with the golds {' and '.join(map(_short, golds))}" if len(golds) > 1 else ""


def _visited(row: ProblemRow) -> Sample:
    return Sample(row.last_group, None, f"{row.problem.id}, {row.visits} times")


def forgotten_problems(evidence: Evidence) -> Alert | None:
    """Problems that were mostly solved are seldom solved any more."""
    known = [row for row in evidence.histories if row.visits >= FEWEST_VISITS]
    gone = sorted((row for row in known if _is_forgotten(row)), key=_fall)
    if len(gone) < max(FEWEST_FORGOTTEN, FORGOTTEN * len(known)):
        return None
    turn = turn_of(gone[0].rates)
    assert turn is not None
    return Alert(
        "forgotten_problems",
        "Problems are forgotten",
        f"{len(gone)} of {len(known)} problems that were sampled at least {FEWEST_VISITS} times were mostly solved and "
        f"are seldom solved since. The largest fall: {_short(gone[0].problem.prompt)}, from {percent(turn.before)} to "
        f"{percent(turn.after)}.",
        "Learning something else may have pushed them out: the learning rate, or what is sampled now. The list of "
        "problems tells at which step each turned.",
        "learning",
        tuple(Sample(row.last_group, None, f"now {percent(row.last_rate)}") for row in gone[:SAMPLES]),
        More("problems", {"course": "forgotten"}),
    )


def _is_forgotten(row: ProblemRow) -> bool:
    if course_of(row.rates) != "forgotten":
        return False
    turn = turn_of(row.rates)
    return (
        turn is not None
        and min(turn.place, len(row.rates) - turn.place) >= 2
        and turn.before - turn.after >= CLEAR_FALL
    )


def _fall(row: ProblemRow) -> float:
    turn = turn_of(row.rates)
    return turn.after - turn.before if turn else 0.0


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line if len(line) <= SHOWN else f'{line[: SHOWN - 1]}…'}”"
