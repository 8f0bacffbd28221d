"""Run folders: ids are plain, found by their beginning, and what is no run is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpo_core.config import RunConfig
from grpo_core.errors import RunError
from grpo_core.runs import create_run, find_run, list_run_folders
from grpo_core.runs.folder import RUN_ID
from grpo_core.views import Reference, parse_reference


@pytest.mark.parametrize("name", ["Demo", "../../etc/passwd", "наука", "a" * 80, "--", "tab\tand\nline"])
def test_any_name_makes_a_plain_id(tmp_path: Path, name: str) -> None:
    folder = create_run(tmp_path, RunConfig(name=name))
    assert RUN_ID.fullmatch(folder.id)
    assert folder.path.parent == tmp_path
    assert folder.config().name == name


def test_a_run_is_found_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    folder = create_run(tmp_path, RunConfig(name="alpha"))
    create_run(tmp_path, RunConfig(name="beta"))
    assert find_run(tmp_path, "al") == folder


def test_an_ambiguous_or_unknown_id_names_what_there_is(tmp_path: Path) -> None:
    ids = sorted(create_run(tmp_path, RunConfig(name="twin")).id for _ in range(2))
    with pytest.raises(RunError, match=ids[0]):
        find_run(tmp_path, "twin")
    with pytest.raises(RunError, match="no run x"):
        find_run(tmp_path, "x")
    with pytest.raises(RunError, match="none yet"):
        find_run(tmp_path / "empty", "x")


def test_runs_are_newest_first_and_strangers_are_left_alone(tmp_path: Path) -> None:
    runs = [create_run(tmp_path, RunConfig(name=f"run{number}")) for number in range(3)]
    (tmp_path / "notes").mkdir()
    (tmp_path / "control.db").write_text("")
    assert list_run_folders(tmp_path) == runs[::-1]


@given(
    st.one_of(
        st.builds(Reference, run=st.just("demo-7k3f"), step=st.integers(0, 10**9 - 1)),
        st.builds(Reference, run=st.just("demo-7k3f"), group=st.integers(0, 10**9)),
        st.builds(Reference, run=st.just("d"), group=st.integers(0, 10**9), completion=st.integers(0, 1023)),
        st.builds(Reference, run=st.just("d"), problem=st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)),
    )
)
def test_a_reference_is_read_back(reference: Reference) -> None:
    assert parse_reference(str(reference)) == reference
