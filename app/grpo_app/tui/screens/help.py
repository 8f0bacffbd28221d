"""The keys, on top of whatever is open."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from grpo_app.tui.paint import bold, fit, muted

KEYS = (
    (
        "Anywhere",
        (
            ("j k g G", "down, up, first, last; in the curves: more curves"),
            ("enter", "open: run → groups → completions → verdict"),
            ("esc", "back the same way"),
            ("tab", "next pane of the groups"),
            ("ctrl+p", "command palette"),
            ("q", "quit; the run goes on"),
        ),
    ),
    (
        "A run",
        (
            ("r", "curves or groups"),
            ("} {", "later, earlier group; other problem being sampled"),
            ("] [", "later, earlier step"),
            ("1–9", "completion of the group"),
            ("f", "follow the newest group, or stay"),
            ("l", "show or hide what is being sampled"),
        ),
    ),
    (
        "Marks",
        (
            ("✓ ✗", "correct, wrong"),
            ("∅ ? ⌛", "no answer, unreadable, too much work"),
            ("– ·", "not scored, not judged yet"),
            ("◐ ● ○", "group: mixed, all correct, all wrong"),
            ("—", "not known (yet)"),
        ),
    ),
)


class HelpScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss", "Close"),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(_keys(), markup=False)

    def on_mount(self) -> None:
        box = self.query_one("#help")
        box.border_title = "Keys and marks"
        box.border_subtitle = "esc closes"
        box.focus()


def _keys() -> Content:
    lines: list[Content] = []
    for title, rows in KEYS:
        lines += [*([Content("")] if lines else []), bold(title)]
        lines += [fit(f"  {keys}", 13).append(muted(meaning)) for keys, meaning in rows]
    return Content("\n").join(lines)
