"""The numbers that head a run, side by side: what each is, what it is now, what stands behind it."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from grpo_app.tui.paint import bold, fit, muted
from grpo_core.types import Json
from grpo_core.views.numbers import change, in_unit, interval

SHORT_LABELS = {"greedy": "Greedy", "pass@1": "pass@1", "frac_reward_zero_std": "No signal"}
"""Where the whole label does not fit."""


class Tiles(Widget):
    """Three lines, however many tiles there are."""

    tiles: reactive[list[Json]] = reactive(list)

    def watch_tiles(self, tiles: list[Json]) -> None:
        self.tooltip = "\n".join(f"{tile['label']}: {tile['meaning']}" for tile in tiles)

    def render(self) -> Content:
        if not self.tiles:
            return Content("")
        width = self.size.width // len(self.tiles)
        columns = [_lines(tile, width - 1) for tile in self.tiles]
        return Content("\n").join([Content(" ").join(list(line)) for line in zip(*columns, strict=True)])


def _lines(tile: Json, width: int) -> list[Content]:
    label: str = tile["label"]
    if len(label) > width:
        label = SHORT_LABELS.get(tile["key"], label)
    note = interval(tile["low"], tile["high"])
    moved = change(tile["delta"], tile["unit"])
    if not note or len(note) + len(moved) + 2 <= width:
        note = f"{note}  {moved}".strip()
    value = bold(in_unit(tile["value"], tile["unit"]))
    return [fit(muted(label), width), fit(value, width), fit(muted(note), width)]
