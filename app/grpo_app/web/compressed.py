"""Answers in JSON made small on their way: a page is often read through a tunnel to a rented machine."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

LEAST_BYTES = 1000
LEVEL = 5
"""Of gzip's nine: more takes longer and saves little."""


class Compressed:
    """The layer. Only for what is asked of `/api/` and comes whole: not for streams, nor for files to keep."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._zipped = GZipMiddleware(app, minimum_size=LEAST_BYTES, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._zipped if _comes_whole(scope) else self._app)(scope, receive, send)


def _comes_whole(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and "/api/" in scope["path"]
        and "/export" not in scope["path"]
    )
