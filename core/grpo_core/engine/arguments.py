"""RunConfig → TRL's GRPOConfig: every value that decides the training is set, since defaults differ by backend."""

from __future__ import annotations

from pathlib import Path

import torch
from peft import LoraConfig
from trl import GRPOConfig

from grpo_core.config import RunConfig


def grpo_arguments(config: RunConfig, output_dir: Path) -> GRPOConfig:
    """One generation for each optimizer step, so that every update is on-policy and every boundary can be resumed."""
    on_gpu = torch.cuda.is_available()
    accumulation = config.generation_batch_size // config.micro_batch_size
    return GRPOConfig(
        output_dir=str(output_dir),
        per_device_train_batch_size=config.micro_batch_size,
        gradient_accumulation_steps=accumulation,
        steps_per_generation=accumulation,
        num_iterations=1,
        num_generations=config.num_generations,
        max_steps=config.max_steps,
        max_completion_length=config.max_completion_length,
        learning_rate=config.learning_rate,
        lr_scheduler_type=config.lr_scheduler_type,
        warmup_steps=config.warmup_steps,
        optim="adamw_torch",
        adam_beta1=config.adam_beta1,
        adam_beta2=config.adam_beta2,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        beta=config.beta,
        # The rank objective is a plain sum over tokens, which dr_grpo divides by a constant (see `objectives`).
        loss_type="dr_grpo" if config.objective == "rank" else config.loss_type,
        scale_rewards=config.scale_rewards,
        mask_truncated_completions=False,
        temperature=config.temperature,
        top_p=config.top_p,
        top_k=0,
        use_vllm=False,
        use_cpu=not on_gpu,
        bf16=on_gpu,
        fp16=False,
        gradient_checkpointing=on_gpu,
        reward_weights=list(config.rewards.values()),
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


def lora_arguments(config: RunConfig) -> LoraConfig | None:
    """The adapter, or None to train all weights."""
    if config.lora_r == 0:
        return None
    return LoraConfig(
        r=config.lora_r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        use_rslora=config.use_rslora,
        target_modules=config.lora_target_modules,
        task_type="CAUSAL_LM",
    )
