"""Training one run, from its folder to its last checkpoint. Read `train` for the whole of it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerBase, PrinterCallback
from transformers.utils.logging import disable_progress_bar
from trl import GRPOTrainer

from grpo_core.config import RunConfig
from grpo_core.engine.answer import answer_json
from grpo_core.engine.callbacks import Checkpoints, Evaluator, FailureReporter, Mirroring, Reporter
from grpo_core.engine.capture import Capture, Recorder
from grpo_core.engine.commands import Abilities, Commander
from grpo_core.engine.evaluate import evaluate_policy, plan_of
from grpo_core.engine.feed import TokenFeed
from grpo_core.engine.out_of_memory import out_of_memory_explained
from grpo_core.engine.pace import Pace
from grpo_core.engine.policy import Policy, load_tokenizer
from grpo_core.engine.rewarding import Failures, load_rewards, reward_functions
from grpo_core.engine.trainer import describe_run, make_trainer
from grpo_core.objective import OBJECTIVES
from grpo_core.oracle import JudgePool
from grpo_core.rewards import Scorer
from grpo_core.runs import RunFolder
from grpo_core.runs.checkpoints import newest_sound_checkpoint, step_of
from grpo_core.runs.exactness import Place, this_place
from grpo_core.runs.material import Material, load_material
from grpo_core.runs.mirror import Mirror
from grpo_core.store import BackgroundWriter

_log = logging.getLogger(__name__)
EVALUATION_SEED = 20_001


def train(folder: RunFolder) -> None:
    """Load, sample, judge, weigh, update, store, until the last step or a stop; raises ConfigError early.

    A run that has a sound checkpoint goes on from the newest one.
    """
    config = folder.config()
    disable_progress_bar()
    if config.threads:
        torch.set_num_threads(config.threads)
    failures = Failures()
    rewards = load_rewards(config, failures)
    material = load_material(config)
    if material.note:
        _log.info("%s", material.note)
    tokenizer = load_tokenizer(config.model)
    with out_of_memory_explained(folder), JudgePool() as pool:
        scorer = Scorer(pool, config.partial_alignment)
        functions = reward_functions(rewards, scorer)
        trainer = make_trainer(config, folder.checkpoints, material, tokenizer, functions)
        recorder = open_recorder(folder, tokenizer, trainer.eos_token_ids)
        try:
            checkpoint = find_start(folder, recorder)
            add_callbacks(folder, config, trainer, material, scorer, recorder)
            trainer.add_callback(FailureReporter(recorder, failures))
            recorder.writer.set_facts(describe_run(config, trainer))
            trainer.train(resume_from_checkpoint=checkpoint)
        finally:
            recorder.close()
    if was_discarded(folder):
        shutil.rmtree(folder.checkpoints, ignore_errors=True)


def find_start(folder: RunFolder, recorder: Recorder) -> str | None:
    """The checkpoint to go on from, or None for the base; what was sampled after it is marked superseded."""
    checkpoint, complaints = newest_sound_checkpoint(folder)
    for complaint in complaints:
        _log.warning("%s; the one before it is taken", complaint)
    recorder.writer.supersede_after(step_of(checkpoint) if checkpoint else -1)
    if checkpoint:
        _log.info("going on from %s", checkpoint.name)
    return str(checkpoint) if checkpoint else None


def add_callbacks(
    folder: RunFolder,
    config: RunConfig,
    trainer: GRPOTrainer,
    material: Material,
    scorer: Scorer,
    recorder: Recorder,
) -> None:
    """Attach capture, and what happens between steps: report, evaluate, obey, keep checkpoints."""
    capture = Capture(trainer, recorder, scorer, weighs=OBJECTIVES[config.objective].weighs)
    capture.attach()
    trainer.remove_callback(PrinterCallback)
    pace = Pace()
    evaluator = held_out_evaluation(config, trainer, material, scorer, recorder, capture)
    abilities = Abilities(
        evaluator.evaluate_now,
        lambda: save_now(trainer),
        lambda question: answer_json(policy_of(trainer), scorer, question),
    )
    for callback in (
        Reporter(recorder, capture, pace),
        evaluator,
        Commander(folder, recorder, pace, abilities, config.num_iterations),
        Checkpoints(config.save_steps, config.save_total_limit, place_of(config, trainer)),
        *mirroring(folder, config, recorder),
    ):
        trainer.add_callback(callback)


def mirroring(folder: RunFolder, config: RunConfig, recorder: Recorder) -> list[Mirroring]:
    """What copies whole checkpoints elsewhere, where a run asks for that; it comes after what makes them whole."""
    if not config.checkpoint_mirror:
        return []

    def tell(trouble: str | None) -> None:
        news = [trouble] if trouble else []
        recorder.background.submit(lambda: recorder.writer.set_facts({"mirror_failures": news}))

    return [Mirroring(Mirror(folder, Path(config.checkpoint_mirror), config.save_total_limit, tell))]


def place_of(config: RunConfig, trainer: GRPOTrainer) -> Place:
    """What this trainer runs on, for its checkpoints."""
    here = this_place(trainer.accelerator.device.type)
    return replace(here, cores=None) if config.threads else here


def policy_of(trainer: GRPOTrainer) -> Policy:
    """The policy as it is now."""
    return Policy(trainer.accelerator.unwrap_model(trainer.model), trainer.processing_class)


def save_now(trainer: GRPOTrainer) -> None:
    """A checkpoint between two steps, the way the trainer itself saves one."""
    trainer._save_checkpoint(trainer.model, trial=None)
    trainer.control = trainer.callback_handler.on_save(trainer.args, trainer.state, trainer.control)


def was_discarded(folder: RunFolder) -> bool:
    reader = folder.reader()
    try:
        return reader.facts().get("stop_reason") == "discarded"
    finally:
        reader.close()


def open_recorder(folder: RunFolder, tokenizer: PreTrainedTokenizerBase, stop_ids: Sequence[int]) -> Recorder:
    return Recorder(folder.writer(), BackgroundWriter(), TokenFeed(folder.path, tokenizer, stop_ids))


def held_out_evaluation(
    config: RunConfig,
    trainer: GRPOTrainer,
    material: Material,
    scorer: Scorer,
    recorder: Recorder,
    capture: Capture,
) -> Evaluator:
    """The callback that evaluates the policy on the same held-out problems every time (never where there are none)."""
    heldout = material.heldout if config.eval_steps else ()
    plan = plan_of(config, heldout, material.prompting, seed=EVALUATION_SEED)

    def evaluate(step: int) -> None:
        recorder.background.submit(lambda: recorder.writer.set_facts({"phase": "evaluate"}))
        first = capture.allocate_group_ids(2 * len(plan.problems))
        result = evaluate_policy(
            policy_of(trainer), scorer, plan, step=step, first_group=first, on_progress=lambda *_: recorder.feed.stir()
        )
        recorder.background.submit(lambda: recorder.writer.add_groups(result.groups))
        recorder.background.submit(lambda: recorder.writer.add_evaluation(result.evaluation))
        recorder.background.submit(lambda: recorder.writer.set_facts({"phase": "train"}))

    return Evaluator(config.eval_steps if plan.problems else 0, evaluate, recorder.writer.evaluated_steps())
