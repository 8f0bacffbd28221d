"""The playground's routes, with a playground that answers at once in the place of the real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from grpo_app.web.playground import make_playground_router
from grpo_core.runs.playground import Playground
from grpo_core.runs.playground_events import Done, Event, Finished, Loading, Text
from grpo_core.runs.recorded import recorded
from grpo_core.store.questions import Question, Seat, Subject
from grpo_core.types import Completion
from tests.app.web.actors import enliven
from tests.samples import HOSTILE, sample_verdict, write_sample_run

EMBEDDED = Subject("embedded model", "embedded")


class Parrot(Playground):
    """Answers with the prompt, right away and in this process. `busy` is what a training on the GPU would say."""

    busy: str | None = None
    cancelled: str | None = None
    asker: str | None = None

    def ask(self, question: Question, *, asker: str = "", seat: Seat | None = None) -> Iterator[Event]:
        self.asker = asker
        return recorded(self.runs_dir, question, self._say(question), seat)

    def warm(self, subject: Subject) -> Iterator[Event]:
        return iter([Loading(f"Loading {subject.label}."), Done(0.1)])

    def ask_trainer(self, run: str, question: Question, issuer: str = "playground", **_: object) -> Iterator[Event]:
        return iter([Loading(f"{run} answers for {issuer}."), Done(0.0)])

    def gpu_conflict(self, subject: Subject) -> Any:
        return SimpleNamespace(run="big-run", sentence=self.busy) if self.busy else None

    def cancel(self, asker: str | None = None) -> None:
        self.cancelled = asker

    def _say(self, question: Question) -> Iterator[Event]:
        text = f"{question.prompt}\n52"
        verdict = sample_verdict(True, text, "52") if question.gold else None
        yield Loading("Loading.")
        yield Text(0, text)
        yield Finished(0, Completion(0, text, 3, "stop", verdict))
        yield Done(0.5, 1, 1, 1.0, 1.0) if verdict else Done(0.5)


@pytest.fixture
def parrot(tmp_path: Path) -> Parrot:
    return Parrot(tmp_path)


@pytest.fixture
def client(tmp_path: Path, parrot: Parrot) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(make_playground_router(tmp_path, parrot))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1/api/playground/")


def asking(prompt: str = "1+1", gold: str = "", trainer: str | None = None, **changed: object) -> dict[str, Any]:
    question = {**Question(EMBEDDED, prompt, gold=gold).to_json(), **changed}
    return {"question": question, "trainer": trainer}


def lines_of(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_lists_checkpoints_bases_and_trainers_that_can_answer(client: httpx.AsyncClient, tmp_path: Path) -> None:
    run = enliven(write_sample_run(tmp_path, steps=1))
    answer = (await client.get("subjects")).json()
    assert [subject["label"] for subject in answer["subjects"]] == [f"{run.id} · base (embedded)", "embedded model"]
    assert [subject["run"] for subject in answer["trainers"]] == [run.id]


async def test_an_answer_comes_as_lines_in_the_order_of_the_sides(client: httpx.AsyncClient) -> None:
    answer = await client.post("ask", json={"sides": [asking(gold="52"), asking("2+2")]})
    events = [(line["side"], line["event"]) for line in lines_of(answer)]
    assert events == [(side, kind) for side in (0, 1) for kind in ("loading", "text", "finished", "done")]
    assert lines_of(answer)[2]["completion"]["verdict"]["outcome"] == "correct"
    assert lines_of(answer)[3]["pass_at_1"] == 1.0


async def test_a_trainer_answers_for_a_side(client: httpx.AsyncClient) -> None:
    answer = await client.post("ask", json={"sides": [asking(trainer="demo-1")]})
    assert lines_of(answer)[0]["message"] == "demo-1 answers for page."


@pytest.mark.parametrize(
    ("wrong", "field"), [({"prompt": " "}, "prompt"), ({"k": 65}, "k"), ({"top_p": 0}, "top_p"), ({"seed": -1}, "seed")]
)
async def test_what_cannot_be_asked_is_said_by_field(
    client: httpx.AsyncClient, wrong: dict[str, object], field: str
) -> None:
    answer = await client.post("ask", json={"sides": [asking(**wrong)]})
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == [field]
    assert answer.json()["error"]


async def test_three_sides_are_too_many(client: httpx.AsyncClient) -> None:
    assert (await client.post("ask", json={"sides": [asking()] * 3})).status_code == 422


async def test_a_training_on_the_gpu_is_told_before_anything_is_asked(
    client: httpx.AsyncClient, parrot: Parrot
) -> None:
    parrot.busy = "big-run is on the GPU."
    refused = await client.post("ask", json={"sides": [asking()]})
    assert (refused.status_code, refused.json()) == (409, {"error": parrot.busy, "conflict": "big-run"})
    assert (await client.get("history")).json()["asked"] == []
    for way in ({"sides": [asking()], "anyway": True}, {"sides": [asking(trainer="big-run")]}):
        assert (await client.post("ask", json=way)).status_code == 200


async def test_the_history_is_paged_newest_first_with_its_figures(client: httpx.AsyncClient) -> None:
    for number in range(3):
        await client.post("ask", json={"sides": [asking(f"{number} {HOSTILE}", gold="52")]})
    first = (await client.get("history?limit=2")).json()
    rest = (await client.get(f"history?limit=2&before={first['asked'][-1]['id']}")).json()
    prompts = [asked["question"]["prompt"] for asked in first["asked"] + rest["asked"]]
    assert [prompt[0] for prompt in prompts] == ["2", "1", "0"]
    assert (first["more"], rest["more"]) == (True, False)


async def test_a_history_shows_how_right_it_was(client: httpx.AsyncClient) -> None:
    await client.post("ask", json={"sides": [asking(HOSTILE, gold="52")]})
    [asked] = (await client.get("history")).json()["asked"]
    assert asked["question"]["prompt"] == HOSTILE
    assert (asked["done"]["correct"], asked["done"]["pass_at_k"]) == (1, 1.0)


async def test_the_history_is_exported_a_completion_a_line(client: httpx.AsyncClient) -> None:
    await client.post("ask", json={"sides": [asking(), asking()]})
    answer = await client.get("export")
    assert "attachment" in answer.headers["content-disposition"]
    assert [line["prompt"] for line in lines_of(answer)] == ["1+1", "1+1"]


async def test_a_tab_cancels_what_it_asked_and_nothing_else(client: httpx.AsyncClient, parrot: Parrot) -> None:
    await client.post("ask", json={"sides": [asking()], "asker": "tab 1"})
    await client.post("cancel", json={"asker": "tab 1"})
    assert parrot.asker == parrot.cancelled == "tab 1"
    assert (await client.post("cancel", json={})).status_code == 422


async def test_a_subject_is_made_ready_before_anybody_asks(client: httpx.AsyncClient) -> None:
    answer = await client.post("warm", json={"subject": EMBEDDED.to_json()})
    assert [line["event"] for line in lines_of(answer)] == ["loading", "done"]
    assert (await client.get("history")).json()["asked"] == []


async def test_two_sides_are_one_entry_of_the_history(client: httpx.AsyncClient) -> None:
    await client.post("ask", json={"sides": [asking("one", gold="52"), asking("two", gold="52")]})
    [asked] = (await client.get("history")).json()["asked"]
    [beside] = asked["beside"]
    assert (asked["question"]["prompt"], beside["question"]["prompt"]) == ("one", "two")
    assert beside["done"]["correct"] == 1


async def test_a_problem_that_the_run_never_trains_on(client: httpx.AsyncClient, tmp_path: Path) -> None:
    run = write_sample_run(tmp_path, steps=1)
    problem = (await client.get(f"problem?run={run.id}")).json()["problem"]
    assert problem["prompt"]
    assert problem["gold"]


async def test_a_question_begins_with_the_settings_of_the_subjects_run(client: httpx.AsyncClient) -> None:
    question = (await client.post("question", json={"path": "embedded"})).json()["question"]
    assert (question["subject"]["path"], question["max_completion_length"]) == ("embedded", 48)
