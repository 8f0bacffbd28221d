"""An evaluation and a comparison of two as plain text: a table for people, from the JSON that programs get."""

from __future__ import annotations

from grpo_core.text import clean_line
from grpo_core.types import Json
from grpo_core.views.numbers import UNKNOWN

HEAD = ("", "problems", "greedy", "pass@1", "95 % interval", "pass@k", "maj@k")


def plain_evaluation(evaluation: Json) -> str:
    """EVAL for people: the whole, then each level and subject."""
    k = evaluation["k"]
    rows = [_row("all", evaluation)]
    rows += [_row(f"level {part['name']}", part) for part in evaluation["by_level"]]
    rows += [_row(part["name"], part) for part in evaluation["by_subject"]]
    head = tuple(name.replace("@k", f"@{k}") for name in HEAD)
    lines = [*_table([head, *rows])]
    if len(evaluation["pass_at"]) > 2:
        lines += ["", " · ".join(f"pass@{size} {_rate(rate)}" for size, rate in evaluation["pass_at"].items())]
    return "\n".join(lines)


def _row(name: str, figures: Json) -> tuple[str, ...]:
    low, high = figures["ci95"]
    rates = (figures["greedy"], figures["pass@1"], figures["pass@k"], figures["maj@k"])
    greedy, pass_at_1, pass_at_k, majority = map(_rate, rates)
    interval = f"{_rate(low)}–{_rate(high)}"
    return clean_line(name), str(figures["n"]), greedy, pass_at_1, interval, pass_at_k, majority


def _rate(rate: float | None) -> str:
    return UNKNOWN if rate is None else f"{rate:.3f}"


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    """The first column to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
