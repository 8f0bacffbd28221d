"""Why this verdict: the way to a stored one, its partial credit, and what the judge would say with another gold.

The oracle runs in a process of its own; nothing here changes what the run stored.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from grpo_app.web.encode import json_response
from grpo_core.errors import BadReferenceError
from grpo_core.runs import find_run
from grpo_core.runs.explainer import Explainer
from grpo_core.types import Json
from grpo_core.views import partial_credit, verdict_trail

LONGEST_GOLD = 10_000


class Again(BaseModel):
    """Judge again, with this gold answer."""

    model_config = ConfigDict(extra="forbid")

    gold: str = Field(min_length=1, max_length=LONGEST_GOLD)


def make_why_router(runs_dir: Path, explainer: Explainer) -> APIRouter:
    router = APIRouter(prefix="/api/runs/{run}/group/{group_id}/k/{index}")

    @router.get("/why")
    def why(run: str, group_id: int, index: int) -> Response:
        problem, completion = find_completion(runs_dir, run, group_id, index)
        verdict = completion["verdict"]
        explanation = explainer.explain(verdict, problem["gold"]) if verdict else None
        return json_response(_why(completion, problem, explanation))

    @router.post("/judge")
    def judge(run: str, group_id: int, index: int, again: Again) -> Response:
        problem, completion = find_completion(runs_dir, run, group_id, index)
        explanation = explainer.judge(completion["text"], again.gold, problem["steps"])
        judged = {**completion, "verdict": explanation["verdict"], "rewards": {}}
        return json_response(_why(judged, {**problem, "gold": again.gold}, explanation))

    return router


def find_completion(runs_dir: Path, run: str, group_id: int, index: int) -> tuple[Json, Json]:
    """The problem and the completion. Raises BadReferenceError if there is none."""
    reader = find_run(runs_dir, run).reader()
    try:
        with reader.snapshot():
            group = reader.group(group_id)
    finally:
        reader.close()
    if group is None or not 0 <= index < len(group.completions):
        raise BadReferenceError(f"There is no completion {run}/group/{group_id}/k/{index}.")
    return group.problem.to_json(), group.completions[index].to_json()


def _why(completion: Json, problem: Json, explanation: Json | None) -> Json:
    return {
        "schema": 1,
        "gold": problem["gold"],
        "trail": verdict_trail(completion, problem, explanation),
        "credit": partial_credit(completion, problem),
    }
