"""How texts and JSON lie in the database: compressed, and read back exactly, lone surrogates included."""

from __future__ import annotations

import json
from typing import Any

import zstandard

_LEVEL = 3
_MAX_TEXT_BYTES = 64 * 1024 * 1024
"""More than this is refused when read, so that a damaged row cannot take all memory."""


def pack_text(text: str) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL).compress(text.encode("utf-8", "surrogatepass"))


def unpack_text(blob: bytes) -> str:
    data = zstandard.ZstdDecompressor().decompress(blob, max_output_size=_MAX_TEXT_BYTES)
    return data.decode("utf-8", "surrogatepass")


def pack_json(value: Any) -> bytes:
    return pack_text(dump_json(value))


def unpack_json(blob: bytes) -> Any:
    return json.loads(unpack_text(blob))


def dump_json(value: Any) -> str:
    """Compact JSON; a float that JSON cannot hold (nan, inf) is refused rather than written wrongly."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
