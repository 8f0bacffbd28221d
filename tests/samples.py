"""A small run made by hand through the real writer, for tests of what reads runs. No model, no torch."""

from __future__ import annotations

from pathlib import Path

from grpo_core.config import RunConfig
from grpo_core.objective import grpo_advantages
from grpo_core.runs import RunFolder, create_run
from grpo_core.store import LiveFeedWriter, RunWriter
from grpo_core.types import Completion, Evaluation, Group, Problem, StepCredit, StepStatus, Verdict

HOSTILE = (
    "<img src=x onerror=\"document.title='pwned'\"> ${6*7} {{7*7}} [bold]no[/bold] \x1b]0;pwned\x07 \u202egnp.exe\n$x$"
)
CHAIN = Problem("chain-1", "(12+7)*3-5", "52", ("12+7=19", "19*3=57", "57-5=52"), "generated", "chain")
EXPANSION = Problem("expand-1", "(x+3)*(x-4)", "x^2-x-12", ("x*x-4*x+3*x-12",), "generated", "expansion")


def sample_verdict(right: bool, text: str, answer: str) -> Verdict:
    """A verdict on `text`, whose answer is the last place where `answer` stands, and whose lines are its steps."""
    start = text.rindex(answer)
    steps = []
    for index, line in enumerate(text.split("\n")[:-1]):
        at = text.index(line)
        matched = index if right or index == 0 else None
        credit = 1 / 3 if matched is not None else 0.0
        status: StepStatus = "matched" if matched is not None else "wrong"
        steps.append(StepCredit(index, line, (at, at + len(line)), matched, status, credit))
    return Verdict(
        outcome="correct" if right else "wrong",
        extracted=answer,
        span=(start, start + len(answer)),
        rule="boxed",
        check="rational",
        reason="EQUAL" if right else "DIFFERENT",
        message=f"The boxed answer {answer} {'equals' if right else 'is not'} the gold answer 52.",
        seconds=0.0001,
        steps=tuple(steps),
        answer_parsed=answer,
        gold_parsed="52",
    )


def sample_group(number: int, step: int, rights: list[bool], problem: Problem = CHAIN, split: str = "train") -> Group:
    """A group whose completions are right or wrong as told; the second is hostile in a mixed group."""
    rewards = [1.0 if right else 0.0 for right in rights]
    advantages = grpo_advantages(rewards)
    completions = []
    for index, right in enumerate(rights):
        text = "12+7=19\n19*3=57\n57-5=52\n\\boxed{52}" if right else "12+7=19\n7*3=21\n12+21-5=28\n\\boxed{28}"
        if index == 1 and len(set(rights)) > 1:
            text = HOSTILE + "\n" + text
        completions.append(
            Completion(
                index=index,
                text=text,
                token_count=len(text),
                finish_reason="stop" if index % 5 else "length",
                verdict=sample_verdict(right, text, "52" if right else "28"),
                rewards={"correct": rewards[index], "partial": 1.0 if right else 1 / 3},
                reward=rewards[index],
                advantage=advantages[index],
                mean_logprob=-0.1 * (index + 1),
                entropy=0.2 * (index + 1),
            )
        )
    return Group(number, step, split, problem, tuple(completions))  # type: ignore[arg-type]


def write_sample_run(runs_dir: Path, steps: int = 12, name: str = "sample") -> RunFolder:
    """A run of `steps` steps with two groups each (mixed and all wrong, later all correct), evaluations every 4."""
    folder = create_run(runs_dir, RunConfig(name=name, max_steps=steps, num_generations=4, prompts_per_step=2))
    writer = folder.writer()
    writer.set_facts(
        {"backend": "trl", "model": "embedded", "objective": "grpo", "max_steps": steps, "trainer_class": "GRPOTrainer"}
    )
    for step in range(1, steps + 1):
        write_sample_step(writer, step, steps)
    writer.close()
    return folder


def write_sample_step(writer: RunWriter, step: int, steps: int) -> None:
    number, better = writer.next_group_id(), step > steps // 2
    groups = [
        sample_group(number, step, [True, False, better, True]),
        sample_group(number + 1, step, [better] * 4, EXPANSION),
    ]
    writer.add_groups(groups)
    writer.add_metrics(
        step,
        {
            "reward": step / steps,
            "reward_std": 0.4,
            "frac_reward_zero_std": 0.5,
            "entropy": 1.0 / step,
            "grad_norm": 0.3,
            "completions/mean_length": 20.0,
            "completions/max_length": 30.0,
            "completions/clipped_ratio": 0.0,
            "step_time": 0.8,
            "loss": 0.0,
        },
    )
    if step % 4 == 0:
        rate = step / steps
        writer.add_evaluation(Evaluation(step, 64, 4, rate, rate * 0.9, (rate * 0.8, rate), rate, rate))
    writer.set_facts({"step": step, "phase": "update"})


def write_sample_live(folder: RunFolder, step: int = 13) -> LiveFeedWriter:
    """A generation in progress: two problems, four streams each; returns the writer to add more."""
    feed = LiveFeedWriter(folder.path)
    feed.begin(step, "train", [CHAIN, EXPANSION], 4)
    feed.add({0: "12+7=19\n", 1: HOSTILE, 5: "x*x-4*x"}, ended=[1])
    return feed
