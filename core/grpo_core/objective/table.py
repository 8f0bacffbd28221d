"""The objectives there are: what each computes, by whom, and what it needs to know.

Symbols: a group has k completions yᵢ of tokens yᵢₜ with rewards rᵢ; ρ is π/π_old, by token (ρᵢₜ) or the geometric
mean over a completion (sᵢ); ⟨·⟩ is the mean over groups. On-policy (`num_iterations` 1) every ρ is 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Scope = Literal["group", "batch", "state", "policy"]


@dataclass(frozen=True, slots=True)
class ObjectiveInfo:
    """`advantage` is the equation of the number that is stored, `loss` what it enters. `scope`: what decides it besides
    the settings: the `group`'s rewards alone; with some settings the step's `batch` or a `state` of the run; the
    `policy`'s log-probabilities. `weighs`: the number is a weight wᵢ of log π(yᵢ), not an advantage. `clips`: the loss
    has a clipped ratio, so one generation can serve several updates."""

    name: str
    advantage: str
    loss: str
    source: str
    scope: Scope = "batch"
    needs: str = "nothing but the group's rewards, unless scale_rewards is batch"
    weighs: bool = False
    clips: bool = True


_GROUP = "Aᵢ = (rᵢ − mean) / (std + 10⁻⁴)"
_ALONE = "nothing but the group's rewards"
_CLIPPED = "min(ρᵢₜ Aᵢ, clip(ρᵢₜ, 1 − ε, 1 + ε) Aᵢ)"
_FOUND: tuple[ObjectiveInfo, ...] = (
    ObjectiveInfo("grpo", _GROUP, f"−Σᵢₜ {_CLIPPED}, averaged as loss_type says", "Shao et al. 2024, arXiv:2402.03300"),
    ObjectiveInfo(
        "dr_grpo",
        "Aᵢ = rᵢ − mean",
        f"−⟨(1/k) Σᵢₜ {_CLIPPED}⟩ / max_completion_length",
        "Liu et al. 2025, arXiv:2503.20783",
        "group",
        _ALONE,
    ),
    ObjectiveInfo(
        "dapo",
        _GROUP,
        "−Σᵢₜ min(ρᵢₜ Aᵢ, clip(ρᵢₜ, 1 − ε, 1 + ε_high) Aᵢ) / tokens, both over the groups with a signal only",
        "Yu et al. 2025, arXiv:2503.14476",
    ),
    ObjectiveInfo(
        "gspo",
        _GROUP,
        "−⟨(1/k) Σᵢ min(sᵢ Aᵢ, clip(sᵢ, 1 − ε, 1 + ε_high) Aᵢ)⟩, sᵢ = (π(yᵢ)/π_old(yᵢ))^(1/|yᵢ|)",
        "Zheng et al. 2025, arXiv:2507.18071",
    ),
    ObjectiveInfo(
        "cispo",
        _GROUP,
        "−Σᵢₜ sg(min(ρᵢₜ, ε_high)) Aᵢ log π(yᵢₜ) / tokens",
        "MiniMax 2025, arXiv:2506.13585",
    ),
    ObjectiveInfo(
        "rloo",
        "Aᵢ = rᵢ − mean of the others",
        "−⟨(1/k) Σᵢ Aᵢ log π(yᵢ)⟩",
        "Ahmadian et al. 2024, arXiv:2402.14740",
        "group",
        _ALONE,
        clips=False,
    ),
    ObjectiveInfo(
        "rank",
        "wᵢ by the rank of rᵢ: linear, exponential, or exponential with an adaptive temperature; Σ wᵢ is 1, centred 0",
        "−⟨Σᵢ wᵢ log π(yᵢ)⟩",
        "rank-weighted likelihood; the adaptive rule is `grpo_core.objective.mixedness`",
        "state",
        "nothing but the group's rewards, unless the weights are adaptive: then the run's state at that step",
        weighs=True,
        clips=False,
    ),
    ObjectiveInfo(
        "dpo",
        "w = ±β σ(−β · margin) for the best and the worst of the group, 0 for the others",
        "−⟨log σ(β · margin)⟩, margin = log π(y⁺)/π_ref(y⁺) − log π(y⁻)/π_ref(y⁻)",
        "Rafailov et al. 2023, arXiv:2305.18290",
        "policy",
        "the log-probabilities of policy and reference",
        clips=False,
    ),
)
OBJECTIVES: Mapping[str, ObjectiveInfo] = {info.name: info for info in _FOUND}
"""By name, as `RunConfig.objective` has it."""
