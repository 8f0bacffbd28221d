"""The live stream: the whole picture first, then what changed, for any number of viewers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from grpo_app.web.live import QUEUED_EVENTS, Viewer
from grpo_app.web.mirror import Mirror, live_change
from grpo_app.web.rows import NEWEST_ROWS
from grpo_core.store import ControlDb
from grpo_core.types import Evaluation, Json
from tests.app.web.conftest import Served
from tests.samples import sample_group, write_sample_live, write_sample_run

Event = tuple[str, Json]


@contextmanager
def stream(served: Served, run: str) -> Iterator[Iterator[Event]]:
    with (
        httpx.Client(timeout=10) as client,
        client.stream("GET", f"{served.address}/live/{run}") as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        yield _events(response.iter_lines())


def _events(lines: Iterator[str]) -> Iterator[Event]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


def until(events: Iterator[Event], part: str) -> Json:
    return next(change for _, change in events if part in change)


def test_the_first_event_is_the_whole_picture(served: Served) -> None:
    folder = write_sample_run(served.runs_dir, steps=4)
    write_sample_live(folder).close()
    with stream(served, folder.id) as events:
        name, snapshot = next(events)
    assert name == "snapshot"
    assert snapshot["run"]["id"] == folder.id
    assert len(snapshot["groups"]) == 8
    assert snapshot["metrics"]["reward"][-1] == [4, 1.0]
    assert "loss" not in snapshot["metrics"]
    assert snapshot["evals"][0]["step"] == 4
    assert snapshot["live"]["streams"][1][1] == "x*x-4*x"
    assert {tile["key"] for tile in snapshot["tiles"]} >= {"greedy", "pass@1", "reward"}


def test_a_new_group_reaches_every_viewer_as_a_change(served: Served) -> None:
    folder = write_sample_run(served.runs_dir, steps=2)
    with stream(served, folder.id) as one, stream(served, folder.id) as other:
        assert next(one)[0] == next(other)[0] == "snapshot"
        writer = folder.writer()
        group = sample_group(writer.next_group_id(), 3, [True, False])
        writer.add_groups([group])
        writer.close()
        for events in (one, other):
            change = until(events, "groups")
            assert [row["id"] for row in change["groups"]] == [group.id]
            assert all(key.startswith("grpo_dash/") for key in change["metrics"])


def test_what_a_resume_took_back_is_gone_for_every_viewer(served: Served) -> None:
    folder = write_sample_run(served.runs_dir, steps=6)
    with stream(served, folder.id) as events:
        assert next(events)[0] == "snapshot"
        writer = folder.writer()
        writer.supersede_after(3)
        writer.add_metrics(4, {"reward": 0.9})
        writer.close()
        change = until(events, "reset")
        assert {row["step"] for row in change["groups"] if row["superseded"]} == {4, 5, 6}
    with stream(served, folder.id) as late:
        snapshot = next(late)[1]
    assert [step for step, _ in snapshot["metrics"]["reward"]] == [1, 2, 3, 4]
    assert snapshot["evals"] == []
    assert sum(row["superseded"] for row in snapshot["groups"]) == 6


def test_a_reset_makes_a_mirror_forget() -> None:
    mirror = Mirror()
    mirror.apply({"metrics": {"reward": [[1, 0.5], [2, 0.6]]}, "groups": [{"id": 1, "split": "train"}]}, now=0.0)
    kept = {"reset": True, "metrics": {"reward": [[1, 0.5]]}, "groups": [{"id": 2, "split": "train"}]}
    assert mirror.apply(kept, now=1.0)["reset"]
    snapshot = mirror.snapshot(1.0)
    assert snapshot["metrics"] == {"reward": [[1, 0.5]]}
    assert [row["id"] for row in snapshot["groups"]] == [2]


def test_a_command_reaches_every_viewer(served: Served) -> None:
    folder = write_sample_run(served.runs_dir, steps=1)
    with stream(served, folder.id) as events:
        next(events)
        control = ControlDb(served.runs_dir)
        number = control.issue(folder.id, "pause", "terminal")
        assert until(events, "commands")["commands"][0]["acknowledged_at"] is None
        control.acknowledge(number, "paused")
        assert until(events, "commands")["commands"][0]["result"] == "paused"
        control.close()


def test_only_added_tokens_are_sent(served: Served) -> None:
    folder = write_sample_run(served.runs_dir, steps=1)
    feed = write_sample_live(folder)
    with stream(served, folder.id) as events:
        next(events)
        feed.add({0: "19*3"}, ended=[5])
        added = until(events, "live_add")["live_add"]
        assert added["add"] == [[0, 0, "19*3"]]
        assert added["end"] == [[1, 1]]
        feed.begin(14, "train", [], 4)
        assert until(events, "live")["live"]["step"] == 14
    feed.close()


def test_a_damaged_run_is_shown_as_trouble_and_the_server_lives(served: Served) -> None:
    folder = write_sample_run(served.runs_dir, steps=1, name="damaged")
    whole = folder.database.read_bytes()
    folder.database.write_bytes(b"not a database" * 1000)
    with stream(served, folder.id) as events:
        name, trouble = next(events)
        assert name == "trouble"
        assert trouble["message"]
        folder.database.write_bytes(whole)
        assert next(event for event in events if event[0] == "snapshot")[1]["run"]["id"] == folder.id


async def test_a_viewer_who_reads_too_slowly_starts_over() -> None:
    viewer = Viewer()
    viewer.behind = False
    for number in range(QUEUED_EVENTS):
        viewer.put(b"%d" % number)
    assert not viewer.behind
    viewer.put(b"one too many")
    assert viewer.behind
    assert viewer.take() == b""


def test_a_mirror_gives_a_late_viewer_what_the_others_saw() -> None:
    mirror = Mirror()
    mirror.apply({"run": {"groups": 1, "completions": 4}, "metrics": {"reward": [[1, 0.5], [2, 0.6]]}}, now=10.0)
    mirror.apply({"metrics": {"reward": [[2, 0.7], [3, 0.9]], "unseen": [[1, 1.0]]}}, now=11.0)
    evaluation = Evaluation(0, 8, 2, 0.1, 0.1, (0.0, 0.2), 0.2, 0.1)
    sent = mirror.apply({"evals": [evaluation.to_json()]}, now=12.0)
    snapshot = mirror.snapshot(now=13.0)
    assert snapshot["metrics"] == {"reward": [[1, 0.5], [2, 0.7], [3, 0.9]]}
    assert snapshot["run_age"] == 3.0
    assert snapshot["tiles"] == sent["tiles"]


def test_a_mirror_keeps_the_newest_rows_of_each_split() -> None:
    mirror = Mirror()
    mirror.apply({"groups": [{"id": number, "split": "train"} for number in range(300)]}, now=0.0)
    mirror.apply({"groups": [{"id": number, "split": "eval"} for number in range(300, 500)]}, now=0.0)
    kept = [*range(300 - NEWEST_ROWS, 300), *range(500 - NEWEST_ROWS, 500)]
    assert [row["id"] for row in mirror.snapshot(0.0)["groups"]] == kept


def test_a_long_evaluation_does_not_hide_what_was_trained_on(served: Served) -> None:
    folder = write_sample_run(served.runs_dir, steps=2)
    writer = folder.writer()
    first = writer.next_group_id()
    writer.add_groups([sample_group(first + number, 2, [True], split="eval") for number in range(250)])
    writer.close()
    with stream(served, folder.id) as events:
        _, snapshot = next(events)
    assert [row["id"] for row in snapshot["groups"] if row["split"] == "train"] == [1, 2, 3, 4]


def test_a_generation_is_sent_whole_once_and_then_by_what_was_added() -> None:
    first = {"number": 1, "phase": "sample", "streams": [["a", ""]], "ended": [[False, False]]}
    second = replace_in(first, streams=[["ab", "c"]], ended=[[False, True]])
    assert live_change(None, first) == {"live": first}
    assert live_change(first, second)["live_add"]["add"] == [[0, 0, "b"], [0, 1, "c"]]
    assert live_change(first, second)["live_add"]["end"] == [[0, 1]]
    assert live_change(second, replace_in(second, number=2)) == {"live": replace_in(second, number=2)}


def replace_in(batch: Json, **changed: object) -> Json:
    return {**batch, **changed}
