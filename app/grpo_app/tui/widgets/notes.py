"""What a run does only roughly as its settings say, and what its own reward functions failed at."""

from __future__ import annotations

from textwrap import wrap

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from grpo_app.tui.paint import toned
from grpo_core.text import clean_line
from grpo_core.types import Json

MOST_LINES = 4
"""What would take more is cut: the page and `grpo-dash show` have it whole."""


class NotesPane(Widget):
    """Not there where there is nothing to say; no higher than what it says."""

    def __init__(self) -> None:
        super().__init__(id="notes")
        self._notes: list[str] = []

    def on_mount(self) -> None:
        self.border_title = "Notes"

    def show(self, run: Json) -> None:
        if run["notes"] == self._notes:
            return
        self._notes = run["notes"]
        self.set_class(bool(self._notes), "-shown")
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(draw_notes(self._notes, width))

    def render(self) -> Content:
        return Content("\n").join(draw_notes(self._notes, self.size.width))


def draw_notes(notes: list[str], width: int) -> list[Content]:
    """A mark before each, wrapped; the last line says how many lines more there are."""
    lines = [line for note in notes for line in wrap(f"! {clean_line(note)}", max(8, width), subsequent_indent="  ")]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"  … {len(lines) - MOST_LINES + 1} lines more"]
    return [toned(line, "warn") for line in lines]
