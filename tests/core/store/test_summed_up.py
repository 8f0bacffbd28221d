"""Curves, step counts and problems' histories: what the writer sums up is what summing up everything would give."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grpo_core.store import RunReader, RunWriter
from grpo_core.types import Group
from tests.core.store.random_runs import histories
from tests.core.store.test_finding import store

Write = tuple[int, float]
"""A point of the metric at a step."""


@settings(max_examples=25, deadline=None)
@given(
    writes=st.lists(st.tuples(st.integers(0, 90), st.floats(-5, 5).map(lambda value: round(value, 2))), max_size=60),
    resume=st.none() | st.integers(-1, 90),
    later=st.lists(st.tuples(st.integers(0, 90), st.just(1.0)), max_size=20),
    points=st.integers(1, 50),
    ends=st.tuples(st.none() | st.integers(0, 90), st.none() | st.integers(0, 90)),
)
def test_a_curve_at_any_zoom_adds_up(
    writes: list[Write],
    resume: int | None,
    later: list[Write],
    points: int,
    ends: tuple[int | None, int | None],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """However late, twice or sparsely points are written, and wherever a resume takes them back."""
    path = tmp_path_factory.mktemp("curve") / "run.db"
    writer, known = RunWriter(path), {}
    for step, value in writes:
        writer.add_metrics(step, {"reward": value})
        known[step] = value
    if resume is not None:
        writer.supersede_after(resume)
        known = {step: value for step, value in known.items() if step <= resume}
    for step, value in later:
        writer.add_metrics(step, {"reward": value})
        known[step] = value
    writer.close()
    reader = RunReader(path)
    first, last = ends
    found = reader.curve("reward", first, last, points=points)
    reader.close()
    for point in found:
        inside = [value for step, value in known.items() if point.first <= step <= point.last]
        assert (point.low, point.high, point.points) == (min(inside), max(inside), len(inside))
        assert point.total == pytest.approx(sum(inside))
    reached = [(point.first, point.last) for point in found]
    assert all(one[1] < other[0] for one, other in pairwise(reached)), "by step, none twice"
    asked = [step for step in known if (first is None or step >= first) and (last is None or step <= last)]
    assert all(any(low <= step <= high for low, high in reached) for step in asked)


def test_a_long_curve_has_about_as_many_points_as_asked(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run.db")
    for step in range(1, 601):
        writer.add_metrics(step, {"reward": step / 600})
    writer.close()
    reader = RunReader(tmp_path / "run.db")
    assert len(reader.curve("reward")) == 600
    assert 100 < len(reader.curve("reward", points=200)) <= 212
    assert [point.first for point in reader.curve("reward", 100, 110)] == list(range(100, 111))
    assert reader.curve("no such metric") == []
    assert reader.metric_keys() == ["reward"]


@settings(max_examples=25, deadline=None)
@given(events=histories(), points=st.sampled_from([1, 500]))
def test_step_counts_are_what_counting_would_give(
    events: list[Group | int], points: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    reader, expected = store(tmp_path_factory.mktemp("run") / "run.db", events)
    for split in ("train", "eval"):
        samples = [g for g in expected if g.split == split and g.decoding == "sampled" and not g.superseded]
        found = reader.step_counts(split, points=points)  # type: ignore[arg-type]
        for counts in found:
            inside = [group for group in samples if counts.first <= group.step <= counts.last]
            each = [completion for group in inside for completion in group.completions]
            outcomes = Counter(c.verdict.outcome if c.verdict else "unjudged" for c in each)
            assert (counts.groups, counts.completions, counts.outcomes) == (len(inside), len(each), dict(outcomes))
            assert counts.signals == dict(Counter(group.signal for group in inside if group.signal))
            assert counts.judge_seconds == pytest.approx(0.5 * sum(c.verdict is not None for c in each))
        assert sum(counts.groups for counts in found) == len(samples)
        assert reader.step_counts_since(0, split) == reader.step_counts(split)  # type: ignore[arg-type]
    reader.close()


def test_only_steps_that_were_counted_further_come_again(tmp_path: Path) -> None:
    from tests.samples import sample_group

    writer = RunWriter(tmp_path / "run.db")
    writer.add_groups([sample_group(1, 1, [True, False])])
    reader = RunReader(tmp_path / "run.db")
    seen = reader.counters()["revision"]
    assert reader.step_counts_since(seen) == []
    writer.add_groups([sample_group(2, 2, [True, True])])
    (counts,) = reader.step_counts_since(seen)
    assert (counts.first, counts.last, counts.outcomes, counts.signals) == (2, 2, {"correct": 2}, {"all_correct": 1})
    assert reader.metrics_since() == {}, "counts are no metrics of the trainer's"


@settings(max_examples=25, deadline=None)
@given(events=histories(), limit=st.integers(1, 3), highest=st.booleans())
def test_problems_are_listed_with_their_visits(
    events: list[Group | int], limit: int, highest: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    reader, expected = store(tmp_path_factory.mktemp("run") / "run.db", events)
    visits = defaultdict(list)
    for group in expected:
        if group.split == "train" and group.decoding == "sampled" and not group.superseded:
            right = sum(c.verdict is not None and c.verdict.outcome == "correct" for c in group.completions)
            visits[group.problem].append((group.id, group.step, right / len(group.completions)))
    for order in ("last_group", "visits", "last_rate", "change"):
        rows, cursor = [], None
        while True:
            page = reader.list_problems(order, highest=highest, cursor=cursor, limit=limit)  # type: ignore[arg-type]
            rows += page.rows
            if page.next is None:
                break
            cursor = page.next
        assert {row.problem for row in rows} == set(visits)
        values = [getattr(row, order) for row in rows]
        assert values == sorted(values, reverse=highest)
        for row in rows:
            rates = [rate for _, _, rate in visits[row.problem]]
            assert (row.visits, row.last_group) == (len(rates), visits[row.problem][-1][0])
            assert row.rates == pytest.approx(rates, abs=1e-4)
            assert (row.first_rate, row.last_rate) == (rates[0], rates[-1])
            seen = reader.problem_visits(row.problem.id)
            assert [(visit.group, visit.step, visit.rate) for visit in seen] == visits[row.problem]
    only = reader.list_problems(source="math", level="3").rows
    assert {row.problem.id for row in only} <= {"b"}
    assert set(reader.sources()) == {(group.problem.source, group.problem.level) for group in expected}
    reader.close()
