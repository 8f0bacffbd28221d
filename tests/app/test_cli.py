"""The command line on a small run: what it prints, its JSON, its exit codes, and what it does not load."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from grpo_app.cli import main, make_parser, tui_main
from grpo_app.commands import checkpoints
from grpo_core.runs import RunFolder
from grpo_core.runs.checkpoints import write_manifest
from grpo_core.runs.process import ExitRecord, ProcessIdentity, ProcessRecord, write_record
from grpo_core.store import ControlDb
from tests.samples import write_sample_run

HEAVY = {"torch", "gradio", "sympy", "trl", "transformers", "fastapi"}
COMMANDS = ("serve", "train", "runs", "show", "stop", "doctor", "verify", "check", "evaluate", "export-model")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return write_sample_run(tmp_path / "runs")


def grpo_dash(folder: RunFolder, *words: str) -> int:
    return main([*words, "--runs-dir", str(folder.path.parent)])


def python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_every_help_has_an_example(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*command, "--help"])
    assert left.value.code == 0
    assert "example:\n  grpo-dash" in capsys.readouterr().out


def test_the_terminal_apps_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        tui_main(["--help"])
    assert "example:\n  grpo-tui" in capsys.readouterr().out


def test_a_resume_that_may_not_be_exact_is_said_before_it_starts(
    folder: RunFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said_before: list[str] = []
    gone = ProcessIdentity(1, 0.0, "another boot")
    write_record(folder.process_file, ProcessRecord(gone, gone, 1))
    write_record(folder.exit_file, ExitRecord(1, None, 9, 0.0))
    with closing(folder.writer()) as writer:
        writer.set_facts({"step": 7})
    monkeypatch.setattr("grpo_core.runs.control.doubts_of_resume", lambda folder: ("Last digits may differ.",))
    monkeypatch.setattr(
        "grpo_core.runs.control.start_supervisor", lambda folder: said_before.append(capsys.readouterr().err)
    )
    assert grpo_dash(folder, "resume", folder.id) == 0
    assert said_before == ["Before it starts: Last digits may differ.\n"]


def test_runs_as_a_table(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert grpo_dash(folder, "runs") == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["STATUS", "RUN", "STEP", "GROUPS", "MODEL", "OBJECTIVE", "MADE"]
    assert row.startswith(f"· created  {folder.id}  12/12  24      embedded  grpo")


def test_the_table_says_what_is_wrong_with_a_run(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    damaged = folder.path.parent / "damaged"
    damaged.mkdir()
    (damaged / "run.db").write_bytes(b"nothing that SQLite knows" * 400)
    assert grpo_dash(folder, "runs") == 0
    *_, blank, notice = capsys.readouterr().out.splitlines()
    assert blank == ""
    assert notice.startswith("! damaged: ")
    assert "damaged or not a database" in notice


def test_runs_as_json(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert grpo_dash(folder, "runs", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == 1
    [run] = document["runs"]
    assert run["id"] == folder.id
    assert {"status", "stalled", "exit", "created_at", "backend", "model", "objective", "step"} <= set(run)
    assert (run["step"], run["max_steps"], run["groups"], run["completions"]) == (12, 12, 24, 96)


def test_no_runs_says_what_to_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--runs-dir", str(tmp_path)]) == 0
    assert "grpo-dash train --preset demo" in capsys.readouterr().out


def test_show_as_json(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert grpo_dash(folder, "show", folder.id, "--json", "--groups", "3") == 0
    document = json.loads(capsys.readouterr().out)
    assert {"schema", "run", "config", "pids", "metrics", "evals", "checkpoints", "groups"} <= set(document)
    assert [group["id"] for group in document["groups"]] == [24, 23, 22]
    completion = document["groups"][1]["completions"][1]
    assert completion["verdict"]["outcome"] == "wrong"
    assert completion["weight"] is None


def test_show_for_people_fits_a_screen_and_holds_no_control_characters(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert grpo_dash(folder, "show", folder.id, "--groups", "8") == 0
    text = capsys.readouterr().out
    assert len(text.splitlines()) <= 24
    assert "Held-out, greedy" in text
    assert "#24" in text
    assert not CONTROL.search(text)


def test_show_a_group_says_why_and_is_cleaned(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert grpo_dash(folder, "show", f"{folder.id}/group/23/k/1") == 0
    text = capsys.readouterr().out
    assert "k1  ✗ wrong · reward 0.00 (correct 0.00, partial 0.33) · advantage -1.50" in text
    assert "pwned" in text, "the sample's hostile completion"
    assert not CONTROL.search(text)


def test_a_run_may_be_named_by_its_beginning(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert grpo_dash(folder, "show", "samp") == 0
    assert folder.id in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ("show", "nope"),
        ("show", "sample/group/999"),
        ("show", "a//b"),
        ("train",),
        ("train", "--preset", "nope"),
        ("train", "--preset", "demo", "--set", "nonsense=1"),
        ("train", "--config", "missing.toml"),
        ("stop", "nope"),
        ("verify", "--cases", "missing.jsonl", "--out", "out.jsonl"),
    ],
)
def test_bad_use_is_one_sentence_and_code_2(
    folder: RunFolder, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(list(words)) if words[0] == "verify" else grpo_dash(folder, *words)
    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert said.err.startswith("grpo-dash: ")
    assert len(said.err.strip().splitlines()) == 1


def test_a_run_that_is_not_going_cannot_be_stopped(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert grpo_dash(folder, "stop", folder.id) == 1
    assert "is created: it cannot stop now" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "kind", "arguments"),
    [
        (["pause"], "pause", {}),
        (["suspend"], "suspend", {}),
        (["checkpoint"], "checkpoint", {}),
        (["evaluate", "--now"], "evaluate", {}),
        (["stop"], "stop", {}),
        (["stop", "--discard"], "stop", {"discard": True}),
    ],
)
def test_a_control_asks_the_trainer(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch, words: list[str], kind: str, arguments: dict
) -> None:
    monkeypatch.setattr("grpo_core.runs.status._status_of_foreign", lambda facts: "running")
    assert grpo_dash(folder, *words, "sample") == 0
    control = ControlDb(folder.path.parent)
    [command] = control.pending(folder.id)
    control.close()
    assert (command.kind, command.arguments, command.issuer) == (kind, arguments, "command line")


def test_show_says_why_a_run_died(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    gone = ProcessIdentity(2**22 - 1, 1.0, "another boot")
    write_record(folder.process_file, ProcessRecord(gone, gone, 1))
    write_record(folder.exit_file, ExitRecord(1, 1, None, 0.0))
    folder.log.write_text("torch.OutOfMemoryError: CUDA out of memory. \x1b[31mTried\n")
    assert grpo_dash(folder, "show", folder.id) == 0
    shown = capsys.readouterr().out
    assert "The GPU ran out of memory" in shown
    assert "(code 1)" in shown
    assert "\x1b" not in shown


def test_verify_writes_a_verdict_a_line_and_explains_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [{"id": "a", "gold": "52", "completion": "\\boxed{52}"}, {"id": "b", "gold": "1", "completion": "2"}]
    cases.write_text("\n".join(json.dumps(line) for line in lines))
    assert main(["verify", "--cases", str(cases), "--out", str(out), "--workers", "1"]) == 0
    verdicts = [json.loads(line) for line in out.read_text().splitlines()]
    assert [verdict["id"] for verdict in verdicts] == ["a", "b"]
    assert verdicts[0]["outcome"] == "correct"
    assert main(["verify", "--cases", str(cases), "--explain", "a"]) == 0
    assert "correct" in capsys.readouterr().out
    assert main(["verify", "--cases", str(cases)]) == 2


def test_check_lists_the_golds_that_cannot_be_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.jsonl"
    golds = [str(n) for n in range(30)]
    file.write_text("\n".join(json.dumps({"prompt": f"{gold}?", "gold": gold}) for gold in golds))
    assert main(["check", str(file)]) == 0
    assert "All 30 golds verify" in capsys.readouterr().err
    file.write_text(file.read_text() + "\n" + json.dumps({"id": "odd", "prompt": "q", "gold": "\\foo{3}\x1b[31m"}))
    assert main(["check", str(file)]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("odd  \\foo{3}")
    assert "\x1b" not in said.out
    assert "1 of 31 golds do not verify" in said.err
    assert main(["check", str(file), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["checked"], [fault["id"] for fault in found["faults"]]) == (31, ["odd"])
    assert main(["check", "generated", "--limit", "20"]) == 0
    assert main(["check", "nothing.jsonl"]) == main(["check", str(file), "--limit", "0"]) == 2


def test_evaluate_hands_over_to_the_engine(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []

    def run(command: list[str], check: bool) -> subprocess.CompletedProcess[bytes]:
        called.append(command)
        return subprocess.CompletedProcess(command, 7)

    monkeypatch.setattr(checkpoints.subprocess, "run", run)
    assert grpo_dash(folder, "evaluate", "nope") == 2
    assert called == []
    checkpoint = folder.checkpoints / "checkpoint-4"
    checkpoint.mkdir(parents=True)
    write_manifest(checkpoint, 4)
    assert grpo_dash(folder, "evaluate", "sample", "--k", "2", "--json") == 7
    assert called[0][1:] == [
        *("-m", "grpo_core.engine", "evaluate", "sample", "--k", "2", "--json"),
        *("--runs-dir", str(folder.path.parent)),
    ]


def test_the_runs_folder_may_be_named_before_the_command(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    runs_dir = str(folder.path.parent)
    for words in (["--runs-dir", runs_dir, "runs"], [f"--runs-dir={runs_dir}", "runs"]):
        assert main(words) == 0
        assert folder.id in capsys.readouterr().out


def test_doctor_says_what_the_machine_can_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json", "--runs-dir", str(tmp_path / "not" / "yet")]) == 0
    document = json.loads(capsys.readouterr().out)
    checks = {check["name"]: check for check in document["checks"]}
    assert set(checks) == {
        *("Python", "Engine", "Oracle, store", "Screens", "Backend", "GPU", "Cores", "Memory"),
        *("Disk", "File system", "SQLite", "Port", "Terminal"),
    }
    assert all(check["state"] in ("ok", "none", "warn", "bad") for check in checks.values())
    assert "textual" in checks["Screens"]["found"]
    assert main(["doctor", "--runs-dir", str(tmp_path)]) == 0
    assert "✓ Python" in capsys.readouterr().out


def test_once_prints_a_screen_and_leaves(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert tui_main(["--once", "sample", "--runs-dir", str(folder.path.parent)]) == 0
    printed = capsys.readouterr().out
    assert folder.id in printed
    assert "Newest groups" in printed
    assert len(printed.splitlines()) <= 24


def test_the_terminal_app_refuses_an_unknown_run(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert tui_main(["nope", "--runs-dir", str(folder.path.parent)]) == 2
    assert capsys.readouterr().err.startswith("grpo-tui: There is no run nope")


@pytest.mark.parametrize(
    "code",
    [
        "import grpo_app.tui.app",
        "from grpo_app.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass",
        "from grpo_app.cli import main; main(['runs', '--runs-dir', sys.argv[1]])",
        "from grpo_app.cli import tui_main; tui_main(['--once', 'sample', '--runs-dir', sys.argv[1]])",
    ],
)
def test_nothing_heavy_is_loaded(folder: RunFolder, code: str) -> None:
    loaded = "\nsys.exit(repr(sorted({name.partition('.')[0] for name in sys.modules} & set(sys.argv[2].split()))))"
    ended = python(f"import sys\n{code}{loaded}", str(folder.path.parent), " ".join(HEAVY))
    assert ended.stderr.strip() == "[]"


def test_a_closed_pipe_is_no_error(folder: RunFolder) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "grpo_app.cli", "show", folder.id, "--json", "--runs-dir", str(folder.path.parent)]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=60)
    os.close(writing)
    assert ended.stderr == b""


def test_options_without_a_command_are_for_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def serve(arguments: Any) -> int:
        seen.append(arguments)
        return 0

    monkeypatch.setattr("grpo_app.cli._serve", serve)
    assert main(["--demo", "--port", "8001"]) == 0
    assert main([]) == 0
    assert [(each.demo, each.port) for each in seen] == [(True, 8001), (False, None)]
    assert make_parser().prog == "grpo-dash"
