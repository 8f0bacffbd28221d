"""A resume takes back what came after its checkpoint: the screen forgets it too, and no curve doubles back."""

from __future__ import annotations

from pathlib import Path

from grpo_app.tui.app import GrpoTui
from grpo_app.tui.state import RunState
from tests.app.tui.helpers import RUN_ID, plot_of, set_facts, shown_text, until, until_read, write_frozen_run
from tests.samples import sample_group


def test_a_reset_forgets_the_curves_and_keeps_the_run() -> None:
    state = RunState()
    state.apply({"run": {"id": "r"}, "metrics": {"reward": [[1, 0.1], [9, 0.9]]}, "evals": [{"step": 8}]})
    state.apply({"reset": True, "metrics": {"reward": [[1, 0.1]]}})
    assert state.metrics == {"reward": {1: 0.1}}
    assert state.evaluations == {}
    assert state.run == {"id": "r"}
    assert state.last_step == 1


async def test_a_resumed_run_shows_no_step_twice(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir)
    app = GrpoTui(runs_dir, f"{RUN_ID}/group/24")
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await until_read(pilot)
        await until(pilot, lambda: screen.groups.group_list.current_id == 24)
        writer = folder.writer()
        writer.supersede_after(8)
        writer.add_groups([sample_group(25, 9, [True, False])])
        writer.add_metrics(9, {"reward": 0.25})
        writer.close()
        set_facts(folder, {"step": 9})
        await until(pilot, lambda: list(screen.state.metrics["reward"])[-1:] == [9])
        assert set(screen.state.evaluations) == {4, 8}
        await until(pilot, lambda: screen.groups.group_list.count() == 25)
        assert screen.groups.group_list.current_id == 24
        await until(pilot, lambda: "superseded by a resume" in shown_text(app))
        assert sum("superseded" in line for line in shown_text(app).splitlines()) > 2
        await pilot.press("r")
        curve = plot_of(screen, "reward").data.curves[0]
        assert [step for step, _ in curve] == list(range(1, 10)), "the curves, which nobody saw change, too"
        assert curve[-1] == (9, 0.25)


async def test_older_pages_come_again_after_a_reset(runs_dir: Path) -> None:
    folder = write_frozen_run(runs_dir, steps=60)
    app = GrpoTui(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        groups = (await until_read(pilot)).groups
        await pilot.press("r", "G")
        await until(pilot, lambda: groups.group_list.count() == 120)
        writer = folder.writer()
        writer.supersede_after(59)
        writer.close()
        await pilot.press("g")
        await until(pilot, lambda: "superseded" in shown_text(app))
        await pilot.press("G")
        await until(pilot, lambda: groups.group_list.count() == 120 and groups.group_list.oldest_id == 1)
