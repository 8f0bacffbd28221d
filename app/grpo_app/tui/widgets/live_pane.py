"""The generation in progress: the streams of one problem, as they are sampled."""

from __future__ import annotations

from textual.content import Content

from grpo_app.tui.paint import bold, fit, muted, outside_line, toned
from grpo_app.tui.widgets.drawn import Drawn
from grpo_core.types import Json
from grpo_core.views.phases import PHASE_LABELS

NUMBER = 5
MOST_LINES = 6
"""Lines of a stream at most; every stream has as many, so that none moves when another grows."""
TAIL = 4_000
"""Characters at the end of a stream that are looked at: more never fit."""


class LivePane(Drawn):
    """Each stream gets its share of the lines and shows its end."""

    def __init__(self) -> None:
        super().__init__()
        self.live: Json | None = None
        self.problem = 0

    def show(self, live: Json) -> None:
        self.live = live
        self.changed()

    def turn(self, by: int) -> None:
        """To another problem of the batch."""
        if self.live:
            self.problem = (self.problem + by) % len(self.live["problems"])
            self.changed()

    def draw(self, width: int, height: int) -> list[Content]:
        if not self.live:
            return [muted("Nothing is being sampled. Completions appear here as they are made.")]
        if not self.live["streams"]:
            return [muted("A batch is about to be sampled.")]
        problem = min(self.problem, len(self.live["problems"]) - 1)
        return draw_streams(self.live, problem, width, height)


def draw_streams(live: Json, problem: int, width: int, height: int) -> list[Content]:
    """The problem in two lines, then its streams."""
    streams, ended = live["streams"][problem], live["ended"][problem]
    phase = PHASE_LABELS.get(live["phase"]) or str(live["phase"])
    split = "" if live["split"] == "train" else " · held-out"
    where = f"  step {live['step']}{split} · problem {problem + 1} of {len(live['problems'])}"
    lines = [
        fit(toned(phase, "accent").append(muted(where)), width),
        fit(bold("").append(outside_line(live["problems"][problem]["prompt"])), width),
    ]
    each = max(1, min(MOST_LINES, (height - len(lines)) // max(1, len(streams))))
    for index, text in enumerate(streams):
        lines += _stream(index, text, ended[index], width, each)
    return lines[:height]


def _stream(index: int, text: str, ended: bool, width: int, rows: int) -> list[Content]:
    """The last `rows` lines of a stream, behind its number and whether it has ended."""
    wrapped = [
        part
        for line in text[-TAIL:].split("\n")
        for part in (outside_line(line).fold(max(2, width - NUMBER)) or [Content("")])
    ]
    shown = [part for part in wrapped if part.plain.strip()][-rows:] or [muted("…")]
    shown += [Content("")] * (rows - len(shown))
    mark = toned("■", "muted") if ended else toned("▸", "accent")
    heads = [Content(f"{f'k{index}':>3}").append(mark).append(" "), *[Content(" " * NUMBER)] * (len(shown) - 1)]
    return [fit(head.append(part), width) for head, part in zip(heads, shown, strict=True)]
