"""Search: what is typed is found where it stands, nothing that is typed can do harm, and the index mends itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grpo_core.errors import StoreError
from grpo_core.store import GroupFilter, RunWriter, SearchIndex, search
from grpo_core.store.text_tokens import find_spans, index_form, match_of, read_query, words_of
from grpo_core.types import Group
from tests.samples import CHAIN, EXPANSION, HOSTILE, sample_group

TEXTS = ["so \\boxed{42}", "Therefore 19*3 = 57, hence 57-5=52", "42 is half of 84", "x^2 - x - 12", HOSTILE, "142"]


def group_with(number: int, texts: list[str]) -> Group:
    group = sample_group(number, number, [False] * len(texts))
    return replace(
        group, completions=tuple(replace(c, text=text) for c, text in zip(group.completions, texts, strict=True))
    )


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SearchIndex]:
    writer = RunWriter(tmp_path / "run.db")
    writer.add_groups([group_with(number, TEXTS) for number in (1, 2, 3)])
    writer.close()
    found = SearchIndex(tmp_path)
    assert found.catch_up(60)
    yield found
    found.close()


def places(index: SearchIndex, query: str, **options: object) -> list[tuple[int, int]]:
    return [(hit.completion.group, hit.completion.index) for hit in index.search(query, **options).rows]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("42", [0, 2]),
        ("\\boxed{42}", [0]),
        ("boxed", [0]),
        ("THERE", [1]),
        ("half of 8", []),
        ("57, hen", [1]),
        ("there ", []),
        ('"there"', []),
        ("19*3=57", [1]),
        ("3 = 57", [1]),
        ('"57 - 5"', [1]),
        ("57 therefore", [1]),
        ("x^2", [3]),
        ("2 x", [3]),
        ("{{7*7}}", [4]),
        ("onerror", [4]),
        ("nothing like it", []),
        ("4", []),
        ("", []),
        ("  ", []),
        ('"', []),
    ],
)
def test_what_is_typed_is_found(index: SearchIndex, query: str, found: list[int]) -> None:
    assert [each for number, each in places(index, query) if number == 3] == found[::-1]


def test_hits_are_newest_first_and_paged(index: SearchIndex) -> None:
    first = index.search("42", limit=4)
    assert [(hit.completion.group, hit.completion.index) for hit in first.rows] == [(3, 2), (3, 0), (2, 2), (2, 0)]
    assert first.next is not None
    assert places(index, "42", before=first.next) == [(1, 2), (1, 0)]
    assert (first.indexed, first.groups) == (3, 3)


def test_a_hit_shows_where_it_stands(index: SearchIndex) -> None:
    hit = index.search("57").rows[0]
    assert [TEXTS[1][low:high] for low, high in (hit.span,) if hit.span] == ["57"]
    assert [hit.snippet[low:high] for low, high in hit.marks] == ["57", "57"]
    assert hit.snippet == TEXTS[1][hit.start : hit.start + 160]


def test_a_search_takes_a_filter(index: SearchIndex) -> None:
    assert places(index, "42", wanted=GroupFilter(steps=(2, 2))) == [(2, 2), (2, 0)]
    assert places(index, "42", wanted=GroupFilter(truncated=True)) == [(3, 0), (2, 0), (1, 0)]


def test_prompts_are_found(index: SearchIndex) -> None:
    (hit,) = index.search_prompts("(12+7)")
    assert (hit.problem_id, hit.group and hit.group.id) == (CHAIN.id, 3)
    assert CHAIN.prompt[slice(*hit.span or (0, 0))] == "(12+7)"
    assert index.search_prompts(EXPANSION.prompt) == []


def test_new_groups_are_taken_up(index: SearchIndex, tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run.db")
    writer.add_groups([group_with(4, ["eigenvalue"])])
    writer.close()
    assert places(index, "eigenvalue") == []
    other = SearchIndex(tmp_path)
    assert other.catch_up(60)
    assert places(index, "eigenvalue") == [(4, 0)]
    assert index.catch_up(60)
    assert places(index, "eigenvalue") == [(4, 0)], "two who index take nothing up twice"
    other.close()


def test_an_index_that_was_interrupted_goes_on_from_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "BATCH_GROUPS", 2)
    writer = RunWriter(tmp_path / "run.db")
    writer.add_groups([group_with(number, TEXTS) for number in range(1, 8)])
    first = SearchIndex(tmp_path)
    assert not first.catch_up(0)
    assert [number for number, _ in places(first, "x^2")] == [7, 6]
    assert first.progress() == (2, 7)
    first.close()
    writer.add_groups([group_with(8, TEXTS)])
    writer.close()
    second = SearchIndex(tmp_path)
    assert second.catch_up(60)
    assert [number for number, _ in places(second, "x^2")] == [8, 7, 6, 5, 4, 3, 2, 1]
    second.close()


def test_block_after_block_finds_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the search is cut into blocks and pages: each group that has it, once, newest first."""
    monkeypatch.setattr(search, "BLOCKS", (2, 4, 16))
    rare = {12: ["a b"], 13: ["b a"], 40: ["a  b c"], 95: ["so a b"]}
    writer = RunWriter(tmp_path / "run.db")
    writer.add_groups([group_with(number, rare.get(number, ["a", "b", "a c b"])) for number in range(1, 100)])
    writer.close()
    index = SearchIndex(tmp_path)
    index.catch_up(60)
    everywhere = [*range(99, 0, -1)]
    usual = [number for number in everywhere if number not in rare]
    expected = {'"a b"': [95, 40, 12], "a b": everywhere, "so": [95], "zeta": [], '"c b"': usual}
    for seconds in (0.0, 60.0):
        monkeypatch.setattr(search, "SECONDS", seconds)
        for query, groups in expected.items():
            assert [*dict.fromkeys(every_page(index, query))] == groups, query
    index.close()


