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
            ("n p", "new run, playground"),
            ("ctrl+p", "command palette"),
            ("q", "quit; the run goes on"),
        ),
    ),
    (
        "A run",
        (
            ("r L", "curves or groups, the log"),
            ("space", "pause, or resume: also after it has ended"),
            ("c", "controls: checkpoint, evaluate, suspend, stop …"),
            ("} {", "later, earlier group; other problem being sampled"),
            ("] [", "later, earlier step"),
            ("0–9", "completion k0 … k9 of the group"),
            ("a", "ask the group's problem in the playground"),
            ("f", "follow the newest group, or stay"),
            ("l", "show or hide what is being sampled"),
        ),
    ),
    (
        "Playground, new run",
        (
            ("enter", "ask; ctrl+j begins a new line of the prompt"),
            ("ctrl+t", "playground: two models · new run: check the signal"),
            ("ctrl+r", "playground: ask · new run: start"),
            ("ctrl+o", "open: what was asked before, or a TOML file"),
            ("ctrl+s", "save: everything asked, or a TOML file"),
            ("tab f1", "next field, this help"),
            ("esc", "cancel what is being sampled, then back"),
        ),
    ),
    (
        "Marks",
        (
            ("✓ ✗", "correct, wrong"),
            ("∅ ? ∞", "no answer, unreadable, too much work"),
            ("– · ▸ ■", "not scored, not judged, being sampled, ended"),
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
        lines += [fit(f"  {keys}", 12).append(muted(meaning)) for keys, meaning in rows]
    return Content("\n").join(lines)
