"""Why a verdict was given, in words and signs: the answer's place, the rule, both parses, the checks, and the credit of
each step beside the reference, adding up to the number. Draws what `views` gives; pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from textual.content import Content

from grpo_app.tui.paint import TONES, bold, muted, outcome_word, outside, outside_line, toned
from grpo_core.text import clean_line
from grpo_core.types import Json
from grpo_core.views import MARK_WORDS, STEP_WORDS
from grpo_core.views.numbers import UNKNOWN, number, signed
from grpo_core.views.words import Word

LABEL = 10
MOST_TREE_LINES = 60
MISSED = Word("–", "missing", "No line of the completion is this step.", "warn")
ANSWER = Word("✓", "answer", "A right answer tops the steps up to 1.", "good")
STATES = {"passed": ("○", "did not decide", "muted"), "spared": ("·", "not needed", "muted")}


def describe_mark(mark: Json) -> Content:
    """What a person thinks of it, with the note."""
    word = MARK_WORDS[mark["kind"]]
    when = datetime.fromtimestamp(mark["at"]).astimezone().strftime("%Y-%m-%d %H:%M")
    head = toned(f"{word.mark} {word.label}", word.tone).append(muted(clean_line(f"  {when}, {mark['who']}  ")))
    return head.append(outside_line(mark["note"]))


def describe_trail(trail: Json, asked: bool) -> list[Content]:
    """The stations from the text to the verdict; `asked`: the oracle has said how it read both sides."""
    if trail["outcome"] is None:
        return []
    return [
        bold("Why"),
        *_place(trail),
        *_rule(trail["rule"]),
        *(line for side in trail["sides"] for line in _side(side, asked)),
        *_checks(trail["checks"]),
        *_reason(trail),
    ]


def describe_credit(credit: Json) -> list[Content]:
    """Every line beside the reference step that it is; the last sum is the credit."""
    head = muted(f"   {'status':<11}{'credit':>6} {'sum':>5}  the completion  =  reference step")
    rows = [_credit_row(row) for row in credit["rows"]]
    title = bold("Partial credit  ").append(bold(number(credit["total"])))
    return [title, muted(_credit_sentence(credit)), head, *rows]


def tree_lines(node: Json) -> list[str]:
    """A parse as a tree from the top down, one node a line."""
    lines = list(_tree(node, "", ""))
    return lines if len(lines) <= MOST_TREE_LINES else [*lines[:MOST_TREE_LINES], "…"]


def _tree(node: Json, before: str, below: str) -> Iterator[str]:
    name = "" if not node["children"] else f"  {node['name']}"
    yield f"{before}{node['label']}{name}"
    for index, child in enumerate(node["children"]):
        last = index == len(node["children"]) - 1
        yield from _tree(child, f"{below}{'└ ' if last else '├ '}", f"{below}{'  ' if last else '│ '}")


def _place(trail: Json) -> list[Content]:
    place = trail["place"]
    if place is None:
        return [_field("found", muted("no answer in the text"))]
    tone = TONES[outcome_word(trail).tone]
    where = muted(f"line {place['line']}, characters {place['span'][0]} to {place['span'][1]}")
    answer = Content.styled(clean_line(place["answer"]), f"bold reverse {tone}")
    excerpt = muted(clean_line(place["before"])).append(answer).append(muted(clean_line(place["after"])))
    return [_field("found", where), _field("", excerpt)]


def _rule(rule: Json | None) -> list[Content]:
    if rule is None:
        return [_field("rule", muted("no rule found one"))]
    code = "" if rule["code"] == rule["label"] else f" ({rule['code']})"
    meaning = muted(clean_line(f"{code}  {rule['meaning']}"))
    return [_field("rule", Content.styled(clean_line(rule["label"]), "bold").append(meaning))]


def _side(side: Json, asked: bool) -> list[Content]:
    """As written, then as it was read: the stored source until the oracle has said more."""
    written = muted(UNKNOWN) if side["text"] is None else Content.styled(clean_line(side["text"]), "bold")
    lines = [_field(side["name"], written)]
    if side["pretty"] is None:
        known = side["source"] if side["source"] is not None else _unread(side) if asked else "…"
        return [*lines, _field("  read as", muted(clean_line(known)))]
    pretty = outside(side["pretty"]).split("\n")
    lines += [_field("  read as" if number == 0 else "", line) for number, line in enumerate(pretty)]
    if side["tree"] and side["tree"]["children"]:
        drawn = tree_lines(side["tree"])
        lines += [_field("  tree" if number == 0 else "", outside_line(line)) for number, line in enumerate(drawn)]
    return lines


def _unread(side: Json) -> str:
    if side["text"] is None:
        return "nothing to read"
    return "could not be read, or was not needed" if side["name"] == "gold" else "could not be read as mathematics"


def _checks(checks: list[Json]) -> list[Content]:
    if not checks:
        return [_field("checks", muted("nothing was compared"))]
    lines = []
    for place, check in enumerate(checks):
        decided = ("✓", "equal: decided", "good") if check["equal"] else ("✗", "different: decided", "bad")
        mark, said, tone = STATES.get(check["state"], decided)
        words = toned(f"{mark} {check['label']:<15}", tone).append(toned(f"{said:<19}", tone))
        meaning = f"· {check['meaning']}" if check["state"] == "decided" else ""
        lines.append(_field("checks" if place == 0 else "", words.append(muted(clean_line(meaning)))))
    return lines


def _reason(trail: Json) -> list[Content]:
    """The sentence where it says more than the message above, and the stable code."""
    said = [] if trail["sentence"] in (trail["message"], "") else [_field("reason", outside_line(trail["sentence"]))]
    return [*said, _field("code", muted(clean_line(str(trail["reason"]))))]


def _credit_sentence(credit: Json) -> str:
    found = f"{credit['matched']} of {credit['reference']} reference steps found: {number(credit['steps'])}"
    tops = credit["total"] - credit["steps"] > 1e-9
    topped = f", and the right answer tops it up to {number(credit['total'])}" if tops else ""
    if credit["reward"] is None:
        return f"{found}{topped}."
    times = "" if credit["factor"] is None else f" (times {number(credit['factor'])})"
    return f"{found}{topped}. The reward “partial” is {number(credit['reward'])}{times}."


def _credit_row(row: Json) -> Content:
    word = MISSED if row["kind"] == "missed" else ANSWER if row["kind"] == "answer" else None
    if word is None and row["status"]:
        word = STEP_WORDS[row["status"]]
    text = muted(UNKNOWN) if row["text"] is None else outside_line(row["text"])
    if word is None:
        return muted(" " * 28).append(muted(text.plain))
    earned = f"{signed(row['credit']):>6} {number(row['sum']):>5}  "
    head = toned(f" {word.mark} {word.label:<11}", word.tone).append(earned)
    reference = row["reference"]
    beside = "" if reference is None else f"  = {reference['index'] + 1}: {reference['text']}"
    return head.append(text).append(muted(clean_line(beside)))


def _field(name: str, value: Content | str) -> Content:
    return muted(f"{name:<{LABEL}}").append(value)
