"""The keys, on top of whatever is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from grpo_app.tui.keys import HELP, key_of, keys_of
from grpo_app.tui.paint import bold, fit, muted
from grpo_app.tui.widgets.reading import ReadingPane

MARKS = (
    ("✓ ✗", "correct, wrong"),
    ("∅ ? ∞", "no answer, unreadable, too much work"),
    ("– · ▸ ■", "not scored, not judged, being sampled, ended"),
    ("◐ ● ○", "group: mixed, all correct, all wrong"),
    ("—", "not known (yet)"),
)


class HelpScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss", "Close"),
    ]

    def __init__(self, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        yield ReadingPane("help")

    def on_mount(self) -> None:
        box = self.query_one(ReadingPane)
        box.border_title = "Keys and marks"
        box.border_subtitle = f"{key_of('down', self._keymap)} {key_of('up', self._keymap)} more · esc closes"
        box.show(_keys(self._keymap))
        box.focus()


def _keys(keymap: Mapping[str, str]) -> Content:
    sections = [(title, [(keys_of(row, keymap), row.meaning) for row in rows]) for title, rows in HELP]
    lines: list[Content] = []
    for title, rows in [*sections, ("Marks", list(MARKS))]:
        lines += [*([Content("")] if lines else []), bold(title)]
        lines += [fit(f"  {keys}", 12).append(muted(meaning)) for keys, meaning in rows]
    return Content("\n").join(lines)
