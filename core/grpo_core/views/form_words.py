"""The words of the form for a new run: its groups, what each setting is called, what each of its choices means."""

from __future__ import annotations

GROUPS: dict[str, tuple[str, ...]] = {
    "The run": ("name", "model", "problems", "objective", "num_generations", "max_completion_length", "max_steps"),
    "Prompt": ("eval_dataset", "system_prompt", "prompt_template", "num_few_shot"),
    "Rewards": ("rewards", "partial_alpha", "partial_alignment", "format_template", "soft_punish_cache"),
    "Objective": (
        "rank_weights",
        "rank_centred",
        "rank_temperature",
        "dpo_beta",
        "loss_type",
        "scale_rewards",
        "beta",
        "num_iterations",
        "epsilon",
        "epsilon_high",
    ),
    "Sampling": (
        "prompts_per_step",
        "temperature",
        "temperature_ladder",
        "top_p",
        "top_k",
        "min_p",
        "repetition_penalty",
    ),
    "Optimizer": (
        "optim",
        "learning_rate",
        "lr_scheduler_type",
        "warmup_steps",
        "adam_beta1",
        "adam_beta2",
        "weight_decay",
        "max_grad_norm",
    ),
    "Adapter": ("lora_r", "lora_alpha", "lora_target_modules", "lora_dropout", "use_rslora", "load_in_4bit"),
    "Evaluation & checkpoints": (
        "eval_steps",
        "eval_problems",
        "eval_generations",
        "save_steps",
        "save_total_limit",
        "checkpoint_mirror",
    ),
    "Machine": (
        "backend",
        "per_device_train_batch_size",
        "unsloth_grpo_mini_batch",
        "use_vllm",
        "vllm_gpu_memory_utilization",
        "vllm_enable_sleep_mode",
        "threads",
        "seed",
    ),
}

OPEN = frozenset({"The run"})
"""The groups that a newcomer needs; the others are folded until somebody opens them, or something in one is wrong."""

LABELS: dict[str, str] = {
    "name": "Name",
    "model": "Model",
    "backend": "Backend",
    "problems": "Problems",
    "eval_dataset": "Evaluate on",
    "system_prompt": "System prompt",
    "prompt_template": "Prompt template",
    "num_few_shot": "Worked examples",
    "rewards": "Rewards and weights",
    "partial_alpha": "Credit of a wrong answer (α)",
    "partial_alignment": "Steps are compared",
    "format_template": "Format",
    "soft_punish_cache": "Tokens of the length penalty",
    "objective": "Objective",
    "rank_weights": "Weights by rank",
    "rank_centred": "Centred weights",
    "rank_temperature": "Rank temperature",
    "dpo_beta": "DPO's β",
    "loss_type": "Loss",
    "scale_rewards": "Scale advantages by",
    "beta": "KL to the base (β)",
    "num_iterations": "Updates a generation (μ)",
    "epsilon": "Clip below (ε)",
    "epsilon_high": "Clip above (ε high)",
    "num_generations": "Completions a problem (k)",
    "prompts_per_step": "Problems a step",
    "temperature": "Temperature",
    "temperature_ladder": "Temperature ladder (±)",
    "top_p": "Top-p",
    "top_k": "Top-k",
    "min_p": "Min-p",
    "repetition_penalty": "Repetition penalty",
    "max_completion_length": "Longest completion",
    "max_steps": "Steps",
    "optim": "Kind of AdamW",
    "learning_rate": "Learning rate",
    "lr_scheduler_type": "Schedule",
    "warmup_steps": "Warm-up steps",
    "adam_beta1": "Adam β₁",
    "adam_beta2": "Adam β₂",
    "weight_decay": "Weight decay",
    "max_grad_norm": "Largest gradient norm",
    "lora_r": "LoRA rank",
    "lora_alpha": "LoRA scale (α)",
    "lora_target_modules": "Layers with an adapter",
    "lora_dropout": "LoRA dropout",
    "use_rslora": "rsLoRA",
    "load_in_4bit": "Frozen weights in 4 bits",
    "eval_steps": "Evaluate every",
    "eval_problems": "Held-out problems",
    "eval_generations": "Samples a held-out problem",
    "save_steps": "Checkpoint every",
    "save_total_limit": "Checkpoints kept",
    "checkpoint_mirror": "Copy checkpoints to",
    "per_device_train_batch_size": "Completions a forward pass",
    "unsloth_grpo_mini_batch": "Completions in Unsloth's loss",
    "use_vllm": "Sample with vLLM",
    "vllm_gpu_memory_utilization": "vLLM's share of the GPU",
    "vllm_enable_sleep_mode": "vLLM sleeps during updates",
    "threads": "CPU threads",
    "seed": "Seed",
}


def label_of(name: str) -> str:
    """A setting that has no words yet is called by its name."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def grouped(names: list[str]) -> dict[str, list[str]]:
    """Every setting once, in its group; what belongs to none goes under Machine, so that none is ever missing."""
    known = {name for members in GROUPS.values() for name in members}
    found = {group: [name for name in members if name in names] for group, members in GROUPS.items()}
    found["Machine"] += [name for name in names if name not in known]
    return found
