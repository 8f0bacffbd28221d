"""Runs with a fault planted in them, written through the real writer and judged by the real judge: what a person has to
find from the page alone. Everything else about them is a run that learns. No model, no torch."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import stdev

from grpo_core.config import RunConfig
from grpo_core.objective import grpo_advantages
from grpo_core.oracle import judge
from grpo_core.runs import RunFolder, create_run
from grpo_core.store import RunWriter
from grpo_core.types import Completion, Evaluation, Group, Problem, Verdict

STEPS, GROUPS, COMPLETIONS, PROBLEMS = 40, 6, 8, 24
LIMIT = 160
"""Tokens that a completion may have."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A completion before it is judged and rewarded; `tokens` None counts its characters."""

    text: str
    tokens: int | None = None
    finish: str = "stop"


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in the run something is sampled: `share` of it is over, in [0, 1]."""

    step: int
    share: float
    problem: Problem
    random: random.Random

    @property
    def number(self) -> int:
        """The problem's place in the pool, also where it has another gold or name."""
        return int(self.problem.id.split("-")[1])


Writes = Callable[[Moment, int], Draft]


@dataclass(frozen=True, slots=True)
class Fault:
    """What differs from a healthy run. `solves` is the chance of a right answer; `writes` makes the text of one whose
    answer is given; `judged` may change a verdict; `rewarded` gives the functions' values and their weights."""

    solves: Callable[[Moment], float] = lambda at: 0.3 + 0.6 * at.share
    writes: Writes = lambda at, answer: Draft(derivation(at, answer))
    judged: Callable[[Moment, Verdict], Verdict] = lambda _, verdict: verdict
    rewards: Callable[[Draft, Verdict], dict[str, float | None]] = lambda _, verdict: {"correct": verdict.reward}
    weights: dict[str, float] | None = None
    problems: Callable[[], list[Problem]] = lambda: pool()
    entropy: Callable[[float], float] = lambda share: 1.0 - 0.5 * share
    gradient: Callable[[float], float] = lambda share: 0.3
    held_out: Callable[[float], float] = lambda share: 0.3 + 0.55 * share


def pool() -> list[Problem]:
    return [_problem(number) for number in range(PROBLEMS)]


def _problem(number: int) -> Problem:
    a, b, c, d = 3 + number, 5 + 2 * number % 7, 2 + number % 5, 1 + number % 9
    steps = (f"{a}+{b}={a + b}", f"{a + b}*{c}={(a + b) * c}", f"{(a + b) * c}-{d}={(a + b) * c - d}")
    return Problem(f"chain-{number}", f"({a}+{b})*{c}-{d}", str((a + b) * c - d), steps, "planted", "chain")


def derivation(at: Moment, answer: int) -> str:
    """A way to `answer`; where it is wrong, its second line goes astray."""
    first, second, _ = _problem(at.number).steps
    truth = int(_problem(at.number).gold)
    middle = second if answer == truth else second.split("=")[0] + f"={answer}"
    return f"{first}\n{middle}\n\\boxed{{{answer}}}"


