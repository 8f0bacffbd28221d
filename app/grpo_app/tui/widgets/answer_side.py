"""One side of the playground: whose answer it is and how good, its completions, and why one is right or wrong."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content

from grpo_app.tui.answers import Answer
from grpo_app.tui.describe import describe_answer
from grpo_app.tui.paint import fit, muted, outcome_word, outside, outside_line, right, toned
from grpo_app.tui.widgets.line_list import LineList
from grpo_app.tui.widgets.reading import ReadingPane
from grpo_core.types import Json
from grpo_core.views.numbers import UNKNOWN, number, percent

FRONT = "-front"
LONGEST_LABEL = 40


class AnswerList(LineList):
    """The completions: the answer that was read, or the end of what was sampled so far."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.completions: list[Json] = []

    def show(self, completions: list[Json]) -> None:
        self.completions = completions
        self.changed()

    @property
    def current(self) -> Json | None:
        return self.completions[self.cursor] if self.completions else None

    def count(self) -> int:
        return len(self.completions)

    def head(self, width: int) -> Content:
        return _columns(width, "", "", "reward", "tokens", "answer")

    def row(self, index: int, width: int) -> Content:
        completion = self.completions[index]
        verdict = completion["verdict"]
        tokens = completion["token_count"]
        cut = "!" if completion["finish_reason"] == "length" else ""
        return _columns(
            width,
            f"k{completion['index']}",
            _mark(completion),
            number(completion["reward"]),
            UNKNOWN if tokens is None else f"{tokens}{cut}",
            outside_line(verdict["extracted"]) if verdict and verdict["extracted"] is not None else _end_of(completion),
        )


class AnswerSide(Container):
    def __init__(self, side: int) -> None:
        super().__init__(id=f"side-{side}", classes="side")
        self._side = side
        self._answer: Answer | None = None

    def compose(self) -> ComposeResult:
        yield AnswerList(f"answers-{self._side}")
        yield ReadingPane(f"answer-{self._side}")

    def on_mount(self) -> None:
        self.show(None)

    @property
    def answers(self) -> AnswerList:
        return self.query_one(AnswerList)

    @property
    def detail(self) -> ReadingPane:
        return self.query_one(ReadingPane)

    def show(self, answer: Answer | None) -> None:
        self._answer = answer
        self.answers.border_title = name_answer(answer)
        self.answers.show([completion.to_json() for completion in answer.completions] if answer else [])
        self._show_detail(keep_place=answer is not None and answer.busy)

    def choose(self, index: int) -> None:
        if index < self.answers.count():
            self.answers.put_cursor(index)
            self._show_detail()

    @on(AnswerList.Moved)
    def _moved(self, message: AnswerList.Moved) -> None:
        message.stop()
        self._show_detail()

    @on(AnswerList.Chosen)
    def _chosen(self, message: AnswerList.Chosen) -> None:
        message.stop()
        self.detail.focus()

    def _show_detail(self, keep_place: bool = False) -> None:
        completion, answer = self.answers.current, self._answer
        if answer is None or completion is None:
            self.detail.border_title = "Completion"
            self.detail.show(describe_waiting(answer))
            return
        busy = answer.busy and completion["finish_reason"] is None
        word = outcome_word(completion["verdict"])
        verdict = f"  {word.mark} {word.label}" if completion["verdict"] else ""
        self.detail.border_title = f"Completion k{completion['index']}{verdict}"
        self.detail.show(describe_answer(completion, answer.problem(), busy), keep_place)


def name_answer(answer: Answer | None) -> Content:
    """Whose answer it is; and its figures, or what is waited for."""
    if answer is None:
        return Content("Answers")
    return outside_line(_shortened(answer.question.subject.label)).append("   ").append(_figures(answer))


def _shortened(label: str) -> str:
    """A long path by its end, so that there is room for the figures."""
    return label if len(label) <= LONGEST_LABEL else f"…{label[1 - LONGEST_LABEL :]}"


def describe_waiting(answer: Answer | None) -> Content:
    """What stands where there is no completion yet."""
    if answer is None:
        return muted("Type a prompt and press enter. With a gold answer each completion is judged, as in training.")
    if answer.failed is not None:
        return toned("✗ ", "bad").append(outside(answer.failed))
    if answer.done:
        return muted("There is no completion.")
    return muted("… ").append(outside_line(answer.waiting or "Waiting for the first words."))


def _figures(answer: Answer) -> Content:
    if answer.failed is not None:
        return toned("✗ failed", "bad")
    if answer.done is None:
        return toned("asked…" if not answer.completions else "sampling…", "accent")
    done = answer.done
    parts = ["cancelled"] if done.cancelled else []
    if done.judged:
        parts += [f"pass@1 {percent(done.pass_at_1)}", f"pass@{done.judged} {percent(done.pass_at_k)}"]
        parts.append(f"{done.correct}/{done.judged} ✓")
    return Content(" · ".join([*parts, f"{done.seconds:.1f} s"]))


def _mark(completion: Json) -> Content:
    if completion["verdict"]:
        word = outcome_word(completion["verdict"])
        return toned(word.mark, word.tone)
    return toned("▸", "accent") if completion["finish_reason"] is None else muted("■")


def _end_of(completion: Json) -> Content:
    if completion["verdict"]:
        return muted(outcome_word(completion["verdict"]).label)
    lines = [line for line in completion["text"].splitlines() if line.strip()]
    return muted("").append(outside_line(lines[-1] if lines else "…"))


def _columns(width: int, *cells: Any) -> Content:
    index, mark, reward, tokens, answer = cells
    parts = [right(index, 3), fit(mark, 2), right(reward, 6), right(tokens, 6)]
    used = sum(part.cell_length + 1 for part in parts) + 1
    return Content(" ").join([*parts, fit(answer, max(0, width - used))])
