"""One completion and its problem in words: the verdict, what it earned and weighed, its text, and its steps."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from grpo_app.tui.bars import signed_bar
from grpo_app.tui.paint import TONES, bold, fit, marked, muted, outcome_word, outside, outside_line, signal_word, toned
from grpo_app.tui.why import describe_credit, describe_mark, describe_trail
from grpo_core.text import clean_line
from grpo_core.types import Json
from grpo_core.views import STEP_WORDS, partial_credit, verdict_trail
from grpo_core.views.numbers import UNKNOWN, number, signed

ANSWER_STYLE = "bold reverse"
LABEL = 10


@dataclass(frozen=True, slots=True)
class Why:
    """What is known of a verdict besides the store's row: a person's mark, and what the oracle said when asked."""

    mark: Json | None = None
    explanation: Json | None = None
    trouble: str | None = None


def describe_group(group: Json) -> Content:
    """One line: which group this is and whether it can teach anything."""
    split = "" if group["split"] == "train" else "  held-out"
    old = "  superseded by a resume" if group["superseded"] else ""
    return Content.assemble(
        bold(f"#{group['id']}"),
        f"  step {group['step']}{split}{old}  ",
        marked(signal_word(group)),
        muted(f"  mean {number(group['mean'])}  std {number(group['std'])}"),
    )


def describe_problem(problem: Json) -> Content:
    """The prompt, the gold answer and the reference steps."""
    level = f" · {problem['level']}" if problem["level"] else ""
    lines = [outside(problem["prompt"].strip()), _field("gold", Content.styled(clean_line(problem["gold"]), "bold"))]
    lines += [_field(f"step {number}", outside_line(step)) for number, step in enumerate(problem["steps"], 1)]
    lines.append(_field("from", muted(clean_line(f"{problem['source']}{level} · {problem['id']}"))))
    return Content("\n").join(lines)


def describe_completion(completion: Json, problem: Json, limit: float, why: Why) -> Content:
    """`limit` is the weight at which the bar is full."""
    verdict = completion["verdict"]
    credit = partial_credit(completion, problem)
    lines = [] if why.mark is None else [describe_mark(why.mark)]
    lines += [*_verdict(verdict, problem), Content(""), highlight_answer(completion["text"], verdict)]
    if verdict:
        trail = verdict_trail(completion, problem, why.explanation)
        lines += [Content(""), *describe_trail(trail, why.explanation is not None)]
    if why.trouble:
        lines.append(toned("! ", "warn").append(outside_line(why.trouble)))
    if credit:
        lines += [Content(""), *describe_credit(credit)]
    elif verdict and verdict["steps"]:
        lines += [Content(""), _steps_title(verdict, problem), *(_step(step) for step in verdict["steps"])]
    lines += [Content(""), *_earned(completion, limit), *_measured(completion)]
    return Content("\n").join(lines)


def describe_judged(completion: Json, problem: Json, explanation: Json) -> Content:
    """A completion as the oracle judges it now, with the gold answer of this `problem`; what was stored comes first."""
    stored = marked(outcome_word(completion["verdict"]))
    judged = {**completion, "verdict": explanation["verdict"], "rewards": {}, "reward": None}
    credit = partial_credit(judged, problem)
    lines = [_field("stored", stored), *_verdict(judged["verdict"], problem)]
    lines += [Content(""), highlight_answer(completion["text"], judged["verdict"])]
    lines += [Content(""), *describe_trail(verdict_trail(judged, problem, explanation), asked=True)]
    lines += [Content(""), *describe_credit(credit)] if credit else []
    return Content("\n").join(lines)


def describe_answer(completion: Json, problem: Json, busy: bool) -> Content:
    """A completion of the playground: as in a group, without what an update would make of it."""
    verdict = completion["verdict"]
    lines = [*_verdict(verdict, problem), _codes(verdict)] if verdict else [muted(_unjudged(completion, problem, busy))]
    lines += [Content(""), highlight_answer(completion["text"], verdict)]
    if verdict and verdict["steps"]:
        lines += [Content(""), _steps_title(verdict, problem), *(_step(step) for step in verdict["steps"])]
    if not busy:
        lines += [Content(""), _ended(completion)]
    return Content("\n").join(lines)


def highlight_answer(text: str, verdict: Json | None) -> Content:
    """The text with the extracted answer standing out. Spans are code points of the stored text, as `clean` keeps."""
    if not text:
        return muted("(empty)")
    content = outside(text)
    if verdict and verdict["span"]:
        start, end = verdict["span"]
        tone = TONES[outcome_word(verdict).tone]
        content = content.stylize(f"{ANSWER_STYLE} {tone}", start, end)
    return content


def _verdict(verdict: Json | None, problem: Json) -> list[Content]:
    if verdict is None:
        return [marked(outcome_word(None))]
    answer = verdict["extracted"]
    shown = muted(UNKNOWN) if answer is None else Content.styled(clean_line(answer), "bold")
    return [
        marked(outcome_word(verdict)).append("  ").append(outside(verdict["message"])),
        _field("answer", shown).append(muted("   gold  ")).append(outside_line(problem["gold"])),
    ]


def _codes(verdict: Json) -> Content:
    how = " · ".join([f"rule {verdict['rule'] or UNKNOWN}", f"check {verdict['check'] or UNKNOWN}", verdict["reason"]])
    return _field("why", muted(clean_line(how)))


def _earned(completion: Json, limit: float) -> list[Content]:
    rewards = "  ".join(f"{name} {number(value)}" for name, value in completion["rewards"].items())
    lines = [_field("reward", bold(number(completion["reward"])).append("   ").append(outside_line(rewards)))]
    for name in ("advantage", "weight"):
        value = completion[name]
        if value is None and name == "weight":
            continue
        tone = "good" if value and value > 0 else "bad" if value and value < 0 else "muted"
        bar = toned(signed_bar(value, limit), tone)
        lines.append(_field(name, bold(signed(value)).append("  ").append(bar)))
    return lines


def _measured(completion: Json) -> list[Content]:
    return [
        _ended(completion),
        _field("logprob", f"{number(completion['mean_logprob'])} · entropy {number(completion['entropy'])}"),
    ]


def _ended(completion: Json) -> Content:
    tokens = completion["token_count"]
    ended = {"stop": "ended by itself", "length": "cut off at the limit"}.get(completion["finish_reason"], UNKNOWN)
    return _field("tokens", f"{UNKNOWN if tokens is None else tokens} · {ended}")


def _unjudged(completion: Json, problem: Json, busy: bool) -> str:
    if busy:
        return "Being sampled …"
    if completion["finish_reason"] is None:
        return "Not judged: it was cut off."
    return "Not judged yet." if problem["gold"].strip() else "Not judged: no gold answer was given."


def _steps_title(verdict: Json, problem: Json) -> Content:
    credit = sum(step["credit"] for step in verdict["steps"])
    reference = len(problem["steps"])
    against = f"beside {reference} reference step{'s' if reference > 1 else ''}" if reference else "no reference steps"
    return bold("Steps").append(muted(f"  credit {number(credit)}, {against}"))


def _step(step: Json) -> Content:
    word = STEP_WORDS[step["status"]]
    matched = f"= step {step['matched'] + 1}" if step["matched"] is not None else ""
    head = toned(f"{word.mark} {word.label:<9}", word.tone).append(f" {step['credit']:+.2f} ")
    return head.append(fit(muted(matched), 9)).append(outside_line(step["text"]))


def _field(name: str, value: Content | str) -> Content:
    return muted(f"{name:<{LABEL}}").append(value)
