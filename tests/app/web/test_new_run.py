"""The new run's routes: the form, what is wrong with it, TOML in and out, the signal check, the start, an upload."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pyarrow import Table, parquet

from grpo_app.web import new_run, uploads
from grpo_app.web.new_run import SignalChecks, make_new_run_router
from grpo_app.web.uploads import free_path, make_uploads_router
from grpo_core.config import RunConfig
from grpo_core.errors import ProblemsError, RunError
from grpo_core.runs import RunFolder
from grpo_core.runs.signal_check import SignalCheck
from grpo_core.views.form import default_values

CHECK = SignalCheck(2, 4, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 20.0, 1.0, 1.0, 5.0, ("Learn.",))
ROW = b'{"question": "1+1", "answer": "#### 2"}\n'


@pytest.fixture
def checks() -> SignalChecks:
    return SignalChecks()


@pytest.fixture
def client(tmp_path: Path, checks: SignalChecks) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(make_new_run_router(tmp_path, checks))
    app.include_router(make_uploads_router(tmp_path))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1/api/")


def filled(**changed: str) -> dict[str, Any]:
    return {"values": {**default_values(), **changed}}


async def test_the_form_has_every_setting_and_the_presets(client: httpx.AsyncClient) -> None:
    form = (await client.get("form")).json()
    names = {field["name"] for group in form["groups"] for field in group["fields"]}
    assert names == set(RunConfig.model_fields) == set(form["defaults"])
    assert set(form["presets"]["demo"]) == names


async def test_a_form_that_works_becomes_toml_and_back(client: httpx.AsyncClient) -> None:
    answer = (await client.post("form/check", json=filled(name="mine", max_steps="7"))).json()
    assert answer["errors"] == {}
    back = (await client.post("form/toml", json={"text": answer["toml"]})).json()["values"]
    assert (back["name"], back["max_steps"]) == ("mine", "7")


@pytest.mark.parametrize(
    ("field", "value"),
    [("num_generations", "1"), ("temperature", "hot"), ("model", "/nowhere"), ("problems", "/nowhere.jsonl")],
)
async def test_what_is_wrong_is_said_at_its_field_and_starts_nothing(
    client: httpx.AsyncClient, tmp_path: Path, field: str, value: str
) -> None:
    wrong = filled(**{field: value})
    assert list((await client.post("form/check", json=wrong)).json()["errors"]) == [field]
    for route in ("form/start", "form/signal"):
        refused = await client.post(route, json=wrong)
        assert (refused.status_code, list(refused.json()["fields"])) == (422, [field])
    assert list(tmp_path.iterdir()) == []


async def test_what_is_no_toml_is_said(client: httpx.AsyncClient) -> None:
    answer = await client.post("form/toml", json={"text": "name = "})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("This is not TOML")


async def test_a_start_leads_to_the_run(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[RunConfig] = []

    def start(runs_dir: Path, config: RunConfig) -> RunFolder:
        started.append(config)
        return RunFolder(runs_dir / "mine-1234")

    monkeypatch.setattr(new_run, "start_run", start)
    assert (await client.post("form/start", json=filled(name="mine"))).json()["run"] == "mine-1234"
    assert started == [RunConfig(name="mine")]


async def test_a_start_that_fails_is_said(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(runs_dir: Path, config: RunConfig) -> RunFolder:
        raise RunError("It did not start.")

    monkeypatch.setattr(new_run, "start_run", start)
    answer = await client.post("form/start", json=filled())
    assert (answer.status_code, answer.json()["error"]) == (409, "It did not start.")


async def test_the_signal_check_tells_its_progress_and_its_numbers(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(config: RunConfig, *, on_progress: Any, cancelled: threading.Event) -> SignalCheck:
        on_progress(4, 8)
        return CHECK

    monkeypatch.setattr(new_run, "run_signal_check", check)
    answer = await client.post("form/signal", json=filled())
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[0] == {"progress": [4, 8]}
    assert lines[1]["check"]["advice"] == ["Learn."]


async def test_one_signal_check_at_a_time_and_leaving_ends_it(
    checks: SignalChecks, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def check(config: RunConfig, *, on_progress: Any, cancelled: threading.Event) -> None:
        on_progress(1, 8)
        assert cancelled.wait(10)
        ended.set()

    monkeypatch.setattr(new_run, "run_signal_check", check)
    first = checks.run(RunConfig())
    assert "progress" in await anext(first)
    assert "already" in await anext(checks.run(RunConfig()))
    await first.aclose()
    assert await asyncio.to_thread(ended.wait, 10)


async def test_problems_come_along_and_are_kept(client: httpx.AsyncClient, tmp_path: Path) -> None:
    rows = b"".join(b'{"question": "%d+1", "answer": "#### %d"}\n' % (n, n + 1) for n in range(20))
    answer = await client.post("problems?name=mine.jsonl", content=rows)
    path = Path(answer.json()["path"])
    assert path == tmp_path / "problems" / "mine.jsonl"
    assert path.read_bytes() == rows
    assert (await client.post("form/check", json=filled(problems=str(path)))).json()["errors"] == {}
    again = (await client.post("problems?name=mine.jsonl", content=rows)).json()["path"]
    assert again.endswith("mine-2.jsonl")


async def test_a_parquet_file_comes_along_too(client: httpx.AsyncClient, tmp_path: Path) -> None:
    rows = [{"question": f"{n}+1", "answer": f"#### {n + 1}"} for n in range(20)]
    parquet.write_table(Table.from_pylist(rows), tmp_path / "rows.parquet")
    content = (tmp_path / "rows.parquet").read_bytes()
    path = (await client.post("problems?name=mine.Parquet", content=content)).json()["path"]
    assert path == str(tmp_path / "problems" / "mine.parquet")
    assert (await client.post("form/check", json=filled(problems=path))).json()["errors"] == {}
    refused = await client.post("problems?name=mine.parquet", content=b"not parquet")
    assert refused.status_code == 422
    assert len(list((tmp_path / "problems").iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("../../etc/passwd.jsonl", "passwd"),
        ("..\\..\\x.jsonl", "x"),
        ("a b\x00é.jsonl", "a-b"),
        ("…​.jsonl", "problems"),
        (f"{'x' * 500}.JSONL", "x" * 60),
    ],
)
def test_a_name_never_leaves_the_folder(tmp_path: Path, name: str, stem: str) -> None:
    assert free_path(tmp_path, name) == tmp_path / "problems" / f"{stem}.jsonl"


@pytest.mark.parametrize("name", ["mine.json", "mine.toml", "jsonl", ""])
def test_only_jsonl_is_taken(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProblemsError, match="jsonl file"):
        free_path(tmp_path, name)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"not json\n", "line 1"), (b'{"question": "1"}\n', "line 1"), (ROW * 99, "MiB")],
)
async def test_what_cannot_be_used_leaves_nothing_behind(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, says: str
) -> None:
    monkeypatch.setattr(uploads, "LARGEST_BYTES", 1000)
    answer = await client.post("problems?name=mine.jsonl", content=content)
    assert answer.status_code == 422
    assert says in answer.json()["error"]
    assert list((tmp_path / "problems").iterdir()) == []
