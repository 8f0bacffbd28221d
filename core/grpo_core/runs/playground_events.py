"""What the playground tells while a question is being answered, and how it goes over a pipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from grpo_core.types import Completion, Json


@dataclass(frozen=True, slots=True)
class Loading:
    """The weights are not in memory yet (or the trainer has not come to its next step): what is waited for."""

    message: str


@dataclass(frozen=True, slots=True)
class Text:
    """`added` goes at the end of completion `index`; the pieces add up to its text."""

    index: int
    added: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Completion `index` whole, judged if the question has a gold answer. `finish_reason` None: it was cut off."""

    index: int
    completion: Completion


@dataclass(frozen=True, slots=True)
class Done:
    """All was answered. Of `judged` completions `correct` were right; the rates are None where nothing was judged.

    `pass_at_1` is the share that is right, `pass_at_k` 1 if any is. `seconds` is sampling and judging, not loading.
    """

    seconds: float
    judged: int = 0
    correct: int = 0
    pass_at_1: float | None = None
    pass_at_k: float | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """It cannot be answered: why, in a sentence. The next question can be asked all the same."""

    message: str


Event = Loading | Text | Finished | Done | Failed
_KINDS: Mapping[str, type[Loading | Text | Done | Failed]] = {
    "loading": Loading,
    "text": Text,
    "done": Done,
    "failed": Failed,
}


def event_json(event: Event) -> Json:
    """The event as one JSON object; its `event` names the kind."""
    if isinstance(event, Finished):
        return {"event": "finished", "index": event.index, "completion": event.completion.to_json()}
    return {"event": type(event).__name__.lower(), **asdict(event)}


def event_of(data: Json) -> Event:
    """The event in what `event_json` made."""
    fields = {key: value for key, value in data.items() if key not in ("event", "id")}
    if data["event"] == "finished":
        return Finished(fields["index"], Completion.from_json(fields["completion"]))
    return _KINDS[data["event"]](**fields)


def done_of(completions: list[Completion], seconds: float, *, cancelled: bool = False) -> Done:
    """The figures of a question's completions. What cannot be scored counts as not solved, as in an evaluation."""
    verdicts = [completion.verdict for completion in completions if completion.verdict]
    correct = sum(verdict.outcome == "correct" for verdict in verdicts)
    if not verdicts:
        return Done(seconds, cancelled=cancelled)
    rate = correct / len(verdicts)
    return Done(seconds, len(verdicts), correct, rate, 1.0 if correct else 0.0, cancelled)