def write_faulty_run(runs_dir: Path, kind: str, steps: int = STEPS) -> RunFolder:
    """A finished run of `steps` steps with the fault `kind` of `FAULTS` in it; its id is the fault's name."""
    fault = FAULTS[kind]
    config = RunConfig(name=kind, max_steps=steps, num_generations=COMPLETIONS, prompts_per_step=GROUPS)
    folder = create_run(runs_dir, replace_rewards(config, fault))
    writer = folder.writer()
    writer.set_facts({"backend": "trl", "model": "planted", "objective": "grpo", "max_steps": steps})
    writer.set_facts({"trainer_class": "GRPOTrainer"})
    for step, groups in _sampled(fault, steps):
        share = step / steps
        writer.add_groups(groups)
        writer.add_metrics(step, _metrics(groups, fault.entropy(share)) | {"grad_norm": fault.gradient(share)})
        if step % (steps // 4) == 0:
            _evaluate(writer, step, fault.held_out(share))
        writer.set_facts({"step": step, "phase": "update"})
    writer.close()
    return folder


def replace_rewards(config: RunConfig, fault: Fault) -> RunConfig:
    return config.model_copy(update={"rewards": fault.weights}) if fault.weights else config


def _sampled(fault: Fault, steps: int) -> Iterator[tuple[int, list[Group]]]:
    problems, chance, number = fault.problems(), random.Random(7), 0
    for step in range(1, steps + 1):
        groups = []
        for _ in range(GROUPS):
            at = Moment(step, step / steps, problems[number % len(problems)], chance)
            number += 1
            groups.append(Group(number, step, "train", at.problem, _completions(fault, at)))
        yield step, groups


def _completions(fault: Fault, at: Moment) -> tuple[Completion, ...]:
    truth = int(_problem(at.number).gold)
    solves = fault.solves(at)
    drafts = [fault.writes(at, truth if at.random.random() < solves else _wrong(at, truth)) for _ in range(COMPLETIONS)]
    verdicts = [fault.judged(at, judge(draft.text, at.problem.gold, at.problem.steps)) for draft in drafts]
    rewards = [fault.rewards(draft, verdict) for draft, verdict in zip(drafts, verdicts, strict=True)]
    totals = [_weighted(row, fault.weights or {"correct": 1.0}) for row in rewards]
    return tuple(
        Completion(
            index=index,
            text=draft.text,
            token_count=draft.tokens or len(draft.text),
            finish_reason=draft.finish,  # type: ignore[arg-type]
            verdict=verdict,
            rewards=row,
            reward=total,
            advantage=advantage,
            mean_logprob=-0.3,
            entropy=fault.entropy(at.share),
        )
        for index, (draft, verdict, row, total, advantage) in enumerate(
            zip(drafts, verdicts, rewards, totals, grpo_advantages(totals), strict=True)
        )
    )


def _wrong(at: Moment, truth: int) -> int:
    return truth + at.random.choice([-7, -3, -2, -1, 1, 2, 4, 9])


def _weighted(rewards: dict[str, float | None], weights: dict[str, float]) -> float | None:
    if any(value is None for value in rewards.values()):
        return None
    return sum(weights[name] * (value or 0.0) for name, value in rewards.items())


def _metrics(groups: list[Group], entropy: float) -> dict[str, float]:
    everyone = [completion for group in groups for completion in group.completions]
    known = [completion.reward for completion in everyone if completion.reward is not None]
    lengths = [completion.token_count or 0 for completion in everyone]
    cut = sum(completion.finish_reason == "length" for completion in everyone)
    names = everyone[0].rewards
    by_name = {
        f"rewards/{name}/mean": sum(one.rewards[name] or 0.0 for one in everyone) / len(everyone) for name in names
    }
    return {
        "reward": sum(known) / max(1, len(known)),
        "reward_std": stdev(known) if len(known) > 1 else 0.0,
        "frac_reward_zero_std": sum(group.signal != "mixed" for group in groups) / len(groups),
        "entropy": entropy,
        "completions/mean_length": sum(lengths) / len(lengths),
        "completions/max_length": float(max(lengths)),
        "completions/clipped_ratio": cut / len(everyone),
        "step_time": 2.0,
        **by_name,
    }


def _evaluate(writer: RunWriter, step: int, rate: float) -> None:
    interval = (max(0.0, rate - 0.06), min(1.0, rate + 0.06))
    writer.add_evaluation(Evaluation(step, 64, 4, rate, rate, interval, min(1.0, rate + 0.1), rate))


def _with_gold(number: int, gold: str) -> list[Problem]:
    return [replace(each, gold=gold, steps=()) if place == number else each for place, each in enumerate(pool())]


def _sometimes_timeout(at: Moment, verdict: Verdict) -> Verdict:
    if at.number % 6 or at.random.random() < 0.5:
        return verdict
    return verdict._replace(outcome="timeout", reason="TIMEOUT", message="Comparing took more work than is allowed.")


def _gamed(at: Moment, answer: int) -> Draft:
    """The format is kept ever more often, and ever less is worked out."""
    if at.random.random() < at.share:
        return Draft(f"<think>It is what it is.</think><answer>\\boxed{{{answer}}}</answer>")
    return Draft(derivation(at, answer))


def _format_and_correct(draft: Draft, verdict: Verdict) -> dict[str, float | None]:
    return {"correct": verdict.reward, "format": float(draft.text.startswith("<think>"))}


def _twice() -> list[Problem]:
    """The fifth problem once more under another name, with another gold."""
    problems = pool()
    return [*problems, replace(problems[4], id="chain-4-again", gold=str(int(problems[4].gold) + 10), steps=())]


def _talks(at: Moment, answer: int) -> Draft:
    text = "Let me look at this once more from the start, slowly. " * int(1 + 12 * max(0.0, at.share - 0.4))
    return Draft(f"{text}\n{derivation(at, answer)}", 30 + int(600 * max(0.0, at.share - 0.4)))


def _one_text(at: Moment, _: int) -> Draft:
    """Two of a problem's five visits end right, whatever the completion."""
    truth = int(_problem(at.number).gold)
    return Draft(derivation(at, truth if at.step // 4 % 5 in (1, 3) else truth - 1))


def _loops(at: Moment, answer: int) -> Draft:
    if at.share < 0.5 or at.random.random() < 0.6:
        return Draft(derivation(at, answer))
    return Draft("wait, let me check that again, " * 20 + derivation(at, answer))


def _cuts(at: Moment, answer: int) -> Draft:
    if at.random.random() < 0.5 * at.share:
        return Draft(derivation(at, answer).split("\\boxed")[0], LIMIT, "length")
    return Draft(derivation(at, answer))


def _unread(at: Moment, answer: int) -> Draft:
    if at.random.random() < 0.4 * at.share:
        return Draft(derivation(at, answer).split("\\boxed")[0] + f"\\boxed{{answer: {answer} ((}}")
    return Draft(derivation(at, answer))


def _forgets(at: Moment) -> float:
    if at.number % 4 == 0:
        return 0.9 if at.share < 0.5 else 0.05
    return 0.3 + 0.6 * at.share


FAULTS: dict[str, Fault] = {
    "healthy": Fault(),
    "wrong-gold": Fault(problems=lambda: _with_gold(5, "1000")),
    "wrong-gold-while-weak": Fault(
        problems=lambda: _with_gold(5, "1000"),
        solves=lambda at: 0.95 if at.number % 3 == 2 else 0.05,
        held_out=lambda share: 0.3,
    ),
    "timeouts": Fault(judged=_sometimes_timeout),
    "gamed-format": Fault(
        solves=lambda at: 0.35 - 0.25 * at.share,
        writes=_gamed,
        rewards=_format_and_correct,
        weights={"correct": 0.2, "format": 1.0},
        held_out=lambda share: 0.3 - 0.15 * share,
    ),
    "dead-groups": Fault(solves=lambda at: 0.0 if at.number % 3 else 0.5, held_out=lambda _: 0.2),
    "length-explosion": Fault(writes=_talks),
    "entropy-collapse": Fault(
        solves=lambda at: 0.3 if at.share < 0.4 else 0.2,
        entropy=lambda share: max(0.01, 1.0 - 2 * share),
        held_out=lambda _: 0.3,
    ),
    "one-seed": Fault(writes=_one_text, held_out=lambda _: 0.4),
    "exploding-gradient": Fault(gradient=lambda share: 0.3 if share < 0.7 else 40 * share),
    "repeated-text": Fault(writes=_loops),
    "truncated": Fault(writes=_cuts),
    "unparsable": Fault(writes=_unread),
    "forgotten": Fault(solves=_forgets),
    "duplicate": Fault(problems=_twice),
    "sampled-oftener": Fault(problems=lambda: [*pool(), pool()[3]]),
    "wrong-sign": Fault(
        solves=lambda at: 0.5 - 0.4 * at.share, weights={"correct": -1.0}, held_out=lambda share: 0.5 - 0.4 * share
    ),
    "unscorable": Fault(problems=lambda: _with_gold(5, "about (( seven")),
}
