"""The numbers that head a run, side by side: what each is, what it is now, what stands behind it."""

from __future__ import annotations

from textual.content import Content

from grpo_app.tui.paint import bold, fit, muted
from grpo_app.tui.widgets.drawn import Drawn
from grpo_core.types import Json
from grpo_core.views.numbers import change, in_unit, interval

SHORT_LABELS = {"greedy": "Greedy", "pass@1": "pass@1", "frac_reward_zero_std": "No signal"}
"""Where the whole label does not fit."""


class Tiles(Drawn):
    """Three lines, however many tiles there are."""

    def __init__(self) -> None:
        super().__init__()
        self._tiles: list[Json] = []

    def show(self, tiles: list[Json]) -> None:
        if tiles != self._tiles:
            self._tiles = tiles
            self.tooltip = "\n".join(f"{tile['label']}: {tile['meaning']}" for tile in tiles)
            self.changed()

    def draw(self, width: int, height: int) -> list[Content]:
        if not self._tiles:
            return []
        room = width // len(self._tiles)
        columns = [_lines(tile, room - 1) for tile in self._tiles]
        return [Content(" ").join(list(line)) for line in zip(*columns, strict=True)]


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
