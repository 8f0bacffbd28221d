"""All SQL of the project: one database per run with one writer and any number of readers, the commands in
`control.db`, the playground's history in `playground.db`, and the live feed of tokens being sampled."""

from grpo_core.store.background import BackgroundWriter
from grpo_core.store.control import Command, ControlDb
from grpo_core.store.live import LiveBatch, LiveFeedReader, LiveFeedWriter
from grpo_core.store.playground import Asked, PlaygroundDb
from grpo_core.store.questions import Question, Seat, Subject
from grpo_core.store.reader import GroupRow, RunReader
from grpo_core.store.writer import CompletionUpdate, NewGroup, RunWriter

__all__ = [
    "Asked",
    "BackgroundWriter",
    "Command",
    "CompletionUpdate",
    "ControlDb",
    "GroupRow",
    "LiveBatch",
    "LiveFeedReader",
    "LiveFeedWriter",
    "NewGroup",
    "PlaygroundDb",
    "Question",
    "RunReader",
    "RunWriter",
    "Seat",
    "Subject",
]
