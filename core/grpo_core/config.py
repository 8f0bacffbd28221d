"""What a run is asked to do: one model whose fields make the flags, the forms and the README's table.

Names are TRL's wherever TRL has one. Leaves to `engine` how a setting reaches the trainer.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grpo_core.config_words import unknown_setting, what_is_wrong
from grpo_core.errors import ConfigError
from grpo_core.paths import assets_dir
from grpo_core.template import template_error

EMBEDDED_MODEL = "embedded"
"""The name of the very small language model that ships with the project."""
EMBEDDED_FOLDER = "habits-0.4m"
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")

Objective = Literal["grpo", "dr_grpo", "dapo", "gspo", "cispo", "rloo", "rank", "dpo"]
"""What there is to know of each: `grpo_core.objective.OBJECTIVES`."""
RankWeights = Literal["linear", "exponential", "adaptive"]
SCALED_OBJECTIVES = ("grpo", "dapo", "gspo", "cispo")
"""Those that divide by a standard deviation, as `scale_rewards` says."""
CLIPPED_OBJECTIVES = ("grpo", "dr_grpo", "dapo", "gspo", "cispo")
"""Those with a ratio to the policy that sampled, which can take several updates a generation."""
REWARD_NAMES = ("correct", "partial", "format", "length")
OWN_REWARD = re.compile(r"python:([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\.([A-Za-z_]\w*)")
"""A person's own reward function: its module and its name."""
RECORDED = ("correct", "format")
"""Rewards that are always recorded apart, with a weight or without."""


