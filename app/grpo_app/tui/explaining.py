"""A thread that asks the oracle's process how verdicts came about, for a person who reads one: only the last that was
asked for counts, so that moving through a list never waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Condition

from textual.message import Message

from grpo_app.tui.messages import VerdictExplained
from grpo_core.runs.explainer import Explainer, ExplainError
from grpo_core.types import Json


@dataclass(frozen=True, slots=True)
class Asked:
    """`key` tells which verdict it is."""

    key: Hashable
    verdict: Json
    gold: str


class Explaining:
    """`run` belongs in a thread; `ask` and `stop` may be called from any."""

    def __init__(self, explainer: Explainer, post: Callable[[Message], object]) -> None:
        self._explainer = explainer
        self._post = post
        self._changed = Condition()
        self._asked: Asked | None = None
        self._stopped = False

    def ask(self, asked: Asked) -> None:
        with self._changed:
            self._asked = asked
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def run(self) -> None:
        while asked := self._next():
            try:
                explanation = self._explainer.explain(asked.verdict, asked.gold)
            except ExplainError as error:
                self._post(VerdictExplained(asked.key, None, str(error)))
            else:
                self._post(VerdictExplained(asked.key, explanation))

    def _next(self) -> Asked | None:
        """Waits for a question; None once stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._asked is not None or self._stopped)
            asked, self._asked = self._asked, None
            return None if self._stopped else asked
