"""What each objective would have made of a group's rewards, as a table with signed bars. Pure.

Draws what `views.advantages` gives. A bar to the right makes a completion likelier, to the left less likely; each form
has its own scale.
"""

from __future__ import annotations

from textual.content import Content

from grpo_app.tui.bars import signed_bar
from grpo_app.tui.paint import UNJUDGED, bold, fit, muted, outside_line, right, toned
from grpo_core.types import Json
from grpo_core.views import OUTCOME_WORDS
from grpo_core.views.numbers import UNKNOWN, count, number, percent

UNEQUAL, STILL = 1e-4, 1e-9
HEAD, COLUMN = 13, 15
HALF = 3
"""Cells of a bar on each side."""


def describe_objectives(table: Json, width: int) -> Content:
    """As many forms beside each other as fit, the others below."""
    forms = table["forms"]
    fitting = max(1, (width - HEAD) // COLUMN)
    stretches = [forms[at : at + fitting] for at in range(0, len(forms), fitting)]
    lines = [muted(line) for line in _sentences(table)]
    for stretch in stretches:
        lines += [Content(""), *_table(stretch, table)]
    lines += [Content(""), *(_meaning(form) for form in forms), Content(""), _own(table)]
    return Content("\n").join(lines)


def _table(forms: list[Json], table: Json) -> list[Content]:
    order = sorted(
        table["completions"], key=lambda each: (each["reward"] is None, -(each["reward"] or 0), each["index"])
    )
    names = [_name(form) for form in forms]
    heads = [_row(muted(word), [each[line] for each in names]) for line, word in enumerate(("", "reward"))]
    rows = [_row(_completion(each), [_cell(form, each["index"]) for form in forms]) for each in order]
    foot = [
        _row(
            muted("up, down"), [Content(UNKNOWN if f["up"] is None else f"↑ {f['up']}  ↓ {f['down']}") for f in forms]
        ),
        _row(muted("push"), [Content(number(form["push"])) for form in forms]),
        _row(muted("of its step"), [Content(percent(form["share"])) for form in forms]),
    ]
    return [*heads, *rows, *foot]


def _name(form: Json) -> tuple[Content, Content]:
    """A form's name on two lines; ▸ is the run's own."""
    first, _, second = f"{'▸ ' if form['own'] else ''}{form['label']}".rpartition(", ")
    return bold(first), bold(second)


def _best_first(completion: Json) -> tuple[bool, float, int]:
    reward = completion["reward"]
    return reward is None, -(reward or 0.0), completion["index"]


def _pushed(form: Json) -> Content:
    return Content(UNKNOWN if form["up"] is None else f"↑ {form['up']}  ↓ {form['down']}")


def _row(head: Content, cells: list[Content]) -> Content:
    return Content("").join([fit(head, HEAD), *(fit(cell, COLUMN) for cell in cells)])


def _completion(completion: Json) -> Content:
    word = OUTCOME_WORDS[completion["outcome"]] if completion["outcome"] else UNJUDGED
    about = fit(f"k{completion['index']}", 4).append(toned(word.mark, word.tone))
    return about.append(right(number(completion["reward"]), 6))


def _cell(form: Json, index: int) -> Content:
    values = form["values"]
    if values is None:
        return muted(UNKNOWN)
    value = values[index]
    still = abs(value) < STILL
    tone = "muted" if still else "good" if value > 0 else "bad"
    bar = signed_bar(0.0 if still else value, max(STILL, *map(abs, values)), HALF)
    return toned(bar, tone).append("  0.00" if still else f" {value:+.2f}")


def _meaning(form: Json) -> Content:
    about = Content.styled(f"{form['label']:<18}", "bold").append(outside_line(form["equation"]))
    return about.append(muted(f"  {form['meaning']}"))


def _sentences(table: Json) -> list[str]:
    still = all(form["push"] is None or form["push"] < STILL for form in table["forms"])
    here = (
        "All rewards of this group are equal, so every objective leaves the policy as it is."
        if still
        else "Recomputed from the stored rewards. Right makes a completion likelier, left less likely."
    )
    if not table["groups"]:
        return [here]
    used, groups = table["used"], table["groups"]
    share = percent(used / groups) if used is not None else UNKNOWN
    return [here, f"Of this run's {count(groups)} training groups each could use {count(used)} ({share})."]


def _own(table: Json) -> Content:
    """Which form is the run's own, and how near it is to what entered the loss."""
    objective, source = table["objective"], table["source"]
    if objective is None:
        return Content("")
    from_ = f" ({source})" if source else ""
    own = next((form for form in table["forms"] if form["own"]), None)
    if own is None:
        return outside_line(f"This run trains with {objective}{from_}; what entered its loss is not one of these.")
    said = f"▸ This run trains with {objective}{from_}: the column {own['label']}"
    if own["distance"] is None:
        return outside_line(f"{said}.")
    if own["distance"] < UNEQUAL:
        return outside_line(f"{said} is what entered its loss.")
    return outside_line(f"{said}; what entered its loss differs by up to {number(own['distance'])}.")
