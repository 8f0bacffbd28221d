"""Cleaning text that a model (or a file) wrote before a person's terminal or log sees it.

Model output is hostile: it may set a terminal's title, write its clipboard or reorder what is read.
"""

from __future__ import annotations

SUBSTITUTE = "\N{REPLACEMENT CHARACTER}"

_FORBIDDEN = (
    [code for code in range(0x20) if chr(code) not in "\n\t"]
    + [0x7F]
    + list(range(0x80, 0xA0))
    + [0x061C, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF]
    + list(range(0x202A, 0x202F))
    + list(range(0x2066, 0x206A))
    + list(range(0xD800, 0xE000))
)
_TABLE = {code: SUBSTITUTE for code in _FORBIDDEN}


def clean(text: str) -> str:
    """Replace, one for one (so that spans keep their meaning), every character that could command a terminal:
    C0 except newline and tab, DEL, C1, bidirectional controls, line separators and lone surrogates."""
    return text.translate(_TABLE)


def clean_line(text: str) -> str:
    """`clean`, and newlines and tabs shown as `⏎` and `→`, for places that have one line."""
    return clean(text).replace("\n", "⏎").replace("\t", "→")
