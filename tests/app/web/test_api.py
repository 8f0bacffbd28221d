"""The JSON routes and the redirect of references."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from grpo_app.web.encode import encode
from grpo_core.runs import RunFolder
from grpo_core.runs.transfer import export_lines
from tests.app.web.conftest import make_app
from tests.samples import HOSTILE, write_sample_run


@pytest.fixture(scope="module")
def runs_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def run(runs_dir: Path) -> RunFolder:
    return write_sample_run(runs_dir, steps=6)


@pytest.fixture(scope="module")
def app(runs_dir: Path) -> Iterator[FastAPI]:
    made = make_app(runs_dir)
    yield made
    made.state.explainer.close()


async def get(app: FastAPI, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.get(path)


async def test_lists_the_runs(app: FastAPI, run: RunFolder) -> None:
    answer = (await get(app, "/api/runs")).json()
    assert answer["schema"] == 1
    assert [listed["id"] for listed in answer["runs"]] == [run.id]


async def test_sends_the_list_of_runs_only_to_who_has_not_seen_it(app: FastAPI, run: RunFolder) -> None:
    mark = (await get(app, "/api/runs")).json()["mark"]
    assert (await get(app, f"/api/runs?seen={mark}")).json() == {"schema": 1, "mark": mark, "runs": None}
    with closing(run.writer()) as writer:
        writer.set_facts({"step": 13})
    (listed,) = (await get(app, f"/api/runs?seen={mark}")).json()["runs"]
    assert listed["step"] == 13


async def test_shows_a_run_by_the_beginning_of_its_id(app: FastAPI, run: RunFolder) -> None:
    answer = (await get(app, f"/api/runs/{run.id[:-1]}")).json()
    assert answer["run"]["id"] == run.id
    assert answer["config"]["num_generations"] == 4


async def test_pages_groups_by_id_newest_first(app: FastAPI, run: RunFolder) -> None:
    first = (await get(app, f"/api/runs/{run.id}/groups?limit=8")).json()
    rest = (await get(app, f"/api/runs/{run.id}/groups?limit=8&before={first['groups'][-1]['id']}")).json()
    ids = [row["id"] for row in first["groups"] + rest["groups"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 12
    assert (first["more"], rest["more"]) == (True, False)


@pytest.mark.parametrize(
    ("query", "count"), [("step=3", 2), ("problem=chain-1", 6), ("step=99", 0), ("split=train", 12), ("split=eval", 0)]
)
async def test_finds_the_groups_of_a_step_a_problem_and_a_split(
    app: FastAPI, run: RunFolder, query: str, count: int
) -> None:
    answer = (await get(app, f"/api/runs/{run.id}/groups?{query}")).json()
    assert len(answer["groups"]) == count


async def test_gives_a_group_whole_and_its_text_untouched(app: FastAPI, run: RunFolder) -> None:
    rows = (await get(app, f"/api/runs/{run.id}/groups?step=1")).json()["groups"]
    group = (await get(app, f"/api/runs/{run.id}/group/{rows[-1]['id']}")).json()["group"]
    assert group["signal"] == "mixed"
    assert group["completions"][1]["text"].startswith(HOSTILE)


@pytest.mark.parametrize(
    "path", ["/api/runs/nosuch", "/api/runs/nosuch/groups", "/live/nosuch", "/api/runs/{run}/group/999"]
)
async def test_says_in_a_sentence_what_is_missing(app: FastAPI, run: RunFolder, path: str) -> None:
    answer = await get(app, path.format(run=run.id))
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("There is no ")


async def test_says_that_a_database_is_damaged(app: FastAPI, runs_dir: Path) -> None:
    broken = write_sample_run(runs_dir, steps=1, name="broken")
    broken.database.write_bytes(b"not a database" * 1000)
    answer = await get(app, f"/api/runs/{broken.id}/groups")
    assert answer.status_code == 503
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("reference", "page"),
    [
        ("demo-1", "/?ref=demo-1"),
        ("demo-1/step/3", "/groups?ref=demo-1/step/3"),
        ("demo-1/group/7/k/2", "/groups?ref=demo-1/group/7/k/2"),
        ("demo-1/problem/chain-1", "/groups?ref=demo-1/problem/chain-1"),
    ],
)
async def test_a_reference_leads_to_its_page(app: FastAPI, reference: str, page: str) -> None:
    answer = await get(app, f"/run/{reference}")
    assert answer.status_code == 302
    assert str(answer.url.join(answer.headers["location"])) == f"http://127.0.0.1{page}"


async def test_what_is_no_reference_is_refused(app: FastAPI) -> None:
    answer = await get(app, "/run/%3Cscript%3E")
    assert answer.status_code == 404


async def test_own_files_are_cached_for_good_and_compressed(app: FastAPI) -> None:
    plotly = await get(app, "/own/1/plotly.min.js")
    assert plotly.headers["content-encoding"] == "gzip"
    assert "immutable" in plotly.headers["cache-control"]
    sheet = await get(app, "/own/1/page.css")
    assert (sheet.headers["content-type"].split(";")[0], sheet.headers["content-encoding"]) == ("text/css", "gzip")
    assert (await get(app, "/own/1/../server.py")).status_code == 404


def test_numbers_that_json_cannot_hold_become_null() -> None:
    assert encode({"a": [1.5, float("nan"), float("inf")], "b": "\ud800"}) == '{"a":[1.5,null,null],"b":"\\ud800"}'


async def test_says_why_a_verdict_was_given(app: FastAPI, run: RunFolder) -> None:
    why = (await get(app, f"/api/runs/{run.id}/group/1/k/0/why")).json()
    assert why["trail"]["outcome"] == "correct"
    assert [side["mathml"] for side in why["trail"]["sides"]] == [["mn", "52"], ["mn", "52"]]
    assert why["credit"]["total"] == pytest.approx(1)
    assert (await get(app, f"/api/runs/{run.id}/group/1/k/99/why")).status_code == 404


async def test_judges_again_and_changes_nothing_stored(app: FastAPI, run: RunFolder) -> None:
    path = f"/api/runs/{run.id}/group/1/k/0"
    before = (await get(app, f"/api/runs/{run.id}/group/1")).json()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        again = (await client.post(f"{path}/judge", json={"gold": "28"})).json()
        refused = await client.post(f"{path}/judge", json={"gold": "28"}, headers={"Origin": "http://elsewhere"})
    assert (again["trail"]["outcome"], again["gold"]) == ("wrong", "28")
    assert refused.status_code == 403
    assert (await get(app, f"/api/runs/{run.id}/group/1")).json() == before


async def test_lays_the_best_beside_the_worst(app: FastAPI, run: RunFolder) -> None:
    pair = (await get(app, f"/api/runs/{run.id}/group/1/compare")).json()
    assert (pair["left"]["completion"]["index"], pair["right"]["completion"]["index"]) == (0, 1)
    assert [visit["step"] for visit in pair["visits"]] == [1, 2, 3, 4, 5, 6]


async def test_lays_the_same_problem_at_two_steps_side_by_side(app: FastAPI, run: RunFolder) -> None:
    pair = (await get(app, f"/api/runs/{run.id}/group/11/compare?left=1&beside=1&right=2")).json()
    assert [(pair[side]["group"], pair[side]["completion"]["index"]) for side in ("left", "right")] == [(11, 1), (1, 2)]
    for wrong in ("left=9", "beside=999"):
        assert (await get(app, f"/api/runs/{run.id}/group/1/compare?{wrong}")).status_code == 404


async def test_a_run_is_saved_as_the_files_that_export_writes(app: FastAPI, run: RunFolder, tmp_path: Path) -> None:
    lines = await get(app, f"/api/runs/{run.id}/export.jsonl")
    assert f'filename="{run.id}.jsonl"' in lines.headers["content-disposition"]
    assert lines.text.splitlines() == list(export_lines(run))
    parquet = await get(app, f"/api/runs/{run.id}/export.parquet")
    assert parquet.content[:4] == b"PAR1"
    assert (await get(app, f"/api/runs/{run.id}/export.exe")).status_code == 422


async def test_what_comes_whole_is_made_small_on_its_way_and_nothing_else(app: FastAPI, run: RunFolder) -> None:
    zipped = {
        path: (await get(app, path)).headers.get("content-encoding")
        for path in (
            "/api/words",
            f"/api/runs/{run.id}/groups",
            f"/api/runs/{run.id}/sources",
            f"/api/runs/{run.id}/export.jsonl",
        )
    }
    assert list(zipped.values()) == ["gzip", "gzip", None, None]
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        plain = await client.get("/api/words", headers={"Accept-Encoding": "identity"})
    assert plain.headers.get("content-encoding") is None
    assert plain.json() == (await get(app, "/api/words")).json()


async def test_curves_are_given_closer_between_two_steps(app: FastAPI, run: RunFolder) -> None:
    found = (await get(app, f"/api/runs/{run.id}/curves?first=2&last=4")).json()["metrics"]
    assert [step for step, _ in found["reward"]] == [2, 3, 4]
    assert [step for step, _ in found["grpo_dash/train/signal/mixed"]] == [2, 3, 4]