class RunConfig(BaseModel):
    """Everything that decides a run. Frozen; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = Field("run", description="What people call the run", min_length=1, max_length=80)
    model: str = Field(EMBEDDED_MODEL, description="A folder, a hub name, or `embedded`", min_length=1)
    backend: Literal["auto", "trl", "unsloth"] = Field(
        "auto", description="What trains: `trl`, `unsloth`, or `auto`: Unsloth where it can, else TRL"
    )
    problems: str = Field("generated", description="`generated`, `gsm8k`, `math`, or a .jsonl or .parquet file")
    eval_dataset: str = Field("", description="Problems to evaluate on; empty for those that `problems` holds out")
    system_prompt: str = Field("", description="Put before every problem; empty for none")
    prompt_template: str = Field("{problem}", description="What is asked; the problem takes the place of `{problem}`")
    num_few_shot: int = Field(0, ge=0, le=64, description="Worked training problems shown before each problem")

    objective: Objective = Field("grpo", description="How a group's rewards become advantages")
    rank_weights: RankWeights = Field(
        "linear", description="Weights by rank, when the objective is `rank`; `adaptive` follows how mixed groups are"
    )
    rank_centred: bool = Field(True, description="Subtract the mean weight 1/k, so that weights sum to 0")
    rank_temperature: float = Field(
        1.0, gt=0, description="Ranks over which an exponential weight falls to 1/e; a factor of an adaptive one"
    )
    dpo_beta: float = Field(0.1, gt=0, description="β of `dpo`: how far a preference may move the policy from the base")
    rewards: dict[str, float] = Field(
        default={"correct": 1.0},
        description="Weights of `correct`, `partial`, `format`, `length` and your own `python:module.function`",
    )
    partial_alpha: float = Field(
        0.5, ge=0, le=1, description="α: what a wrong answer's step credit is multiplied by in `partial`"
    )
    partial_alignment: Literal["lcs", "position"] = Field(
        "lcs", description="How steps are held against the reference's: in order (`lcs`) or place by place"
    )
    format_template: str = Field(
        "...\\boxed{...}...",
        description="What `format` wants, `...` is anything: `<think>...</think><answer>...</answer>`",
    )
    soft_punish_cache: int | None = Field(
        None, ge=1, description="Last tokens over which `length` falls from 0 to −1; none takes a fifth of the longest"
    )

    num_generations: int = Field(8, ge=2, le=1024, description="Completions sampled per problem (k)")
    prompts_per_step: int = Field(16, ge=1, description="Problems per optimizer step")
    per_device_train_batch_size: int | None = Field(
        None, ge=1, description="Completions per forward pass; none takes the whole step at once"
    )
    max_steps: int = Field(200, ge=1, description="Optimizer steps")
    optim: Literal["adamw_torch", "adamw_8bit"] = Field(
        "adamw_torch", description="AdamW, or AdamW with its moments in 8 bits (GPU only)"
    )
    learning_rate: float = Field(2e-4, gt=0, description="Peak learning rate")
    lr_scheduler_type: Literal["constant_with_warmup", "constant", "linear", "cosine"] = Field(
        "constant_with_warmup", description="Schedule of the learning rate"
    )
    warmup_steps: int = Field(5, ge=0, description="Steps until the learning rate is reached")
    adam_beta1: float = Field(0.9, ge=0, lt=1, description="AdamW's β₁")
    adam_beta2: float = Field(0.99, ge=0, lt=1, description="AdamW's β₂")
    weight_decay: float = Field(0.0, ge=0, description="AdamW's weight decay")
    max_grad_norm: float = Field(1.0, gt=0, description="Gradient norm above which it is clipped")
    beta: float = Field(0.0, ge=0, description="KL to the base model; 0 keeps no reference in memory")
    loss_type: Literal["dapo", "dr_grpo", "grpo", "bnpo"] = Field(
        "dapo", description="How `grpo` averages over tokens (every other objective has its own way)"
    )
    scale_rewards: Literal["group", "batch", "none"] = Field(
        "group", description="Whose standard deviation `grpo`, `dapo`, `gspo` and `cispo` divide advantages by"
    )
    num_iterations: int = Field(1, ge=1, le=64, description="Updates a generation (μ); above 1 ratios are clipped")
    epsilon: float | None = Field(
        None, gt=0, description="Lower clipping range of the ratio; none takes the objective's"
    )
    epsilon_high: float | None = Field(
        None, gt=0, description="Upper clipping range (the most a ratio may be in `cispo`); none takes the objective's"
    )

    temperature: float = Field(1.0, gt=0, le=10, description="Sampling temperature")
    temperature_ladder: float = Field(
        0.0, ge=0, description="A group is sampled at even steps from `temperature` − this to `temperature` + this"
    )
    top_p: float = Field(1.0, gt=0, le=1, description="Nucleus sampling")
    top_k: int = Field(0, ge=0, description="Sample from the likeliest so many tokens; 0 for all")
    min_p: float | None = Field(
        None, ge=0, le=1, description="Least probability of a token, as a share of the likeliest one's"
    )
    repetition_penalty: float = Field(1.0, gt=0, description="Divides the scores of tokens that were there; 1 for none")
    max_completion_length: int = Field(48, ge=1, description="Tokens a completion may have")
    use_vllm: bool = Field(False, description="Sample with vLLM on the same GPU")
    vllm_gpu_memory_utilization: float = Field(
        0.3, gt=0, lt=1, description="Share of the GPU's memory that vLLM takes, weights and KV cache"
    )
    vllm_enable_sleep_mode: bool = Field(False, description="vLLM gives its memory back while the policy is updated")

    lora_r: int = Field(0, ge=0, description="LoRA rank; 0 trains all weights")
    lora_alpha: int = Field(32, ge=1, description="LoRA scale")
    lora_target_modules: list[str] | Literal["all-linear"] = Field(
        "all-linear", description="Layers that get an adapter"
    )
    lora_dropout: float = Field(0.0, ge=0, lt=1, description="Share of an adapter's inputs left out while training")
    use_rslora: bool = Field(False, description="Scale by α/√r (rsLoRA) instead of α/r")
    load_in_4bit: bool = Field(False, description="The frozen weights under an adapter in 4 bits (QLoRA, GPU only)")

    eval_steps: int = Field(25, ge=0, description="Steps between evaluations; 0 for none")
    eval_problems: int = Field(64, ge=1, description="Held-out problems of an evaluation")
    eval_generations: int = Field(4, ge=1, description="Samples per held-out problem")
    save_steps: int = Field(50, ge=1, description="Steps between checkpoints")
    save_total_limit: int = Field(4, ge=1, description="Checkpoints that are kept")
    checkpoint_mirror: str = Field("", description="A folder that every whole checkpoint is copied to; empty for none")
    unsloth_grpo_mini_batch: int | None = Field(
        None, ge=1, description="Completions that Unsloth's loss takes at a time; none lets it choose"
    )
    threads: int = Field(0, ge=0, description="CPU threads of the trainer; 0 lets torch choose")
    seed: int = Field(0, ge=0, description="Seed of problems, sampling and initial adapter")

    @model_validator(mode="after")
    def _batches_fit(self) -> RunConfig:
        size = self.per_device_train_batch_size
        if size is not None and self.generation_batch_size % size:
            raise ValueError(
                f"per_device_train_batch_size {size} does not divide the {self.generation_batch_size} completions "
                f"of a step (prompts_per_step × num_generations)"
            )
        if "{problem}" not in self.prompt_template:
            raise ValueError("prompt_template has no place for the problem: write {problem} where it belongs")
        if not any(self.rewards.values()):
            raise ValueError("rewards is empty: name at least one with a weight, such as correct = 1.0")
        if wrong := template_error(self.format_template):
            raise ValueError(wrong)
        if self.temperature_ladder >= self.temperature:
            raise ValueError("temperature_ladder must be below temperature: no temperature may be 0 or less")
        if self.lora_r and not self.lora_target_modules:
            raise ValueError("lora_target_modules is empty: name layers such as q_proj, or all-linear")
        if (self.soft_punish_cache or 1) > self.max_completion_length:
            raise ValueError("soft_punish_cache is more than max_completion_length")
        return self

    @model_validator(mode="after")
    def _objective_fits(self) -> RunConfig:
        """A setting that would change nothing is refused rather than ignored."""
        name = self.objective
        if name != "grpo" and self.loss_type not in ("dapo", "dr_grpo"):
            raise ValueError(f"loss_type is for objective grpo: {name} has a loss of its own, so leave it as it is")
        if name not in SCALED_OBJECTIVES and self.scale_rewards == "batch":
            raise ValueError(f"scale_rewards changes nothing for objective {name}: leave it as it is")
        if name in ("dapo", "dpo") and self.beta:
            why = "DAPO has no KL term" if name == "dapo" else "DPO holds to the base by dpo_beta"
            raise ValueError(f"beta must be 0 for objective {name}: {why}")
        if name not in CLIPPED_OBJECTIVES and self.num_iterations > 1:
            raise ValueError(f"num_iterations must be 1 for objective {name}: its gradient is that of fresh samples")
        for steps in ("max_steps", "save_steps"):
            if getattr(self, steps) % self.num_iterations:
                raise ValueError(f"{steps} must be a multiple of num_iterations: runs go on from whole generations")
        return self

    @model_validator(mode="after")
    def _machine_fits(self) -> RunConfig:
        if self.load_in_4bit and self.lora_r == 0:
            raise ValueError("load_in_4bit freezes the weights, so an adapter has to be trained: set lora_r")
        if self.use_vllm and self.temperature_ladder:
            raise ValueError("temperature_ladder needs transformers' own sampling: set use_vllm = false")
        if self.vllm_enable_sleep_mode and not self.use_vllm:
            raise ValueError("vllm_enable_sleep_mode changes nothing without use_vllm")
        if self.backend == "trl" and self.unsloth_grpo_mini_batch:
            raise ValueError("unsloth_grpo_mini_batch changes nothing for backend trl: leave it out")
        return self

    @property
    def generation_batch_size(self) -> int:
        """Completions sampled for one optimizer step."""
        return self.prompts_per_step * self.num_generations

    @property
    def micro_batch_size(self) -> int:
        return self.per_device_train_batch_size or self.generation_batch_size

    @property
    def member_temperatures(self) -> tuple[float, ...]:
        """The temperature of each of a group's completions, in their order."""
        last = self.num_generations - 1
        return tuple(self.temperature + self.temperature_ladder * (2 * i / last - 1) for i in range(last + 1))

    @property
    def recorded_rewards(self) -> dict[str, float]:
        """Every reward that is computed, with its weight: 0 for what is only recorded."""
        return {**self.rewards, **{name: 0.0 for name in RECORDED if name not in self.rewards}}

    @property
    def objective_label(self) -> str:
        """The objective in one word for lists: `grpo`, `rank-linear-centred`, …"""
        if self.objective != "rank":
            return self.objective
        return f"rank-{self.rank_weights}{'-centred' if self.rank_centred else ''}"


