"""The live feed: readers see streams grow, a new generation begins anew, half a line is waited for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grpo_core.store import LiveFeedReader, LiveFeedWriter
from tests.samples import CHAIN, EXPANSION, HOSTILE


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[LiveFeedWriter]:
    feed = LiveFeedWriter(tmp_path)
    yield feed
    feed.close()


@pytest.fixture
def reader(tmp_path: Path) -> LiveFeedReader:
    return LiveFeedReader(tmp_path)


def test_nothing_before_the_first_generation(reader: LiveFeedReader) -> None:
    assert reader.poll() is None


def test_streams_grow_and_end(writer: LiveFeedWriter, reader: LiveFeedReader) -> None:
    writer.begin(3, "train", [CHAIN, EXPANSION], 2)
    writer.add({0: "12+7", 3: HOSTILE})
    writer.add({0: "=19"}, ended=[0])
    writer.phase("judge")
    batch = reader.poll()
    assert batch is not None
    assert (batch.step, batch.phase, batch.problems) == (3, "judge", (CHAIN, EXPANSION))
    assert batch.streams == (("12+7=19", ""), ("", HOSTILE))
    assert batch.ended == ((True, False), (False, False))


def test_the_same_object_while_nothing_was_added(writer: LiveFeedWriter, reader: LiveFeedReader) -> None:
    writer.begin(1, "train", [CHAIN], 1)
    assert reader.poll() is reader.poll()


def test_a_new_generation_begins_anew(writer: LiveFeedWriter, reader: LiveFeedReader) -> None:
    writer.begin(1, "train", [CHAIN], 1)
    writer.add({0: "a long text that is longer than the next header, " * 50})
    first = reader.poll()
    writer.begin(2, "train", [EXPANSION], 1)
    second = reader.poll()
    assert first is not None
    assert second is not None
    assert second.number > first.number
    assert second.streams == (("",),)


@settings(max_examples=50, deadline=None)
@given(
    actions=st.lists(
        st.one_of(
            st.just("poll"),
            st.just("begin"),
            st.tuples(st.integers(0, 1), st.text(st.characters(exclude_categories=()))),
        ),
        max_size=30,
    )
)
def test_a_reader_that_looks_at_any_time_ends_up_right(
    actions: list[str | tuple[int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("feed")
    writer, reader = LiveFeedWriter(folder), LiveFeedReader(folder)
    expected = ["", ""]
    writer.begin(1, "train", [CHAIN], 2)
    for action in actions:
        if action == "poll":
            reader.poll()
        elif action == "begin":
            writer.begin(1, "train", [CHAIN], 2)
            expected = ["", ""]
        else:
            stream, text = action  # type: ignore[misc]
            writer.add({stream: text})  # type: ignore[dict-item]
            expected[stream] += text  # type: ignore[index]
    batch = reader.poll()
    writer.close()
    assert batch is not None
    assert list(batch.streams[0]) == expected
