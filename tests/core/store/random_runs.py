"""Runs of every sort for Hypothesis: groups with any outcomes, endings, lengths, rewards, steps and resumes."""

from __future__ import annotations

from hypothesis import strategies as st

from grpo_core.types import OUTCOMES, Completion, Group, Problem, Verdict

PROBLEMS = (
    Problem("a", "2+3", "5", (), "generated", "chain"),
    Problem("b", "x^2-x-12=0", "4", (), "math", "3"),
    Problem("c", "How many?", "7", (), "math", None),
)
verdicts = st.sampled_from([None, *(Verdict(outcome, seconds=0.5) for outcome in OUTCOMES)])


@st.composite
def completions(draw: st.DrawFn, index: int = 0) -> Completion:
    return Completion(
        index=index,
        text=draw(st.sampled_from(["", "so \\boxed{42}", "12+7=19", "the Answer is 142"])),
        token_count=draw(st.none() | st.integers(0, 20)),
        finish_reason=draw(st.sampled_from([None, "stop", "length"])),
        verdict=draw(verdicts),
        reward=draw(st.none() | st.sampled_from([-0.5, 0.0, 0.25, 1.0])),
        advantage=0.5,
    )


@st.composite
def groups(draw: st.DrawFn, number: int, step: int) -> Group:
    size = draw(st.integers(1, 3))
    return Group(
        number,
        step,
        draw(st.sampled_from(["train", "train", "eval"])),
        draw(st.sampled_from(PROBLEMS)),
        tuple(draw(completions(index)) for index in range(size)),
        decoding=draw(st.sampled_from(["sampled", "sampled", "greedy"])),
    )


@st.composite
def histories(draw: st.DrawFn, most: int = 12) -> list[Group | int]:
    """What happens to a run in order: groups are stored (two to a step), or it goes on from a step (a number)."""
    events: list[Group | int] = []
    step = 0
    for number in range(1, draw(st.integers(0, most)) + 1):
        step += draw(st.integers(0, 1))
        if step > 2 and draw(st.integers(0, 7)) == 0:
            step = draw(st.integers(0, step))
            events.append(step)
        events.append(draw(groups(number, step + 1)))
    return events
