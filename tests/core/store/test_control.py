"""Commands: each is applied at most once, by whoever asks first, and every one stays on record."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grpo_core.store import ControlDb


def test_a_command_is_pending_until_acknowledged(tmp_path: Path) -> None:
    control = ControlDb(tmp_path)
    number = control.issue("demo-1", "stop", "terminal", {"discard": False})
    (command,) = control.pending("demo-1")
    assert (command.id, command.kind, command.arguments) == (number, "stop", {"discard": False})
    assert control.acknowledge(number, "stopping")
    assert control.pending("demo-1") == []
    assert control.history("demo-1")[0].result == "stopping"


def test_a_command_is_acknowledged_once(tmp_path: Path) -> None:
    one, other = ControlDb(tmp_path), ControlDb(tmp_path)
    number = one.issue("demo-1", "checkpoint", "page")
    assert [one.acknowledge(number, "saving"), other.acknowledge(number, "saving")] == [True, False]


def test_many_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    for round_number in range(20):
        folder = tmp_path / str(round_number)
        folder.mkdir()
        with ThreadPoolExecutor(6) as pool:
            for database in pool.map(lambda _, at=folder: ControlDb(at), range(6)):
                database.close()


def test_runs_do_not_see_each_others_commands(tmp_path: Path) -> None:
    control = ControlDb(tmp_path)
    control.issue("demo-1", "stop", "page")
    assert control.pending("demo-2") == []
