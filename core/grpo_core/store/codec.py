"""How texts and JSON lie in the database: compressed, and read back exactly, lone surrogates included.

JSON (mostly verdicts, which are all alike) is compressed with a dictionary: a verdict takes about 85 bytes instead of
300. Texts are not: a dictionary makes them larger. What was written without one, or with an earlier one, is read too.
"""

from __future__ import annotations

import json
import threading
from functools import cache
from pathlib import Path
from typing import Any

import zstandard

LEVEL = 3
_MAX_TEXT_BYTES = 64 * 1024 * 1024
"""More than this is refused when read, so that a damaged row cannot take all memory."""
_DICTIONARY = Path(__file__).with_name("verdict.dict")
"""Made by `scripts/train_dictionary.py`; never changed, since databases need it."""


def pack_text(text: str) -> bytes:
    return _tools().plain.compress(text.encode("utf-8", "surrogatepass"))


def unpack_text(blob: bytes) -> str:
    tools = _tools()
    known = zstandard.get_frame_parameters(blob).dict_id == _dictionary().dict_id()
    decompressor = tools.unpack_with_dictionary if known else tools.unpack
    return decompressor.decompress(blob, max_output_size=_MAX_TEXT_BYTES).decode("utf-8", "surrogatepass")


def pack_json(value: Any) -> bytes:
    return _tools().with_dictionary.compress(dump_json(value).encode())


def unpack_json(blob: bytes) -> Any:
    return json.loads(unpack_text(blob))


def dump_json(value: Any) -> str:
    """Compact JSON; a float that JSON cannot hold (nan, inf) is refused rather than written wrongly."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


class _Tools(threading.local):
    """Compressors are dear to make and not for sharing between threads: one set a thread."""

    def __init__(self) -> None:
        self.plain = zstandard.ZstdCompressor(level=LEVEL)
        self.with_dictionary = zstandard.ZstdCompressor(level=LEVEL, dict_data=_dictionary())
        self.unpack = zstandard.ZstdDecompressor()
        self.unpack_with_dictionary = zstandard.ZstdDecompressor(dict_data=_dictionary())


@cache
def _dictionary() -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(_DICTIONARY.read_bytes())


@cache
def _tools() -> _Tools:
    return _Tools()
