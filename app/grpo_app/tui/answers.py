"""What one side of the playground has been answered so far: the events of a question, added up. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grpo_core.runs.playground_events import Done, Event, Finished, Loading, Text, done_of
from grpo_core.store import Asked, Question
from grpo_core.types import Completion, Json


@dataclass(frozen=True, slots=True)
class Answer:
    """`completions` are by number, those that have begun; `waiting` says what is waited for, `failed` why there is no
    answer, `done` the figures at the end."""

    question: Question
    completions: tuple[Completion, ...] = ()
    waiting: str = ""
    failed: str | None = None
    done: Done | None = None

    @property
    def busy(self) -> bool:
        return self.failed is None and self.done is None

    def problem(self) -> Json:
        """What was asked, as the screens describe problems."""
        return {"prompt": self.question.prompt, "gold": self.question.gold, "steps": list(self.question.steps)}


def take(answer: Answer, event: Event) -> Answer:
    """The answer with one more event."""
    if isinstance(event, Loading):
        return replace(answer, waiting=event.message)
    if isinstance(event, Text):
        return _put(answer, _longer(_completion(answer, event.index), event.added))
    if isinstance(event, Finished):
        return _put(answer, event.completion)
    if isinstance(event, Done):
        return replace(answer, done=event, waiting="")
    return replace(answer, failed=event.message, waiting="")


def answer_of(asked: Asked) -> Answer:
    """An answer of the history; what was never answered is as if it had been cancelled."""
    from_history = Answer(asked.question, asked.completions)
    if asked.error is not None:
        return replace(from_history, failed=asked.error)
    cancelled = asked.seconds is None or asked.is_cut_short
    done = done_of(list(asked.completions), asked.seconds or 0.0, cancelled=cancelled)
    return replace(from_history, done=done)


def _completion(answer: Answer, index: int) -> Completion:
    return next((each for each in answer.completions if each.index == index), Completion(index, "", None, None))


def _longer(completion: Completion, added: str) -> Completion:
    return replace(completion, text=completion.text + added)


def _put(answer: Answer, completion: Completion) -> Answer:
    others = [each for each in answer.completions if each.index != completion.index]
    return replace(answer, completions=tuple(sorted([*others, completion], key=lambda each: each.index)), waiting="")
