"""What the playground's threads do: ask, look up, export. Each only posts messages; the screen owns all state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from textual.message import Message

from grpo_app.tui.answers import Answer, take
from grpo_app.tui.messages import Answered, GpuBusy, HistoryListed, Said, SubjectFound, SubjectsListed, Warming
from grpo_core.errors import GrpoDashError
from grpo_core.runs.playground import Playground
from grpo_core.runs.playground_events import Event, Loading
from grpo_core.store import Question, Seat, Subject

Post = Callable[[Message], object]
PAGE = 100


def list_subjects(playground: Playground, post: Post, run: str | None, before: Subject | None) -> None:
    """What can be asked; chosen is the one that was `before`, else the newest of `run`, else the newest of all."""
    try:
        subjects = playground.subjects()
        of_run = [subject for subject in subjects if subject.run == run]
        same = [subject for subject in subjects if subject == before]
        chosen = (same or of_run or subjects)[0]
        post(SubjectsListed(subjects, chosen, playground.default_question(chosen)))
    except (GrpoDashError, OSError) as error:
        post(Said(f"What can be asked cannot be listed: {error}", refused=True))


def find_subject(playground: Playground, post: Post, side: int, path: str) -> None:
    """A folder, a checkpoint's folder or a hub name; whether it can be loaded is seen when it is asked."""
    try:
        post(SubjectFound(side, playground.subject_at(path)))
    except (GrpoDashError, OSError) as error:
        post(Said(f"{path} cannot be asked: {error}", refused=True))


def warm(playground: Playground, post: Post, ticket: int, subject: Subject) -> None:
    """Have the process and the weights ready before anybody asks; what goes wrong is said when one does."""
    for event in playground.warm(subject):
        post(Warming(ticket, event.message if isinstance(event, Loading) else ""))


def ask(playground: Playground, post: Post, side: int, ticket: int, question: Question, seat: Seat | None) -> None:
    """Ask, unless training holds the GPU."""
    conflict = playground.gpu_conflict(question.subject)
    if conflict:
        post(GpuBusy(side, ticket, question, conflict))
        return
    _publish(post, side, ticket, Answer(question), playground.ask(question, seat=seat))


def ask_trainer(playground: Playground, post: Post, side: int, ticket: int, question: Question, run: str) -> None:
    """The trainer answers, with the weights it has then."""
    subject = Subject(f"{run} · as it trains", question.subject.path, run)
    asked = replace(question, subject=subject)
    _publish(post, side, ticket, Answer(asked), playground.ask_trainer(run, asked, "terminal"))


def read_history(playground: Playground, post: Post, before: int | None = None) -> None:
    try:
        post(HistoryListed(playground.history(before, PAGE)))
    except (GrpoDashError, OSError) as error:
        post(HistoryListed([], str(error)))


def export(playground: Playground, post: Post, path: Path) -> None:
    """The whole history, a completion a line; a file that is there already is left alone."""
    try:
        with path.open("x", encoding="utf-8") as file:
            lines = sum(1 for line in playground.export() if file.write(f"{line}\n"))
    except FileExistsError:
        post(Said(f"{path} is there already: choose another name.", refused=True))
    except (GrpoDashError, OSError) as error:
        post(Said(f"{path} could not be written: {error}", refused=True))
    else:
        post(Said(f"{lines} completions are in {path}."))


def _publish(post: Post, side: int, ticket: int, answer: Answer, events: Iterator[Event]) -> None:
    for event in events:
        answer = take(answer, event)
        post(Answered(side, ticket, answer))
