"""Fields to type in, on one line each: a label, what is typed, and a mark where it is wrong."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Select, Static, TextArea

from grpo_app.tui.paint import muted, outside_line
from grpo_core.text import clean

WRONG = "-wrong"
BETWEEN_FIELDS = (
    Binding("tab", "app.focus_next", "Next", show=False, priority=True),
    Binding("shift+tab", "app.focus_previous", "Before", show=False, priority=True),
)
"""For a screen with fields. Before anything else: what is typed behind a tab, however soon, is for the next field."""

UP_DOWN = (
    Binding("down", "app.focus_next", "Next", show=False),
    Binding("up", "app.focus_previous", "Before", show=False),
)
"""For what holds fields. Where a field has several lines, its first and last lead out of it."""


class Labelled(Horizontal):
    """A field behind its label."""

    def __init__(self, label: str, field: Widget, classes: str = "") -> None:
        super().__init__(classes=f"labelled {classes}")
        self._label = label
        self._field = field

    def compose(self) -> ComposeResult:
        yield Static(muted(self._label), markup=False, classes="label")
        yield self._field


class LineField(Input):
    """One line; `enter` is told as `Input.Submitted`."""

    EDITING: ClassVar[dict[str, str]] = {
        key: binding.action
        for binding in Input.BINDINGS
        if isinstance(binding, Binding)
        for key in binding.key.split(",")
    }

    def __init__(
        self, id: str, value: str = "", placeholder: str = "", suggester: Suggester | None = None, anew: bool = True
    ) -> None:
        """`anew`: what is typed first takes the place of what is there."""
        super().__init__(
            clean(value), id=id, placeholder=placeholder, suggester=suggester, compact=True, select_on_focus=anew
        )

    async def on_key(self, event: Key) -> None:
        """Edit now: as a binding it would wait until the key has gone through all widgets around this one, and `ctrl+u`
        would take what was typed after it."""
        action = self.EDITING.get(event.key)
        if action:
            event.stop()
            event.prevent_default()
            await self.run_action(action)


class LinesField(TextArea):
    """Several lines; up from the first and down from the last lead to the fields before and behind."""

    def action_cursor_up(self, select: bool = False) -> None:
        if select or not self.cursor_at_first_line:
            super().action_cursor_up(select)
        else:
            self.screen.focus_previous()

    def action_cursor_down(self, select: bool = False) -> None:
        if select or not self.cursor_at_last_line:
            super().action_cursor_down(select)
        else:
            self.screen.focus_next()


class PromptField(LinesField):
    """A prompt; `enter` asks, `ctrl+j` begins a new line, as in a chat."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "ask", "Ask", priority=True),
        Binding("ctrl+j", "new_line", "New line", show=False, priority=True),
    ]

    class Asked(Message):
        """The person has typed it all."""

    def __init__(self, id: str, placeholder: str = "") -> None:
        super().__init__(id=id, compact=True, placeholder=Content(placeholder), tab_behavior="focus")

    def action_ask(self) -> None:
        self.post_message(self.Asked())

    def action_new_line(self) -> None:
        self.insert("\n")


class ChoiceField(Select[str], inherit_bindings=False):
    """One of several; `choices` are (text, value), the text from anywhere. Up and down lead past it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "show_overlay", "Choices", show=False)]

    def __init__(self, id: str, choices: list[tuple[str, str]], value: str | None = None) -> None:
        super().__init__(
            _prompts(choices),
            id=id,
            compact=True,
            allow_blank=value is None,
            **({} if value is None else {"value": value}),  # type: ignore[arg-type]
        )

    def offer(self, choices: list[tuple[str, str]], value: str) -> None:
        """Other choices, one of them chosen."""
        self.set_options(_prompts(choices))
        self.value = value

    @property
    def chosen(self) -> str | None:
        return self.value if isinstance(self.value, str) else None


def _prompts(choices: list[tuple[str, str]]) -> list[tuple[Content, str]]:
    return [(outside_line(text), value) for text, value in choices]
