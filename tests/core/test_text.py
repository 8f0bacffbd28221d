"""Cleaning keeps length (spans stay true) and lets no character through that could command a terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grpo_core.text import clean, clean_line

any_text = st.text(st.characters(exclude_categories=()))
FORBIDDEN = {*map(chr, range(0x20)), "\x7f", *map(chr, range(0x80, 0xA0))} - {"\n", "\t"}


@given(any_text)
def test_clean_keeps_length_and_drops_commands(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert not FORBIDDEN & set(cleaned)
    cleaned.encode("utf-8")


@given(any_text)
def test_a_line_is_one_line(text: str) -> None:
    assert not {"\n", "\t", "\r"} & set(clean_line(text))


def test_terminal_commands_become_visible() -> None:
    assert clean("\x1b]0;title\x07 \u202egnp.exe\u2069") == "�]0;title� �gnp.exe�"
