"""`python -m grpo_core.engine`: the commands that need torch, each in a process of its own.

`train RUN_DIR` is what the supervisor starts; `evaluate` is what `grpo-dash evaluate` starts.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder


def main(argv: list[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    # Set before torch and transformers are imported: no telemetry, no progress bars in the log, no fork warnings.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        return int(options.run(options))
    except GrpoDashError as error:
        print(f"grpo-dash: {error}", file=sys.stderr)  # noqa: T201 - the log's last line says why
        return 1


def _train(options: argparse.Namespace) -> int:
    from grpo_core.engine.train import train

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    train(RunFolder(options.run_dir.resolve()))
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from grpo_core.engine.evaluation_command import evaluate_command

    return evaluate_command(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m grpo_core.engine", description=__doc__)
    commands = parser.add_subparsers(required=True)
    train = commands.add_parser("train", help="train the run in RUN_DIR")
    train.add_argument("run_dir", type=Path)
    train.set_defaults(run=_train)
    evaluate = commands.add_parser("evaluate", help="evaluate a model folder, a checkpoint or a run's newest one")
    evaluate.add_argument(
        "subject", help="a model (folder, hub name, `embedded`), a checkpoint's folder, or a run's id"
    )
    evaluate.add_argument("--runs-dir", default=None)
    evaluate.add_argument("--problems", default=None, help="problem set (default: the run's, else generated)")
    evaluate.add_argument("--n", type=int, default=512, help="held-out problems")
    evaluate.add_argument("--k", type=int, default=8, help="samples a problem")
    evaluate.add_argument("--temperature", type=float, default=1.0)
    evaluate.add_argument("--max-completion-length", type=int, default=None)
    evaluate.add_argument("--seed", type=int, default=0)
    evaluate.add_argument("--json", action="store_true", help="print EVAL as JSON on stdout")
    evaluate.set_defaults(run=_evaluate)
    return parser


if __name__ == "__main__":
    sys.exit(main())
