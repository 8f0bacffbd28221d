"""Finding groups and completions from the terminal, and marking them: into the store that the page reads too."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from grpo_app.tui.app import GrpoTui
from grpo_core.runs import RunFolder
from grpo_core.store import Mark, MarksDb
from tests.app.tui.helpers import RUN_ID, shown_text, until, until_read, write_frozen_run
from tests.samples import sample_group


async def look_for(pilot: Pilot[Any], line: str) -> None:
    await pilot.press("slash", *["space" if character == " " else character for character in line], "enter")


def marks_of(folder: RunFolder) -> list[Mark]:
    with closing(MarksDb(folder.path)) as marks:
        return marks.page()


async def test_a_filter_lists_what_fits_and_says_so(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir, steps=60)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        view = (await until_read(pilot)).groups
        await pilot.press("r")
        await look_for(pilot, "outcome:wrong step:58-")
        await until(pilot, lambda: [entry.group for entry in view.finder.found.entries] == [119, 117, 115])
        await until(pilot, lambda: view.group and view.group["id"] == 119)
        assert view.completions.current
        assert view.completions.current["verdict"]["outcome"] == "wrong"
        assert "outcome:wrong step:58-" in shown_text(app)
        await pilot.press("n")
        await until(pilot, lambda: view.group and view.group["id"] == 117)
        await pilot.press("enter", "N")
        await until(pilot, lambda: view.group and view.group["id"] == 119)
        writer = folder.writer()
        writer.add_groups([sample_group(121, 61, [True, False])])
        writer.close()
        await until(pilot, lambda: [entry.group for entry in view.finder.found.entries] == [121, 119, 117, 115])
        assert view.finder.found.current
        assert view.finder.found.current.group == 119
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not view.finder.finding)
        assert "outcome:wrong" not in shown_text(app)
        assert view.group_list.current_id == 119


async def test_texts_are_searched_and_open_at_their_completion(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 45)) as pilot:
        view = (await until_read(pilot)).groups
        await look_for(pilot, "7*3=21 step:1")
        await until(pilot, lambda: view.finder.found.count() > 0)
        entry = view.finder.found.current
        assert entry
        await until(pilot, lambda: view.group and view.group["id"] == entry.group)
        assert view.completions.cursor == entry.index
        assert "completions" in shown_text(app)
        await pilot.press("f")
        await until(pilot, lambda: view.following and view.group and view.group["id"] == 24)


async def test_pages_follow_as_one_goes_down(runs_dir: Path) -> None:
    write_frozen_run(runs_dir, steps=60)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        view = (await until_read(pilot)).groups
        await look_for(pilot, "sort:longest")
        await until(pilot, lambda: view.finder.found.count() == 100)
        await pilot.press("G")
        await until(pilot, lambda: view.finder.found.count() == 200)
        lengths = [entry.row["token_count"] for entry in view.finder.found.entries]
        assert lengths == sorted(lengths, reverse=True)


async def test_what_cannot_be_looked_for_is_said_where_it_was_typed(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        view = (await until_read(pilot)).groups
        await look_for(pilot, "outcom:wrong")
        await until(pilot, lambda: "did you mean outcome?" in shown_text(app))
        await pilot.press("escape")
        assert not view.finder.finding
        await look_for(pilot, "nowhere")
        await until(pilot, lambda: "Nothing fits." in shown_text(app))
        assert view.has_focus_within


async def test_what_is_typed_behind_clearing_the_line_is_kept_however_soon(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        view = (await until_read(pilot)).groups
        await pilot.press("slash", *"nowhere")
        field = view.finder.bar.query_one(Input)
        for key in ("ctrl+u", *"sort"):
            field.post_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: field.value == "sort")


async def test_a_mark_is_set_shown_found_and_taken_back(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/23/k/1")
    async with app.run_test(size=(160, 45)) as pilot:
        await until_read(pilot)
        await pilot.press("w")
        await until(pilot, lambda: "⚑ verifier wrong" in shown_text(app))
        [mark] = marks_of(folder)
        assert (mark.group, mark.index, mark.kind, mark.who) == (23, 1, "verifier_wrong", "terminal")
        assert "⚑ (12+7)" in shown_text(app), "in the list of groups"
        assert "✗⚑" in shown_text(app), "in the list of completions"
        await pilot.press("s", *"odd", "enter")
        await until(pilot, lambda: "⚐ suspicious" in shown_text(app))
        assert marks_of(folder)[0].note == "odd"
        await look_for(pilot, "marked:any")
        await until(pilot, lambda: "1 marks" in shown_text(app))
        await pilot.press("M")
        await until(pilot, lambda: not marks_of(folder) and "suspicious" not in shown_text(app))


async def test_a_mark_of_the_page_is_seen(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/23/k/0")
    async with app.run_test(size=(160, 45)) as pilot:
        await until_read(pilot)
        with closing(MarksDb(folder.path)) as marks:
            marks.set(23, 0, "suspicious", "elsewhere", "page")
        await until(pilot, lambda: "elsewhere" in shown_text(app))
