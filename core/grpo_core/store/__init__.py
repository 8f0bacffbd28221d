"""All SQL of the project: one database per run with one writer and any number of readers, the commands in
`control.db`, the playground's history in `playground.db`, a run's search index and its marks, and the live feed of
tokens being sampled."""

from grpo_core.store.background import BackgroundWriter
from grpo_core.store.connection import network_file_system, require_local
from grpo_core.store.control import Command, ControlDb
from grpo_core.store.filters import GroupFilter
from grpo_core.store.finding import CompletionRow, Page
from grpo_core.store.live import LiveBatch, LiveFeedReader, LiveFeedWriter
from grpo_core.store.marks import Mark, MarksDb, export_marks
from grpo_core.store.open_indexes import OpenIndexes
from grpo_core.store.playground import Asked, PlaygroundDb
from grpo_core.store.problem_lists import ProblemRow, ProblemVisit
from grpo_core.store.questions import Question, Seat, Subject
from grpo_core.store.reader import RunReader
from grpo_core.store.rollups import CurvePoint
from grpo_core.store.rows import GroupRow
from grpo_core.store.search import Hits, PromptHit, SearchHit, SearchIndex
from grpo_core.store.step_counts import StepCounts
from grpo_core.store.writer import CompletionUpdate, NewGroup, RunWriter

__all__ = [
    "Asked",
    "BackgroundWriter",
    "Command",
    "CompletionRow",
    "CompletionUpdate",
    "ControlDb",
    "CurvePoint",
    "GroupFilter",
    "GroupRow",
    "Hits",
    "LiveBatch",
    "LiveFeedReader",
    "LiveFeedWriter",
    "Mark",
    "MarksDb",
    "NewGroup",
    "OpenIndexes",
    "Page",
    "PlaygroundDb",
    "ProblemRow",
    "ProblemVisit",
    "PromptHit",
    "Question",
    "RunReader",
    "RunWriter",
    "SearchHit",
    "SearchIndex",
    "Seat",
    "StepCounts",
    "Subject",
    "export_marks",
    "network_file_system",
    "require_local",
]
