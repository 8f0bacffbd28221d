"""The playground: asking one or two models, judged as in Groups, the history, cancelling, and a GPU that is taken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from grpo_app.tui.answers import Answer, take
from grpo_app.tui.app import GrpoTui
from grpo_app.tui.screens.ask_path import PathPrompt
from grpo_app.tui.screens.gpu import GpuScreen
from grpo_app.tui.screens.history import HistoryList, HistoryScreen, results_of
from grpo_app.tui.screens.playground import PlaygroundScreen
from grpo_app.tui.screens.run import RunScreen
from grpo_app.tui.widgets.fields import ChoiceField
from grpo_app.tui.widgets.question_form import OTHER, subject_key
from grpo_core.runs.gpu import GpuConflict
from grpo_core.runs.playground_events import Failed, Loading, Text
from grpo_core.store import Asked, Question
from grpo_core.types import Completion
from tests.app.tui.helpers import RUN_ID, shown_text, until, until_read, write_frozen_run
from tests.app.tui.stand_ins import EMBEDDED, STEP_4, STEP_8, StandInPlayground, commands_of
from tests.samples import HOSTILE


@pytest.fixture
def playground(runs_dir: Path) -> Iterator[StandInPlayground]:
    write_frozen_run(runs_dir)
    playground = StandInPlayground(runs_dir)
    yield playground
    assert playground.closed, "the app closes it as it ends"


async def until_offered(pilot: Pilot[Any]) -> PlaygroundScreen:
    """Until the playground is open and knows what can be asked."""
    await until(pilot, lambda: isinstance(pilot.app.screen, PlaygroundScreen) and pilot.app.screen.form.is_filled)
    screen = pilot.app.screen
    assert isinstance(screen, PlaygroundScreen)
    return screen


async def open_playground(pilot: Pilot[Any], prompt: str = "1+1", gold: str = "52") -> PlaygroundScreen:
    await until_read(pilot)
    await pilot.press("p")
    screen = await until_offered(pilot)
    screen.query_one("#prompt", TextArea).text = prompt
    screen.query_one("#gold", Input).value = gold
    return screen


def test_the_pieces_of_an_answer_add_up() -> None:
    answer = take(Answer(Question(EMBEDDED, "p")), Loading("wait"))
    assert (answer.waiting, answer.busy) == ("wait", True)
    for event in (Text(1, "a"), Text(0, "b"), Text(1, "c")):
        answer = take(answer, event)
    assert [(each.index, each.text) for each in answer.completions] == [(0, "b"), (1, "ac")]
    answer = take(answer, Failed("no"))
    assert (answer.failed, answer.busy, len(answer.completions)) == ("no", False, 2)


async def test_every_completion_is_judged(runs_dir: Path, playground: StandInPlayground) -> None:
    app = GrpoTui(runs_dir, playground=playground)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_playground(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "pass@1 67 %" in shown_text(app))
        text = shown_text(app)
        for word in (STEP_8.label, "pass@3 100 %", "2/3 ✓", "k1 ✗", "✓ correct  The boxed answer 52 equals"):
            assert word in text
        [asked] = playground.asked
        assert (asked.subject, asked.prompt, asked.gold, asked.k) == (STEP_8, "1+1", "52", 3)
        screen.sides[0].answers.focus()
        await pilot.press("1")
        assert "Completion k1  ✗ wrong" in shown_text(app)
        await pilot.press("enter")
        assert screen.focused is screen.sides[0].detail
        await pilot.press("escape", "escape", "escape")
        assert isinstance(app.screen, RunScreen)


async def test_the_text_grows_and_a_cancelled_question_can_be_asked_again(
    runs_dir: Path, playground: StandInPlayground
) -> None:
    app = GrpoTui(runs_dir, playground=playground)
    playground.gate.clear()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_playground(pilot, "a long story")
        await pilot.press("enter")
        await until(pilot, lambda: "sampling…" in shown_text(app) and "k2 ▸" in shown_text(app))
        assert "a long st" in shown_text(app)
        await pilot.press("ctrl+r")
        assert len(playground.asked) == 1
        await pilot.press("escape")
        await until(pilot, lambda: "cancelled" in shown_text(app))
        playground.cancelled.clear()
        assert app.screen is screen
        await pilot.press("enter")
        await until(pilot, lambda: "pass@1" in shown_text(app))


def test_a_cancelled_comparison_is_one_word() -> None:
    question = Question(EMBEDDED, "2+2", k=2)
    whole = Asked(1, 0.0, question, tuple(Completion(index, "4", 1, "stop") for index in range(2)), 1.0, None)
    assert results_of([whole, whole]).plain == "2 | 2"
    assert results_of([whole, replace(whole, completions=())]).plain == "cancelled"


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_two_models_answer_side_by_side(
    runs_dir: Path, playground: StandInPlayground, size: tuple[int, int]
) -> None:
    app = GrpoTui(runs_dir, playground=playground)
    async with app.run_test(size=size) as pilot:
        screen = await open_playground(pilot)
        await pilot.press("ctrl+t")
        screen.query_one("#subject-1").value = subject_key(STEP_4)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: shown_text(app).count("pass@1") == 2)
        assert {question.subject for question in playground.asked} == {STEP_8, STEP_4}
        left, right = (side.region for side in screen.sides)
        assert (left.y == right.y) == (size[0] >= 120)
        screen.sides[1].answers.focus()
        await pilot.press("enter")
        assert screen.sides[1].detail.region.height > 5
        await pilot.press("escape", "ctrl+t")
        assert shown_text(app).count("pass@1") == 1


async def test_a_group_is_taken_to_the_playground(runs_dir: Path, playground: StandInPlayground) -> None:
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/23", playground)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("a")
        await until_offered(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "pass@1" in shown_text(app))
        [asked] = playground.asked
        assert (asked.prompt, asked.gold) == ("(12+7)*3-5", "52")
        assert asked.steps == ("12+7=19", "19*3=57", "57-5=52")
        assert "beside 3 reference steps" in shown_text(app) or "Completion k0" in shown_text(app)
        await pilot.press("tab", "1", "enter")
        await until(pilot, lambda: len(playground.asked) == 2)
        assert playground.asked[1].gold == "1", "a field is typed over, not added to"
        assert playground.asked[1].steps == (), "the steps are of another gold answer"


async def test_a_changed_question_takes_no_gold_along(runs_dir: Path, playground: StandInPlayground) -> None:
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/23", playground)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_read(pilot)
        await pilot.press("a")
        await until_offered(pilot)
        await pilot.press("2", "tab")
        await until(pilot, lambda: app.screen.query_one("#gold", Input).value == "")
        await pilot.press("7", "shift+tab", "3", "enter")
        await until(pilot, lambda: "pass@1" in shown_text(app))
        assert (playground.asked[0].gold, playground.asked[0].steps) == ("7", ())


async def test_what_cannot_be_asked_is_said_at_its_field(runs_dir: Path, playground: StandInPlayground) -> None:
    app = GrpoTui(runs_dir, playground=playground)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_playground(pilot, prompt=" ")
        await pilot.press("enter")
        assert "Type a question." in shown_text(app)
        screen.query_one("#prompt", TextArea).text = "1"
        screen.query_one("#top_p", Input).value = "many"
        await pilot.press("enter")
        assert "top-p takes a number." in shown_text(app)
        assert screen.focused is screen.query_one("#top_p")
        screen.query_one("#top_p", Input).value = "7"
        await pilot.press("enter")
        assert "top_p is above 0" in shown_text(app)
        assert playground.asked == []


async def test_the_history_opens_a_question_again_and_is_exported(
    runs_dir: Path, playground: StandInPlayground
) -> None:
    app = GrpoTui(runs_dir, playground=playground)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_playground(pilot, "first\nline")
        await pilot.press("enter")
        await until(pilot, lambda: "pass@1" in shown_text(app))
        screen = await until_offered(pilot)
        screen.form.fill(Question(STEP_8, "second", gold="52", temperature=0.0))
        await pilot.press("enter")
        await until(pilot, lambda: "1/1 ✓" in shown_text(app))
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "2/3 ✓" in shown_text(app) and isinstance(app.screen, HistoryScreen))
        assert shown_text(app).index("second") < shown_text(app).index("first⏎line")
        await pilot.press("G", "enter")
        await until(pilot, lambda: app.screen is screen and "2/3 ✓" in shown_text(app))
        assert screen.query_one("#prompt", TextArea).text == "first\nline"
        assert len(playground.asked) == 2
        await pilot.press("ctrl+s")
        field = app.screen.query_one(Input)
        field.value = "asked.jsonl"
        await pilot.press("enter")
        await until(pilot, lambda: "4 completions are in" in shown_text(app))
        lines = [json.loads(line) for line in Path("asked.jsonl").read_text().splitlines()]
        assert [line["prompt"] for line in lines] == ["second", *["first\nline"] * 3]
        await pilot.press("ctrl+s")
        app.screen.query_one(Input).value = "asked.jsonl"
        await pilot.press("enter")
        await until(pilot, lambda: "there already" in shown_text(app))


async def test_a_comparison_is_one_row_of_the_history(runs_dir: Path, playground: StandInPlayground) -> None:
    app = GrpoTui(runs_dir, playground=playground)
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await open_playground(pilot)
        await pilot.press("ctrl+t", "enter")
        await until(pilot, lambda: shown_text(app).count("pass@1") == 2)
        await pilot.press("ctrl+t")
        screen.form.fill(Question(STEP_8, "alone", gold="52", k=2))
        await pilot.press("enter")
        await until(pilot, lambda: "1/2 ✓" in shown_text(app))
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen) and "2/3 ✓ | 2/3 ✓" in shown_text(app))
        assert len(app.screen.query_one(HistoryList).asked) == 2
        await pilot.press("G", "enter")
        await until(pilot, lambda: app.screen is screen and shown_text(app).count("2/3 ✓") == 2)
        questions = screen.form.questions()
        assert questions is not None
        assert [each.subject for each in questions] == [STEP_8, EMBEDDED]


async def test_a_model_is_named_by_its_path(runs_dir: Path, playground: StandInPlayground, tmp_path: Path) -> None:
    model = tmp_path / "mine"
    model.mkdir()
    app = GrpoTui(runs_dir, playground=playground)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_playground(pilot)
        assert playground.warmed[-1] == STEP_8
        for typed in (None, str(model)):
            screen.query_one("#subject-0", ChoiceField).value = OTHER
            await until(pilot, lambda: isinstance(app.screen, PathPrompt))
            if typed:
                app.screen.query_one(Input).value = typed
            await pilot.press("enter" if typed else "escape")
            expected = typed or STEP_8.path
            await until(pilot, lambda expected=expected: getattr(screen.form.subject(0), "path", None) == expected)
        await until(pilot, lambda: playground.warmed[-1].path == str(model))
        await pilot.press("enter")
        await until(pilot, lambda: "pass@1" in shown_text(app))
        assert playground.asked[0].subject.path == str(model)


@pytest.mark.parametrize("key", ["t", "s", "escape"])
async def test_a_gpu_that_is_taken_has_two_ways_out(
    runs_dir: Path, playground: StandInPlayground, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "grpo_app.tui.screens.playground.command_run",
        lambda folder, kind, issuer: told.append((folder.id, kind)) or "It was told.",
    )
    playground.conflict = GpuConflict(RUN_ID, None, 1024, f"{RUN_ID} is on the GPU [bold]. Two ways out.")
    app = GrpoTui(runs_dir, playground=playground)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await open_playground(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, GpuScreen))
        assert "is on the GPU [bold]." in shown_text(app)
        await pilot.press(key)
        if key == "t":
            await until(pilot, lambda: "as it trains" in shown_text(app) and "pass@1" in shown_text(app))
        elif key == "s":
            await until(pilot, lambda: "Ask again when it has." in shown_text(app))
        assert playground.asked == []
        assert playground.asked_trainer == ([RUN_ID] if key == "t" else [])
        assert told == ([(RUN_ID, "suspend")] if key == "s" else [])
        assert not screen.busy


async def test_hostile_text_is_text(runs_dir: Path, playground: StandInPlayground) -> None:
    app = GrpoTui(runs_dir, playground=playground)
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await open_playground(pilot)
        screen.form.fill(Question(STEP_8, HOSTILE, gold="52", k=2))
        await pilot.press("enter")
        await until(pilot, lambda: "pass@1" in shown_text(app))
        assert playground.asked[0].prompt == HOSTILE, "asked as it was, though it is shown cleaned"
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "1/2 ✓" in shown_text(app))
        assert not set("\x1b\x07\u202e") & set(shown_text(app))


async def test_resizing_never_breaks_the_playground(runs_dir: Path, playground: StandInPlayground) -> None:
    app = GrpoTui(runs_dir, playground=playground)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_playground(pilot)
        await pilot.press("ctrl+t", "enter")
        await until(pilot, lambda: shown_text(app).count("pass@1") == 2)
        for width, height in [(20, 5), (1, 1), (250, 70), (120, 30)]:
            await pilot.resize_terminal(width, height)
            await pilot.pause()
        assert shown_text(app).count("pass@1") == 2


async def test_commands_are_not_given_by_typing(runs_dir: Path, playground: StandInPlayground) -> None:
    app = GrpoTui(runs_dir, playground=playground)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_playground(pilot, prompt="")
        await pilot.press("q", "question_mark", "c", "space", "0", "ctrl+j", "p")
        assert app.screen is screen
        assert screen.query_one("#prompt", TextArea).text == "q?c 0\np"
        assert not (runs_dir / "control.db").exists() or commands_of(runs_dir) == []


async def test_the_embedded_model_answers(runs_dir: Path) -> None:
    write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await open_playground(pilot, "Compute (4+5)*3-7.", "20")
        screen.query_one("#subject-0").value = subject_key(EMBEDDED)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: screen.answers[0] is not None and not screen.busy, seconds=120)
        assert screen.answers[0] is not None
        assert screen.answers[0].failed is None
        assert "pass@1" in shown_text(app)
