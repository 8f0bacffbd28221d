"""Does a text say the same again and again? Counted in words, or by how far it can be compressed; no language known."""

from __future__ import annotations

import zlib

RUN = 3
"""Words in a row that count as said again."""
FEWEST_RUNS = 12
MOSTLY = 0.5
LONG_CHARACTERS = 200
COMPRESSED = 0.15
LOOKED_AT = 20_000
"""Characters of a text that are looked at."""


def is_repetitive(text: str) -> bool:
    """Is most of it runs of words, or of characters, that were there before? Short texts never are."""
    text = text[:LOOKED_AT]
    return repeated_share(text) >= MOSTLY or _compresses(text)


def repeated_share(text: str) -> float:
    """The share of runs of three words that occurred before in the text, in [0, 1]; 0 where there are few."""
    words = text.split()
    runs = [tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)]
    return 1 - len(set(runs)) / len(runs) if len(runs) >= FEWEST_RUNS else 0.0


def _compresses(text: str) -> bool:
    data = text.encode("utf-8", "replace")
    return len(text) >= LONG_CHARACTERS and len(zlib.compress(data, 6)) < COMPRESSED * len(data)