def model_folder(name: str) -> Path | None:
    """Where a model lies on this machine: the embedded one or a folder; None for a hub name, or what is no path."""
    if name == EMBEDDED_MODEL:
        return assets_dir() / "models" / EMBEDDED_FOLDER
    try:
        folder = Path(name).expanduser()
        return folder if folder.is_dir() else None
    except (OSError, RuntimeError, ValueError):  # too long, of a user that there is not, with a null in it
        return None


def presets() -> dict[str, Path]:
    """The presets that ship with the project, by name."""
    return {path.stem: path for path in sorted((assets_dir() / "presets").glob("*.toml"), key=lambda path: path.stem)}


def load_config(path: Path, overrides: Sequence[str] = ()) -> RunConfig:
    """The configuration in a TOML file, with `KEY=VALUE` overrides on top (a dot reaches into a table).

    Raises ConfigError with every wrong key named.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"The configuration {path} cannot be read: {error}") from error
    return make_config(values, overrides)


def load_preset(name: str, overrides: Sequence[str] = ()) -> RunConfig:
    """The preset of this name; raises ConfigError naming those there are."""
    known = presets()
    if name not in known:
        raise ConfigError(f"There is no preset {name!r}; there are: {', '.join(known) or 'none'}.")
    return load_config(known[name], overrides)


def make_config(values: dict[str, Any], overrides: Sequence[str] = ()) -> RunConfig:
    """A RunConfig from plain values and `KEY=VALUE` overrides; raises ConfigError in words a person can act on."""
    for override in overrides:
        _set(values, override)
    try:
        return RunConfig(**values)
    except ValidationError as error:
        raise ConfigError("; ".join(_explain(item) for item in error.errors())) from None


def dump_config(config: RunConfig) -> str:
    """The configuration as TOML; `load_config` reads it back equal."""
    return tomli_w.dumps(config.model_dump(exclude_none=True))


def _set(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"--set takes KEY=VALUE, not {override!r}.")
    *tables, last = _path(key.strip())
    for table in tables:
        values = values.setdefault(table, _default_table(table))
        if not isinstance(values, dict):
            raise ConfigError(f"--set {override}: {table} is not a table.")
    values[last] = _value(text.strip())


def _path(key: str) -> list[str]:
    """A dotted key's parts, read as TOML reads them: `rewards."python:mine.short"` has two, also without the quotes,
    which a shell takes away."""
    try:
        tree: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        return key.split(".", 1)
    path = []
    while isinstance(tree, dict):
        ((name, tree),) = tree.items()
        path.append(name)
    return path


def _default_table(name: str) -> dict[str, Any]:
    """What a table holds where it is not written: `--set rewards.format=0.1` adds to the rewards there are."""
    default = RunConfig.model_fields[name].default if name in RunConfig.model_fields else None
    return dict(default) if isinstance(default, dict) else {}


def _value(text: str) -> Any:
    """A TOML value, or else the text itself, so that `--set model=embedded` needs no quotes."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _explain(item: Any) -> str:
    if item["type"] == "value_error":
        return str(item["msg"]).removeprefix("Value error, ")
    # What pydantic says besides keys, of a setting that may be of two types, has brackets.
    key = ".".join(str(part) for part in item["loc"] if "[" not in str(part))
    if item["type"] == "extra_forbidden":
        return unknown_setting(key, RunConfig.model_fields)
    field = RunConfig.model_fields.get(str(item["loc"][0]))
    return f"{key} {what_is_wrong(item, field.metadata if field else ())}"
