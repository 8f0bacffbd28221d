"""The playground: question a checkpoint, or two side by side, and have every completion judged as in training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import DescendantFocus
from textual.screen import Screen
from textual.widgets import Footer, Input, Select, Static

from grpo_app.tui.answers import Answer, answer_of
from grpo_app.tui.controls import ISSUER
from grpo_app.tui.messages import Answered, GpuBusy, Said, SubjectFound, SubjectsListed, Warming
from grpo_app.tui.paint import bold, muted, outside_line, toned
from grpo_app.tui.playground_work import ask, ask_trainer, export, find_subject, list_subjects, warm
from grpo_app.tui.say import say
from grpo_app.tui.screens.ask_path import PathPrompt
from grpo_app.tui.screens.gpu import ASK_TRAINER, SUSPEND, GpuScreen
from grpo_app.tui.screens.history import HistoryScreen
from grpo_app.tui.widgets.answer_side import AnswerSide
from grpo_app.tui.widgets.fields import BETWEEN_FIELDS, UP_DOWN, PromptField
from grpo_app.tui.widgets.question_form import OTHER, QuestionForm
from grpo_core.errors import GrpoDashError
from grpo_core.runs import find_run
from grpo_core.runs.control import command_run
from grpo_core.runs.playground import Playground
from grpo_core.store import Asked, Question, Seat, Subject
from grpo_core.types import Json

TITLE = bold("Playground  ").append(muted("any checkpoint, the same judge"))
TWO, READING = "-two", "-reading"


class PlaygroundScreen(Screen[None]):
    """Stays as it is left: it is the app's, and is opened again where it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "ask", "Ask", show=False),
        Binding("ctrl+t", "two", "Two"),
        Binding("ctrl+o", "history", "History"),
        Binding("ctrl+s", "export", "Export"),
        *(replace(binding, show=binding.key == "tab") for binding in BETWEEN_FIELDS),
        *UP_DOWN,
        Binding("f1,question_mark", "app.help", "Help", key_display="f1"),
        Binding("q", "app.quit", "Quit", show=False),
        Binding("escape", "back", "Cancel/back"),
        *[Binding(str(digit), f"completion({digit})", show=False) for digit in range(10)],
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]

    def __init__(self, playground: Playground) -> None:
        super().__init__()
        self.playground = playground
        self.answers: list[Answer | None] = [None, None]
        self._tickets = [0, 0]
        self._held: list[GpuBusy] = []
        self._wanted: tuple[str | None, Json | None] = (None, None)
        self._chosen: dict[int, Subject] = {}
        self._warmings = 0

    def compose(self) -> ComposeResult:
        yield Static(TITLE, id="title")
        yield QuestionForm()
        with Container(id="sides"):
            yield AnswerSide(0)
            yield AnswerSide(1)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(PromptField).focus()

    def open_about(self, run: str | None, problem: Json | None) -> None:
        """Ask about this problem of this run; without one, what was typed stays."""
        self._wanted = (run, problem)
        work = partial(list_subjects, self.playground, self.post_message, run, self._chosen_before(problem))
        self.run_worker(work, thread=True, name="subjects")

    @property
    def form(self) -> QuestionForm:
        return self.query_one(QuestionForm)

    @property
    def sides(self) -> list[AnswerSide]:
        return list(self.query(AnswerSide))

    @property
    def busy(self) -> bool:
        return any(answer is not None and answer.busy for answer in self.answers)

    # What the threads say.

    @on(SubjectsListed)
    def _subjects_listed(self, message: SubjectsListed) -> None:
        first = not self.form.is_filled
        self.form.offer(message.subjects, message.chosen)
        problem = self._wanted[1]
        if problem is not None:
            self.form.fill(_about(message.settings, problem))
        elif first:
            self.form.fill(message.settings)

    @on(Select.Changed, "#subject-0")
    @on(Select.Changed, "#subject-1")
    def _subject_chosen(self, message: Select.Changed) -> None:
        """Get it ready; one that is not in the list is asked for."""
        message.stop()
        side = 0 if message.select.id == "subject-0" else 1
        subject = self.form.subject(side)
        if subject is not None:
            self._chosen[side] = subject
            if side == 0:
                self._warm(subject)
        elif message.value == OTHER:
            title = "Question the model at (a folder, a checkpoint's folder, a hub name)"
            self.app.push_screen(PathPrompt(title, ""), partial(self._named, side))

    def _named(self, side: int, path: Path | None) -> None:
        if path is not None:
            self.run_worker(partial(find_subject, self.playground, self.post_message, side, str(path)), thread=True)
        elif side in self._chosen:
            self.form.choose(side, self._chosen[side])

    @on(SubjectFound)
    def _subject_found(self, message: SubjectFound) -> None:
        self.form.choose(message.side, message.subject)

    def _warm(self, subject: Subject) -> None:
        self._warmings += 1
        work = partial(warm, self.playground, self.post_message, self._warmings, subject)
        self.run_worker(work, thread=True, name="warm")

    @on(Warming)
    def _warming(self, message: Warming) -> None:
        if message.ticket == self._warmings:
            said = toned(" … ", "accent").append(outside_line(message.sentence)) if message.sentence else muted("")
            self.query_one("#title", Static).update((bold("Playground") if message.sentence else TITLE).append(said))

    @on(Answered)
    def _answered(self, message: Answered) -> None:
        if message.ticket == self._tickets[message.side]:
            self._show(message.side, message.answer)

    @on(GpuBusy)
    def _gpu_busy(self, message: GpuBusy) -> None:
        if message.ticket != self._tickets[message.side]:
            return
        self._held.append(message)
        if len(self._held) == 1:
            self.app.push_screen(GpuScreen(message.conflict), self._gpu_answered)

    @on(Said)
    def _said(self, message: Said) -> None:
        say(self, message)

    def _gpu_answered(self, choice: str | None) -> None:
        """What to do with the questions that wait for the GPU."""
        held, self._held = self._held, []
        if choice == SUSPEND:
            self.run_worker(partial(self._suspend, held[0].conflict.run), thread=True, name="suspend")
        for waiting in held:
            if choice == ASK_TRAINER:
                self._start(ask_trainer, waiting.side, waiting.ticket, waiting.question, waiting.conflict.run)
            else:
                self._tickets[waiting.side] += 1
                self._show(waiting.side, None)

    def _suspend(self, run: str) -> None:
        """In a thread."""
        try:
            said = command_run(find_run(self.playground.runs_dir, run), "suspend", ISSUER)
            self.post_message(Said(f"{said} Ask again when it has."))
        except (GrpoDashError, OSError) as error:
            self.post_message(Said(str(error), refused=True))

    # Keys.

    def action_ask(self) -> None:
        if self.busy:
            self.notify("It is still answering: esc cancels.", severity="warning")
            return
        questions = self.form.questions()
        if questions is None:
            return
        comparison = uuid4().hex
        for side, question in enumerate(questions):
            self._tickets[side] += 1
            self._show(side, Answer(question))
            self._start(ask, side, self._tickets[side], question, Seat(comparison, side))

    def action_two(self) -> None:
        self._show_two(not self.has_class(TWO))

    def _show_two(self, two: bool) -> None:
        self.set_class(two, TWO)
        self.form.show_second(two)

    def action_completion(self, index: int) -> None:
        for side in self.sides:
            side.choose(index)

    def action_history(self) -> None:
        self.app.push_screen(HistoryScreen(self.playground), self._reopen)

    def action_export(self) -> None:
        name = datetime.now().astimezone().strftime("playground-%Y%m%d-%H%M%S.jsonl")
        self.app.push_screen(
            PathPrompt("Export everything that was asked, a completion a line, to", name), self._export
        )

    def action_back(self) -> None:
        """Step by step: cancel, from the reading to the list, to the prompt, and away."""
        focused = self.focused
        reading = next((side for side in self.sides if side.detail is focused), None)
        if self.busy:
            self.playground.cancel()
        elif reading is not None:
            reading.answers.focus()
        elif focused is not None and any(side.answers is focused for side in self.sides):
            self.query_one(PromptField).focus()
        else:
            self.app.pop_screen()

    @on(PromptField.Asked)
    @on(Input.Submitted)
    def _typed(self, message: PromptField.Asked | Input.Submitted) -> None:
        message.stop()
        self.action_ask()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Where there is little room, what is read takes all of it."""
        self.set_class(any(side.detail is event.widget for side in self.sides), READING)
        for side in self.sides:
            side.set_class(side.detail is event.widget, "-front")

    def _reopen(self, asked: Asked | None) -> None:
        if asked is None:
            return
        for side, each in enumerate((asked, *asked.beside)):
            self.form.choose(side, each.question.subject)
        self.form.fill(asked.question)
        self._show_two(bool(asked.beside))
        if not self.busy:
            for side, each in enumerate((asked, *asked.beside)):
                self._tickets[side] += 1
                self._show(side, answer_of(each))
            self.sides[0].answers.focus()

    def _export(self, path: Path | None) -> None:
        if path is not None:
            self.run_worker(partial(export, self.playground, self.post_message, path), thread=True, name="export")

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        self.run_worker(partial(work, self.playground, self.post_message, *arguments), thread=True, name="question")

    def _show(self, side: int, answer: Answer | None) -> None:
        self.answers[side] = answer
        self.sides[side].show(answer)

    def _chosen_before(self, problem: Json | None) -> Subject | None:
        """The subject stays what it is, unless a problem of a run comes with its own."""
        return self.form.subject(0) if problem is None and self.is_mounted else None


def _about(settings: Question, problem: Json) -> Question:
    """The question of a group's problem, with the settings of its run."""
    prompt, gold, steps = problem["prompt"], problem["gold"], tuple(problem["steps"])
    return replace(settings, prompt=prompt, gold=gold, steps=steps)
