"""Why a completion got its verdict, as the stations on the way to it: text → rule → both parses → check → reason."""

from __future__ import annotations

from typing import Any

from grpo_core.types import Json
from grpo_core.views.parse_tree import parse_tree
from grpo_core.views.verdict_words import CHECK_WORDS, RULE_WORDS, is_special

AROUND = 60
"""Characters of the completion shown before and after the answer."""


def verdict_trail(completion: Json, problem: Json, explanation: Json | None) -> Json:
    """The stations of one stored verdict; `explanation` is what the oracle says of it, None where it was not asked.

    `place` is where the answer stands, `rule` how it was found, `sides` how both were read, `checks` the ladder from
    cheap to dear with the one that decided, `sentence` the reason. A station that was not reached is None.
    """
    verdict = completion["verdict"]
    if verdict is None:
        return {"outcome": None, "place": None, "rule": None, "sides": None, "checks": [], "sentence": None}
    return {
        "outcome": verdict["outcome"],
        "place": answer_place(completion["text"], verdict["span"]),
        "rule": _word(RULE_WORDS, verdict["rule"]),
        "sides": _sides(verdict, problem["gold"], explanation),
        "checks": check_ladder(verdict["check"], verdict["outcome"]),
        "message": verdict["message"],
        "sentence": explanation["sentence"] if explanation else verdict["message"],
        "reason": verdict["reason"],
        "seconds": verdict["seconds"],
    }


def answer_place(text: str, span: list[int] | None) -> Json | None:
    """The answer in its surroundings: `before`, `answer`, `after`, its line (from 1) and span in code points."""
    if span is None:
        return None
    start, end = span
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    return {
        "before": ("…" if first else "") + text[first:start],
        "answer": text[start:end],
        "after": text[end:last] + ("…" if last < len(text) else ""),
        "line": text.count("\n", 0, start) + 1,
        "span": [start, end],
    }


def check_ladder(check: str | None, outcome: str) -> list[Json]:
    """Every check from cheap to dear, up to the one that decided: `passed` did not decide, `decided` did, `spared`
    was not needed. Checks for one kind of answer only are left out unless they decided."""
    if check is None:
        return []
    names = [name for name in CHECK_WORDS if name == check or not is_special(name)]
    at = names.index(check) if check in names else len(names)
    states = ["passed" if place < at else "decided" if place == at else "spared" for place in range(len(names))]
    return [
        {"check": name, "state": state, "equal": outcome == "correct", **CHECK_WORDS[name].to_json()}
        for name, state in zip(names, states, strict=True)
    ]


def _sides(verdict: Json, gold: str, explanation: Json | None) -> list[Json]:
    answer = _side("answer", verdict["extracted"], verdict["answer_parsed"], explanation and explanation["answer"])
    return [answer, _side("gold", gold, verdict["gold_parsed"], explanation and explanation["gold"])]


def _side(name: str, text: str | None, source: str | None, form: Json | None) -> Json:
    """One side as written and as read; `form` None where it could not be read, or nobody asked."""
    forms: dict[str, Any] = {"latex": None, "mathml": None, "pretty": None, "tree": None}
    if form is not None:
        forms = {**form, "tree": parse_tree(form["tree"])}
    return {"name": name, "text": text, "source": source, **forms}


def _word(words: dict[str, Any], code: str | None) -> Json | None:
    if code is None:
        return None
    return {"code": code, **(words[code].to_json() if code in words else {"label": code, "meaning": ""})}
