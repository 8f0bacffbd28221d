"""`python -m grpo_core.engine`: the commands that need torch, each in a process of its own.

`train RUN_DIR` is what the supervisor starts; `evaluate` and `export-model` are what `grpo-dash` starts for commands
of those names; `playground` answers a screen's questions over a pipe; `signal-check` says before a run whether there is
anything to learn from.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder
from grpo_core.runs.ending import claim_trainer, record_own_end


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
    folder = RunFolder(options.run_dir.resolve())
    claim_trainer(folder)
    code = 1
    try:
        code = _train_here(folder)
    finally:
        record_own_end(folder, code)
    return code


def _train_here(folder: RunFolder) -> int:
    from grpo_core.engine.prepare import prepare

    prepare(folder.config(), folder.path)
    from grpo_core.engine.train import train

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    train(folder)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from grpo_core.engine.evaluation_command import evaluate_command

    return evaluate_command(options)


def _export(options: argparse.Namespace) -> int:
    from grpo_core.engine.export_command import export_command

    return export_command(options)


def _playground(options: argparse.Namespace) -> int:
    from grpo_core.engine.playground import serve_playground

    return serve_playground(options.idle_seconds)


def _signal_check(options: argparse.Namespace) -> int:
    from grpo_core.engine.signal_check import signal_check_command

    return signal_check_command(options)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _temperature(text: str) -> float:
    number = float(text)
    if not 0 < number <= 10:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most 10")
    return number


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
    evaluate.add_argument("--problems", default=None, help="problem set (default: what the run holds out)")
    settings = evaluate.add_mutually_exclusive_group()
    settings.add_argument("--preset", default=None, help="ask as this preset does (for a model of no run)")
    settings.add_argument("--config", type=Path, default=None, help="ask as this configuration does")
    evaluate.add_argument("--n", "--limit", type=_positive, default=512, help="problems at most")
    evaluate.add_argument("--k", type=_positive, default=8, help="samples a problem")
    evaluate.add_argument("--temperature", type=_temperature, default=None, help="of sampling (default: the run's)")
    evaluate.add_argument("--max-completion-length", type=_positive, default=None)
    evaluate.add_argument("--batch-size", type=_positive, default=256, help="completions sampled side by side")
    evaluate.add_argument("--seed", type=int, default=0)
    evaluate.add_argument("--json", action="store_true", help="print EVAL as JSON on stdout")
    evaluate.set_defaults(run=_evaluate)
    export = commands.add_parser("export-model", help="a checkpoint as one plain folder of safetensors")
    export.add_argument("subject", help="as for evaluate")
    export.add_argument("--out", type=Path, required=True, help="a new folder")
    export.add_argument("--runs-dir", default=None)
    export.set_defaults(run=_export)
    playground = commands.add_parser("playground", help="answer questions, JSON lines on stdin and stdout")
    playground.add_argument("--idle-seconds", type=float, default=300.0, help="end after so long without a question")
    playground.set_defaults(run=_playground)
    signal_check = commands.add_parser("signal-check", help="is there anything to learn from, and what would it cost")
    signal_check.add_argument("--config", type=Path, required=True, help="a run's settings as TOML")
    signal_check.add_argument("--groups", type=int, default=16, help="groups that are sampled from the base")
    signal_check.add_argument("--end-with-stdin", action="store_true", help="end when stdin does (for screens)")
    signal_check.add_argument("--json", action="store_true", help="print the findings as JSON on stdout")
    signal_check.set_defaults(run=_signal_check)
    return parser


if __name__ == "__main__":
    sys.exit(main())
