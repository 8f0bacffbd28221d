"""`grpo-dash serve` and `grpo-tui`: the page in the browser and the app in the terminal."""

from __future__ import annotations

import errno
import gc
import getpass
import os
import shlex
import shutil
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from grpo_app.commands.common import UsageError, find_referenced, say, tell
from grpo_app.commands.demo import DEMO_PRESET, demo_run
from grpo_core.errors import GrpoDashError
from grpo_core.paths import users_runs_dir
from grpo_core.views.glance import plain_glance

DEFAULT_PORT = 7860
PORTS_TRIED = 20

Serve = Callable[..., None]
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def serve_page(
    serve: Serve, runs_dir: Path, host: str, port: int | None, demo: bool, preset: str | None, sets: Sequence[str]
) -> int:
    """Serve until interrupted. `serve` is the web server's; an explicit port is taken or refused, never changed."""
    open_port = find_port(host, port)
    path = ""
    if demo:
        path = f"run/{demo_run(runs_dir, preset or DEMO_PRESET, sets).id}"
    serve(runs_dir, host, open_port, on_ready=lambda url: _say_where(url, path, runs_dir, host))
    return 0


def forget_gradio_settings() -> None:
    """Gradio takes options from the environment, some of them while it is imported: call this before, so that none
    changes this page. What it would report of its use stays off."""
    for name in [name for name in os.environ if name.startswith("GRADIO_")]:
        del os.environ[name]
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"


def run_tui(app: Callable[..., object], runs_dir: Path, reference: str | None, demo: bool) -> int:
    """The terminal app, opened at a reference; what points at nothing is said before the screen is taken."""
    if reference:
        find_referenced(runs_dir, reference)
    elif demo:
        reference = demo_run(runs_dir).id
    screen = app(runs_dir, reference)
    gc.freeze()  # what the packages made stays: looking through it again and again would hold up a key
    gc.set_threshold(100_000, 20, 50)  # what a look at a run makes goes without it
    screen.run()  # type: ignore[attr-defined]
    return 0


def print_once(runs_dir: Path, text: str) -> int:
    folder, reference = find_referenced(runs_dir, text)
    say(plain_glance(folder, reference))
    return 0


def find_port(host: str, wanted: int | None) -> int:
    """The wanted port, or the first free one from the default on; raises GrpoDashError if it is taken."""
    if wanted is not None:
        if wanted and not is_free(host, wanted):
            raise GrpoDashError(f"Port {wanted} on {host} is in use: choose another, or leave --port out to have one.")
        return wanted
    for port in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED):
        if is_free(host, port):
            if port != DEFAULT_PORT:
                tell(f"Port {DEFAULT_PORT} is in use: taking {port}.")
            return port
    raise GrpoDashError(f"No port from {DEFAULT_PORT} to {DEFAULT_PORT + PORTS_TRIED - 1} is free: choose one.")


def is_free(host: str, port: int) -> bool:
    """Can it be bound? Raises GrpoDashError if the host is not one of this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise GrpoDashError(f"Port {port} needs rights that you do not have: choose one from 1024 on.") from error
        except OverflowError as error:
            raise UsageError(f"{port} is not a port: choose one from 1024 to 65535.") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise GrpoDashError(f"This machine cannot listen on {host}: {error.strerror or error}.") from error
    return True


def _say_where(url: str, path: str, runs_dir: Path, host: str) -> None:
    scheme, place, root, query, _ = urlsplit(url)
    port = place.rpartition(":")[2]
    option = "" if runs_dir == users_runs_dir().resolve() else f" --runs-dir {shlex.quote(str(runs_dir))}"
    rows = [("Open", urlunsplit((scheme, place, root + path, query, "")))]
    if host in LOOPBACK:
        title = "Over SSH" if "SSH_CONNECTION" in os.environ else "From afar"
        rows.append((title, f"ssh -L {port}:127.0.0.1:{port} {_user_at_host()}   then open the address above there"))
    rows.append(("Terminal", f"{_terminal_program()}{option}"))
    rows.append(("Runs", str(runs_dir)))
    say("\n".join(f"{title:<10}{text}" for title, text in rows))
    say("Ctrl+C closes the page; runs go on.")


def _terminal_program() -> str:
    """`grpo-tui` as another shell can start it: by name if that finds this one, else by its path."""
    beside = Path(sys.executable).with_name("grpo-tui")
    found = shutil.which("grpo-tui")
    if not beside.is_file() or (found and Path(found) == beside):
        return "grpo-tui"
    here = Path.cwd()
    return shlex.quote(str(beside.relative_to(here) if beside.is_relative_to(here) else beside))


def _user_at_host() -> str:
    """How this machine was reached over SSH, else what it calls itself."""
    reached = os.environ.get("SSH_CONNECTION", "").split()
    host = reached[2] if len(reached) > 2 else socket.gethostname()
    try:
        return f"{getpass.getuser()}@{host}"
    except (KeyError, OSError):
        return f"USER@{host}"
