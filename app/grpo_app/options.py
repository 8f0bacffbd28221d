"""What each command of `grpo-dash` takes: its arguments, with the help that a person reads."""

from __future__ import annotations

import argparse
from pathlib import Path

_TARGET = "a run (its newest checkpoint), RUN/step/N, a model's or an adapter's folder, or a hub name"


def add_runs_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs-dir", metavar="DIR", help="the runs folder (default: $GRPO_DASH_RUNS_DIR, else yours)")


def add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, metavar="P", help="port (default: 7860, or the next free one)")
    parser.add_argument("--demo", action="store_true", help="start the demo, or open it if it is going")
    parser.add_argument("--preset", metavar="NAME", help="with --demo: another preset")
    add_set(parser)


def add_train(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--preset", metavar="NAME", help="a preset that ships with the project; `demo` needs nothing")
    source.add_argument("--config", type=Path, metavar="FILE.toml", help="a configuration of your own")
    add_set(parser)
    parser.add_argument("--wait", action="store_true", help="follow it: exits 0 finished, 1 failed, 3 stopped")


def add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting (may be repeated)"
    )


def add_runs(parser: argparse.ArgumentParser) -> None:
    add_json(parser)


def add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("reference", metavar="REF", help="RUN, RUN/step/N, RUN/group/ID[/k/I] or RUN/problem/ID")
    parser.add_argument("--groups", type=int, default=20, metavar="N", help="newest groups (default: %(default)s)")
    add_json(parser)


def add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="its id, or the beginning of it")


def add_stop(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("--discard", action="store_true", help="no last checkpoint, and remove those there are")
    parser.add_argument("--now", action="store_true", help="do not wait for its step: for a stalled run")


def add_doctor(parser: argparse.ArgumentParser) -> None:
    add_json(parser)


def add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=Path, required=True, metavar="IN.jsonl", help="a case a line")
    parser.add_argument("--out", type=Path, metavar="OUT.jsonl", help="a verdict a line, in the same order")
    parser.add_argument("--workers", type=int, metavar="N", help="worker processes (default: one a core)")
    parser.add_argument("--explain", metavar="ID", help="explain the verdict on one case instead")


def add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("problems", metavar="PROBLEMS", help="gsm8k, math, generated, or a .jsonl or .parquet file")
    parser.add_argument("--limit", type=int, metavar="N", help="problems at most (generated: 1000)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="CHECKPOINT|RUN", help=_TARGET)
    parser.add_argument("--problems", metavar="SET", help="problem set, or a part: gsm8k:test (default: the run's)")
    settings = parser.add_mutually_exclusive_group()
    settings.add_argument("--preset", metavar="NAME", help="ask as this preset does, not as the run did")
    settings.add_argument("--config", type=Path, metavar="FILE.toml", help="ask as this configuration does")
    parser.add_argument("--n", "--limit", dest="n", type=_count, metavar="N", help="problems at most (default: 512)")
    parser.add_argument("--k", type=_count, metavar="K", help="samples a problem (default: 8)")
    parser.add_argument("--temperature", type=float, metavar="T", help="of sampling (default: the run's)")
    parser.add_argument("--max-completion-length", type=_count, metavar="L", help="tokens (default: the run's)")
    parser.add_argument(
        "--batch-size", type=_count, metavar="B", help="completions sampled side by side (default: 256)"
    )
    parser.add_argument("--seed", type=int, metavar="S", help="of sampling")
    parser.add_argument("--now", action="store_true", help="let the run that is training evaluate after its step")
    add_json(parser)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def add_compare(parser: argparse.ArgumentParser) -> None:
    meaning = "an evaluation, a run (its newest evaluation), or RUN/step/N"
    parser.add_argument("first", metavar="A", help=meaning)
    parser.add_argument("second", metavar="B", help=meaning)
    add_json(parser)


def add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="CHECKPOINT|RUN", help=_TARGET)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new folder")


def add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=".parquet or .jsonl, all of one run")
    parser.add_argument("--name", metavar="NAME", help="what to call the run (default: the first file's name)")
    parser.add_argument("--no-judge", action="store_true", help="leave completions with a gold answer unjudged")


def add_export_run(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help=".jsonl (all of it) or .parquet (TRL's)"
    )
    parser.add_argument("--marks", action="store_true", help="only what people marked, as cases for `verify`")


def add_prune(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="*", metavar="RUN", help="only these (default: every ended run)")
    parser.add_argument(
        "--older-than", type=float, default=0, metavar="DAYS", help="only runs that nobody wrote to since"
    )
    parser.add_argument("--keep", type=int, default=0, metavar="N", help="leave the newest N ended runs")
    parser.add_argument("--checkpoints", action="store_true", help="only checkpoints, but for each run's newest")
    parser.add_argument("--yes", action="store_true", help="delete; without it nothing is changed")


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")
