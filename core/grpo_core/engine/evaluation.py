"""Making one evaluation on demand: sample, judge, and store every completion as soon as it is judged."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import torch
from transformers.utils.logging import disable_progress_bar

from grpo_core.engine.evaluate import EvaluationPlan, EvaluationResult, evaluate_policy
from grpo_core.engine.policy import Policy
from grpo_core.engine.progress import ProgressBar
from grpo_core.errors import RunError
from grpo_core.oracle import JudgePool
from grpo_core.rewards import Scorer
from grpo_core.runs import RunFolder
from grpo_core.runs.evaluations import evaluation_ended
from grpo_core.types import Group


def make_evaluation(folder: RunFolder, policy: Policy, plan: EvaluationPlan, step: int) -> EvaluationResult:
    """`step` is that of the weights. What was judged before an interruption is kept; raises RunError where the GPU has
    no room."""
    disable_progress_bar()
    writer = folder.writer()

    def keep(groups: Sequence[Group]) -> None:
        writer.add_groups(groups)

    try:
        with JudgePool() as pool:
            bar = ProgressBar(sys.stderr, "completions")
            result = evaluate_policy(policy, Scorer(pool), plan, step=step, on_progress=bar, on_groups=keep)
        writer.add_evaluation(result.evaluation)
        writer.set_facts(evaluation_ended())
    except KeyboardInterrupt:
        writer.set_facts({**evaluation_ended(), "stop_reason": "stopped"})
        raise
    except torch.OutOfMemoryError as error:
        sentence = f"The GPU has no room for {plan.batch_size} completions side by side: lower --batch-size."
        raise RunError(sentence) from error
    finally:
        writer.close()
    return result
