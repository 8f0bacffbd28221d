"""Two completions side by side: which of a group to compare, and their texts as an aligned difference."""

from __future__ import annotations

import re
from itertools import count, pairwise, zip_longest

from grpo_core.errors import BadReferenceError
from grpo_core.store import GroupRow, RunReader
from grpo_core.types import Completion, Group, Json
from grpo_core.views.align import align

MOST_TOKENS = 200
"""Of a line that is compared word by word; a longer one is different as a whole."""
MOST_CHANGED = 100
"""Changed lines that are compared word by word; those after them are different as a whole."""
MOST_VISITS = 200
_LEAST_ALIKE = 0.34
"""Lines that share less of their words than this are different as a whole."""
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


def compare_pair(
    reader: RunReader, group_id: int, left: int | None = None, right: int | None = None, beside: int | None = None
) -> Json:
    """Completion `left` of the group beside completion `right` of the group `beside` (None: the same one), and all
    visits of the problem. Numbers that are None: the best of the group and its worst, or the best of the one beside it.
    Raises BadReferenceError."""
    group = _group(reader, group_id)
    other = group if beside in (None, group_id) else _group(reader, beside or 0)
    best, worst = best_and_worst(group) or (0, 0)
    fitting = worst if other is group else (best_and_worst(other) or (0, 0))[0]
    pair = _named(group, best if left is None else left), _named(other, fitting if right is None else right)
    return {**compared(*pair), "visits": visits_of(reader.group_rows_of_problem(group.problem.id, MOST_VISITS))}


def _group(reader: RunReader, group_id: int) -> Group:
    group = reader.group(group_id)
    if group is None or not group.completions:
        raise BadReferenceError(f"There is no group {group_id} here.")
    return group


def _named(group: Group, index: int) -> tuple[Group, int]:
    if not 0 <= index < len(group.completions):
        raise BadReferenceError(f"Group {group.id} has completions 0 to {len(group.completions) - 1}.")
    return group, index


def best_and_worst(group: Group) -> tuple[int, int] | None:
    """The completions of the highest and the lowest reward, of equals the one sampled first; None where the group has
    no two to compare. Where all earned the same: the first two."""
    known = [completion for completion in group.completions if completion.reward is not None]
    if len(group.completions) < 2:
        return None
    if not group.signal or group.signal != "mixed":
        return 0, 1
    best = max(known, key=_reward)
    return best.index, min(known, key=_reward).index


def _reward(completion: Completion) -> float:
    return completion.reward or 0.0


def compared(left: tuple[Group, int], right: tuple[Group, int]) -> Json:
    """Two completions (group and number each) and the rows of their texts' difference."""
    texts = [group.completions[index].text for group, index in (left, right)]
    spans = [_answer_span(group.completions[index]) for group, index in (left, right)]
    rows = aligned_rows(texts[0], texts[1])
    for side, text, span in zip(("left", "right"), texts, spans, strict=True):
        line = None if span is None else text.count("\n", 0, span[0]) + 1
        for row in rows:
            if row[side] is not None:
                row[side]["answer"] = row[side]["line"] == line
    same = sum(row["kind"] == "same" for row in rows)
    return {"left": _side(*left), "right": _side(*right), "rows": rows, "same": same, "lines": len(rows)}


def visits_of(rows: list[GroupRow]) -> list[Json]:
    """The groups that one problem was sampled in, oldest first: what can be laid beside each other."""
    return [
        {
            "id": row.id,
            "step": row.step,
            "split": row.split,
            "decoding": row.decoding,
            "superseded": row.superseded,
            "outcomes": list(row.outcomes),
            "rewards": list(row.rewards),
            "mean": row.mean,
        }
        for row in sorted(rows, key=lambda row: row.id)
    ]


def aligned_rows(left: str, right: str) -> list[Json]:
    """The lines of both texts in rows: `{"kind", "left", "right"}`, a side `{"line", "parts"}` or None.

    `kind`: `same`, `changed` (both sides, not equal), `left` or `right` (that side only). A part is [text, differs].
    """
    lines = left.split("\n"), right.split("\n")
    pairs = [(-1, -1), *align([line.rstrip() for line in lines[0]], [line.rstrip() for line in lines[1]])]
    rows: list[Json] = []
    left_to_compare = count(MOST_CHANGED, -1)
    for before, pair in pairwise([*pairs, (len(lines[0]), len(lines[1]))]):
        gap = zip_longest(range(before[0] + 1, pair[0]), range(before[1] + 1, pair[1]))
        rows += [_changed(lines, one, other, next(left_to_compare) > 0) for one, other in gap]
        if pair[0] < len(lines[0]):
            rows.append(_row("same", _whole(lines[0], pair[0], False), _whole(lines[1], pair[1], False)))
    return rows


def _changed(lines: tuple[list[str], list[str]], one: int | None, other: int | None, by_word: bool) -> Json:
    if one is None or other is None:
        left = None if one is None else _whole(lines[0], one, True)
        right = None if other is None else _whole(lines[1], other, True)
        return _row("left" if right is None else "right", left, right)
    parts = _word_by_word(lines[0][one], lines[1][other]) if by_word else None
    if parts is None:
        return _row("changed", _whole(lines[0], one, True), _whole(lines[1], other, True))
    return _row("changed", {"line": one + 1, "parts": parts[0]}, {"line": other + 1, "parts": parts[1]})


def _word_by_word(left: str, right: str) -> tuple[list[Json], list[Json]] | None:
    """The parts of both lines, those that differ marked; None where the lines have too little in common."""
    tokens = _TOKEN.findall(left), _TOKEN.findall(right)
    if max(map(len, tokens)) > MOST_TOKENS:
        return None
    pairs = align(*tokens)
    alike = sum(len(tokens[0][one]) for one, _ in pairs)
    if 2 * alike < _LEAST_ALIKE * (len(left) + len(right)):
        return None
    same = {one for one, _ in pairs}, {other for _, other in pairs}
    return _parts(tokens[0], same[0]), _parts(tokens[1], same[1])


def _parts(tokens: list[str], same: set[int]) -> list[Json]:
    """Neighbouring tokens of the same kind as one part."""
    parts: list[list[object]] = []
    for index, token in enumerate(tokens):
        differs = index not in same
        if parts and parts[-1][1] == differs:
            parts[-1][0] = f"{parts[-1][0]}{token}"
        else:
            parts.append([token, differs])
    return parts  # type: ignore[return-value]


def _whole(lines: list[str], index: int, differs: bool) -> Json:
    return {"line": index + 1, "parts": [[lines[index], differs]]}


def _row(kind: str, left: Json | None, right: Json | None) -> Json:
    return {"kind": kind, "left": left, "right": right}


def _answer_span(completion: Completion) -> tuple[int, int] | None:
    return completion.verdict.span if completion.verdict else None


def _side(group: Group, index: int) -> Json:
    completion = group.completions[index]
    about = {"group": group.id, "step": group.step, "split": group.split, "decoding": group.decoding}
    return {**about, "k": len(group.completions), "completion": completion.to_json()}
