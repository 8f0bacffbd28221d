"""The playground with its real process: it answers, survives what cannot be answered, being killed and being idle."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from grpo_core.config import model_folder
from grpo_core.engine.adapters import load_subject
from grpo_core.runs.playground import Playground
from grpo_core.runs.playground_events import Done, Event, Failed, Finished, Loading, Text
from grpo_core.store import Question, Subject
from tests.core.engine.conftest import TrainRun
from tests.samples import CHAIN, HOSTILE

EMBEDDED = Subject("embedded model", "embedded")
LONG = Question(EMBEDDED, CHAIN.prompt, k=64, max_completion_length=200, temperature=10.0)
LIMIT = 120.0


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        playground = Playground(tmp_path_factory.mktemp("runs"), idle_seconds=LIMIT)
        yield playground
        playground.close()


def finished(events: list[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, Finished)]


def loads(events: list[Event]) -> bool:
    """Had the model to be loaded (not the process to be started)?"""
    return any(isinstance(event, Loading) and event.message.startswith("Loading") for event in events)


def test_a_question_is_answered_and_the_model_stays_loaded(playground: Playground) -> None:
    asked = Question(EMBEDDED, CHAIN.prompt, gold=CHAIN.gold, k=2)
    first, second = list(playground.ask(asked)), list(playground.ask(asked))
    assert loads(first)
    assert isinstance(second[0], Text)
    assert finished(first) == finished(second)
    assert isinstance(second[-1], Done)
    assert second[-1].judged == 2


def test_two_models_stay_loaded_and_the_third_takes_the_place_of_the_oldest(
    playground: Playground, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        shutil.copytree(model_folder("embedded") or "", folder)
    one, two, three = (Question(Subject(each.name, str(each)), CHAIN.prompt, k=1) for each in folders)
    asked = (one, two, one, two, three, two, one)
    assert [loads(list(playground.ask(each))) for each in asked] == [True, True, False, False, True, False, True]
    os.utime(folders[0] / "model.safetensors", ns=(1, 1))
    assert loads(list(playground.ask(one))), "what was written anew is loaded anew"


def test_what_cannot_be_answered_is_said_and_the_next_one_is(playground: Playground, tmp_path: Path) -> None:
    pickled = tmp_path / "pickled"
    pickled.mkdir()
    (pickled / "adapter_config.json").write_text('{"base_model_name_or_path": "embedded"}')
    (pickled / "adapter_model.bin").write_bytes(b"a pickle")
    for path, words in ((tmp_path / "nothing", "There is no folder"), (pickled, "no adapter_model.safetensors")):
        (*_, last) = playground.ask(Question(playground.subject_at(str(path)), "1+1"))
        assert isinstance(last, Failed)
        assert words in last.message
    (*_, last) = playground.ask(Question(EMBEDDED, HOSTILE + "\ud800\n\r\n{}", gold=HOSTILE, k=1))
    assert isinstance(last, Done)


def test_two_subjects_side_by_side(playground: Playground, tmp_path: Path) -> None:
    shutil.copytree(model_folder("embedded") or "", tmp_path / "other")
    other = playground.subject_at(str(tmp_path / "other"))
    first, second = (playground.ask(Question(subject, CHAIN.prompt, k=2)) for subject in (EMBEDDED, other))
    assert finished(list(second)) == finished(list(first))


@pytest.mark.training
def test_a_lora_checkpoint_is_asked_on_its_base(playground: Playground, train_run: TrainRun, tmp_path: Path) -> None:
    folder = train_run(lora_r=4, max_steps=1, learning_rate=0.05)
    checkpoint = folder.checkpoints / "checkpoint-1"
    assert load_subject(str(checkpoint)).model.active_adapters == ["default"]
    alone = tmp_path / "alone"
    shutil.copytree(checkpoint, alone)
    asked = [Question(playground.subject_at(str(path)), CHAIN.prompt, k=2) for path in (checkpoint, alone)]
    assert [each.subject.adapter for each in asked] == [True, True]
    assert (asked[0].subject.run, asked[0].subject.step) == (folder.id, 1)
    base = Question(EMBEDDED, CHAIN.prompt, k=2)
    trained, moved, untrained = (finished(list(playground.ask(each))) for each in (*asked, base))
    assert trained == moved != untrained


def test_a_long_answer_can_be_cancelled(playground: Playground) -> None:
    events = playground.ask(LONG)
    begun = next(event for event in events if isinstance(event, Text))
    playground.cancel()
    *_, last = rest = list(events)
    assert isinstance(last, Done)
    assert last.cancelled
    text = next(event.completion.text for event in rest if isinstance(event, Finished) and event.index == begun.index)
    assert text.startswith(begun.added)


def test_killed_in_the_middle_it_says_so_and_is_started_again(playground: Playground) -> None:
    events = playground.ask(LONG)
    next(event for event in events if isinstance(event, Text))
    process = playground._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    *_, last = events
    assert isinstance(last, Failed)
    assert "SIGKILL" in last.message
    assert isinstance(list(playground.ask(Question(EMBEDDED, CHAIN.prompt, k=1)))[-1], Done)
    answered, killed = playground.history(limit=2)
    assert (killed.error, answered.error) == (last.message, None)
    assert any(each.text for each in killed.completions)
    again = playground._process
    assert again is not None
    playground.close()
    assert again.ended_idle, "the end of its stdin is enough"


def test_stdout_holds_only_the_protocol_and_idleness_ends_it() -> None:
    question = Question(EMBEDDED, CHAIN.prompt, gold=CHAIN.gold, k=2).to_json()
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _NOISY],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    watchdog = threading.Timer(LIMIT, process.kill)
    watchdog.start()
    process.stdin.write(json.dumps({"id": 7, "ask": question}) + "\n")
    process.stdin.flush()
    assert process.wait() == 0
    watchdog.cancel()
    said, errors = process.communicate()
    lines = [json.loads(line) for line in said.splitlines()]
    assert {line["id"] for line in lines} == {7}
    assert lines[-1]["event"] == "done"
    assert "noise" in errors


_NOISY = """
import sys
import grpo_core.engine.playground as playground
answer = playground.answer
def noisy(*arguments):
    print("noise", flush=True)
    return answer(*arguments)
playground.answer = noisy
sys.exit(playground.serve_playground(1.0))
"""
