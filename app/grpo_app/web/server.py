"""`grpo-dash serve`: the app put together, and the server that runs it until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from grpo_app.web.advantages import make_advantages_router
from grpo_app.web.api import make_router, show_error
from grpo_app.web.blocks import make_blocks, mount_blocks
from grpo_app.web.commands import make_commands_router
from grpo_app.web.compare import make_compare_router
from grpo_app.web.compressed import Compressed
from grpo_app.web.early import Early, links_of_pages
from grpo_app.web.export import make_export_router
from grpo_app.web.finding import make_finding_router
from grpo_app.web.live import LiveHub
from grpo_app.web.marks import make_marks_router
from grpo_app.web.new_run import SignalChecks, make_new_run_router
from grpo_app.web.own_files import make_files_router
from grpo_app.web.playground import make_playground_router
from grpo_app.web.problem_list import make_problems_router
from grpo_app.web.run_list import make_run_list_router
from grpo_app.web.security import Guard, allowed_hosts_setting, is_loopback, token_for
from grpo_app.web.uploads import make_uploads_router
from grpo_app.web.why import make_why_router
from grpo_core.errors import GrpoDashError
from grpo_core.runs.explainer import Explainer
from grpo_core.runs.playground import Playground

SHUTDOWN_SECONDS = 3


def create_app(runs_dir: Path, *, allowed_hosts: Sequence[str] = (), token: str | None = None) -> FastAPI:
    """The whole page over the runs in `runs_dir`. `allowed_hosts` are Host names besides the loopback's."""
    hub, playground, checks, explainer = LiveHub(runs_dir), Playground(runs_dir), SignalChecks(), Explainer()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await close_streams(app)

    # FastAPI's own documentation pages load their scripts from the internet.
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.hub, app.state.playground, app.state.checks, app.state.explainer = hub, playground, checks, explainer
    app.add_exception_handler(GrpoDashError, show_error)
    app.include_router(make_router(runs_dir, hub))
    app.include_router(make_why_router(runs_dir, explainer))
    app.include_router(make_compare_router(runs_dir))
    app.include_router(make_advantages_router(runs_dir))
    app.include_router(make_finding_router(runs_dir))
    app.include_router(make_marks_router(runs_dir))
    app.include_router(make_commands_router(runs_dir))
    app.include_router(make_problems_router(runs_dir))
    app.include_router(make_run_list_router(runs_dir))
    app.include_router(make_export_router(runs_dir))
    app.include_router(make_playground_router(runs_dir, playground))
    app.include_router(make_new_run_router(runs_dir, checks))
    app.include_router(make_uploads_router(runs_dir))
    app.include_router(make_files_router())
    blocks = make_blocks()
    mount_blocks(app, blocks)
    app.add_middleware(Compressed)
    app.add_middleware(Early, links=links_of_pages(blocks))
    app.add_middleware(Guard, allowed_hosts=tuple(allowed_hosts), token=token)
    return app


async def close_streams(app: FastAPI) -> None:
    """End the live streams, the playground's answers, a signal check and the oracle's process; may be called again."""
    app.state.hub.close()
    app.state.checks.close()
    await run_in_threadpool(app.state.playground.close)
    await run_in_threadpool(app.state.explainer.close)


def serve(
    runs_dir: Path,
    host: str,
    port: int,
    token: str | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until interrupted. `on_ready` gets the address to open (with the token, if there is one).

    Raises ConfigError if `host` is beyond the loopback and there is no token.
    """
    with suppress(KeyboardInterrupt):
        asyncio.run(serve_app(runs_dir, host, port, token_for(host, token), on_ready))


async def serve_app(
    runs_dir: Path, host: str, port: int, token: str | None, on_ready: Callable[[str], None] | None
) -> None:
    """`serve` within a loop. The app is made in it, as Gradio would else leave a loop of its own behind."""
    app = create_app(runs_dir, allowed_hosts=_names_of(host), token=token)
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=SHUTDOWN_SECONDS
    )
    # What the packages made lives as long as the server: to look through all of it again and again would hold up
    # whoever waits at that moment by tens of milliseconds.
    gc.freeze()
    await PageServer(config, app, token, on_ready).serve()


def _names_of(host: str) -> list[str]:
    """What a browser may call this server, besides the loopback's names."""
    own = [] if is_loopback(host) else [host, socket.gethostname()]
    return [*allowed_hosts_setting(), *own]


class PageServer(uvicorn.Server):
    """uvicorn, telling when it is ready and ending the live streams before it waits for connections to end."""

    def __init__(
        self, config: uvicorn.Config, app: FastAPI, token: str | None, on_ready: Callable[[str], None] | None
    ) -> None:
        super().__init__(config)
        self._app = app
        self._token = token
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_ready:
            self._on_ready(self._address())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await close_streams(self._app)
        await super().shutdown(sockets)

    def _address(self) -> str:
        port = self.servers[0].sockets[0].getsockname()[1]
        host = self.config.host if is_loopback(self.config.host) else socket.gethostname()
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{port}/" + (f"?token={self._token}" if self._token else "")
