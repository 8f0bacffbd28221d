"""The page's own files: style sheets, modules and Plotly, served by the app itself and kept by browsers.

Their address holds a hash of all of them (`own/HASH/…`), so they may be cached for good and never go stale.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

import plotly
from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from plotly.offline import get_plotlyjs

WEB = Path(__file__).parent
FOLDERS = ("shared", "panels")
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
PAGE_SHEET = "base"
PLOTLY = "plotly.min.js"
FOREVER = "public, max-age=31536000, immutable"


@cache
def own_files() -> dict[str, bytes]:
    """Every file by its address: `panels/tiles.js`, …, and all style sheets in one as `page.css`."""
    paths = [path for folder in FOLDERS for path in sorted((WEB / folder).iterdir()) if path.suffix in TYPES]
    files = {f"{path.parent.name}/{path.name}": path.read_bytes() for path in paths}
    sheets = [path for path in paths if path.suffix == ".css"]
    files["page.css"] = "\n".join(map(_scoped, sheets)).encode()
    return files


def _scoped(sheet: Path) -> str:
    """A sheet nested in what it is for: a panel's in its panel, a shared one in every panel. Gradio resets the styles
    of all elements below its container, and a nested rule outweighs that."""
    body = sheet.read_text(encoding="utf-8")
    if sheet.stem == PAGE_SHEET:
        return body
    panel = f"#panel-{sheet.stem.replace('_', '-')}"
    scope = panel if sheet.parent.name == "panels" else ".gradio-container .own-panel"
    return f"{scope} {{\n{body}}}\n"


@cache
def version() -> str:
    digest = hashlib.sha256(plotly.__version__.encode())
    for name, body in own_files().items():
        digest.update(name.encode() + b"\0" + body)
    return digest.hexdigest()[:12]


def address(name: str) -> str:
    """Relative to the page, so that it also holds behind a proxy that serves the page below a path."""
    return f"own/{version()}/{name}"


@cache
def _compressed(name: str) -> bytes | None:
    """The file as it is sent: nothing that asks for it here takes it otherwise. None if there is none."""
    body = get_plotlyjs().encode() if name == PLOTLY else own_files().get(name)
    return None if body is None else gzip.compress(body, 6)


def make_files_router() -> APIRouter:
    router = APIRouter()

    @router.get("/own/{_version}/{name:path}")
    def own_file(_version: str, name: str) -> Response:
        body = _compressed(name)
        if body is None:
            return PlainTextResponse("There is no such file.\n", 404)
        headers = {"Content-Encoding": "gzip", "Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
        return Response(body, 200, headers, TYPES[Path(name).suffix])

    return router
