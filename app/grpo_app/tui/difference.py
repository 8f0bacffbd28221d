"""Two completions line by line as text: `=` the same, `−` only the left, `+` only the right, `≠` changed. Pure.

Draws what `views.compare` gives; a place that differs within a line is underlined.
"""

from __future__ import annotations

from textual.content import Content

from grpo_app.tui.paint import bold, fit, marked, muted, outcome_marks, outcome_word, outside_line, toned
from grpo_core.types import Json
from grpo_core.views.numbers import number, signed

BESIDE = 100
"""Columns from which on the two stand beside each other."""
NUMBER = 4
MOST_VISITS = 12


def describe_difference(pair: Json, width: int) -> Content:
    """Both sides' heads, the rows, and the visits of the problem."""
    left, right_ = pair["left"], pair["right"]
    lines = [toned("− ", "bad").append(_head(left)), toned("+ ", "good").append(_head(right_))]
    lines.append(muted(f"{pair['same']} of {pair['lines']} lines are the same"))
    lines.append(Content(""))
    draw = _beside if width >= BESIDE else _below
    lines += [line for row in pair["rows"] for line in draw(row, width)]
    if len(pair["visits"]) > 1:
        lines += [Content(""), *_visits(pair, width)]
    return Content("\n").join(lines)


def _head(side: Json) -> Content:
    completion = side["completion"]
    weight = completion["weight"]
    pushed = f"advantage {signed(completion['advantage'])}" if weight is None else f"weight {signed(weight)}"
    where = muted(f"  #{side['group']} step {side['step']}{' held-out' if side['split'] == 'eval' else ''}")
    about = f"  reward {number(completion['reward'])}  {pushed}"
    return (
        bold(f"k{completion['index']} ").append(marked(outcome_word(completion["verdict"]))).append(about).append(where)
    )


def _below(row: Json, width: int) -> list[Content]:
    """What is the same once, what is not one below the other."""
    if row["kind"] == "same":
        return _folded("=", "muted", row["left"], width)
    lines = [] if row["left"] is None else _folded("−", "bad", row["left"], width)
    return lines + ([] if row["right"] is None else _folded("+", "good", row["right"], width))


SIGNS = {"same": "=", "changed": "≠", "left": "−", "right": "+"}


def _beside(row: Json, width: int) -> list[Content]:
    sign, half = SIGNS[row["kind"]], (width - 3) // 2
    tones = ("muted", "muted") if row["kind"] == "same" else ("bad", "good")
    cells = [
        [] if side is None else _folded(sign, tone, side, half)
        for side, tone in zip((row["left"], row["right"]), tones, strict=True)
    ]
    height = max(len(cell) for cell in cells)
    padded = [[fit(line, half) for line in [*cell, *[Content("")] * (height - len(cell))]] for cell in cells]
    return [muted(" │ ").join([left, other]) for left, other in zip(*padded, strict=True)]


def _folded(sign: str, tone: str, side: Json, width: int) -> list[Content]:
    """A line behind its number and sign, wrapped to the width; ◂ where the answer was read."""
    text = Content("").join([_part(part, differs) for part, differs in side["parts"]])
    if side.get("answer"):
        text = text.append(toned("  ◂ answer", "accent"))
    room = max(8, width - NUMBER - 3)
    pieces = text.fold(room) or [Content("")]
    head = muted(f"{side['line']:>{NUMBER}} ").append(toned(f"{sign} ", tone))
    rest = Content(" " * (NUMBER + 3))
    return [(head if place == 0 else rest).append(piece) for place, piece in enumerate(pieces)]


def _part(text: str, differs: bool) -> Content:
    content = outside_line(text)
    return content.stylize("bold underline") if differs and text.strip() else content


def _visits(pair: Json, width: int) -> list[Content]:
    """The newest times that this problem was sampled, oldest first; which of them are looked at."""
    visits = pair["visits"][-MOST_VISITS:]
    hidden = len(pair["visits"]) - len(visits)
    title = f"This problem was sampled {len(pair['visits'])} times" + (
        f", here the last {len(visits)}" if hidden else ""
    )
    here = {pair["left"]["group"]: "−", pair["right"]["group"]: "+"}
    rows = []
    for visit in visits:
        sign = "−+" if pair["left"]["group"] == pair["right"]["group"] == visit["id"] else here.get(visit["id"], "")
        split = "  held-out" if visit["split"] == "eval" else ""
        about = Content(f" {visit['id']:>7} step {visit['step']:<6}")
        line = toned(f"{sign:>2}", "accent").append(about).append(outcome_marks(visit["outcomes"]))
        rows.append(fit(line.append(muted(f"  mean {number(visit['mean'])}{split}")), width))
    return [bold(title).append(muted("  { } lays another beside")), *rows]
