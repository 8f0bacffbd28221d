"""What a run's settings make it do that their names do not say: sentences for both screens and for the form."""

from __future__ import annotations

from collections.abc import Iterator

from grpo_core.config import RunConfig
from grpo_core.objective import MOST_IMPORTANCE


def approximations(config: RunConfig) -> Iterator[str]:
    """Where an objective or the sampling is not, to the letter, what its paper or its name says."""
    if config.objective == "dapo":
        yield (
            "dapo: groups without a signal are left out of the loss and of its token count; nothing is sampled in "
            "their place, so a step may be of fewer groups."
        )
    if config.objective in ("gspo", "cispo") and config.num_iterations == 1:
        yield (
            f"{config.objective}: with one update a generation (num_iterations) every ratio is 1, so its clipping does "
            f"nothing; only the way it averages is left."
        )
    if config.temperature_ladder:
        yield from _of_the_ladder(config)
    if config.use_vllm:
        yield "vLLM samples: a completion is seen live once it is finished, not token by token."
    changed = _changed_sampling(config)
    if changed:
        yield (
            f"Completions are sampled with {', '.join(changed)}, which the loss's log-probabilities leave out, as "
            f"TRL's do: the update is not quite that of the policy that sampled."
        )


def _of_the_ladder(config: RunConfig) -> Iterator[str]:
    low, high = config.member_temperatures[0], config.member_temperatures[-1]
    span = f"A group's completions are sampled at temperatures from {low:g} to {high:g}"
    if config.objective == "dpo":
        yield (
            f"{span}; a preference holds whoever sampled the pair, so dpo takes no importance weights. Of equal "
            f"completions it takes the coldest."
        )
    else:
        yield (
            f"{span}; each advantage is multiplied by its importance weight, the completion's probability at "
            f"temperature {config.temperature:g} over that at its own, cut at {MOST_IMPORTANCE:g}: exact below, biased "
            f"where it is cut."
        )


def _changed_sampling(config: RunConfig) -> list[str]:
    return [
        *([f"top_p {config.top_p:g}"] if config.top_p < 1 else []),
        *([f"top_k {config.top_k}"] if config.top_k else []),
        *([f"min_p {config.min_p:g}"] if config.min_p else []),
        *([f"repetition_penalty {config.repetition_penalty:g}"] if config.repetition_penalty != 1 else []),
    ]