def every_page(index: SearchIndex, query: str) -> list[int]:
    """The groups of all hits, page by page."""
    found: list[int] = []
    page = index.search(query, limit=7)
    while page.next is not None:
        found += [hit.completion.group for hit in page.rows]
        before, page = page.next, index.search(query, before=page.next, limit=7)
        assert page.next is None or page.next < before
    return [*found, *(hit.completion.group for hit in page.rows)]


def test_an_index_of_an_earlier_schema_takes_everything_up_anew(index: SearchIndex, tmp_path: Path) -> None:
    index.close()
    (tmp_path / "search.db").unlink()
    old = apsw.Connection(str(tmp_path / "search.db"))
    old.execute("PRAGMA journal_mode = WAL")
    old.execute(search.SEARCH_MIGRATIONS[0])
    old.execute("INSERT INTO texts (rowid, text) VALUES (3 * 1024, 'eigenvalue'), (3 * 1024 + 1, 'so')")
    old.execute("UPDATE progress SET value = 3 WHERE name = 'newest_group'")
    old.execute("PRAGMA user_version = 1")
    old.close()
    renewed = SearchIndex(tmp_path)
    assert renewed.progress() == (0, 3)
    assert renewed.catch_up(60)
    assert places(renewed, "eigenvalue") == []
    assert places(renewed, "x^2") == [(3, 3), (2, 3), (1, 3)]
    renewed.close()


def test_no_text_and_no_query_says_a_block(index: SearchIndex) -> None:
    assert places(index, "0block0") == []
    assert search._block_name(0, 0) not in index_form("0block0 0 block 0 0_block_0").split(" ")


@pytest.mark.parametrize("damage", [b"not a database at all, but rather long" * 30, b"", b"SQLite format 3\0" * 900])
def test_a_damaged_index_is_made_anew(index: SearchIndex, tmp_path: Path, damage: bytes) -> None:
    index.close()
    (tmp_path / "search.db").write_bytes(damage)
    mended = SearchIndex(tmp_path)
    assert mended.catch_up(60)
    assert places(mended, "x^2") == [(3, 3), (2, 3), (1, 3)]
    mended.close()


def test_an_index_that_is_damaged_within_is_made_anew(index: SearchIndex, tmp_path: Path) -> None:
    index.close()
    connection = apsw.Connection(str(tmp_path / "search.db"))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("UPDATE texts_data SET block = x'00ff00ff' WHERE id > 10")
    connection.close()
    mended = SearchIndex(tmp_path)
    assert places(mended, "x^2") in ([], [(3, 3), (2, 3), (1, 3)])
    assert mended.catch_up(60)
    assert places(mended, "x^2") == [(3, 3), (2, 3), (1, 3)]
    mended.close()


def test_a_run_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database"):
        SearchIndex(tmp_path)


@settings(max_examples=300, deadline=None)
@given(query=st.text(st.characters(exclude_categories=())) | st.text('"*^:+-(){}ANDORNEAR \\\x00\ud800é', max_size=12))
def test_no_query_does_harm(query: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    read = read_query(query)
    find_spans(HOSTILE, query)
    if read is not None:
        endings = words_of("onerror Being AND title")
        for match in (match_of(read), match_of(read, endings), match_of(read, endings, within="0block0")):
            _database().execute("SELECT rowid FROM texts WHERE texts MATCH ?", (match,)).fetchall()


@given(text=st.text(st.sampled_from("ab1+ ="), min_size=1, max_size=20), data=st.data())
def test_any_part_of_a_text_is_marked_in_it(text: str, data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(text.split() or [text]))
    assert not part.strip() or find_spans(text, part)


def _database() -> apsw.Connection:
    if not hasattr(_database, "connection"):
        connection = apsw.Connection(":memory:")
        connection.execute(search.SEARCH_MIGRATIONS[0])
        connection.execute("INSERT INTO texts (rowid, text) VALUES (1, 'a b 1 + =')")
        _database.connection = connection  # type: ignore[attr-defined]
    return _database.connection  # type: ignore[attr-defined, no-any-return]
