"""`watch(trainer)`: anyone's TRL `GRPOTrainer` shows up on both screens, in two lines.

    from grpo_core.watch import watch
    watch(trainer)          # before trainer.train()

Their model, data set, reward functions and training stay as they are. Completions get verdicts where the data set has
a gold column (`gold`, `answer`, `solution`, …, or the one that is named).
"""

from __future__ import annotations

import atexit
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from trl import GRPOTrainer

from grpo_core.config import RunConfig
from grpo_core.engine.callbacks import Reporter
from grpo_core.engine.capture import Capture, Recorder
from grpo_core.engine.describe import trainer_facts
from grpo_core.engine.feed import TokenFeed
from grpo_core.engine.pace import Pace
from grpo_core.oracle import JudgePool
from grpo_core.paths import runs_dir as runs_dir_of
from grpo_core.rewards import Scorer
from grpo_core.runs import RunFolder, create_run
from grpo_core.runs.process import identify
from grpo_core.store import BackgroundWriter


def watch(
    trainer: GRPOTrainer,
    *,
    name: str | None = None,
    runs_dir: str | Path | None = None,
    gold_column: str | None = None,
) -> RunFolder | None:
    """Capture every group of `trainer` into a new run; call it once, before `trainer.train()`.

    Returns the run's folder (its id is what the screens call it), or None on processes other than the first of a
    distributed run. Nothing of the training changes: the capture only reads.
    """
    main = trainer.accelerator.is_main_process
    folder = create_run(runs_dir_of(runs_dir), _config_of(trainer, name)) if main else None
    recorder = _open_recorder(folder, trainer) if folder else None
    pool = JudgePool()
    capture = Capture(trainer, recorder, Scorer(pool), gold_column=gold_column)
    capture.attach()
    if recorder:
        recorder.writer.set_facts({**trainer_facts(trainer), "watched": asdict(identify(os.getpid()))})
        trainer.add_callback(Reporter(recorder, capture, Pace()))
        trainer.add_callback(_Finisher(recorder))
        atexit.register(_close, recorder, pool)
    else:
        trainer.add_callback(_Follower(capture))
    return folder


class _Follower(TrainerCallback):
    """On the other processes of a distributed run: takes part in gathering, stores nothing."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._capture.fill_from_update()


class _Finisher(TrainerCallback):
    """Says that training ended, and waits until all of it is stored: the script may go on for hours."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._say(finished=False)

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._say(finished=True)
        self._recorder.background.flush()

    def _say(self, **facts: Any) -> None:
        self._recorder.background.submit(lambda: self._recorder.writer.set_facts(facts))


def _open_recorder(folder: RunFolder, trainer: GRPOTrainer) -> Recorder:
    feed = TokenFeed(folder.path, trainer.processing_class, trainer.eos_token_ids)
    return Recorder(folder.writer(), BackgroundWriter(), feed)


def _close(recorder: Recorder, pool: JudgePool) -> None:
    recorder.close()
    pool.close()


def _config_of(trainer: GRPOTrainer, name: str | None) -> RunConfig:
    """What of somebody's GRPOConfig has a name in ours; the rest is theirs to know."""
    args = trainer.args
    weights = trainer.reward_weights.tolist()
    return RunConfig(
        name=name or Path(str(args.output_dir)).name or "watched",
        model=str(getattr(trainer.model.config, "_name_or_path", "") or "unnamed"),
        problems="dataset",
        rewards=dict(zip(trainer.reward_func_names, weights, strict=True)),
        num_generations=args.num_generations,
        prompts_per_step=max(1, args.generation_batch_size // args.num_generations),
        max_steps=max(1, args.max_steps),
        learning_rate=args.learning_rate,
        max_completion_length=args.max_completion_length,
        temperature=args.temperature,
        beta=args.beta,
        seed=args.seed,
        eval_steps=0,
    )
