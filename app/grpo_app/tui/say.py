"""Saying a sentence at the edge of the screen; it may hold text from outside, so it is cleaned and never markup."""

from __future__ import annotations

from textual.widget import Widget

from grpo_app.tui.messages import Said
from grpo_core.text import clean


def say(widget: Widget, said: Said) -> None:
    widget.notify(clean(said.sentence), severity="error" if said.refused else "information", markup=False)
