"""Pages and totals say what looking at everything would say, for any run and any filter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grpo_core.store import GroupFilter, RunReader, RunWriter, finding, summaries
from grpo_core.types import OUTCOMES, Completion, Group
from tests.core.store.random_runs import histories

some = st.none()
filters = st.builds(
    GroupFilter,
    outcome=some | st.sampled_from(OUTCOMES),
    truncated=some | st.booleans(),
    tokens=st.tuples(some | st.integers(0, 20), some | st.integers(0, 20)),
    rewards=st.tuples(some | st.sampled_from([0.0, 0.25]), some | st.sampled_from([0.25, 1.0])),
    split=some | st.sampled_from(["train", "eval"]),
    decoding=some | st.sampled_from(["sampled", "greedy"]),
    signal=some | st.sampled_from(["mixed", "all_correct", "all_wrong"]),
    source=some | st.sampled_from(["generated", "math", "none"]),
    level=some | st.sampled_from(["chain", "3"]),
    steps=st.tuples(some | st.integers(0, 6), some | st.integers(0, 6)),
    superseded=some | st.booleans(),
)


def store(path: Path, events: list[Group | int]) -> tuple[RunReader, list[Group]]:
    """The run as it is stored, and as it should be."""
    writer, expected = RunWriter(path), []
    for event in events:
        if isinstance(event, Group):
            writer.add_groups([event])
            expected.append(event)
        else:
            writer.supersede_after(event)
            expected = [replace(group, superseded=group.superseded or group.step > event) for group in expected]
    writer.close()
    return RunReader(path), expected


def wanted_of(group: Group, wanted: GroupFilter) -> list[Completion]:
    """The filter's meaning, as plainly as it can be said."""
    asked = {
        "split": wanted.split,
        "decoding": wanted.decoding,
        "signal": wanted.signal,
        "superseded": wanted.superseded,
    }
    fits = all(value is None or getattr(group, name) == value for name, value in asked.items())
    fits = fits and wanted.source in (None, group.problem.source) and wanted.level in (None, group.problem.level)
    if not fits or not within(group.step, wanted.steps):
        return []
    return [
        completion
        for completion in group.completions
        if wanted.outcome in (None, completion.verdict and completion.verdict.outcome)
        and (wanted.truncated is None or completion.finish_reason == ("length" if wanted.truncated else "stop"))
        and within(completion.token_count, wanted.tokens)
        and within(completion.reward, wanted.rewards)
    ]


def within(value: float | None, ends: tuple[float | None, float | None]) -> bool:
    if ends == (None, None):
        return True
    low, high = ends
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def all_groups(reader: RunReader, wanted: GroupFilter, towards: str, limit: int) -> list[int]:
    found, cursor = [], None
    while True:
        page = reader.find_groups(wanted, cursor=cursor, towards=towards, limit=limit)  # type: ignore[arg-type]
        found += [row.id for row in page.rows]
        assert len(page.rows) <= limit
        if page.next is None:
            return found
        cursor = page.next


def all_completions(reader: RunReader, wanted: GroupFilter, towards: str, limit: int) -> list[tuple[int, int]]:
    found, cursor = [], None
    while True:
        page = reader.find_completions(wanted, cursor=cursor, towards=towards, limit=limit)  # type: ignore[arg-type]
        found += [(row.group, row.index) for row in page.rows]
        if page.next is None:
            return found
        cursor = page.next


@settings(max_examples=40, deadline=None)
@given(
    events=histories(),
    wanted=filters,
    limit=st.integers(1, 5),
    block=st.sampled_from([1, 2, 512]),
    checked=st.integers(1, 9),
)
def test_pages_and_totals_are_what_looking_would_find(
    events: list[Group | int],
    wanted: GroupFilter,
    limit: int,
    block: int,
    checked: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(summaries, "BLOCK", block)
        patch.setattr(finding, "BLOCK", block)
        patch.setattr(finding, "MOST_BLOCKS", 2)
        patch.setattr(finding, "MOST_LOOKED_AT", 3)
        patch.setattr(finding, "MOST_CHECKED", checked)
        reader, expected = store(tmp_path_factory.mktemp("run") / "run.db", events)
        groups = [group.id for group in expected if wanted_of(group, wanted)]
        pairs = [(group.id, each.index) for group in expected for each in wanted_of(group, wanted)]
        assert all_groups(reader, wanted, "older", limit) == groups[::-1]
        assert all_groups(reader, wanted, "newer", limit) == groups
        assert all_completions(reader, wanted, "older", limit) == pairs[::-1]
        assert all_completions(reader, wanted, "newer", limit) == pairs
        if wanted.has_ranges:
            assert reader.count_groups(wanted) is None
        else:
            assert (reader.count_groups(wanted), reader.count_completions(wanted)) == (len(groups), len(pairs))
        for by in ("token_count", "reward"):
            ranked = [
                (getattr(each, by), group.id, each.index)
                for group in expected
                for each in wanted_of(group, wanted)
                if getattr(each, by) is not None
            ]
            assert all_ranked(reader, wanted, by, True, limit) == sorted(ranked, reverse=True)
            assert all_ranked(reader, wanted, by, False, limit) == sorted(ranked)
        reader.close()


def all_ranked(
    reader: RunReader, wanted: GroupFilter, by: str, highest: bool, limit: int
) -> list[tuple[float, int, int]]:
    found, cursor = [], None
    while True:
        page = reader.rank_completions(wanted, by, highest=highest, cursor=cursor, limit=limit)  # type: ignore[arg-type]
        found += [(getattr(row, by), row.group, row.index) for row in page.rows]
        if page.next is None:
            return found
        cursor = page.next


def test_a_page_of_something_rare_is_short_and_can_be_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.samples import sample_group

    monkeypatch.setattr(finding, "MOST_BLOCKS", 1)
    monkeypatch.setattr(finding, "BLOCK", 4)
    monkeypatch.setattr(summaries, "BLOCK", 4)
    writer = RunWriter(tmp_path / "run.db")
    for number in range(1, 13):
        writer.add_groups([sample_group(number, number, [True, number != 2])])
    writer.close()
    reader = RunReader(tmp_path / "run.db")
    rare = GroupFilter(outcome="wrong", rewards=(0.0, 0.0))
    page = reader.find_groups(rare)
    assert [row.id for row in page.rows] == [2], "the blocks say that no other holds a wrong one"
    both = GroupFilter(outcome="correct", rewards=(0.0, 0.0))
    assert all_groups(reader, both, "older", 40) == []


def test_a_row_shows_the_beginning_of_its_text(tmp_path: Path) -> None:
    from tests.samples import sample_group

    writer = RunWriter(tmp_path / "run.db")
    group = sample_group(1, 3, [True, False])
    writer.add_groups([group])
    writer.close()
    newest, oldest = RunReader(tmp_path / "run.db").find_completions(GroupFilter()).rows
    assert (newest.group, newest.index, newest.outcome, newest.step) == (1, 1, "wrong", 3)
    assert oldest.opening == group.completions[0].text[: finding.OPENING]
    assert newest.problem == group.problem
