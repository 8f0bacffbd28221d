"""All runs in a table, and some of them side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from grpo_core.config import RunConfig
from grpo_core.errors import RunError
from grpo_core.store import RunReader
from grpo_core.views import list_runs
from grpo_core.views.alert_titles import A_LOOK, REST_SECONDS, AlertTitles
from grpo_core.views.overview import SPARK_POINTS, Overview, spark
from grpo_core.views.side_by_side import MOST_RUNS, config_differences, side_by_side
from tests.faults import write_faulty_run
from tests.samples import write_sample_run


def test_a_row_tells_the_best_evaluation_and_what_it_took(tmp_path: Path) -> None:
    folder = write_sample_run(tmp_path, steps=12)
    (row,) = Overview(tmp_path).rows()
    assert (row["id"], row["best"]["step"], row["best"]["pass@1"]) == (folder.id, 12, 0.9)
    assert (row["spark_of"], len(row["spark"])) == ("pass@1", 3)
    assert row["reward"] == 1.0
    assert row["tokens"] is None


def test_a_row_tells_what_deserves_a_look_a_few_runs_at_a_time(tmp_path: Path) -> None:
    for kind in ("healthy", "dead-groups", "wrong-sign", "truncated", "unparsable"):
        write_faulty_run(tmp_path, kind)
    overview = Overview(tmp_path)
    looks = [{row["name"]: row["alerts"] for row in overview.rows()} for _ in range(3)]
    assert [sum(titles is not None for titles in look.values()) for look in looks] == [0, A_LOOK, 5]
    assert looks[-1]["healthy"] == []
    assert looks[-1]["dead-groups"] == ["Most groups are all wrong"]
    assert len(looks[-1]["wrong-sign"]) == 3


def test_a_run_that_goes_on_is_looked_through_again_only_after_a_rest(tmp_path: Path) -> None:
    now = 0.0
    titles = AlertTitles(lambda: now)
    folder = write_faulty_run(tmp_path, "dead-groups")
    titles.begin()
    assert titles.of(folder, (1,)) is None
    titles.begin()
    seen = titles.of(folder, (1,))
    assert seen == ["Most groups are all wrong"]
    titles.begin()
    assert titles.of(folder, (2,)) is seen
    now = REST_SECONDS
    assert titles.of(folder, (2,)) is not seen
    assert titles.of(folder, (2,)) == seen


def test_a_database_is_read_again_only_after_somebody_wrote_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, reads = write_sample_run(tmp_path, steps=4), []
    monkeypatch.setattr("grpo_core.runs.folder.RunReader", lambda path: reads.append(path) or RunReader(path))
    overview = Overview(tmp_path)
    overview.rows()
    overview.summaries()
    assert len(reads) == 1
    writer = folder.writer()
    writer.add_metrics(5, {"reward": 0.5})
    assert overview.rows()[0]["reward"] == 0.5
    assert len(reads) == 3, "for the row, and for what deserves a look"
    assert overview.summaries() == list_runs(tmp_path)
    writer.close()


def test_a_damaged_run_keeps_its_row(tmp_path: Path) -> None:
    write_sample_run(tmp_path, steps=1).database.write_bytes(b"not a database" * 1000)
    (row,) = Overview(tmp_path).rows()
    assert (row["best"], row["spark"]) == (None, [])


def test_a_spark_holds_few_points_and_ends_where_the_curve_ends() -> None:
    assert spark([]) == ()
    found = spark([(step, float(step)) for step in range(1000)])
    assert len(found) <= SPARK_POINTS
    assert found == tuple(sorted(found))


def test_only_settings_that_differ_are_told() -> None:
    configs = [RunConfig(name="one"), RunConfig(name="two", beta=0.1, rewards={"correct": 1.0, "partial": 0.5}), None]
    rows = {row["key"]: row["values"] for row in config_differences(configs[:2])}
    assert rows == {"beta": ["0.0", "0.1"], "rewards": ["correct 1", "correct 1, partial 0.5"]}
    assert all(row["values"][2] is None for row in config_differences(configs))


def test_curves_of_several_runs_share_a_chart(tmp_path: Path) -> None:
    runs = [write_sample_run(tmp_path, steps=steps, name=f"r{steps}").id for steps in (4, 8)]
    found = side_by_side(tmp_path, runs)
    charts = {chart["id"]: chart for chart in found["charts"]}
    assert found["runs"] == runs
    assert [curve["steps"][-1] for curve in charts["reward"]["curves"]] == [4, 8]
    assert [len(curve["steps"]) for curve in charts["pass@1"]["curves"]] == [1, 2]
    assert found["evaluated"] == [[4], [4, 8]]
    assert [row["key"] for row in found["config"]] == ["max_steps"]


def test_too_many_runs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=str(MOST_RUNS)):
        side_by_side(tmp_path, ["run"] * (MOST_RUNS + 1))
