"""The playground's client, against a process without a model: order, failures, cancelling, the history, no remains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grpo_core.config import RunConfig
from grpo_core.runs import create_run, gpu
from grpo_core.runs.checkpoints import write_manifest
from grpo_core.runs.footprint import weights_bytes
from grpo_core.runs.playground import STARTING, Playground
from grpo_core.runs.playground_events import Done, Event, Failed, Finished, Loading, Text
from grpo_core.runs.playground_process import PlaygroundProcess
from grpo_core.runs.process import ProcessRecord, identify, write_record
from grpo_core.runs.subjects import asked_as_trained, subjects_of
from grpo_core.store import ControlDb, Question, Subject
from grpo_core.store.control import UNDER_WAY
from tests.samples import write_sample_run

REPOSITORY = Path(__file__).parents[3]
SUBJECT = Subject("a fake", "fake")


@pytest.fixture
def playground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Playground]:
    monkeypatch.setattr("grpo_core.runs.playground_process.ENGINE_MODULE", "tests.core.runs.fake_engine")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    playground = Playground(tmp_path / "runs")
    yield playground
    playground.close()


def ask(playground: Playground, prompt: str) -> Iterator[Event]:
    return playground.ask(Question(SUBJECT, prompt, k=1))


def test_events_come_in_order_and_the_answer_is_kept(playground: Playground) -> None:
    kinds = [type(event) for event in ask(playground, "6*7")]
    assert kinds == [Loading, Loading, Text, Text, Finished, Done]
    (kept,) = playground.history()
    assert (kept.question.prompt, kept.completions[0].text, kept.seconds) == ("6*7", "42", 0.5)
    (line,) = playground.export()
    assert '"text":"42"' in line


def test_a_reader_that_goes_away_loses_nothing(playground: Playground) -> None:
    ask(playground, "first")
    assert isinstance(list(ask(playground, "second"))[-1], Done)
    while not all(each.seconds for each in playground.history()):
        continue  # the first is still on its way into the history
    assert [each.completions[0].text for each in playground.history()] == ["42", "42"]


def test_a_crash_is_told_with_the_logs_last_line_and_what_was_said_is_kept(playground: Playground) -> None:
    *_, last = ask(playground, "crash")
    assert isinstance(last, Failed)
    assert "SIGKILL" in last.message
    assert "out of luck" in last.message
    assert isinstance(list(ask(playground, "again"))[-1], Done)
    assert isinstance(list(ask(playground, "crash"))[-1], Failed)
    *_, crashed = playground.history()
    assert (crashed.completions[0].text, crashed.completions[0].finish_reason) == ("4", None)
    assert crashed.error == last.message


def test_all_questions_can_be_cancelled(playground: Playground) -> None:
    waiting = [ask(playground, "wait"), ask(playground, "wait")]
    for events in waiting:
        next(event for event in events if isinstance(event, Text))
    playground.cancel()
    assert [list(events)[-1] for events in waiting] == [Done(0.1, cancelled=True)] * 2


def test_a_cancellation_leaves_the_questions_of_others_alone(playground: Playground) -> None:
    mine, other = (playground.ask(Question(SUBJECT, "wait", k=1), asker=name) for name in ("me", "somebody"))
    for events in (mine, other):
        next(event for event in events if isinstance(event, Text))
    playground.cancel("me")
    assert list(mine)[-1] == Done(0.1, cancelled=True)
    assert [asked.seconds for asked in playground.history()].count(None) == 1
    playground.cancel("nobody")
    playground.cancel("somebody")
    assert list(other)[-1] == Done(0.1, cancelled=True)


def test_what_is_cancelled_before_there_is_a_process_is_not_answered(playground: Playground) -> None:
    events = ask(playground, "wait")
    playground.cancel()
    assert list(events)[-1] == Done(0.1, cancelled=True)


def test_it_can_be_warmed_before_anybody_asks(playground: Playground) -> None:
    assert [type(event) for event in playground.warm(SUBJECT)] == [Loading, Loading, Done]
    assert [type(event) for event in playground.warm(SUBJECT)] == [Loading, Done]
    assert not isinstance(next(ask(playground, "wait")), Failed)
    assert playground.history()[0].question.prompt == "wait"


def test_who_asks_while_it_starts_is_told_so(playground: Playground) -> None:
    first = ask(playground, "say nothing")
    assert next(first) == Loading(STARTING)
    second = ask(playground, "say nothing")
    assert next(second) == Loading(STARTING)
    playground.cancel()
    assert [list(events) for events in (first, second)] == [[Done(0.1, cancelled=True)]] * 2
    assert next(ask(playground, "6*7")) != Loading(STARTING)


def test_warming_loads_no_weights_beside_a_training_on_the_gpu(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Subject | None] = []
    real = PlaygroundProcess.load
    monkeypatch.setattr(Playground, "gpu_conflict", lambda self, subject: "in the way")
    monkeypatch.setattr(
        PlaygroundProcess,
        "load",
        lambda self, number, subject: (loaded.append(subject), real(self, number, subject))[1],
    )
    assert isinstance(list(playground.warm(SUBJECT))[-1], Done)
    assert loaded == [None]


def test_closing_ends_a_question_in_flight_and_the_process(playground: Playground) -> None:
    events = ask(playground, "wait")
    next(event for event in events if isinstance(event, Text))
    process = playground._process
    assert process is not None
    playground.close()
    assert isinstance(list(events)[-1], Failed)
    assert not psutil.pid_exists(process.pid)
    assert list(ask(playground, "6*7")) == [Failed("The playground is closed.")]


@pytest.mark.parametrize(("variable", "words"), [("FAKE_ENDS_IDLE", "see its log"), ("FAKE_CANNOT_START", "no such")])
def test_a_process_that_does_not_stay_is_told(
    playground: Playground, monkeypatch: pytest.MonkeyPatch, variable: str, words: str
) -> None:
    monkeypatch.setenv(variable, "1")
    *_, last = ask(playground, "6*7")
    assert isinstance(last, Failed)
    assert words in last.message


def test_a_process_that_ended_idle_is_started_again(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(list(ask(playground, "6*7"))[-1], Done)
    process = playground._process
    assert process is not None
    process.close()
    assert isinstance(list(ask(playground, "6*7"))[-1], Done)


def test_it_ends_with_its_parent(playground: Playground, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from grpo_core.runs import playground_process as it\n"
        "it.ENGINE_MODULE = 'tests.core.runs.fake_engine'\n"
        f"print(it.PlaygroundProcess(Path({str(tmp_path)!r}), 1000).pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    child.wait(60)


def test_what_cannot_be_asked_starts_nothing(playground: Playground) -> None:
    assert list(playground.ask(Question(SUBJECT, " ", k=0))) == [
        Failed("Type a question. Ask for 1 to 64 completions.")
    ]
    assert playground._process is None


def test_subjects_are_whole_checkpoints_and_bases_newest_first(tmp_path: Path) -> None:
    old, new = write_sample_run(tmp_path, name="old"), write_sample_run(tmp_path, name="new")
    os.utime(old.config_file, ns=(1, 1))
    for folder, step in ((old, 4), (new, 4), (new, 12)):
        checkpoint = folder.checkpoints / f"checkpoint-{step}"
        checkpoint.mkdir(parents=True)
        write_manifest(checkpoint, step)
    (new.checkpoints / "checkpoint-13").mkdir()
    found = Playground(tmp_path).subjects()
    assert [(each.run, each.step) for each in found] == [
        (new.id, 12),
        (new.id, 4),
        (new.id, 0),
        (old.id, 4),
        (old.id, 0),
        (None, None),
    ]
    assert found[0].label == f"{new.id} · step 12"
    assert Playground(tmp_path).subject_at(found[1].path) == found[1]
    asked = Playground(tmp_path).default_question(found[0])
    assert (asked.subject, asked.max_completion_length) == (found[0], new.config().max_completion_length)


def test_weights_are_asked_as_their_run_asks(tmp_path: Path) -> None:
    config = RunConfig(name="shots", prompt_template="Solve: {problem}", num_few_shot=2)
    run = create_run(tmp_path, config)
    base = subjects_of(run)[-1]
    plain = Question(SUBJECT, "6*7")
    assert asked_as_trained(tmp_path, plain) == plain
    question = asked_as_trained(tmp_path, replace(plain, subject=base))
    assert (question.prompt, question.prompt_template, len(question.examples)) == ("6*7", "Solve: {problem}", 2)
    assert Question.from_json(json.loads(json.dumps(question.to_json()))) == question
    first = question.examples[0]
    again = asked_as_trained(tmp_path, replace(question, prompt=first.prompt))
    assert first not in again.examples
    assert Playground(tmp_path).default_question(base).prompt_template == config.prompt_template


def test_the_trainer_is_asked_by_a_command(tmp_path: Path) -> None:
    run = write_sample_run(tmp_path)
    this = identify(os.getpid())
    write_record(run.process_file, ProcessRecord(this, this, 1))
    playground = Playground(tmp_path)
    events = playground.ask_trainer(run.id, Question(SUBJECT, "6*7", k=1))
    assert isinstance(next(events), Loading)
    control = ControlDb(tmp_path)
    command = _pending(control, run.id)
    assert (command.kind, command.arguments["prompt"]) == ("generate", "6*7")
    control.acknowledge(command.id, UNDER_WAY["generate"])
    control.finish(command.id, '{"error": "no room"}')
    assert list(events) == [Failed("no room")]
    again = playground.ask_trainer(run.id, Question(SUBJECT, "6*7", k=1))
    next(again)
    playground.cancel()
    assert list(again) == [Done(0.0, cancelled=True)]
    assert control.pending(run.id) == []


def test_a_trainer_that_is_gone_cannot_be_asked(tmp_path: Path) -> None:
    run = write_sample_run(tmp_path)
    (said,) = Playground(tmp_path).ask_trainer(run.id, Question(SUBJECT, "6*7"))
    assert isinstance(said, Failed)
    assert "is not running" in said.message
    (said,) = Playground(tmp_path).ask_trainer("nothing", Question(SUBJECT, "6*7"))
    assert isinstance(said, Failed)


def test_a_run_on_the_gpu_is_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = write_sample_run(tmp_path)
    this = identify(os.getpid())
    write_record(run.process_file, ProcessRecord(this, this, 1))
    writer = run.writer()
    writer.set_facts({"device": "cuda:0"})
    writer.close()
    subject = Subject("the base", "embedded", run.id)
    monkeypatch.setattr(gpu.shutil, "which", lambda name: None)
    assert gpu.gpu_conflict(tmp_path, subject) is None
    monkeypatch.setattr(gpu, "free_gpu_bytes", lambda: 3 * 1024**3)
    found = gpu.gpu_conflict(tmp_path, subject)
    assert found is not None
    assert found.run == run.id
    assert found.needed_bytes == weights_bytes("embedded")
    for words in ("3.0 GiB free", "takes about", "at its next step", "suspend"):
        assert words in found.sentence


def _pending(control: ControlDb, run: str):
    while not (pending := control.pending(run)):
        continue
    return pending[0]
