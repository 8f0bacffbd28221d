"""Files of the hub: from its cache if they are there, else only where the hub can be reached at all.

`huggingface_hub` by itself asks a host that is not there again and again, for half a minute a file.
"""

from __future__ import annotations

import socket
import time
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import getproxies

_CONNECT_SECONDS = 5.0
_REMEMBERED_SECONDS = 30.0
"""So long an answer holds: a form asks again at every change."""


def cached_file(repository: str, file: str, kind: Literal["model", "dataset"]) -> Path | None:
    """Where the cache of `huggingface_hub` has this file, if it has."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repository, file, repo_type=kind)
    return Path(found) if isinstance(found, str) else None


def why_no_hub() -> str | None:
    """Why nothing can be fetched from the hub now, as the end of a sentence; None where it can be tried."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return "HF_HUB_OFFLINE is set"
    address = urlsplit(constants.ENDPOINT)
    if {address.scheme, "all"} & getproxies().keys():
        return None  # whether the proxy can reach it, only it knows
    port = address.port or (80 if address.scheme == "http" else 443)
    return _unreachable(address.hostname or "", port, int(time.monotonic() / _REMEMBERED_SECONDS))


def missing_model(name: str) -> str | None:
    """A sentence on a hub name that is neither in the cache nor to be had; None where it can be tried."""
    try:
        if cached_file(name, "config.json", "model") or (why := why_no_hub()) is None:
            return None
    except ValueError as error:  # what no repository could be called
        return f"There is no folder {name}, and the hub can have no model of that name: {str(error).rstrip('.')}."
    return f"There is no folder {name}, the hub's cache has no model of that name, and nothing can be fetched: {why}."


@lru_cache(maxsize=1)
def _unreachable(host: str, port: int, _now: int) -> str | None:
    try:
        socket.create_connection((host, port), _CONNECT_SECONDS).close()
    except OSError as error:
        return f"{host} cannot be reached ({error.strerror or 'no answer'})"
    return None
