"""What the reading threads say to the screens: plain data, never a widget."""

from __future__ import annotations

from textual.message import Message

from grpo_core.types import Json


class RunsListed(Message):
    """The runs in the folder, newest first; `trouble` instead if they cannot be read."""

    def __init__(self, runs: list[Json], trouble: str | None = None) -> None:
        super().__init__()
        self.runs = runs
        self.trouble = trouble


class RunChanged(Message):
    """A change as `RunFollower.poll` gives it, without `live`."""

    def __init__(self, change: Json) -> None:
        super().__init__()
        self.change = change


class LiveChanged(Message):
    """The generation in progress, whole: a newer one makes an older one that still waits needless."""

    def __init__(self, live: Json) -> None:
        super().__init__()
        self.live = live

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, LiveChanged)


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


class RunTrouble(Message):
    """Why the run cannot be read right now, in a sentence; None when it can be again."""

    def __init__(self, sentence: str | None) -> None:
        super().__init__()
        self.sentence = sentence
