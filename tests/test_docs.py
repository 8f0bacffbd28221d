"""The README against the code: its commands parse, its files are there, its tables are what they describe."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = [README, *(path.read_text() for path in sorted((ROOT / "docs").glob("*.md")))]
COMMANDS = [
    line.split("#")[0].strip()
    for page in PAGES
    for line in page.splitlines()
    if re.match(r"(\.venv/bin/)?grpo-(dash|tui)", line)
]
MAKE_TARGETS = sorted(set(re.findall(r"\bmake ([a-z-]+)\b(?! s)", README)))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_and_the_docs_parses(command: str) -> None:
    from grpo_app.cli import make_parser, make_tui_parser

    program, *arguments = shlex.split(command)
    parser = make_tui_parser() if program.endswith("grpo-tui") else make_parser()
    parser.parse_args(arguments)


def test_there_are_commands_to_check() -> None:
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("target", MAKE_TARGETS)
def test_every_make_target_of_the_readme_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize("path", re.findall(r"\]\(((?:docs|assets|scripts)/[^)]+)\)", README))
def test_every_file_that_the_readme_links_to_is_there(path: str) -> None:
    assert (ROOT / path).is_file()


def test_the_tree_of_the_readme_is_the_one_that_is_there() -> None:
    tree = README.split("## How it is built")[1].split("```")[1]
    for line in tree.strip().splitlines():
        name = line.split("  ")[0].strip()
        if name.endswith("/"):
            assert (ROOT / name).is_dir(), name
    for word in re.findall(r"^  ((?:[a-z]+ ?)+?)(?:  |$)", tree, flags=re.MULTILINE):
        for module in word.split():
            base = ROOT / "core" / "grpo_core" / module
            assert base.is_dir() or base.with_suffix(".py").is_file(), module


def test_the_tables_are_what_they_describe() -> None:
    script = "import sys, write_readme_tables as w; now = w.README.read_text(); sys.exit(w.with_tables(now) != now)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT / "scripts")
    assert done.returncode == 0, "run: python scripts/write_readme_tables.py"


def test_the_readmes_python_runs() -> None:
    from grpo_core.oracle import judge

    verdict = judge("6 + 7 = 13, so the answer is \\boxed{13}.", gold="13")
    assert verdict.outcome == "correct"
    assert 'judge("6 + 7 = 13, so the answer is \\\\boxed{13}.", gold="13")' in README
