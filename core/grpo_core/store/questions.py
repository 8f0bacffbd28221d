"""What is asked in the playground: which weights, which prompt, how it is sampled, and what would be right."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from grpo_core.types import Json, Problem

MOST_SAMPLES = 64


@dataclass(frozen=True, slots=True)
class Subject:
    """The weights that are questioned. `path` is a checkpoint's or a model's folder, a hub name or `embedded`.

    `run`, `run_name` and `step` say where they come from: None for a model that belongs to no run, step 0 for a
    run's base. `adapter`: a LoRA checkpoint, loaded on its base.
    """

    label: str
    path: str
    run: str | None = None
    run_name: str | None = None
    step: int | None = None
    adapter: bool = False

    def to_json(self) -> Json:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Json) -> Subject:
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a question stands among those asked together, side by side: `comparison` is a token they share."""

    comparison: str
    side: int


@dataclass(frozen=True, slots=True)
class Question:
    """`temperature` 0 is greedy, which gives one completion whatever `k` is. Without a `gold` nothing is judged;
    `steps` are the lines of a reference derivation. The same seed on the same weights gives the same completions.

    The model is shown the system prompt, then each of `examples` with its answer, then the prompt, in the place of
    `{problem}` in the template: as the run that its weights are of asks."""

    subject: Subject
    prompt: str
    system_prompt: str = ""
    gold: str = ""
    steps: tuple[str, ...] = ()
    k: int = 4
    temperature: float = 1.0
    top_p: float = 1.0
    max_completion_length: int = 48
    seed: int = 0
    prompt_template: str = "{problem}"
    examples: tuple[Problem, ...] = ()

    @property
    def samples(self) -> int:
        """Completions that it gets."""
        return 1 if self.temperature == 0 else self.k

    def to_json(self) -> Json:
        examples = [example.to_json() for example in self.examples]
        return {**asdict(self), "steps": list(self.steps), "examples": examples}

    @classmethod
    def from_json(cls, data: Json) -> Question:
        examples = tuple(_problem(example) for example in data.get("examples", ()))
        subject, steps = Subject.from_json(data["subject"]), tuple(data["steps"])
        return cls(**{**data, "subject": subject, "steps": steps, "examples": examples})


def _problem(data: dict[str, Any]) -> Problem:
    return Problem(**{**data, "steps": tuple(data["steps"])})


def question_errors(question: Question) -> dict[str, str]:
    """What cannot be asked so: a sentence for each wrong field; empty if all is well."""
    limits = {
        "prompt": (bool(question.prompt.strip()), "Type a question."),
        "k": (1 <= question.k <= MOST_SAMPLES, f"Ask for 1 to {MOST_SAMPLES} completions."),
        "temperature": (0 <= question.temperature <= 10, "The temperature is from 0 (greedy) to 10."),
        "top_p": (0 < question.top_p <= 1, "top_p is above 0 and at most 1."),
        "max_completion_length": (question.max_completion_length >= 1, "A completion has at least one token."),
        "seed": (0 <= question.seed < 2**63, "The seed is a whole number from 0 on."),
    }
    return {field: sentence for field, (fine, sentence) in limits.items() if not fine}
