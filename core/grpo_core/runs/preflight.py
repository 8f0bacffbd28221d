"""What can be known to be wrong with a run before anything is loaded, said in words a person can act on.

Errors by the field that they belong to, so that a form can show them beside it; warnings for what only might fail.
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from grpo_core.config import OWN_REWARD, REWARD_NAMES, RunConfig
from grpo_core.errors import ConfigError, EvalDatasetError, ProblemsError
from grpo_core.problems import file_of
from grpo_core.runs.approximations import approximations
from grpo_core.runs.backends import backend_errors
from grpo_core.runs.footprint import checkpoint_bytes, gibibytes, longest_prompt, model_settings
from grpo_core.runs.golds import golds_error
from grpo_core.runs.material import load_material, training_count
from grpo_core.runs.memory import memory_warning
from grpo_core.runs.model_files import model_error

_MOST_GOLDS = 20_000
"""Training problems whose gold is looked at."""


def preflight(config: RunConfig) -> None:
    """Raises ConfigError or ProblemsError at the first thing that cannot work."""
    for field, sentence in check_fields(config).items():
        raise ProblemsError(sentence) if field in ("problems", "eval_dataset") else ConfigError(sentence)


def check_fields(config: RunConfig, runs_dir: Path | None = None) -> dict[str, str]:
    """Everything that cannot work: a sentence for each wrong field; empty if all is well. Disk is looked at where a
    runs folder is named."""
    found = {
        "model": model_error(config.model),
        "rewards": _rewards_error(config),
        **_problems_errors(config),
        "checkpoint_mirror": _mirror_error(config.checkpoint_mirror),
        **backend_errors(config),
    }
    if not any(found.values()):
        found["max_completion_length"] = _length_error(config)
        found["save_total_limit"] = _disk_error(config, runs_dir) if runs_dir else None
    return {field: sentence for field, sentence in found.items() if sentence}


def warnings(config: RunConfig) -> list[str]:
    """What may go wrong, though it may be meant so: few held-out problems, more memory than is free now, what is only
    roughly what its name says."""
    memory = memory_warning(config)
    return [
        *_few_heldout(config),
        *_overlap(config),
        *([memory] if memory else []),
        *approximations(config),
    ]


def _few_heldout(config: RunConfig) -> list[str]:
    if not config.eval_steps:
        return []
    try:
        count = len(load_material(config).heldout)
    except ProblemsError:
        return []  # an error of its own, which `check_fields` names
    if count >= config.eval_problems:
        return []
    source = config.eval_dataset or config.problems
    return [f"{source} holds out {count} problems, not {config.eval_problems}: intervals will be wide."]


def _overlap(config: RunConfig) -> list[str]:
    """What is left out of a person's own training problems."""
    try:
        note = load_material(config).note
    except ProblemsError:
        return []
    own = config.eval_dataset or file_of(config.problems)
    return [note] if note and own else []


def _rewards_error(config: RunConfig) -> str | None:
    for name in config.rewards:
        own = OWN_REWARD.fullmatch(name)
        if name not in REWARD_NAMES and own is None:
            return f"There is no reward {name!r}; there are: {', '.join(REWARD_NAMES)}, python:module.function."
        # Only looked for: a person's code is imported by the trainer alone.
        if own and not _is_there(own[1].partition(".")[0]):
            return f"The reward {name} is of a module that is not there: install it, or name its folder in PYTHONPATH."
    return None


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # a module that was made, not found
        return False


def _problems_errors(config: RunConfig) -> dict[str, str | None]:
    held = "eval_dataset" if config.eval_dataset else "problems"
    try:
        material = load_material(config)
        asked = material.train.train_problems(min(training_count(config), _MOST_GOLDS), config.seed)
        if (wrong := golds_error(asked, config.problems)) is not None:
            return {"problems": wrong}
        return {held: golds_error(material.heldout, config.eval_dataset or f"{config.problems}, held out")}
    except EvalDatasetError as error:
        return {"eval_dataset": str(error)}
    except ProblemsError as error:
        return {"problems": str(error)}


def _length_error(config: RunConfig) -> str | None:
    """Does a prompt with its completion fit what the model reads? Prompts are estimated, generously."""
    context = model_settings(config.model).get("max_position_embeddings")
    prompt = longest_prompt(config)
    if not isinstance(context, int) or prompt + config.max_completion_length <= context:
        return None
    if prompt >= context:
        return (
            f"The model reads at most {context} tokens, and the longest prompt has about {prompt} by itself: ask "
            f"shorter problems, or show fewer examples (num_few_shot)."
        )
    return (
        f"The model reads at most {context} tokens, and prompt and completion come to about "
        f"{prompt + config.max_completion_length}: lower max_completion_length to {context - prompt} or less."
    )


def _mirror_error(name: str) -> str | None:
    """A disk that is not there now would be missed only at the first checkpoint."""
    if not name or Path(name).expanduser().is_dir():
        return None
    return f"There is no folder {name}: make it, or mount its disk, or leave checkpoint_mirror empty."


def _disk_error(config: RunConfig, runs_dir: Path) -> str | None:
    each = checkpoint_bytes(config)
    there = next(folder for folder in (runs_dir, *runs_dir.parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    # One more than are kept: the oldest goes once the newest is whole.
    if each is None or each * (config.save_total_limit + 1) <= free:
        return None
    return (
        f"{config.save_total_limit} checkpoints take about {gibibytes(each * (config.save_total_limit + 1))} and "
        f"{there} has {gibibytes(free)} free: keep fewer, or choose another runs folder."
    )
