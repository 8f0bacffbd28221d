"""Alerts: what in a run deserves a look, said as evidence (numbers and completions to read), never as an accusation.

Pure functions from `Evidence` to at most one `Alert` each. Whoever reads them decides; each says what else it may be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from grpo_core.types import Completion, Group
from grpo_core.views.alert import Alert, More, Sample, groups_of, samples_of
from grpo_core.views.evidence import FEWEST_GROUPS, Evidence, correct_share, everyone, is_right
from grpo_core.views.group_evidence import earned_by_being_right, explained_by_correct, explained_by_others
from grpo_core.views.numbers import number, percent, signed
from grpo_core.views.problem_alerts import agreement_against_the_gold, forgotten_problems, same_problem_twice
from grpo_core.views.repetition import is_repetitive
from grpo_core.views.signal_alerts import STILL_WRONG, blind_reward, dead_groups, same_text
from grpo_core.views.words import OUTCOME_WORDS

REWARD_RISE, HELD_OUT_RISE, HELD_OUT_SOLVED = 0.1, 0.02, 0.85
LENGTH_RATIO, LENGTH_TOKENS = 1.6, 8.0
ENTROPY_RATIO = 0.2
TOO_MANY_CUT_OFF, TOO_MANY_REPEATS, TOO_MANY_TIMEOUTS, TOO_MANY_UNREADABLE = 0.2, 0.1, 0.02, 0.15
FORMAT_EXPLAINS, CORRECT_EXPLAINS = 0.5, 0.25
GRADIENT_RATIO, LARGE_GRADIENT = 10.0, 1.0
MOSTLY_AGAINST = 0.75
"""Of the groups with right and wrong answers, those in which the right ones earn less."""


def find_alerts(evidence: Evidence) -> list[Alert]:
    """Everything that deserves a look, in the order of `DETECTORS`."""
    return [alert for detect in DETECTORS if (alert := detect(evidence))]


def reward_without_held_out(evidence: Evidence) -> Alert | None:
    """The reward rises and the held-out problems do not get solved."""
    evals, reward = evidence.evals, evidence.series("reward")
    if len(evals) < 3 or not reward:
        return None
    last = (evals[-1].pass_at_1 + evals[-2].pass_at_1) / 2
    rises = [(reward.last.mean - reward.around(first.step), first) for first in evals[:-2]]
    flat = [(rise, first) for rise, first in rises if last - first.pass_at_1 <= HELD_OUT_RISE]
    if not flat or last >= HELD_OUT_SOLVED:
        return None
    rise, first = max(flat, key=lambda each: each[0])
    if rise < REWARD_RISE:
        return None
    return Alert(
        "reward_without_held_out",
        "The reward rises, held-out accuracy does not",
        f"Since step {first.step} the reward rose by {number(rise)}, to {number(reward.last.mean)}; held-out pass@1 "
        f"went from {percent(first.pass_at_1)} to {percent(last)}.",
        "The reward may pay for something other than right answers, or the problems trained on are memorised.",
        "learning",
        _best_paid_wrong(evidence.late),
    )


def format_over_correct(evidence: Evidence) -> Alert | None:
    """Within groups, rewards differ by something other than correctness."""
    mixed = [group for group in evidence.late if group.signal == "mixed"]
    correct, others = explained_by_correct(mixed), explained_by_others(mixed)
    if len(mixed) < FEWEST_GROUPS or correct is None or not others:
        return None
    name, share = max(others.items(), key=lambda each: each[1])
    if share < FORMAT_EXPLAINS or correct > CORRECT_EXPLAINS:
        return None
    return Alert(
        "format_over_correct",
        f"Rewards differ by {name} rather than by correctness",
        f"Within the newest {len(mixed)} mixed groups {name} explains {percent(share)} of the reward's variance, "
        f"correctness {percent(correct)}.",
        f"The update then teaches {name}. Its weight may be too large, or nearly all answers may be wrong.",
        "rewards",
        _best_paid_wrong(mixed),
    )


def right_earns_less(evidence: Evidence) -> Alert | None:
    """Within groups, right answers earn less than wrong ones: a weight may have the wrong sign."""
    groups = {group.id: group for group in (*evidence.late, *evidence.early)}.values()
    gains = [(gain, group) for group in groups if (gain := earned_by_being_right(group)) is not None]
    against = [group for gain, group in gains if gain < 0]
    mean = sum(gain for gain, _ in gains) / max(1, len(gains))
    if len(gains) < FEWEST_GROUPS or mean >= 0 or len(against) < MOSTLY_AGAINST * len(gains):
        return None
    return Alert(
        "right_earns_less",
        "Right answers earn less than wrong ones",
        f"In {len(against)} of the {len(gains)} newest groups that hold both, right answers earned less: a right one "
        f"{signed(mean)} on average against a wrong one of its group.{_negative_weights(evidence)}",
        "The update then pushes right answers down. See the weights of the reward functions and their signs.",
        "rewards",
        _best_paid_wrong(against),
    )


def _negative_weights(evidence: Evidence) -> str:
    negative = [f"{name} {number(weight)}" for name, weight in evidence.weights.items() if weight < 0]
    return f" Weights below zero in the settings: {', '.join(negative)}." if negative else ""


def length_drift(evidence: Evidence) -> Alert | None:
    """Completions become much longer or much shorter."""
    length = evidence.series("completions/mean_length")
    if not length:
        return None
    first, last = length.first.mean, length.last.mean
    longer = last >= LENGTH_RATIO * first
    if abs(last - first) < LENGTH_TOKENS or not (longer or first >= LENGTH_RATIO * last):
        return None
    ends = sorted(everyone(evidence.late), key=lambda one: one[1].token_count or 0, reverse=longer)
    return Alert(
        "length_drift",
        f"Completions grow {'longer' if longer else 'shorter'}",
        f"Their mean length went from {number(first)} to {number(last)} tokens{_beside(evidence)}.",
        "Longer reasoning can help. It can also be text that no reward counts against, or answers cut short.",
        "length",
        samples_of(ends, lambda c: f"{c.token_count} tokens"),
        More("groups", {"sort": "longest" if longer else "shortest"}),
    )


def cut_off(evidence: Evidence) -> Alert | None:
    """Many completions reach the length limit without ending."""
    ratio = evidence.series("completions/clipped_ratio")
    if not ratio or ratio.last.mean < TOO_MANY_CUT_OFF:
        return None
    cut = [(group, c) for group, c in everyone(evidence.late) if c.finish_reason == "length"]
    return Alert(
        "cut_off",
        "Many completions are cut off",
        f"{percent(ratio.last.mean)} of the newest completions reached max_completion_length without ending; at the "
        f"start it was {percent(ratio.first.mean)}.",
        "The limit may be too low for these problems, or the policy may have stopped ending its answers.",
        "truncated",
        samples_of(cut, lambda c: f"{c.token_count} tokens, cut off"),
        More("groups", {"truncated": "true"}),
    )


def repeated_text(evidence: Evidence) -> Alert | None:
    """Completions say the same again and again."""
    late, early = everyone(evidence.late), everyone(evidence.early)
    repeats = [(group, c) for group, c in late if is_repetitive(c.text)]
    before = sum(is_repetitive(c.text) for _, c in early) / max(1, len(early))
    share = len(repeats) / max(1, len(late))
    if len(evidence.late) < FEWEST_GROUPS or share < TOO_MANY_REPEATS or share < 2 * before:
        return None
    return Alert(
        "repeated_text",
        "Completions repeat themselves",
        f"In {percent(share)} of the newest completions most of the text was said before; at the start in "
        f"{percent(before)}.",
        "The policy may be stuck in loops: see whether it still ends its answers, and how far it is from the base.",
        "length",
        samples_of(repeats, lambda c: f"{c.token_count} tokens"),
    )


def judge_gave_up(evidence: Evidence) -> Alert | None:
    """Comparing answers takes more work than the judge allows."""
    return _outcome_alert(
        evidence,
        ("timeout",),
        TOO_MANY_TIMEOUTS,
        "judge_gave_up",
        "The judge gives up on answers",
        "took more work to compare than the judge allows, and earned 0",
        "Some may be right. An answer may be huge, or its form may be made to be hard.",
    )


def unreadable_answers(evidence: Evidence) -> Alert | None:
    """Answers cannot be found or read."""
    return _outcome_alert(
        evidence,
        ("unparsable", "no_answer"),
        TOO_MANY_UNREADABLE,
        "unreadable_answers",
        "Many answers cannot be read",
        "hold no answer that can be found and read, and earned 0",
        "The prompt may not ask for a form that the judge reads, or completions end too early.",
    )


def gold_not_read(evidence: Evidence) -> Alert | None:
    """Gold answers cannot be read, so that nothing can be right."""
    return _outcome_alert(
        evidence,
        ("unscorable",),
        TOO_MANY_TIMEOUTS,
        "gold_not_read",
        "Some gold answers cannot be read",
        "could not be scored: their gold answer does not parse, or the judge failed",
        "These problems take time and teach nothing. Look at their gold answers.",
    )


def entropy_collapse(evidence: Evidence) -> Alert | None:
    """The policy explores no more before it solves the problems."""
    entropy, right = evidence.series("entropy"), correct_share(evidence.late)
    if not entropy or right is None or right >= STILL_WRONG or entropy.last.mean > ENTROPY_RATIO * entropy.first.mean:
        return None
    return Alert(
        "entropy_collapse",
        "The policy hardly explores any more",
        f"Entropy fell from {number(entropy.first.mean)} to {number(entropy.last.mean)} nats while {percent(right)} of "
        "the newest completions are right.",
        "Groups become alike and stop teaching. The learning rate may be too high, or the temperature too low.",
        "entropy",
        groups_of([group for group in evidence.late if group.signal == "all_wrong"], "all wrong"),
    )


def gradient_explodes(evidence: Evidence) -> Alert | None:
    """The gradient's norm leaves where it was for most of the run."""
    norm = evidence.series("grad_norm")
    if not norm:
        return None
    usual = median(value for _, value in norm.points)
    if norm.last.mean < max(LARGE_GRADIENT, GRADIENT_RATIO * usual):
        return None
    return Alert(
        "gradient_explodes",
        "The gradient grows out of bounds",
        f"Its norm is {number(norm.last.mean)} in the newest steps; for half of the run it was below {number(usual)}.",
        "The learning rate may be too high. See whether the newest completions still make sense.",
        "gradient",
        groups_of(evidence.late, "newest"),
    )


