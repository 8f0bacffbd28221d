"""A run as plain text for a terminal, a log or a mail: one screen, no colour; model text cleaned."""

from __future__ import annotations

from grpo_core.runs.evaluations import KIND
from grpo_core.text import clean, clean_line
from grpo_core.types import Json
from grpo_core.views.evaluation import plain_evaluation
from grpo_core.views.numbers import UNKNOWN, change, duration, in_unit, interval, number, percent, signed
from grpo_core.views.tiles import run_tiles
from grpo_core.views.words import OUTCOME_WORDS, SIGNAL_WORDS, STATUS_WORDS, STEP_WORDS

WIDTH = 100
UNJUDGED = "·"


def plain_run(document: Json, max_groups: int = 8) -> str:
    """The document of `show_run` for people: its head, its numbers and its newest groups, one line each."""
    evaluates = document["run"]["objective"] == KIND and document["evals"]
    numbers = plain_evaluation(document["evals"][-1]).split("\n") if evaluates else _numbers(document)
    notes = [f"! {clean_line(note)}" for note in document["notes"]]
    lines = [*plain_head(document["run"]), *plain_ending(document["ending"]), *notes, "", *numbers]
    if document["groups"]:
        lines += ["", "Newest groups"]
    lines += [plain_group_line(group) for group in document["groups"][:max_groups]]
    return "\n".join(lines)


def _numbers(document: Json) -> list[str]:
    """A line for each tile, and the checkpoints."""
    lines = []
    metrics = {key: [(int(step), value) for step, value in points] for key, points in document["metrics"].items()}
    for tile in run_tiles(document["run"], metrics, document["evals"]):
        lines.append(f"{tile['label']:<18} {in_unit(tile['value'], tile['unit']):>8}   {tile_note(tile)}".rstrip())
    complete = [str(checkpoint["step"]) for checkpoint in document["checkpoints"] if checkpoint["complete"]]
    lines.append(f"{'Checkpoints':<18} {'at step ' + ', '.join(complete) if complete else UNKNOWN:>8}")
    return lines


def plain_head(run: Json) -> list[str]:
    """What state the run is in and what it is; how far it has come; what else should be known."""
    word = STATUS_WORDS[run["status"]]
    stalled = status_notes(run)
    parts = [run["model"], run["objective"], run["backend"]]
    what = clean_line(" · ".join(str(part) for part in parts if part))
    return [
        f"{word.mark} {word.label}{stalled}   {run['id']}   {what}".rstrip(),
        f"step {run['step'] if run['step'] is not None else UNKNOWN} of {run['max_steps'] or UNKNOWN}",
        *([clean_line(run["notice"])] if run["notice"] else []),
    ]


def status_notes(run: Json) -> str:
    """What the status alone does not say: ended early and how, not stirring, without a supervisor."""
    notes = [run["stop_reason"]] if run["status"] == "finished" and run["stop_reason"] else []
    notes += ["stalled"] if run["stalled"] else []
    notes += ["supervisor gone"] if run["orphan"] else []
    return "".join(f", {note}" for note in notes)


def plain_ending(ending: Json | None) -> list[str]:
    """Why a run ended badly, and the end of its log; nothing for any other."""
    if ending is None:
        return []
    how = f"signal {ending['signal']}" if ending["signal"] is not None else f"code {ending['code']}"
    known = "" if ending["signal"] is None and ending["code"] is None else f" ({how})"
    return ["", clean_line(ending["cause"]) + known, *(f"  | {clean_line(line)}" for line in ending["log"])]


def tile_note(tile: Json) -> str:
    """What stands beside a tile's number: its interval, and how far it has moved."""
    return "  ".join(
        part for part in (interval(tile["low"], tile["high"]), change(tile["delta"], tile["unit"])) if part
    )


def plain_progress(run: Json, reward: float | None, evaluation: Json | None) -> str:
    """One line for somebody who waits for a run."""
    parts = [STATUS_WORDS[run["status"]].label, f"step {run['step'] or 0}/{run['max_steps'] or '?'}"]
    if reward is not None:
        parts.append(f"reward {number(reward)}")
    if evaluation:
        parts.append(f"held-out pass@1 {percent(evaluation['pass@1'])}")
    if run.get("eta_seconds") is not None:
        parts.append(f"{duration(run['eta_seconds'])} left")
    return " · ".join(parts)


def plain_group_line(group: Json) -> str:
    signal = SIGNAL_WORDS[group["signal"]] if group["signal"] else None
    marks = "".join(_outcome_mark(completion["verdict"]) for completion in group["completions"])
    prompt = clean_line(group["problem"]["prompt"])
    split = "" if group["split"] == "train" else " held-out"
    line = (
        f"#{group['id']:<6} step {group['step']:<5} {signal.mark if signal else UNKNOWN} "
        f"{signal.label if signal else 'unknown':<11} {marks}{split}  {prompt}"
    )
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def plain_group(group: Json, only: int | None = None) -> str:
    """One group whole, or one completion of it: problem, then every completion with why it earned what it did."""
    problem = group["problem"]
    lines = [plain_group_line(group), "", clean(problem["prompt"]), f"gold      {clean_line(problem['gold'])}"]
    lines += [f"step {number:>2}   {clean_line(step)}" for number, step in enumerate(problem["steps"], 1)]
    for completion in group["completions"]:
        if only is None or completion["index"] == only:
            lines += ["", *_completion_lines(completion)]
    return "\n".join(lines)


def _completion_lines(completion: Json) -> list[str]:
    verdict = completion["verdict"]
    word = OUTCOME_WORDS[verdict["outcome"]] if verdict else None
    rewards = ", ".join(f"{clean_line(name)} {number(value)}" for name, value in completion["rewards"].items())
    lines = [
        f"k{completion['index']}  {word.mark if word else UNJUDGED} {word.label if word else 'not judged yet'}"
        f" · reward {number(completion['reward'])} ({rewards or UNKNOWN}) · advantage {signed(completion['advantage'])}"
    ]
    if verdict and verdict["message"]:
        lines.append(f"   {clean_line(verdict['message'])}")
    lines += [f"   | {line}" for line in clean(completion["text"]).split("\n")]
    for step in verdict["steps"] if verdict else ():
        mark = STEP_WORDS[step["status"]].mark
        lines.append(
            f"   {mark} {STEP_WORDS[step['status']].label:<9} {step['credit']:+.2f}  {clean_line(step['text'])}"
        )
    return lines


def _outcome_mark(verdict: Json | None) -> str:
    return OUTCOME_WORDS[verdict["outcome"]].mark if verdict else UNJUDGED
