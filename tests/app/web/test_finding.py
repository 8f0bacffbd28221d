"""Finding and marking over the JSON routes: filters, orders, full text, marks and their export as cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from grpo_core.oracle.cases import verify_cases
from grpo_core.runs import RunFolder
from grpo_core.types import Json
from tests.app.web.conftest import make_app
from tests.samples import write_sample_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return write_sample_run(tmp_path_factory.mktemp("runs"), steps=6)


@pytest.fixture(scope="module")
def app(run: RunFolder) -> Iterator[FastAPI]:
    made = make_app(run.path.parent)
    yield made
    made.state.explainer.close()


async def find(app: FastAPI, run: RunFolder, query: str) -> Json:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        answer = await client.get(f"/api/runs/{run.id}/find?{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("signal=all_wrong", [6, 4, 2]),
        ("signal=all_correct&first=5", [12, 10]),
        ("outcome=wrong&last=1", [2, 1]),
        ("level=expansion&first=6", [12]),
        ("truncated=true&first=6&signal=mixed", [11]),
        ("least_tokens=999999", []),
        ("split=eval", []),
    ],
)
async def test_groups_by_filter(app: FastAPI, run: RunFolder, query: str, ids: list[int]) -> None:
    assert [row["id"] for row in (await find(app, run, query))["groups"]] == ids


async def test_pages_go_on_from_their_cursor(app: FastAPI, run: RunFolder) -> None:
    first = await find(app, run, "limit=5")
    rest = await find(app, run, f"limit=50&cursor={first['next']}")
    assert [row["id"] for row in first["groups"] + rest["groups"]] == list(range(12, 0, -1))
    assert (rest["next"], first["total"]) == (None, 12)


async def test_completions_in_order(app: FastAPI, run: RunFolder) -> None:
    first = await find(app, run, "sort=longest&limit=3")
    rest = await find(app, run, f"sort=longest&limit=100&cursor={first['next']}")
    lengths = [row["token_count"] for row in first["completions"] + rest["completions"]]
    assert lengths == sorted(lengths, reverse=True)
    assert len(lengths) == 48
    assert {row["reward"] for row in (await find(app, run, "sort=lowest&limit=4"))["completions"]} == {0.0}


async def test_full_text_tells_where(app: FastAPI, run: RunFolder) -> None:
    found = await find(app, run, "q=12%2B21-5&limit=4")
    assert found["indexed"] == found["groups_in_all"] == 12
    for row in found["completions"]:
        (start, end), *_ = row["marks"]
        assert row["snippet"][start:end] == "12+21-5"
    assert (await find(app, run, "q=nowhere-to-be-found"))["completions"] == []
    prompts = (await find(app, run, "q=(x%2B3)*(x-4)"))["prompts"]
    assert [row["id"] for row in prompts] == [12]


@pytest.mark.parametrize("query", ["sort=sideways", "cursor=;drop", "outcome=odd", "unknown=1", "limit=0"])
async def test_what_cannot_be_asked_is_refused(app: FastAPI, run: RunFolder, query: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        assert (await client.get(f"/api/runs/{run.id}/find?{query}")).status_code == 422


async def test_marks_are_kept_replaced_taken_back_and_exported_as_cases(
    app: FastAPI, run: RunFolder, tmp_path: Path
) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:

        async def mark(place: str, **body: object) -> httpx.Response:
            return await client.post(f"/api/runs/{run.id}/group/{place}/mark", json=body)

        await mark("1/k/0", kind="suspicious", note="too short")
        await mark("1/k/0", kind="verifier_wrong", note="it is right")
        await mark("2/k/1", kind="suspicious")
        await mark("2/k/1", kind=None)
        assert (await mark("1/k/99", kind="suspicious")).status_code == 404
        assert (await mark("1/k/0", kind="odd")).status_code == 422
        lines = (await client.get(f"/api/runs/{run.id}/marks.jsonl")).text.splitlines()
    (case,) = map(json.loads, lines)
    assert (case["id"], case["gold"], case["meta"]["note"]) == (f"{run.id}/group/1/k/0", "52", "it is right")
    cases, out = tmp_path / "cases.jsonl", tmp_path / "verdicts.jsonl"
    cases.write_text("\n".join(lines))
    assert verify_cases(cases, out, 1) == 1
    assert json.loads(out.read_text())["outcome"] == "correct"


async def test_the_advantages_of_other_objectives(app: FastAPI, run: RunFolder) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        table = (await client.get(f"/api/runs/{run.id}/group/1/advantages")).json()
    assert (table["used"], table["groups"], table["step_groups"]) == (6, 12, 2)
    assert [form["id"] for form in table["forms"] if form["own"]] == ["grpo"]
