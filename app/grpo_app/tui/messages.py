"""What the reading threads say to the screens: plain data, never a widget."""

from __future__ import annotations

from collections.abc import Hashable

from textual.message import Message

from grpo_app.tui.answers import Answer
from grpo_core.runs import RunFolder
from grpo_core.runs.gpu import GpuConflict
from grpo_core.runs.signal_check import SignalCheck
from grpo_core.store import Asked, Command, Question, Subject
from grpo_core.types import Json


class RunsListed(Message):
    """The runs in the folder, newest first; `trouble` instead if they cannot be read."""

    def __init__(self, runs: list[Json], trouble: str | None = None) -> None:
        super().__init__()
        self.runs = runs
        self.trouble = trouble


class RunChanged(Message):
    """A change as `RunFollower.poll` gives it: all of it at once, so that the screen is drawn once."""

    def __init__(self, change: Json) -> None:
        super().__init__()
        self.change = change


class CommandsChanged(Message):
    """What was last asked of the run, newest first, and what came of it."""

    def __init__(self, commands: list[Command]) -> None:
        super().__init__()
        self.commands = commands


class LogGrew(Message):
    """Lines at the end of the run's log; `anew` if they replace all before."""

    def __init__(self, lines: list[str], anew: bool) -> None:
        super().__init__()
        self.lines = lines
        self.anew = anew


class GroupLoaded(Message):
    """The group that was asked for, whole; None if there is none."""

    def __init__(self, group: Json | None) -> None:
        super().__init__()
        self.group = group


class OlderGroups(Message):
    """A page of older rows, newest first; `last` if there is nothing older."""

    def __init__(self, rows: list[Json], last: bool) -> None:
        super().__init__()
        self.rows = rows
        self.last = last


class ReferenceFound(Message):
    """Which group a reference to a step or a problem means; None if there is nothing at it."""

    def __init__(self, group_id: int | None) -> None:
        super().__init__()
        self.group_id = group_id


class MarksChanged(Message):
    """The newest marks of the run, newest first."""

    def __init__(self, marks: list[Json]) -> None:
        super().__init__()
        self.marks = marks


class AlertsChanged(Message):
    """Everything that deserves a look now, as `AlertWatch.poll` gives it."""

    def __init__(self, alerts: list[Json]) -> None:
        super().__init__()
        self.alerts = alerts


class Found(Message):
    """A page of what was looked for, as `views.finding` gives it, or `marks`; `trouble` instead if it cannot be read.

    `ticket` tells which search it answers; `anew`: it is the first page, once more.
    """

    def __init__(self, ticket: int, page: Json, anew: bool, trouble: str | None = None) -> None:
        super().__init__()
        self.ticket = ticket
        self.page = page
        self.anew = anew
        self.trouble = trouble


class VerdictExplained(Message):
    """How the oracle read both sides of the verdict `key`; `trouble` instead if it gave no answer."""

    def __init__(self, key: Hashable, explanation: Json | None, trouble: str | None = None) -> None:
        super().__init__()
        self.key = key
        self.explanation = explanation
        self.trouble = trouble


class ViewRead(Message):
    """What a thread has read for the screen that asked; `trouble` instead if it could not."""

    def __init__(self, found: Json | None, trouble: str | None = None) -> None:
        super().__init__()
        self.found = found
        self.trouble = trouble


class RunTrouble(Message):
    """Why the run cannot be read right now, in a sentence; None when it can be again."""

    def __init__(self, sentence: str | None) -> None:
        super().__init__()
        self.sentence = sentence


class SubjectsListed(Message):
    """What can be asked, newest first, and an empty question with the settings of the `chosen` one."""

    def __init__(self, subjects: list[Subject], chosen: Subject, settings: Question) -> None:
        super().__init__()
        self.subjects = subjects
        self.chosen = chosen
        self.settings = settings


class Answered(Message):
    """The answer of one side so far, whole. `ticket` tells which question it is the answer to."""

    def __init__(self, side: int, ticket: int, answer: Answer) -> None:
        super().__init__()
        self.side = side
        self.ticket = ticket
        self.answer = answer

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Answered) and (message.side, message.ticket) == (self.side, self.ticket)


class GpuBusy(Message):
    """The question of one side was not asked: training holds the GPU."""

    def __init__(self, side: int, ticket: int, question: Question, conflict: GpuConflict) -> None:
        super().__init__()
        self.side = side
        self.ticket = ticket
        self.question = question
        self.conflict = conflict


class SubjectFound(Message):
    """The model that a person named by its path, for one side."""

    def __init__(self, side: int, subject: Subject) -> None:
        super().__init__()
        self.side = side
        self.subject = subject


class Warming(Message):
    """How far the playground is with getting ready to answer; empty once it is."""

    def __init__(self, ticket: int, sentence: str) -> None:
        super().__init__()
        self.ticket = ticket
        self.sentence = sentence


class HistoryListed(Message):
    """A page of the playground's history, newest first; `trouble` instead if it cannot be read."""

    def __init__(self, page: list[Asked], trouble: str | None = None) -> None:
        super().__init__()
        self.page = page
        self.trouble = trouble


class Said(Message):
    """What came of something that was done in a thread, in a sentence; `refused` if nothing did."""

    def __init__(self, sentence: str, refused: bool = False) -> None:
        super().__init__()
        self.sentence = sentence
        self.refused = refused


class FormFilled(Message):
    """A configuration that was read from a file, as the form's values."""

    def __init__(self, source: str, values: dict[str, str]) -> None:
        super().__init__()
        self.source = source
        self.values = values


class FormChecked(Message):
    """A sentence for each wrong field; apart from them what may go wrong. `asks` if a start waits for a yes."""

    def __init__(self, wrong: dict[str, str], warnings: list[str], asks: bool = False) -> None:
        super().__init__()
        self.wrong = wrong
        self.warnings = warnings
        self.asks = asks


class RunStarted(Message):
    """The new run."""

    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self.folder = folder


class SignalProgress(Message):
    """Completions that the signal check has sampled so far."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__()
        self.done = done
        self.total = total

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SignalProgress)


class SignalChecked(Message):
    """What the signal check found; `trouble` instead if it did not come to its end."""

    def __init__(self, check: SignalCheck | None, trouble: str | None = None) -> None:
        super().__init__()
        self.check = check
        self.trouble = trouble


class ProblemsListed(Message):
    """A page of a run's problems, asked for under this `ticket`; `trouble` instead if it cannot be read."""

    def __init__(self, ticket: int, page: Json, anew: bool, trouble: str | None = None) -> None:
        super().__init__()
        self.ticket = ticket
        self.page = page
        self.anew = anew
        self.trouble = trouble


class VisitsListed(Message):
    """The visits of one problem (its `key`), the newest first."""

    def __init__(self, key: tuple[str, str], visits: list[Json]) -> None:
        super().__init__()
        self.key = key
        self.visits = visits
