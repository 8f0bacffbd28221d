"""Alerts about groups that teach nothing: all wrong, all correct, all the same text, or rewards that do not tell."""

from __future__ import annotations

from collections.abc import Sequence

from grpo_core.types import Group
from grpo_core.views.alert import Alert, More, groups_of
from grpo_core.views.evidence import FEWEST_GROUPS, Evidence, correct_share, is_right
from grpo_core.views.numbers import percent

STILL_WRONG = 0.8
"""A policy that is right less often has something to learn."""
ALL_WRONG, ALL_CORRECT, ALL_ALIKE, SAME_TEXT = 0.5, 0.9, 0.9, 0.75
BLIND = 0.25


def dead_groups(evidence: Evidence) -> Alert | None:
    """Most groups teach nothing."""
    groups = [group for group in evidence.late if group.signal is not None]
    if len(groups) < FEWEST_GROUPS:
        return None
    wrong = [group for group in groups if group.signal == "all_wrong"]
    correct = [group for group in groups if group.signal == "all_correct"]
    held_out = evidence.evals[-1].pass_at_1 if evidence.evals else None
    if len(wrong) >= ALL_WRONG * len(groups):
        return _dead(groups, wrong, "all wrong", _why_wrong(wrong))
    if len(correct) >= ALL_CORRECT * len(groups) and held_out is not None and held_out < STILL_WRONG:
        why = f"Held-out pass@1 is {percent(held_out)}: the problems trained on may be too easy, or memorised."
        return _dead(groups, correct, "all correct", why)
    dead = [group for group in (*wrong, *correct) if len(set(map(is_right, group.completions))) == 1]
    if len(dead) >= ALL_ALIKE * len(groups) and (correct_share(groups) or 1.0) < STILL_WRONG:
        both = f"all wrong ({len(wrong)}) or all correct ({len(correct)})"
        return _dead(groups, dead, both, "Completions of one problem may be too much alike.")
    return None


def _why_wrong(wrong: Sequence[Group]) -> str:
    if len([group for group in wrong if _is_one_text(group)]) >= SAME_TEXT * len(wrong):
        return "Completions of one problem are the same text: sampling that once misses misses always."
    return "The problems may be too hard for this policy, or nothing can earn."


def _is_one_text(group: Group) -> bool:
    return len({completion.text for completion in group.completions}) == 1


def _dead(groups: Sequence[Group], dead: Sequence[Group], what: str, perhaps: str) -> Alert:
    said = f"{len(dead)} of the newest {len(groups)} groups are {what}: their advantages are 0 and move nothing."
    signals = {group.signal for group in dead}
    more = More("groups", {"signal": str(*signals)}) if len(signals) == 1 else None
    title = f"Most groups are {what}" if more else "Most groups teach nothing"
    return Alert("dead_groups", title, said, perhaps, "signals", groups_of(dead, what if more else "no signal"), more)


def same_text(evidence: Evidence) -> Alert | None:
    """A problem's completions are one and the same text."""
    groups = [group for group in evidence.late if len(group.completions) > 1]
    same = [group for group in groups if _is_one_text(group)]
    right = correct_share(groups)
    if len(groups) < FEWEST_GROUPS or len(same) < SAME_TEXT * len(groups) or right is None or right >= STILL_WRONG:
        return None
    return Alert(
        "same_text",
        "All completions of a problem are the same text",
        f"In {len(same)} of the newest {len(groups)} groups no completion differs from another, while {percent(right)} "
        "of all are right.",
        "The temperature may be 0 or too low, each completion may get the same seed, or the policy has collapsed.",
        "entropy",
        groups_of(same, "one text"),
    )


def blind_reward(evidence: Evidence) -> Alert | None:
    """Right and wrong answers of a group earn the same."""
    alike = [
        g for g in evidence.late if g.signal not in ("mixed", None) and len({is_right(c) for c in g.completions}) > 1
    ]
    if len(evidence.late) < FEWEST_GROUPS or len(alike) < BLIND * len(evidence.late):
        return None
    return Alert(
        "blind_reward",
        "Right and wrong answers earn the same",
        f"In {len(alike)} of the newest {len(evidence.late)} groups all rewards are equal although the judge found "
        "both right and wrong answers.",
        "The configured rewards may not look at correctness at all.",
        "rewards",
        groups_of(alike, "equal rewards"),
    )
