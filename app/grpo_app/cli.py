"""`grpo-dash` and `grpo-tui`: the command line, read here and done in `grpo_app.commands`.

Commands are imported when they run, so that `--help` is fast and a list of runs loads no page and no engine.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grpo_core.store.control import CommandKind

_TARGET = "a run (its newest checkpoint), RUN/step/N, a model's or an adapter's folder, or a hub name"
OK, ERROR, USAGE, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """`grpo-dash`; without a command it serves the page."""
    words = _command_first(list(sys.argv[1:] if argv is None else argv))
    parser = make_parser()
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, "serve")
    arguments = parser.parse_args(words)
    return _run(arguments.command, arguments, parser.prog)


def _command_first(words: list[str]) -> list[str]:
    """`--runs-dir DIR runs` means what `runs --runs-dir DIR` does."""
    count = 1 if words and words[0].startswith("--runs-dir=") else 2 if words[:1] == ["--runs-dir"] else 0
    before, rest = words[:count], words[count:]
    is_command = bool(count and rest) and not rest[0].startswith("-")
    return [rest[0], *before, *rest[1:]] if is_command else words


def tui_main(argv: Sequence[str] | None = None) -> int:
    """`grpo-tui`."""
    parser = make_tui_parser()
    arguments = parser.parse_args(argv)
    return _run(_tui, arguments, parser.prog)


def make_parser() -> argparse.ArgumentParser:
    parser = _parser(
        argparse.ArgumentParser,
        "grpo-dash",
        "Train a language model on mathematics with GRPO and watch why each completion earned what it did.",
        "grpo-dash --demo        trains the model that ships with the project and opens its page",
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, run: Command, summary: str, example: str) -> argparse.ArgumentParser:
        command = _parser(commands.add_parser, name, summary, example, help=summary)
        command.add_argument(
            "--runs-dir", metavar="DIR", help="the runs folder (default: $GRPO_DASH_RUNS_DIR or yours)"
        )
        command.set_defaults(command=run)
        return command

    _add_serve(add("serve", _serve, "Show runs in the browser (the default command).", "grpo-dash serve --port 8000"))
    _add_train(add("train", _train, "Start a run; prints its id.", "grpo-dash train --preset demo --set seed=1 --wait"))
    _add_runs(add("runs", _runs, "List the runs, newest first.", "grpo-dash runs --json"))
    _add_show(add("show", _show, "Show a run, or a group of it.", "grpo-dash show demo-7k3f/group/12/k/0"))
    for kind, summary in _CONTROLS.items():
        _add_run(add(kind, _control(kind), summary, f"grpo-dash {kind} demo-7k3f"))
    _add_stop(add("stop", _control("stop"), "Ask a run to end after a last checkpoint.", "grpo-dash stop demo-7k3f"))
    _add_doctor(add("doctor", _doctor, "Say what this machine can do.", "grpo-dash doctor"))
    _add_verify(add("verify", _verify, "Judge a file of answers.", "grpo-dash verify --cases in.jsonl --out out.jsonl"))
    _add_check(add("check", _check, "List the golds that cannot be judged.", "grpo-dash check my.jsonl"))
    _add_evaluate(add("evaluate", _evaluate, "Evaluate a checkpoint.", "grpo-dash evaluate demo-7k3f --n 256 --k 4"))
    compare = "grpo-dash compare demo-7k3f/step/0 demo-7k3f/step/200"
    _add_compare(add("compare", _compare, "Say whether one evaluation is better than another, or noise.", compare))
    _add_export(
        add(
            "export-model",
            _export_model,
            "Write a checkpoint as one plain model; an adapter is merged into its base.",
            "grpo-dash export-model demo-7k3f --out my-model",
        )
    )
    imports = "grpo-dash import completions/*.parquet --name theirs"
    _add_import(add("import", _import, "Make a run of what TRL, verl or grpo-dash logged.", imports))
    _add_export_run(
        add("export", _export, "Write a run to JSON Lines or Parquet.", "grpo-dash export demo-7k3f --out run.parquet")
    )
    _add_prune(add("prune", _prune, "Say what could be deleted, or delete it.", "grpo-dash prune --older-than 30"))
    return parser


def make_tui_parser() -> argparse.ArgumentParser:
    parser = _parser(
        argparse.ArgumentParser,
        "grpo-tui",
        "Watch runs in the terminal. A reference opens there: RUN, RUN/step/N, RUN/group/ID[/k/I], RUN/problem/ID.",
        "grpo-tui demo-7k3f/group/12",
    )
    parser.add_argument("reference", nargs="?", metavar="REF", help="where to open (default: the newest run)")
    _add_runs_dir(parser)
    parser.add_argument("--demo", action="store_true", help="start the demo, or open it if it is going")
    parser.add_argument("--once", metavar="RUN", help="print one screen about a run and leave")
    parser.add_argument("--refresh", type=float, metavar="SECONDS", help="how often to look; 5 or more for a slow link")
    parser.add_argument("--theme", metavar="NAME", help="colours, such as textual-light, high-contrast, ansi-dark")
    parser.add_argument(
        "--config", type=Path, metavar="FILE.toml", help="colours, pace and keys (default: yours, if there is one)"
    )
    parser.add_argument(
        "--print-config", action="store_true", help="print such a file with every key, to edit, and leave"
    )
    parser.add_argument("--version", action="version", version=_version())
    return parser


def _add_runs_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs-dir", metavar="DIR", help="the runs folder (default: $GRPO_DASH_RUNS_DIR, else yours)")


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, metavar="P", help="port (default: 7860, or the next free one)")
    parser.add_argument("--demo", action="store_true", help="start the demo, or open it if it is going")
    parser.add_argument("--preset", metavar="NAME", help="with --demo: another preset")
    _add_set(parser)


def _add_train(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--preset", metavar="NAME", help="a preset that ships with the project; `demo` needs nothing")
    source.add_argument("--config", type=Path, metavar="FILE.toml", help="a configuration of your own")
    _add_set(parser)
    parser.add_argument("--wait", action="store_true", help="follow it: exits 0 finished, 1 failed, 3 stopped")


def _add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a setting (may be repeated)"
    )


def _add_runs(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)


def _add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("reference", metavar="REF", help="RUN, RUN/step/N, RUN/group/ID[/k/I] or RUN/problem/ID")
    parser.add_argument("--groups", type=int, default=20, metavar="N", help="newest groups (default: %(default)s)")
    _add_json(parser)


_CONTROLS: dict[CommandKind, str] = {
    "pause": "Let a run wait after its step; it keeps its memory.",
    "resume": "Let a paused run go on, or start an ended one from its newest whole checkpoint.",
    "suspend": "Let a run write a checkpoint and give its memory back.",
    "checkpoint": "Let a run write a checkpoint after its step.",
}


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="its id, or the beginning of it")


def _add_stop(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("--discard", action="store_true", help="no last checkpoint, and remove those there are")
    parser.add_argument("--now", action="store_true", help="do not wait for its step: for a stalled run")


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=Path, required=True, metavar="IN.jsonl", help="a case a line")
    parser.add_argument("--out", type=Path, metavar="OUT.jsonl", help="a verdict a line, in the same order")
    parser.add_argument("--workers", type=int, metavar="N", help="worker processes (default: one a core)")
    parser.add_argument("--explain", metavar="ID", help="explain the verdict on one case instead")


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("problems", metavar="PROBLEMS", help="gsm8k, math, generated, or a .jsonl or .parquet file")
    parser.add_argument("--limit", type=int, metavar="N", help="problems at most (generated: 1000)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
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
    _add_json(parser)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _add_compare(parser: argparse.ArgumentParser) -> None:
    meaning = "an evaluation, a run (its newest evaluation), or RUN/step/N"
    parser.add_argument("first", metavar="A", help=meaning)
    parser.add_argument("second", metavar="B", help=meaning)
    _add_json(parser)


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="CHECKPOINT|RUN", help=_TARGET)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new folder")


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=".parquet or .jsonl, all of one run")
    parser.add_argument("--name", metavar="NAME", help="what to call the run (default: the first file's name)")
    parser.add_argument("--no-judge", action="store_true", help="leave completions with a gold answer unjudged")


def _add_export_run(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help=".jsonl (all of it) or .parquet (TRL's)"
    )
    parser.add_argument("--marks", action="store_true", help="only what people marked, as cases for `verify`")


def _add_prune(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="*", metavar="RUN", help="only these (default: every ended run)")
    parser.add_argument(
        "--older-than", type=float, default=0, metavar="DAYS", help="only runs that nobody wrote to since"
    )
    parser.add_argument("--keep", type=int, default=0, metavar="N", help="leave the newest N ended runs")
    parser.add_argument("--checkpoints", action="store_true", help="only checkpoints, but for each run's newest")
    parser.add_argument("--yes", action="store_true", help="delete; without it nothing is changed")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def _serve(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.screens import serve_page

    def serve(*args: Any, **options: Any) -> None:
        # Only when the demo is on its way: its trainer can load while the page does.
        from grpo_app.web.server import serve as serve_web

        serve_web(*args, **options)

    a = arguments
    return serve_page(serve, _runs_dir(a), a.host, a.port, a.demo, a.preset, a.set)


def _train(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.train import train

    a = arguments
    return train(_runs_dir(a), a.preset, a.config, a.set, a.wait)


def _runs(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.runs import list_all

    return list_all(_runs_dir(arguments), arguments.json)


def _show(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.runs import show

    return show(_runs_dir(arguments), arguments.reference, arguments.json, arguments.groups)


def _control(kind: CommandKind) -> Command:
    def run(arguments: argparse.Namespace) -> int:
        from grpo_app.commands.control import control

        discard, now = getattr(arguments, "discard", False), getattr(arguments, "now", False)
        return control(_runs_dir(arguments), arguments.run, kind, discard=discard, now=now)

    return run


def _doctor(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.doctor import doctor

    return doctor(_runs_dir(arguments), arguments.json)


def _verify(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.judging import verify

    return verify(arguments.cases, arguments.out, arguments.workers, arguments.explain)


def _check(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.checking import check

    return check(arguments.problems, arguments.limit, arguments.json)


def _evaluate(arguments: argparse.Namespace) -> int:
    if arguments.now:
        from grpo_app.commands.control import control

        return control(_runs_dir(arguments), arguments.target, "evaluate")
    from grpo_app.commands.checkpoints import evaluate

    names = ("problems", "preset", "config", "n", "k", "temperature", "max_completion_length", "batch_size", "seed")
    options = {name.replace("_", "-"): getattr(arguments, name) for name in names}
    return evaluate(_runs_dir(arguments), arguments.target, options, arguments.json)


def _compare(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.checkpoints import compare_evaluations

    return compare_evaluations(_runs_dir(arguments), arguments.first, arguments.second, arguments.json)


def _export_model(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.checkpoints import export_model

    return export_model(_runs_dir(arguments), arguments.target, arguments.out)


def _import(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.transfer import import_files

    return import_files(_runs_dir(arguments), arguments.files, arguments.name, judged=not arguments.no_judge)


def _export(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.transfer import export

    return export(_runs_dir(arguments), arguments.run, arguments.out, arguments.marks)


def _prune(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.prune import prune

    a = arguments
    return prune(_runs_dir(a), a.runs, a.older_than, a.keep, a.checkpoints, a.yes)


def _tui(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.screens import print_once, run_tui

    if arguments.once:
        return print_once(_runs_dir(arguments), arguments.once)
    from grpo_app.tui.app import GrpoTui
    from grpo_app.tui.settings import read_settings, settings_file, with_choices
    from grpo_app.tui.themes import theme_names
    from grpo_core.paths import terminal_config_file

    settings = with_choices(
        read_settings(arguments.config or terminal_config_file(), theme_names()),
        arguments.theme,
        arguments.refresh,
        theme_names(),
    )
    if arguments.print_config:
        print(settings_file(settings, theme_names()))
        return OK
    return run_tui(partial(GrpoTui, settings=settings), _runs_dir(arguments), arguments.reference, arguments.demo)


def _run(command: Command, arguments: argparse.Namespace, program: str) -> int:
    """Do it; an error that a person can mend is one sentence on stderr."""
    from grpo_app.commands.common import UsageError, tell
    from grpo_core.errors import BadReferenceError, ConfigError, GrpoDashError, ProblemsError

    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a mark shows a substitute; it does not end the command.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return command(arguments)
    except (UsageError, BadReferenceError, ConfigError, ProblemsError) as error:
        tell(f"{program}: {error}")
        return USAGE
    except GrpoDashError as error:
        tell(f"{program}: {error}")
        return ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read has gone; without this Python complains once more while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED


def _parser(
    make: Callable[..., argparse.ArgumentParser], name: str, summary: str, example: str, **more: str
) -> argparse.ArgumentParser:
    return make(
        name,
        description=summary,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        **more,
    )


def _runs_dir(arguments: argparse.Namespace) -> Path:
    from grpo_core.paths import runs_dir

    return runs_dir(arguments.runs_dir)


def _version() -> str:
    from importlib.metadata import version

    return f"grpo-dash {version('grpo-dash')}"


if __name__ == "__main__":
    sys.exit(main())
