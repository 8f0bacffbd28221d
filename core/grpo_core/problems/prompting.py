"""What a policy is shown of a problem: a system prompt, worked examples, and the problem in a template. Pure.

A conversation where the tokenizer has a chat template, plain text where it has none.
"""

from __future__ import annotations

from dataclasses import dataclass

from grpo_core.problems.base import ProblemSet
from grpo_core.problems.split import same_question
from grpo_core.types import Problem

PLACE = "{problem}"
"""Where the problem stands in a template."""
Message = dict[str, str]
_APART = 7_919


@dataclass(frozen=True, slots=True)
class Prompting:
    """`count` of `examples` are shown before a problem, never the problem itself: there is one more than needed."""

    system_prompt: str = ""
    template: str = PLACE
    examples: tuple[Problem, ...] = ()
    count: int = 0

    def messages(self, problem: Problem) -> list[Message]:
        """The conversation up to the problem; each example is a question and its answer."""
        messages = [_message("system", self.system_prompt)] if self.system_prompt else []
        for example in self.shown(problem):
            messages += [_message("user", self.question(example)), _message("assistant", demonstration(example))]
        return [*messages, _message("user", self.question(problem))]

    def text(self, problem: Problem) -> str:
        """The same as text, its parts set apart by an empty line."""
        worked = [f"{self.question(example)}\n{demonstration(example)}" for example in self.shown(problem)]
        return "\n\n".join([*filter(None, [self.system_prompt]), *worked, self.question(problem)]) + "\n"

    def question(self, problem: Problem) -> str:
        return self.template.replace(PLACE, problem.prompt)

    def shown(self, problem: Problem) -> tuple[Problem, ...]:
        """The examples that this problem gets."""
        others = (example for example in self.examples if not same_question(example.prompt, problem.prompt))
        return tuple(others)[: self.count]


PLAIN = Prompting()
"""The problem and nothing else."""


def demonstration(problem: Problem) -> str:
    """A worked answer: the reference steps, a line each, then the gold in a box."""
    return "\n".join([*problem.steps, f"\\boxed{{{problem.gold}}}"])


def choose_examples(problems: ProblemSet, count: int, seed: int) -> tuple[Problem, ...]:
    """`count` training problems and one to spare, the same for the same seed; never a held-out one, and not those
    that training of this seed begins with."""
    if not count:
        return ()
    drawn = problems.train_problems(4 * (count + 1), seed + _APART)
    distinct = list({problem.prompt: problem for problem in drawn}.values())
    return tuple(distinct[: count + 1])


def _message(role: str, content: str) -> Message:
    return {"role": role, "content": content}
