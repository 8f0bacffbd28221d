"""A group's advantages under every form of objective, recomputed from its stored rewards: what each would have pushed.

The arithmetic is `grpo_core.objective`'s, the one that training uses; nothing is computed here but sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grpo_core.config import RunConfig
from grpo_core.errors import BadReferenceError
from grpo_core.objective import OBJECTIVES, Beyond, Reward, advantages, mixedness_of_groups, reward_std
from grpo_core.runs import RunFolder
from grpo_core.store import GroupFilter, RunReader
from grpo_core.types import Group, Json

STILL = 1e-9
"""A number closer to 0 than this moves nothing."""
_GROUP_MEAN = frozenset({"grpo", "dapo", "gspo", "cispo"})
"""Objectives of one advantage; they differ in their losses."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way to make advantages of rewards; has all that `grpo_core.objective` asks of settings."""

    id: str
    label: str
    equation: str
    meaning: str
    objective: str
    scale_rewards: str = "group"
    rank_weights: Literal["linear", "exponential", "adaptive"] = "linear"
    rank_centred: bool = True
    rank_temperature: float = 1.0
    dpo_beta: float = 0.1


def forms_of(config: RunConfig) -> list[Form]:
    """All forms; those by rank with the run's own temperature."""
    temperature = config.rank_temperature
    by_rank = "The best completions push up whatever the rewards' sizes; only their order counts."
    return [
        Form("grpo", "GRPO", "(rᵢ − mean) / (std + 10⁻⁴)", "Every group with a signal pushes about equally.", "grpo"),
        Form("dr_grpo", "Dr. GRPO", "rᵢ − mean", "Groups that disagree more push more: nothing is divided.", "dr_grpo"),
        Form(
            "batch", "batch-scaled", "(rᵢ − mean) / (the step's std + 10⁻⁴)", "TRL's scale_rewards=batch.",
            "grpo", "batch",
        ),
        Form("rloo", "RLOO", "rᵢ − mean of the others", "Dr. GRPO's times k/(k − 1).", "rloo"),
        Form("rank_linear", "rank, linear", "(n − place + 1) / Σ − 1/n", by_rank, "rank"),
        Form(
            "rank_exponential", "rank, exponential", f"exp(−(place − 1) / {temperature:g}) / Σ − 1/n",
            by_rank, "rank", rank_weights="exponential", rank_temperature=temperature,
        ),
        Form(
            "rank_adaptive", "rank, adaptive", "exp(−(place − 1) / τ) / Σ − 1/n",
            f"{by_rank} τ follows how mixed the step's groups are, here as if the run had begun at this step.",
            "rank", rank_weights="adaptive", rank_temperature=temperature,
        ),
        Form(
            "rank_plain", "rank, not centred", "(n − place + 1) / Σ",
            "Linear weights that sum to 1: nothing is pushed down.", "rank", rank_centred=False,
        ),
    ]  # fmt: skip


def objectives_of_group(reader: RunReader, folder: RunFolder, group_id: int) -> Json:
    """The table of `compared_objectives` for a stored group. Raises BadReferenceError if there is none."""
    group = reader.group(group_id)
    if group is None:
        raise BadReferenceError(f"There is no group {group_id} in {folder.id}.")
    used = reader.count_groups(GroupFilter(split="train", signal="mixed"))
    groups = reader.count_groups(GroupFilter(split="train"))
    # A run whose trainer is somebody's own script has no configuration.
    config = folder.config() if folder.config_file.is_file() else None
    return compared_objectives(group, _step_rewards(reader, group), config, used, groups)


def _step_rewards(reader: RunReader, group: Group) -> list[tuple[Reward, ...]]:
    """Of the groups that were sampled together with this one."""
    rows = reader.group_rows_of_step(group.step)
    alike = (group.split, group.decoding, group.superseded)
    return [row.rewards for row in rows if (row.split, row.decoding, row.superseded) == alike]


def compared_objectives(
    group: Group,
    step_rewards: Sequence[Sequence[Reward]],
    config: RunConfig | None,
    used: int | None,
    groups: int | None,
) -> Json:
    """A table: for each form what every completion would have weighed.

    `step_rewards`: the rewards of all groups of the step, for what needs the batch. `used` of `groups` groups of the
    run have a signal, which is what every form can use: rewards that are all equal weigh 0 in each.
    """
    rewards = [completion.reward for completion in group.completions]
    stored = [
        completion.advantage if completion.weight is None else completion.weight for completion in group.completions
    ]
    beyond = Beyond(
        batch_std=reward_std([reward for each in step_rewards for reward in each]),
        mixedness=mixedness_of_groups(step_rewards),
    )
    forms = [_form_json(form, rewards, step_rewards, beyond) for form in forms_of(config or RunConfig())]
    return {
        "forms": [{**form, "own": form["id"] == _own_form(config), **_distance(form, stored)} for form in forms],
        "completions": [
            {
                "index": completion.index,
                "reward": completion.reward,
                "outcome": completion.verdict.outcome if completion.verdict else None,
                "stored": value,
            }
            for completion, value in zip(group.completions, stored, strict=True)
        ],
        "objective": config.objective if config else None,
        "source": OBJECTIVES[config.objective].source if config and config.objective in OBJECTIVES else None,
        "step_groups": len(step_rewards),
        "used": used,
        "groups": groups,
    }


def _form_json(form: Form, rewards: list[Reward], step_rewards: Sequence[Sequence[Reward]], beyond: Beyond) -> Json:
    values = advantages(form, rewards, beyond)
    about = {"id": form.id, "label": form.label, "equation": form.equation, "meaning": form.meaning}
    if values is None:
        return {**about, "values": None, "up": None, "down": None, "push": None, "share": None}
    push = sum(map(abs, values))
    step = sum(sum(map(abs, advantages(form, each, beyond) or ())) for each in step_rewards)
    return {
        **about,
        "values": values,
        "up": sum(value > STILL for value in values),
        "down": sum(value < -STILL for value in values),
        "push": push,
        "share": push / step if step > STILL else None,
    }


def _own_form(config: RunConfig | None) -> str | None:
    """Which form the run itself trains with; None where none of them is it."""
    if config is None:
        return None
    if config.objective == "rank":
        own = f"rank_{config.rank_weights}"
        return own if config.rank_centred else {"rank_linear": "rank_plain"}.get(own)
    if config.objective in _GROUP_MEAN:
        return {"group": "grpo", "batch": "batch", "none": "dr_grpo"}[config.scale_rewards]
    return config.objective


def _distance(form: Json, stored: list[float | None]) -> Json:
    """How far the recomputed numbers are from those that entered the loss; None where either is not known."""
    if form["values"] is None or any(value is None for value in stored):
        return {"distance": None}
    return {"distance": max((abs(a - (b or 0.0)) for a, b in zip(form["values"], stored, strict=True)), default=None)}
