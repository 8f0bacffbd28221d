"""The live hub: one thread follows a run for all who look at it; each change is encoded once and sent to every viewer.

A viewer who reads too slowly loses the queue and gets the whole picture again, so it never holds up another. The thread
lives while somebody looks.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

from grpo_app.web.commands import CommandLog
from grpo_app.web.encode import encode
from grpo_app.web.mirror import Mirror
from grpo_app.web.rows import newest_rows
from grpo_core.errors import GrpoDashError
from grpo_core.runs import RunFolder, find_run
from grpo_core.types import Json
from grpo_core.views import RunFollower
from grpo_core.views.alert_watch import watch_alerts
from grpo_core.views.marks import MarkLog

POLL_SECONDS = 0.2
RETRY_SECONDS = 2.0
HEARTBEAT_SECONDS = 15.0
RECONNECT_MILLISECONDS = 1000
QUEUED_EVENTS = 64

log = logging.getLogger(__name__)


class Viewer:
    """One open stream: the events that it has yet to be sent. Touched by the event loop only."""

    def __init__(self) -> None:
        self._events: deque[bytes] = deque()
        self._ready = asyncio.Event()
        self.behind = True
        self.closed = False

    def put(self, event: bytes) -> None:
        if len(self._events) >= QUEUED_EVENTS:
            self._events.clear()
            self.behind = True
        if not self.behind:
            self._events.append(event)
        self._ready.set()

    def restart(self) -> None:
        """The next thing to send is the whole picture."""
        self._events.clear()
        self.behind = True
        self._ready.set()

    def close(self) -> None:
        self.closed = True
        self._ready.set()

    def take(self) -> bytes:
        taken = b"".join(self._events)
        self._events.clear()
        self._ready.clear()
        return taken

    async def wait(self) -> bool:
        """False if nothing came for as long as a heartbeat takes."""
        try:
            await asyncio.wait_for(self._ready.wait(), HEARTBEAT_SECONDS)
        except TimeoutError:
            return False
        return True


class RunFeed:
    """One followed run: its mirror, its viewers, and the thread that polls it."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.viewers: set[Viewer] = set()
        self._loop = asyncio.get_running_loop()
        self._mirror = Mirror()
        self._number = 0
        self._snapshot: tuple[tuple[int, int], bytes] | None = None
        self._trouble: bytes | None = None
        self._stop = threading.Event()
        threading.Thread(target=self._follow, name=f"follow {folder.id}", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()
        for viewer in self.viewers:
            viewer.close()

    def snapshot(self) -> bytes | None:
        """Everything so far as one event; None until the first look has been made."""
        if self._trouble:
            return self._trouble
        if self._mirror.run is None:
            return None
        now = time.monotonic()
        state = (self._number, int(now))
        if self._snapshot is None or self._snapshot[0] != state:
            self._snapshot = state, _event("snapshot", self._mirror.snapshot(now), self._number)
        return self._snapshot[1]

    def _follow(self) -> None:
        """The thread: follow until nobody looks; what cannot be read is shown and tried again."""
        while not self._stop.is_set():
            try:
                self._follow_once()
            except Exception as error:  # noqa: BLE001 - the edge of a thread: whatever breaks is shown, not lost
                self._tell(self._fail, _sentence(error))
                self._stop.wait(RETRY_SECONDS)

    def _follow_once(self) -> None:
        reader = self.folder.reader()
        follower, commands, marks = RunFollower(self.folder), CommandLog(self.folder), MarkLog(self.folder.path)
        try:
            alerts = watch_alerts(self.folder, reader)
            self._tell(self._begin)
            first = self._look(follower, commands, marks) | (follower.poll() or {})
            self._tell(self._publish, {**first, "groups": newest_rows(self.folder), "alerts": alerts.poll() or []})
            while not self._stop.is_set():
                change = self._look(follower, commands, marks)
                found = alerts.poll()
                if found is not None:
                    change["alerts"] = found
                if change:
                    self._tell(self._publish, change)
                self._stop.wait(POLL_SECONDS)
        finally:
            follower.close()
            marks.close()
            reader.close()

    def _look(self, follower: RunFollower, commands: CommandLog, marks: MarkLog) -> Json:
        asked, marked = commands.poll(), marks.poll()
        change = follower.poll() or {}
        if change.get("reset"):
            change["groups"] = newest_rows(self.folder)
        if asked is not None:
            change["commands"] = asked
        return change if marked is None else {**change, "marks": marked}

    def _tell(self, function: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the server stopped and its loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(function, *arguments)

    def _begin(self) -> None:
        """A new follower gives everything again."""
        self._mirror, self._trouble = Mirror(), None
        for viewer in self.viewers:
            viewer.restart()

    def _publish(self, change: Json) -> None:
        sent = self._mirror.apply(change, time.monotonic())
        self._number += 1
        event = _event("change", sent, self._number)
        for viewer in self.viewers:
            viewer.put(event)

    def _fail(self, message: str) -> None:
        self._number += 1
        self._trouble = _event("trouble", {"message": message}, self._number)
        for viewer in self.viewers:
            viewer.restart()


class LiveHub:
    """All feeds of the server, one a run that somebody looks at."""

    def __init__(self, runs_dir: Path) -> None:
        self._runs_dir = runs_dir
        self._feeds: dict[str, RunFeed] = {}
        self._closed = False

    def close(self) -> None:
        """Ends every stream, so that the server can stop."""
        self._closed = True
        for feed in self._feeds.values():
            feed.stop()

    @property
    def followed(self) -> frozenset[str]:
        """The ids of the runs that somebody looks at."""
        return frozenset(self._feeds)

    def folder(self, run_id: str) -> RunFolder:
        return find_run(self._runs_dir, run_id)

    async def events(self, folder: RunFolder) -> AsyncIterator[bytes]:
        """One viewer's stream: the whole picture, then what changes. Empty once the hub is closed."""
        if self._closed:
            return
        feed = self._feed(folder)
        viewer = Viewer()
        feed.viewers.add(viewer)
        try:
            yield f"retry: {RECONNECT_MILLISECONDS}\n\n".encode()
            async for event in _events_of(feed, viewer):
                yield event
        finally:
            self._leave(feed, viewer)

    def _feed(self, folder: RunFolder) -> RunFeed:
        if folder.id not in self._feeds:
            self._feeds[folder.id] = RunFeed(folder)
        return self._feeds[folder.id]

    def _leave(self, feed: RunFeed, viewer: Viewer) -> None:
        feed.viewers.discard(viewer)
        if not feed.viewers:
            feed.stop()
            self._feeds.pop(feed.folder.id, None)


async def _events_of(feed: RunFeed, viewer: Viewer) -> AsyncIterator[bytes]:
    while not viewer.closed:
        if viewer.behind and (snapshot := feed.snapshot()):
            viewer.take()
            viewer.behind = False
            yield snapshot
        elif waiting := viewer.take():
            yield waiting
        elif not await viewer.wait():
            yield b": still here\n\n"


def _event(name: str, data: Json, number: int) -> bytes:
    return f"id: {number}\nevent: {name}\ndata: {encode(data)}\n\n".encode()


def _sentence(error: Exception) -> str:
    if isinstance(error, GrpoDashError):
        return str(error)
    log.warning("following a run failed", exc_info=error)
    return f"This run cannot be read at the moment ({type(error).__name__}: {error}). Trying again."
