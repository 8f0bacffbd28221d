"""`grpo-dash` and `grpo-tui`: the command line, read here and done in `grpo_app.commands`.

Commands are imported when they run, so that `--help` is fast and a list of runs loads no page and no engine.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grpo_app import options

if TYPE_CHECKING:
    from grpo_core.store.control import CommandKind

OK, ERROR, USAGE, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
Command = Callable[[argparse.Namespace], int]
_Entry = tuple[str, Command, Callable[[argparse.ArgumentParser], None], str, str]


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
    for name, run, add_options, summary, example in _entries():
        command = _parser(commands.add_parser, name, summary, f"grpo-dash {example}", help=summary)
        options.add_runs_dir(command)
        command.set_defaults(command=run)
        add_options(command)
    return parser


_CONTROLS: dict[CommandKind, str] = {
    "pause": "Let a run wait after its step; it keeps its memory.",
    "resume": "Let a paused run go on, or start an ended one from its newest whole checkpoint.",
    "suspend": "Let a run write a checkpoint and give its memory back.",
    "checkpoint": "Let a run write a checkpoint after its step.",
}


def _entries() -> tuple[_Entry, ...]:
    """The commands in the order of the help: name, what does it, what it takes, a sentence, an example."""
    return (
        ("serve", _serve, options.add_serve, "Show runs in the browser (the default command).", "serve --port 8000"),
        ("train", _train, options.add_train, "Start a run; prints its id.", "train --preset demo --set seed=1 --wait"),
        ("runs", _runs, options.add_runs, "List the runs, newest first.", "runs --json"),
        ("show", _show, options.add_show, "Show a run, or a group of it.", "show demo-7k3f/group/12/k/0"),
        *((kind, _control(kind), options.add_run, said, f"{kind} demo-7k3f") for kind, said in _CONTROLS.items()),
        ("stop", _control("stop"), options.add_stop, "Ask a run to end after a last checkpoint.", "stop demo-7k3f"),
        ("doctor", _doctor, options.add_doctor, "Say what this machine can do.", "doctor"),
        ("verify", _verify, options.add_verify, "Judge a file of answers.", "verify --cases in.jsonl --out out.jsonl"),
        ("check", _check, options.add_check, "List the golds that cannot be judged.", "check my.jsonl"),
        ("evaluate", _evaluate, options.add_evaluate, "Evaluate a checkpoint.", "evaluate demo-7k3f --n 256 --k 4"),
        (
            "compare",
            _compare,
            options.add_compare,
            "Say whether one evaluation is better than another, or noise.",
            "compare demo-7k3f/step/0 demo-7k3f/step/200",
        ),
        (
            "export-model",
            _export_model,
            options.add_export,
            "Write a checkpoint as one plain model; an adapter is merged into its base.",
            "export-model demo-7k3f --out my-model",
        ),
        (
            "import",
            _import,
            options.add_import,
            "Make a run of what TRL, verl or grpo-dash logged.",
            "import completions/*.parquet --name theirs",
        ),
        (
            "export",
            _export,
            options.add_export_run,
            "Write a run to JSON Lines or Parquet.",
            "export demo-7k3f --out run.parquet",
        ),
        ("prune", _prune, options.add_prune, "Say what could be deleted, or delete it.", "prune --older-than 30"),
    )


def make_tui_parser() -> argparse.ArgumentParser:
    parser = _parser(
        argparse.ArgumentParser,
        "grpo-tui",
        "Watch runs in the terminal. A reference opens there: RUN, RUN/step/N, RUN/group/ID[/k/I], RUN/problem/ID.",
        "grpo-tui demo-7k3f/group/12",
    )
    parser.add_argument("reference", nargs="?", metavar="REF", help="where to open (default: the newest run)")
    options.add_runs_dir(parser)
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


def _serve(arguments: argparse.Namespace) -> int:
    from grpo_app.commands.screens import forget_gradio_settings, serve_page

    def serve(*args: Any, **options: Any) -> None:
        # Only when the demo is on its way: its trainer can load while the page does.
        forget_gradio_settings()
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
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        what = error.filename or "a file"
        tell(f"{program}: The disk is full: {what} could not be written. Make room there and try again.")
        return ERROR


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
