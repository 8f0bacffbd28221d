"""`grpo-dash serve`: which port it takes, and what it says about how to get there. The page has tests of its own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grpo_app.commands import screens
from grpo_app.commands.screens import find_port, serve_page
from grpo_core.errors import GrpoDashError
from tests.samples import write_sample_run


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def serve_at(url: str) -> Callable[..., None]:
    def serve(runs_dir: Path, host: str, port: int, on_ready: Callable[[str], None]) -> None:
        on_ready(url.format(port=port))

    return serve


def test_an_explicit_port_in_use_is_refused(taken_port: int) -> None:
    with pytest.raises(GrpoDashError, match=f"Port {taken_port} on 127.0.0.1 is in use"):
        find_port("127.0.0.1", taken_port)


def test_the_default_port_gives_way(
    taken_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(screens, "DEFAULT_PORT", taken_port)
    assert find_port("127.0.0.1", None) > taken_port
    assert f"Port {taken_port} is in use" in capsys.readouterr().err


@pytest.mark.parametrize(("host", "port"), [("203.0.113.9", 7860), ("127.0.0.1", 70_000)])
def test_a_place_that_cannot_be_is_said(host: str, port: int) -> None:
    with pytest.raises(GrpoDashError):
        find_port(host, port)


def test_it_says_how_to_get_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.7 50000 192.0.2.10 22")
    assert serve_page(serve_at("http://127.0.0.1:{port}/"), tmp_path, "127.0.0.1", 0, False, None, []) == 0
    text = capsys.readouterr().out
    assert "http://127.0.0.1:0/" in text
    assert "ssh -L 0:127.0.0.1:0 " in text
    assert "@192.0.2.10" in text
    assert f"grpo-tui --runs-dir {tmp_path}" in text


def test_the_demo_opens_at_its_run_and_keeps_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_sample_run(tmp_path)
    monkeypatch.setattr(screens, "demo_run", lambda *_: folder)
    serve_page(serve_at("http://here:{port}/?token=abc"), tmp_path, "0.0.0.0", 0, True, None, [])
    text = capsys.readouterr().out
    assert f"http://here:0/run/{folder.id}?token=abc" in text
    assert "ssh -L" not in text
