"""Who may talk to the page: one ASGI layer around everything, Gradio's own routes included.

A page on the loopback is still within reach of any web site that the person's browser visits, so the Host header must
name this machine (against DNS rebinding) and what changes something must come from the page itself. Beyond the loopback
a token is needed as well: `?token=…` once, a cookie from then on.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import ipaddress
import os
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grpo_core.errors import ConfigError

TOKEN_VARIABLE = "GRPO_DASH_TOKEN"
ALLOWED_HOSTS_VARIABLE = "GRPO_DASH_ALLOWED_HOSTS"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
COOKIE_SECONDS = 30 * 24 * 3600
READING = frozenset({"GET", "HEAD", "OPTIONS"})

# Gradio evaluates its templates and styles inline, hence the two 'unsafe-…'; nothing may be sent anywhere else.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)
_LOGIN = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>grpo-dash</title>
<style>:root{color-scheme:light dark;font:16px system-ui}form{max-width:24rem;margin:20vh auto;padding:0 1rem}
input,button{font:inherit;padding:.4rem .6rem}</style>
<form><h1>grpo-dash</h1><p>Open the address that grpo-dash printed, or paste its token.</p>
<input name="token" type="password" autofocus aria-label="Token"> <button>Open</button></form>"""

_WELCOME = '<!doctype html><meta http-equiv="refresh" content="0;url=ADDRESS"><title>grpo-dash</title>'


def token_for(host: str, token: str | None) -> str | None:
    """The token to ask for: the given one, else the environment's. Raises ConfigError where there must be one."""
    chosen = token or os.environ.get(TOKEN_VARIABLE) or None
    if chosen is None and not is_loopback(host):
        raise ConfigError(
            f"The page would be open to everybody who reaches {host}: set {TOKEN_VARIABLE} to a secret of your choice, "
            "or keep --host 127.0.0.1 and reach it through an SSH tunnel."
        )
    return chosen


def allowed_hosts_setting() -> list[str]:
    """Names from the environment; one that begins with a dot allows what ends so (`.proxy.runpod.net`)."""
    return [name.strip().lower() for name in os.environ.get(ALLOWED_HOSTS_VARIABLE, "").split(",") if name.strip()]


def is_loopback(host: str) -> bool:
    if host.lower() in LOOPBACK_NAMES:
        return True
    address = _address(host)
    return address is not None and address.is_loopback


class Guard:
    """The layer. `allowed_hosts` are names besides the loopback's; `token` None asks for none."""

    def __init__(self, app: ASGIApp, allowed_hosts: Sequence[str] = (), token: str | None = None) -> None:
        self._app = app
        self._allowed = frozenset(name.lower() for name in allowed_hosts)
        self._token = token
        self._pass = hashlib.sha256(f"grpo-dash cookie {token}".encode()).hexdigest()
        # Cookies know no ports: two pages of one machine must not share a name.
        self._cookie = f"grpo_dash_{self._pass[:8]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._known_host(headers.get("host", "")):
            return PlainTextResponse(
                f"This host is not known here. Add it to {ALLOWED_HOSTS_VARIABLE} if it is yours.\n", 421
            )
        if _crosses_sites(scope, headers):
            return PlainTextResponse("Refused: the request came from another site.\n", 403)
        return self._login(scope, headers) if self._token else None

    def _known_host(self, header: str) -> bool:
        host = _host_of(header)
        if is_loopback(host) or host in self._allowed:
            return True
        # A rebinding attack needs a name, so with a token in place a bare address is as good as an allowed one.
        if self._token and _address(host):
            return True
        return any(name.startswith(".") and host.endswith(name) for name in self._allowed)

    def _login(self, scope: Scope, headers: dict[str, str]) -> Response | None:
        if hmac.compare_digest(_cookies(headers).get(self._cookie, "").encode(), self._pass.encode()):
            return None
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        given = dict(query).get("token", "")
        if not hmac.compare_digest(given.encode(), (self._token or "").encode()):
            return HTMLResponse(_LOGIN, 401)
        return self._welcome(_address_without_token(scope, query))

    def _welcome(self, address: str) -> Response:
        """Sets the cookie and goes on from this page: a browser that came from another site would not send a strict
        cookie along with a redirect."""
        page = _WELCOME.replace("ADDRESS", html.escape(address))
        response = HTMLResponse(page, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
        response.set_cookie(self._cookie, self._pass, max_age=COOKIE_SECONDS, httponly=True, samesite="strict")
        return response


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_HEADERS]
        await send(message)

    return wrapped


def _crosses_sites(scope: Scope, headers: dict[str, str]) -> bool:
    """Something that may change state (or a socket), asked for by a page of another origin."""
    if scope["type"] == "http" and scope["method"] in READING:
        return False
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


def _address_without_token(scope: Scope, query: list[tuple[str, str]]) -> str:
    rest = urlencode([(key, value) for key, value in query if key != "token"])
    path = "/" + quote(scope["path"]).lstrip("/")
    return f"{path}?{rest}" if rest else path


def _host_of(header: str) -> str:
    """`[::1]:80` → `::1`, `localhost:80` → `localhost`."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _cookies(headers: dict[str, str]) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    return {name: value for name, _, value in pairs if name}