Detector = Callable[[Evidence], Alert | None]
DETECTORS: tuple[Detector, ...] = (
    right_earns_less,
    reward_without_held_out,
    format_over_correct,
    blind_reward,
    agreement_against_the_gold,
    same_problem_twice,
    forgotten_problems,
    judge_gave_up,
    unreadable_answers,
    gold_not_read,
    same_text,
    entropy_collapse,
    gradient_explodes,
    dead_groups,
    cut_off,
    repeated_text,
    length_drift,
)
"""What says more of the cause stands before what follows from it."""


def _outcome_alert(
    evidence: Evidence, outcomes: Sequence[str], limit: float, kind: str, title: str, what: str, perhaps: str
) -> Alert | None:
    late = [(group, c) for group, c in everyone(evidence.late) if c.verdict]
    found = [(group, c) for group, c in late if c.verdict and c.verdict.outcome in outcomes]
    if len(evidence.late) < FEWEST_GROUPS or len(found) < limit * len(late) or not found:
        return None
    said = f"{len(found)} of the newest {len(late)} completions ({percent(len(found) / len(late))}) {what}."
    more = More("groups", {"outcome": outcomes[0]})
    return Alert(kind, title, said, perhaps, "outcomes", samples_of(found, _why), more)


def _beside(evidence: Evidence) -> str:
    evals = evidence.evals
    if len(evals) < 2:
        return ""
    return f"; held-out pass@1 went from {percent(evals[0].pass_at_1)} to {percent(evals[-1].pass_at_1)}"


def _why(completion: Completion) -> str:
    verdict = completion.verdict
    return verdict.reason or verdict.outcome if verdict else ""


def _outcome(completion: Completion) -> str:
    return OUTCOME_WORDS[completion.verdict.outcome].label if completion.verdict else "not judged"


def _best_paid_wrong(groups: Sequence[Group]) -> tuple[Sample, ...]:
    wrong = [(group, c) for group, c in everyone(groups) if c.verdict and not is_right(c) and c.reward is not None]
    paid = sorted(wrong, key=lambda one: one[1].reward or 0.0, reverse=True)
    return samples_of(paid, lambda c: f"{_outcome(c)}, reward {number(c.reward)}")
