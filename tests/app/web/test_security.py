"""Who may talk to the page: Host, origin and token, on every route."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from grpo_app.commands.screens import forget_gradio_settings
from grpo_app.web.security import ALLOWED_HOSTS_VARIABLE, TOKEN_VARIABLE, Guard, allowed_hosts_setting, token_for
from grpo_app.web.server import serve
from grpo_core.errors import ConfigError
from tests.app.web.conftest import make_app


async def _hello(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def client(guard: object, base_url: str = "http://127.0.0.1:7860") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url=base_url)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7860", 200),
        ("localhost", 200),
        ("[::1]:7860", 200),
        ("box.example:80", 200),
        ("abc.proxy.runpod.net", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("192.168.1.5", 421),
        ("", 421),
    ],
)
async def test_the_host_header_must_name_this_machine(host: str, status: int) -> None:
    async with client(Guard(_hello, ["box.example", ".proxy.runpod.net"])) as page:
        assert (await page.get("/", headers={"host": host})).status_code == status


@pytest.mark.parametrize("path", ["/", "/api/runs", "/live/x", "/own/1/page.css", "/config", "/gradio_api/info"])
async def test_every_route_is_behind_the_guard(path: str, guarded: FastAPI) -> None:
    async with client(guarded) as page:
        assert (await page.get(path)).status_code == 401
        assert (await page.get(path, headers={"host": "evil.example"})).status_code == 421


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return make_app(tmp_path_factory.mktemp("runs"), token="secret")


async def test_the_environment_gives_gradio_no_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/elsewhere")
    monkeypatch.setenv("GRADIO_ALLOWED_PATHS", "/")
    app = await asyncio.to_thread(make_app, tmp_path)
    async with client(app) as page:
        assert "elsewhere" not in (await page.get("/config")).text
        assert (await page.get("/gradio_api/file=/etc/hostname")).status_code == 403


def test_gradio_is_imported_into_an_environment_without_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRADIO_VIBE_MODE", "GRADIO_WATCH_DIRS", "GRADIO_SHARE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "True")
    forget_gradio_settings()
    left = {name: value for name, value in os.environ.items() if name.startswith("GRADIO_")}
    assert left == {"GRADIO_ANALYTICS_ENABLED": "False"}


async def test_the_token_is_asked_once_and_kept_in_a_strict_cookie() -> None:
    async with client(Guard(_hello, token="secret")) as page:
        assert (await page.get("/groups?ref=a/group/1")).status_code == 401
        assert (await page.get("/?token=wrong")).status_code == 401
        welcome = await page.get("/groups?token=secret&ref=a/group/1")
        cookie = welcome.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "secret" not in cookie
        assert "url=/groups?ref=a%2Fgroup%2F1" in welcome.text
        assert (await page.get("/groups?ref=a/group/1")).text == "hello"


async def test_the_way_back_after_the_token_stays_on_this_site() -> None:
    async with client(Guard(_hello, token="secret")) as page:
        welcome = await page.get("http://127.0.0.1:7860//evil.example/%22%3E?token=secret")
        assert "url=/evil.example/%22%3E" in welcome.text


async def test_with_a_token_a_bare_address_will_do() -> None:
    async with client(Guard(_hello, token="secret"), "http://192.168.1.5:7860") as page:
        assert (await page.get("/")).status_code == 401


async def test_another_site_cannot_change_anything() -> None:
    async with client(Guard(_hello)) as page:
        assert (await page.post("/", headers={"origin": "https://evil.example"})).status_code == 403
        assert (await page.post("/", headers={"origin": "http://127.0.0.1:7860"})).status_code == 200


async def test_answers_allow_no_connection_to_elsewhere() -> None:
    async with client(Guard(_hello)) as page:
        assert "connect-src 'self'" in (await page.get("/")).headers["content-security-policy"]


def test_beyond_the_loopback_there_must_be_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    with pytest.raises(ConfigError, match=TOKEN_VARIABLE):
        serve(tmp_path, "0.0.0.0", 0)
    assert token_for("127.0.0.1", None) is None
    monkeypatch.setenv(TOKEN_VARIABLE, "from the environment")
    assert token_for("0.0.0.0", None) == "from the environment"
    assert token_for("0.0.0.0", "given") == "given"


def test_allowed_hosts_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOWED_HOSTS_VARIABLE, " Box.example, .proxy.runpod.net ,")
    assert allowed_hosts_setting() == ["box.example", ".proxy.runpod.net"]
