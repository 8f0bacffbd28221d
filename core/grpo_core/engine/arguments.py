"""RunConfig → TRL's GRPOConfig. Every value is set, TRL's own defaults too: another backend's defaults are others."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from peft import LoraConfig
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D
from trl import GRPOConfig

from grpo_core.config import RunConfig
from grpo_core.errors import ConfigError

_ADAPTABLE = (torch.nn.Linear, torch.nn.Embedding, Conv1D)


@dataclass(frozen=True, slots=True)
class Loss:
    """TRL's names for an objective's loss, with the clipping range of its paper. `of_sums`: log π(y) is the plain sum
    over tokens, which `objectives` makes of the `dr_grpo` loss."""

    loss_type: str
    epsilon: float = 0.2
    epsilon_high: float | None = None
    level: Literal["token", "sequence"] = "token"
    of_sums: bool = False


LOSSES: Mapping[str, Loss] = {
    "dr_grpo": Loss("dr_grpo"),
    "dapo": Loss("dapo", epsilon_high=0.28),
    "gspo": Loss("grpo", epsilon=3e-4, epsilon_high=4e-4, level="sequence"),
    # A cap of the ratio itself, not of its distance to 1: below 1 it would only make every gradient smaller.
    "cispo": Loss("cispo", epsilon_high=5.0),
    "rloo": Loss("dr_grpo", of_sums=True),
    "rank": Loss("dr_grpo", of_sums=True),
    "dpo": Loss("dr_grpo", of_sums=True),
}


def loss_of(config: RunConfig) -> Loss:
    return Loss(config.loss_type) if config.objective == "grpo" else LOSSES[config.objective]


def kl_in_loss(config: RunConfig) -> float:
    """What TRL's loss multiplies the KL by. The loss of `rank` is a sum over a group's completions, whose KL is still
    their mean."""
    return config.beta / config.num_generations if config.objective == "rank" else config.beta


def asked_beta(config: RunConfig) -> float:
    """The `beta` that TRL begins with: above 0 it loads the reference, which `dpo` needs without a KL in its loss."""
    return config.dpo_beta if config.objective == "dpo" else kl_in_loss(config)


def grpo_arguments(config: RunConfig, output_dir: Path, own: Mapping[str, Any] | None = None) -> GRPOConfig:
    """All arguments of the trainer; `own` are the backend's.

    A generation's every update is on a whole generation, so that a boundary between two can be resumed exactly.
    """
    return GRPOConfig(**{**stock_defaults(), **_ours(config, output_dir), **(own or {})})


def stock_defaults() -> dict[str, Any]:
    """TRL's own default of every argument, whatever a backend made of its GRPOConfig."""
    # Unsloth's goes by the name and module of TRL's, from which it descends.
    *_, stock = (each for each in GRPOConfig.__mro__ if each.__module__ == "trl.trainer.grpo_config")
    fields = [field for field in dataclasses.fields(stock) if field.init]
    plain = {field.name: field.default for field in fields if field.default is not MISSING}
    made = {field.name: field.default_factory() for field in fields if field.default_factory is not MISSING}
    return {**plain, **made}


def _ours(config: RunConfig, output_dir: Path) -> dict[str, Any]:
    on_gpu = torch.cuda.is_available()
    accumulation = config.generation_batch_size // config.micro_batch_size
    loss = loss_of(config)
    return dict(
        output_dir=str(output_dir),
        per_device_train_batch_size=config.micro_batch_size,
        gradient_accumulation_steps=accumulation,
        steps_per_generation=accumulation,
        num_iterations=config.num_iterations,
        num_generations=config.num_generations,
        max_steps=config.max_steps,
        max_completion_length=config.max_completion_length,
        learning_rate=config.learning_rate,
        lr_scheduler_type=config.lr_scheduler_type,
        warmup_steps=config.warmup_steps,
        optim=config.optim,
        adam_beta1=config.adam_beta1,
        adam_beta2=config.adam_beta2,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        beta=asked_beta(config),
        # Makes the gradient of TRL's KL estimate that of the reverse KL, also on-policy.
        use_bias_correction_kl=True,
        loss_type=loss.loss_type,
        importance_sampling_level=loss.level,
        epsilon=config.epsilon or loss.epsilon,
        # Said even where it equals epsilon: left out, Unsloth makes it 0.28.
        epsilon_high=config.epsilon_high or loss.epsilon_high or config.epsilon or loss.epsilon,
        scale_rewards=config.scale_rewards,
        mask_truncated_completions=False,
        temperature=config.temperature,
        top_p=config.top_p,
        top_k=config.top_k,
        min_p=config.min_p,
        repetition_penalty=config.repetition_penalty,
        use_cpu=not on_gpu,
        bf16=on_gpu,
        fp16=False,
        gradient_checkpointing=on_gpu,
        reward_weights=list(config.recorded_rewards.values()),
        shuffle_dataset=False,
        remove_unused_columns=False,
        seed=config.seed,
        data_seed=config.seed,
        logging_strategy="steps",
        logging_steps=1,
        logging_first_step=True,
        log_completions=False,
        eval_strategy="no",
        # Our own callback decides when to save, and rotates once a checkpoint is whole.
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_num_workers=0,
    )


def lora_arguments(config: RunConfig, model: PreTrainedModel) -> LoraConfig | None:
    """The adapter, or None to train all weights; raises ConfigError for a layer that the model has not."""
    if config.lora_r == 0:
        return None
    if config.lora_target_modules != "all-linear":
        _refuse_unknown_layers(config.lora_target_modules, model)
    return LoraConfig(
        r=config.lora_r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        use_rslora=config.use_rslora,
        target_modules=config.lora_target_modules,
        task_type="CAUSAL_LM",
    )


def _refuse_unknown_layers(wanted: Sequence[str], model: PreTrainedModel) -> None:
    """PEFT leaves out a name that is not there, and complains of one that is no such layer, only where all are."""
    layers = [name for name, module in model.named_modules() if isinstance(module, _ADAPTABLE)]
    unknown = [name for name in wanted if not any(layer == name or layer.endswith(f".{name}") for layer in layers)]
    if unknown:
        known = sorted({layer.rpartition(".")[2] for layer in layers})
        raise ConfigError(
            f"lora_target_modules: the model has no layer {unknown[0]!r} that could have an adapter; there are: "
            f"{', '.join(known)}."
        )
