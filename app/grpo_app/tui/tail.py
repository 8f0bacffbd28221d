"""One thread that reads a run for a screen: it follows the run and what is asked of it, and answers about groups.

It owns every connection to the store; the screen owns all state.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event

from textual.message import Message

from grpo_app.tui.messages import (
    AlertsChanged,
    CommandsChanged,
    GroupLoaded,
    MarksChanged,
    OlderGroups,
    ReferenceFound,
    RunChanged,
    RunTrouble,
)
from grpo_core.runs import RunFolder
from grpo_core.store import Command, ControlDb, RunReader
from grpo_core.views import Reference, RunFollower, group_json, group_row_json
from grpo_core.views.alert_watch import AlertWatch, watch_alerts
from grpo_core.views.marks import MarkLog

POLL_SECONDS = 0.5
RETRY_SECONDS = 1.0
COMMANDS_SECONDS = 0.5
ALERTS_SECONDS = 30.0
"""Between two looks for alerts, which read dozens of groups."""
COMMANDS = 20
"""The last commands of a run that a screen knows of."""
PAGE = 100
FAR = 50_000
"""Rows that are read at most to bring an old group into the list."""

Question = Callable[[RunReader], Message]
log = logging.getLogger(__name__)


@dataclass
class Pace:
    """Seconds between two looks at a run; a person may change them while threads look."""

    seconds: float


class RunTail:
    """Reads one run until `stop`; `run` belongs in a thread, everything else may be called from any."""

    def __init__(self, folder: RunFolder, post: Callable[[Message], object], pace: Pace) -> None:
        self.folder = folder
        self._post = post
        self._pace = pace
        self._looked_at = 0.0
        self._looked_for_alerts_at = float("-inf")
        self._questions: SimpleQueue[Question | None] = SimpleQueue()
        self._stopped = Event()
        self._troubled = False
        self._published = False

    def ask(self, question: Question) -> None:
        self._questions.put(question)

    def hurry(self) -> None:
        """The pace is another: do not rest out the old one."""
        self._questions.put(None)

    def stop(self) -> None:
        self._stopped.set()
        self._questions.put(None)

    def run(self) -> None:
        """Follow until stopped. A run that cannot be read is tried again: it may be moved back or still be made."""
        while not self._stopped.is_set():
            try:
                self._follow()
            except Exception as error:
                # The edge of a thread: whatever it is, the person sees it.
                log.debug("reading %s failed", self.folder.path, exc_info=True)
                self._trouble(str(error) or type(error).__name__)
            self._stopped.wait(RETRY_SECONDS)

    def _follow(self) -> None:
        follower = RunFollower(self.folder)
        reader = self.folder.reader()
        commands = CommandsTail(self.folder)
        marks = MarkLog(self.folder.path)
        alerts = watch_alerts(self.folder, reader)
        anew = self._published
        try:
            while not self._stopped.is_set() and self._is_there():
                if self._rest() <= 0:
                    anew = self._publish(follower, anew) and anew
                    if follower.behind:
                        self._publish(follower, anew=False)
                    self._publish_commands(commands)
                    self._publish_marks(marks)
                    self._publish_alerts(alerts)
                    self._looked_at = time.monotonic()
                question = self._next_question()
                if question:
                    self._post(question(reader))
        finally:
            marks.close()
            commands.close()
            reader.close()
            follower.close()

    def _publish(self, follower: RunFollower, anew: bool) -> bool:
        """Post what changed, `anew` as what replaces all that was known; False once something was posted."""
        change = follower.poll()
        if self._troubled:
            self._troubled = False
            self._post(RunTrouble(None))
        if change is None:
            return True
        tells = bool(change.keys() - {"live"})
        self._published = self._published or tells
        self._post(RunChanged({**change, "reset": True} if anew and tells else change))
        return not tells

    def _publish_commands(self, tail: CommandsTail) -> None:
        commands = tail.poll()
        if commands is not None:
            self._post(CommandsChanged(commands))

    def _publish_marks(self, log: MarkLog) -> None:
        marks = log.poll()
        if marks is not None:
            self._post(MarksChanged(marks))

    def _publish_alerts(self, watch: AlertWatch) -> None:
        if time.monotonic() - self._looked_for_alerts_at < ALERTS_SECONDS:
            return
        self._looked_for_alerts_at = time.monotonic()
        alerts = watch.poll()
        if alerts is not None:
            self._post(AlertsChanged(alerts))

    def _is_there(self) -> bool:
        there = self.folder.database.is_file()
        if not there:
            self._trouble(f"{self.folder.id} is gone: its folder was moved or deleted.")
        return there

    def _trouble(self, sentence: str) -> None:
        self._troubled = True
        self._post(RunTrouble(sentence))

    def _rest(self) -> float:
        return self._looked_at + self._pace.seconds - time.monotonic()

    def _next_question(self) -> Question | None:
        """Waits for one until it is time to look again. `hurry` ends the wait without a question."""
        try:
            return self._questions.get(timeout=max(0.001, self._rest()))
        except Empty:
            return None


class CommandsTail:
    """What is asked of one run, by whom ever; looks now and then, and only once somebody has asked for something."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._db: ControlDb | None = None
        self._looked_at = 0.0
        self._known: list[Command] = []

    def close(self) -> None:
        if self._db:
            self._db.close()

    def poll(self) -> list[Command] | None:
        """The last commands, newest first; None if they are the same."""
        if time.monotonic() - self._looked_at < COMMANDS_SECONDS or not self._is_there():
            return None
        self._looked_at = time.monotonic()
        self._db = self._db or ControlDb(self._folder.path.parent)
        commands = self._db.history(self._folder.id, COMMANDS)
        if commands == self._known:
            return None
        self._known = commands
        return commands

    def _is_there(self) -> bool:
        return (self._folder.path.parent / "control.db").is_file()


def load_group(group_id: int) -> Question:
    """The whole group."""

    def answer(reader: RunReader) -> Message:
        group = reader.group(group_id)
        return GroupLoaded(group_json(group) if group else None)

    return answer


def load_older(before: int, until: int | None = None) -> Question:
    """The page of rows before this id, or as many as it takes to reach the group `until`."""

    def answer(reader: RunReader) -> Message:
        limit = PAGE if until is None else FAR
        rows = reader.group_rows(before=before, after=None if until is None else until - 1, limit=limit)
        return OlderGroups([group_row_json(row) for row in rows], last=until is None and len(rows) < limit)

    return answer


def find_reference(reference: Reference) -> Question:
    """The newest group of the step or problem that the reference names."""

    def answer(reader: RunReader) -> Message:
        if reference.step is not None:
            rows = reader.group_rows_of_step(reference.step, limit=1)
        else:
            rows = reader.group_rows_of_problem(reference.problem or "", limit=1)
        return ReferenceFound(rows[0].id if rows else None)

    return answer
