"""The storing thread: order is kept, a flush waits, a failure reaches the trainer."""

from __future__ import annotations

import pytest

from grpo_core.errors import StoreError
from grpo_core.store import BackgroundWriter


def test_jobs_are_done_in_order() -> None:
    done: list[int] = []
    background = BackgroundWriter()
    for number in range(100):
        background.submit(lambda number=number: done.append(number))
    background.flush()
    assert done == list(range(100))
    background.close()


def test_a_failure_is_raised_where_the_next_job_comes_from() -> None:
    def fail() -> None:
        raise OSError("no space left")

    done: list[str] = []
    background = BackgroundWriter()
    background.submit(fail)
    with pytest.raises(StoreError, match="no space left"):
        background.flush()
    with pytest.raises(StoreError, match="no space left"):
        background.submit(lambda: done.append("late"))
    with pytest.raises(StoreError):
        background.close()
    assert done == []
