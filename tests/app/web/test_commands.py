"""What a person asks of a run through the page: passed on once, refused in a sentence, on record for everybody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from grpo_app.web.api import show_error
from grpo_app.web.commands import CommandLog, make_commands_router
from grpo_app.web.security import Guard
from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder
from grpo_core.store import ControlDb
from tests.app.web.actors import acknowledge, enliven, pending, tell
from tests.samples import write_sample_run


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return enliven(write_sample_run(tmp_path, steps=2))


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    """These routes behind the guard, without Gradio, which takes a while to put together."""
    made = FastAPI()
    made.add_exception_handler(GrpoDashError, show_error)
    made.include_router(make_commands_router(tmp_path))
    made.add_middleware(Guard)
    return made


async def ask(app: FastAPI, path: str, body: object = None, **headers: str) -> httpx.Response:
    """GET, or POST where there is a body."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        if body is None:
            return await client.get(path)
        return await client.post(path, json=body, headers=headers)


@pytest.mark.parametrize(
    ("kind", "discard"),
    [("pause", False), ("checkpoint", False), ("evaluate", False), ("suspend", False), ("stop", False), ("stop", True)],
)
async def test_a_press_is_one_command_by_the_page(app: FastAPI, run: RunFolder, kind: str, discard: bool) -> None:
    answer = await ask(app, f"/api/runs/{run.id}/commands", {"kind": kind, "discard": discard})
    assert answer.status_code == 200
    assert run.id in answer.json()["sentence"]
    assert [(each.kind, each.issuer, bool(each.arguments.get("discard"))) for each in pending(run)] == [
        (kind, "page", discard)
    ]


async def test_a_paused_run_is_told_to_resume(app: FastAPI, run: RunFolder) -> None:
    tell(run, paused=True)
    assert (await ask(app, f"/api/runs/{run.id}/commands", {"kind": "resume"})).status_code == 200
    assert [command.kind for command in pending(run)] == ["resume"]


async def test_what_makes_no_sense_now_is_refused_in_a_sentence(app: FastAPI, run: RunFolder) -> None:
    answer = await ask(app, f"/api/runs/{run.id}/commands", {"kind": "resume"})
    assert answer.status_code == 409
    assert answer.json()["error"] == f"{run.id} is running: it cannot resume now."
    assert pending(run) == []


async def test_an_unknown_run_is_not_found(app: FastAPI) -> None:
    answer = await ask(app, "/api/runs/nosuch/commands", {"kind": "pause"})
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("There is no run nosuch")


@pytest.mark.parametrize(
    "press", [{}, {"kind": "generate"}, {"kind": "pause", "discard": True}, {"kind": "pause", "more": 1}]
)
async def test_what_is_no_button_is_refused(app: FastAPI, run: RunFolder, press: dict[str, object]) -> None:
    assert (await ask(app, f"/api/runs/{run.id}/commands", press)).status_code == 422
    assert pending(run) == []


async def test_another_site_commands_nothing(app: FastAPI, run: RunFolder) -> None:
    answer = await ask(app, f"/api/runs/{run.id}/commands", {"kind": "stop"}, origin="https://evil.example")
    assert answer.status_code == 403
    assert pending(run) == []


async def test_a_form_of_another_site_is_no_command(app: FastAPI, run: RunFolder) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        answer = await client.post(
            f"/api/runs/{run.id}/commands", content='{"kind":"stop"}', headers={"content-type": "text/plain"}
        )
    assert answer.status_code == 422
    assert pending(run) == []


async def test_commands_of_all_issuers_are_listed_newest_first(app: FastAPI, run: RunFolder) -> None:
    control = ControlDb(run.path.parent)
    control.issue(run.id, "pause", "terminal")
    control.close()
    await ask(app, f"/api/runs/{run.id}/commands", {"kind": "checkpoint"})
    acknowledge(run)
    found = (await ask(app, f"/api/runs/{run.id}/commands")).json()["commands"]
    assert [(each["kind"], each["issuer"], each["result"]) for each in found] == [
        ("checkpoint", "page", "did checkpoint"),
        ("pause", "terminal", "did pause"),
    ]


async def test_stop_now_ends_the_trainer(app: FastAPI, tmp_path: Path) -> None:
    trainer = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    run = enliven(write_sample_run(tmp_path, steps=1), trainer.pid)
    answer = await ask(app, f"/api/runs/{run.id}/commands", {"kind": "stop", "now": True})
    assert answer.json()["sentence"] == f"{run.id} was ended."
    assert trainer.wait(10) != 0


async def test_stop_now_without_a_trainer_is_refused(app: FastAPI, tmp_path: Path) -> None:
    run = write_sample_run(tmp_path, steps=1, name="still")
    answer = await ask(app, f"/api/runs/{run.id}/commands", {"kind": "stop", "now": True})
    assert answer.status_code == 409
    assert answer.json()["error"].endswith("has no trainer that could be stopped.")


def test_looking_makes_no_database_and_only_changes_are_told(tmp_path: Path) -> None:
    run = write_sample_run(tmp_path, steps=1)
    log = CommandLog(run)
    assert log.poll() is None
    assert not (tmp_path / "control.db").exists()
    control = ControlDb(tmp_path)
    control.issue(run.id, "pause", "terminal")
    assert [command["kind"] for command in log.poll() or ()] == ["pause"]
    assert log.poll() is None
    control.issue("another", "pause", "terminal")
    assert log.poll() is None
    control.close()


def test_the_answers_of_a_generate_are_not_sent_along(tmp_path: Path) -> None:
    run = write_sample_run(tmp_path, steps=1)
    control = ControlDb(tmp_path)
    control.acknowledge(control.issue(run.id, "generate", "playground", {"prompt": "x" * 1000}), '{"completions":[]}')
    control.close()
    [command] = CommandLog(run).poll() or []
    assert command["result"] == "answered"
    assert "arguments" not in command
