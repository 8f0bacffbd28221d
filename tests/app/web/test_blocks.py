"""What Gradio does beside our pages."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from grpo_app.web.blocks import QUEUE_SECONDS, make_blocks, mount_blocks


async def test_a_queue_without_events_is_seldom_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks, slept = make_blocks(), []
    mount_blocks(FastAPI(), blocks)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        blocks._queue.stopped = True

    monkeypatch.setattr("gradio.queueing.asyncio.sleep", sleep)
    for loop in (blocks._queue.start_processing, blocks._queue.start_progress_updates):
        blocks._queue.stopped = False
        await loop()
    assert slept == [QUEUE_SECONDS, QUEUE_SECONDS]
