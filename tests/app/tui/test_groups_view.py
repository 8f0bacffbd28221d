"""Groups, completions and verdicts: what is shown, moving among them, following, older pages and references."""

from __future__ import annotations

from pathlib import Path

import pytest

from grpo_app.tui.app import GrpoTui
from grpo_app.tui.describe import highlight_answer
from grpo_core.runs import RunFolder
from grpo_core.store import CompletionUpdate
from grpo_core.types import Completion, Group, Problem, Verdict
from tests.app.tui.helpers import RUN_ID, run_screen, shown_text, until, until_read, write_frozen_run
from tests.samples import sample_group


def add_group(folder: RunFolder, group: Group) -> None:
    writer = folder.writer()
    writer.add_groups([group])
    writer.close()


async def test_a_completion_that_is_not_there_is_said(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/11/k/9")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        view = (await until_read(pilot)).groups
        await until(pilot, lambda: "k9" in shown_text(app))
        assert view.completions.cursor == 3


async def test_three_panes_say_why_a_completion_earned_what_it_did(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/23/k/1")
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.groups.group_list.current_id == 23 and "(pretty)" in shown_text(app))
        text = shown_text(app)
        for word in (
            "#23  step 12  ◐ mixed  mean 0.75  std 0.50",
            "gold      52",
            "step 2    19*3=57",
            "✗ wrong  The boxed answer 28",
            "found     line 6, characters",
            "rule      the last box (boxed)",
            "read as 28",
            "tree    +  sum",
            "└ −  negative",
            "✗ exact value    different: decided",
        ):
            assert word in text
        await pilot.press("tab", "G")
        await until(pilot, lambda: "logprob" in shown_text(app))
        text = shown_text(app)
        for word in (
            "code      DIFFERENT",
            "Partial credit  0.33",
            "1 of 3 reference steps found: 0.33",
            "✓ matched     +0.33  0.33",
            "– missing     +0.00  0.33",
            "reward    0.00   correct 0.00  partial 0.33",
            "advantage -1.50  ████│",
            "logprob   -0.20 · entropy 0.40",
        ):
            assert word in text


async def test_unknown_is_a_dash_and_never_a_zero(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    bare = Completion(0, "no idea", None, None)
    add_group(folder, Group(25, 13, "train", Problem("p", "1+1", "2"), (bare,)))
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/25")
    async with app.run_test(size=(160, 90)) as pilot:
        await until_read(pilot)
        text = shown_text(app)
        assert "not judged yet" in text
        assert "logprob   — · entropy —" in text
        assert "reward    —" in text
        assert "tokens    — · —" in text


async def test_moving_by_group_step_and_completion(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/11")
    async with app.run_test(size=(80, 24)) as pilot:
        view = (await until_read(pilot)).groups

        async def press(key: str, group: int) -> None:
            await pilot.press(key)
            await until(pilot, lambda: view.group is not None and view.group["id"] == group)
            assert view.group_list.current_id == group

        await until(pilot, lambda: view.group_list.current_id == 11)
        await press("right_curly_bracket", 12)
        await press("left_curly_bracket", 11)
        await press("right_square_bracket", 14)
        await press("left_square_bracket", 12)
        await pilot.press("0")
        assert view.completions.cursor == 0
        assert "Completion k0" in shown_text(app)
        await pilot.press("2")
        assert view.completions.cursor == 2
        await press("right_curly_bracket", 13)
        assert view.completions.cursor == 2
        assert "Completion k2" in shown_text(app)
        assert "k3 " in shown_text(app)


async def test_following_keeps_to_the_newest_until_somebody_moves(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 45)) as pilot:
        view = (await until_read(pilot)).groups
        await pilot.press("r")
        assert "following the newest" in shown_text(app)
        await pilot.press("j")
        await until(pilot, lambda: view.group and view.group["id"] == 23)
        add_group(folder, sample_group(25, 13, [True, False]))
        await until(pilot, lambda: view.group_list.newest_id == 25)
        assert view.group_list.current_id == 23
        await pilot.press("f")
        await until(pilot, lambda: view.group and view.group["id"] == 25)
        assert view.group_list.current_id == 25


async def test_what_the_update_fills_in_later_is_shown(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/24")
    async with app.run_test(size=(160, 90)) as pilot:
        await until_read(pilot)
        writer = folder.writer()
        writer.fill_completions([CompletionUpdate(24, 0, -7.25, 3.5)])
        writer.add_groups([sample_group(25, 13, [True, False])])
        writer.close()
        await until(pilot, lambda: "logprob   -7.25 · entropy 3.50" in shown_text(app))


async def test_older_groups_are_read_when_somebody_goes_there(runs_dir: Path) -> None:
    write_frozen_run(runs_dir, steps=60)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        view = (await until_read(pilot)).groups
        assert view.group_list.count() < 120
        await pilot.press("r", "G")
        await until(pilot, lambda: view.group_list.count() == 120)
        await pilot.press("G")
        await until(pilot, lambda: view.group and view.group["id"] == 1)
        assert "#1 " in shown_text(app)
        await pilot.press("g")
        await until(pilot, lambda: view.group and view.group["id"] == 120)


async def test_a_reference_far_back_is_brought_into_the_list(runs_dir: Path) -> None:
    write_frozen_run(runs_dir, steps=60)
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/7/k/2")
    async with app.run_test(size=(160, 45)) as pilot:
        view = (await until_read(pilot)).groups
        await until(pilot, lambda: view.group_list.current_id == 7)
        assert view.completions.cursor == 2
        assert "#7 " in shown_text(app)


@pytest.mark.parametrize(("reference", "group"), [("step/5", 10), ("problem/chain-1", 23)])
async def test_a_step_or_a_problem_opens_its_newest_group(runs_dir: Path, reference: str, group: int) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/{reference}")
    async with app.run_test(size=(160, 45)) as pilot:
        view = (await until_read(pilot)).groups
        assert view.group is not None
        assert view.group["id"] == group


@pytest.mark.parametrize(("reference", "said"), [("step/999", "nothing at"), ("group/999", "no group 999")])
async def test_a_reference_to_nothing_is_said(runs_dir: Path, reference: str, said: str) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/{reference}")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: said in shown_text(app))
        assert run_screen(pilot).is_current


async def test_a_problem_that_is_longer_than_its_pane_is_read_by_keys(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    prompt = "\n".join(f"line {number} of the problem" for number in range(30))
    add_group(folder, Group(25, 13, "train", Problem("p", prompt, "2"), (Completion(0, "no idea", 2, "stop"),)))
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/25")
    async with app.run_test(size=(80, 24)) as pilot:
        view = (await until_read(pilot)).groups
        await until(pilot, lambda: "line 0 of" in shown_text(app) and view.focused_id == "completions")
        assert "line 9 of" not in shown_text(app)
        await pilot.press("tab", "tab")
        await until(pilot, lambda: "line 9 of" in shown_text(app))
        await pilot.press("G")
        await until(pilot, lambda: "gold" in shown_text(app))
        await pilot.press("tab", "tab")
        await until(pilot, lambda: view.focused_id == "completions" and "line 9 of" not in shown_text(app))


def test_the_extracted_answer_stands_out_by_code_points() -> None:
    text = "𝟙 is 一\tthen \x07 42"
    start = text.index("42")
    verdict = Verdict("correct", extracted="42", span=(start, start + 2)).to_json()
    content = highlight_answer(text, verdict)
    [span] = content.spans
    assert content.plain[span.start : span.end] == "42"
    assert "reverse" in str(span.style)


async def test_a_group_that_is_followed_to_stays_for_some_looks_unless_somebody_asks(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 45)) as pilot:
        view = (await until_read(pilot)).groups
        await pilot.press("r")
        app.pace.seconds = 60.0
        view.catch_up()
        newest = view.group_list.newest_id or 0
        rows = [{**view.group_list._rows[newest], "id": newest + more} for more in (1, 2)]
        view.groups_changed(rows[:1])
        view.groups_changed(rows[1:])
        await pilot.pause()
        assert view.group_list.newest_id == newest + 2
        assert view.wanted == newest
        await pilot.press("f", "f")
        assert view.wanted == newest + 2
