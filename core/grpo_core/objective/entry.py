"""One entry for every objective: a group's rewards and the run's settings → what entered the loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from grpo_core.objective.group import Reward, grpo_advantages, rloo_advantages
from grpo_core.objective.mixedness import adaptive_temperature
from grpo_core.objective.pair import dpo_weights
from grpo_core.objective.rank import rank_weights

MOST_IMPORTANCE = 5.0
"""Above this an importance weight is cut: one lucky completion must not be the whole step."""


class ObjectiveSettings(Protocol):
    """What of a run's configuration decides advantages; a `RunConfig` has it all."""

    @property
    def objective(self) -> str: ...
    @property
    def scale_rewards(self) -> str: ...
    @property
    def rank_weights(self) -> Literal["linear", "exponential", "adaptive"]: ...
    @property
    def rank_centred(self) -> bool: ...
    @property
    def rank_temperature(self) -> float: ...
    @property
    def dpo_beta(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Beyond:
    """What some objectives need beyond the group's own rewards; None where it is not known.

    `batch_std`: of all rewards of the step, for `scale_rewards="batch"`. `mixedness`: the state of adaptive rank
    weights at that step (the metric `rank/mixedness`). `log_ratios`: log π − log π_ref of each completion (nats), for
    `dpo`.
    """

    batch_std: float | None = None
    mixedness: float | None = None
    log_ratios: Sequence[float] | None = None


def advantages(settings: ObjectiveSettings, rewards: Sequence[Reward], beyond: Beyond = Beyond()) -> list[float] | None:
    """What each completion of a group weighs in the update, one number for each reward.

    None where that cannot be told from what is given: see `Beyond` and the `needs` of `OBJECTIVES`. With a temperature
    ladder the trainer multiplies these by each completion's importance weight.
    """
    name = settings.objective
    if name == "dr_grpo":
        return grpo_advantages(rewards, scale=False)
    if name == "rloo":
        return rloo_advantages(rewards)
    if name == "rank":
        return _rank(settings, rewards, beyond.mixedness)
    if name == "dpo":
        return None if beyond.log_ratios is None else dpo_weights(rewards, beyond.log_ratios, settings.dpo_beta)
    if settings.scale_rewards == "batch":
        return None if beyond.batch_std is None else grpo_advantages(rewards, std=beyond.batch_std)
    return grpo_advantages(rewards, scale=settings.scale_rewards == "group")


def _rank(settings: ObjectiveSettings, rewards: Sequence[Reward], state: float | None) -> list[float] | None:
    temperature, form = settings.rank_temperature, settings.rank_weights
    if form == "adaptive":
        if state is None:
            return None
        count = sum(reward is not None for reward in rewards)
        form, temperature = "exponential", adaptive_temperature(state, count, temperature)
    return rank_weights(rewards, form, centred=settings.rank_centred, temperature=temperature)


def truncated_importance(log_ratio: float) -> float:
    """π(y)/q(y) of a completion that q sampled, from its logarithm (nats), cut at `MOST_IMPORTANCE` (Ionides 2008)."""
    return math.exp(min(log_ratio, math.log(MOST_IMPORTANCE)))
