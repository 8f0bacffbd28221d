"""What is sent to the terminal: what it holds afterwards is what was drawn, for as few bytes as that takes."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from grpo_app.tui.wire import Wire, turn
from grpo_core.store import RunWriter
from tests.app.tui.held import Held
from tests.app.tui.terminal import Terminal
from tests.samples import write_sample_run, write_sample_step

CUTS = (0, 9, 24)
ROWS = 4
STYLES = [
    None,
    Style.parse("red"),
    Style.parse("bold #ff0000 on #102030"),
    Style.parse("bold #ff0000 on blue"),
    Style.parse("italic underline color(200) on color(7)"),
    Style.parse("#00ff00 on #102030"),
    Style.parse("reverse"),
    Style.parse("not bold on bright_black"),
]
STEPS, LOOKS = 40, 5
OVERVIEW_BYTES, GROUPS_BYTES = 2000, 1500
"""Of one look at 160×45 that finds one step more; a whole screen takes about 25,000."""


@pytest.mark.parametrize("letters", ["ab ", "ab─⣿ ", "a宽e\u0301 "], ids=["ascii", "drawn", "wide"])
def test_the_terminal_holds_what_was_drawn(letters: str) -> None:
    dice, wire, held, plain = random.Random(letters), Wire(), Held(), Held()
    console = Console(color_system="truecolor", force_terminal=True)
    for turn_ in range(300):
        update = whole_screen(dice, letters) if turn_ % 50 == 0 else part_of_screen(dice, letters)
        held.take(wire.draw(update, ColorSystem.TRUECOLOR).encode())
        plain.take(update.render_segments(console).encode())
        assert held.rows == plain.rows


def whole_screen(dice: random.Random, letters: str) -> LayoutUpdate:
    return LayoutUpdate([list(chops.values()) for chops in drawn(dice, letters)], Region(0, 0, CUTS[-1], ROWS))


def part_of_screen(dice: random.Random, letters: str) -> ChopsUpdate:
    spans = []
    for y in sorted(dice.sample(range(ROWS), dice.randint(1, ROWS))):
        first, last = sorted(dice.sample(range(CUTS[-1] + 1), 2))
        spans.append((y, first, last))
    return ChopsUpdate(drawn(dice, letters), spans, [list(CUTS[1:])] * ROWS)


def drawn(dice: random.Random, letters: str) -> list[dict[int, Strip]]:
    return [{start: piece(dice, letters, end - start) for start, end in pairwise(CUTS)} for _ in range(ROWS)]


def piece(dice: random.Random, letters: str, width: int) -> Strip:
    segments = [
        Segment("".join(dice.choices(letters, k=dice.randint(1, 6))), dice.choice(STYLES))
        for _ in range(dice.randint(1, 4))
    ]
    return Strip(segments).adjust_cell_length(width)


@pytest.mark.parametrize("harmful", ["\x1b]0;x\x07", "\x9b31m", "\x08", "\u202e", "\u2028"])
def test_what_could_command_the_terminal_is_not_sent_whatever_widget_drew_it(harmful: str) -> None:
    wire, sent = Wire(), ""
    for text in (f"ab{harmful}cd", "abcdefghij", f"ab{harmful}cd"):
        strip = Strip([Segment(text), Segment("e")]).adjust_cell_length(12)
        sent += wire.draw(LayoutUpdate([[strip]], Region(0, 0, 12, 1)), ColorSystem.TRUECOLOR)
    drawn = re.sub(r"\x1b\[[\d;]*[HC]", "", sent)
    assert drawn.isascii()
    assert drawn.isprintable()
    assert drawn.startswith("ab")
    assert drawn.rstrip().endswith("cde")


def test_the_same_again_sends_nothing_and_a_whole_screen_everything() -> None:
    wire, line = Wire(), {0: Strip([Segment("a row of a list", STYLES[2])])}
    part = ChopsUpdate([line], [(0, 0, 15)], [[15]])
    whole = LayoutUpdate([list(line.values())], Region(0, 0, 15, 1))
    assert "a row of a list" in wire.draw(part, ColorSystem.TRUECOLOR)
    assert wire.draw(part, ColorSystem.TRUECOLOR) == ""
    assert "a row of a list" in wire.draw(whole, ColorSystem.TRUECOLOR)
    assert wire.draw(part, ColorSystem.TRUECOLOR) == ""


def test_only_what_changes_of_a_look_is_sent() -> None:
    assert turn("1;31;48;2;1;2;3", "1;32;48;2;1;2;3") == "\x1b[32m"
    assert turn("31", "1;31") == "\x1b[1m"
    assert turn("1;31", "31") == "\x1b[0;31m", "there is no code that ends bold and nothing else everywhere"
    assert turn("38;5;200;44", "") == "\x1b[39;49m"


def test_a_blank_takes_no_colour_that_is_not_seen_on_it() -> None:
    line = [Segment("a", STYLES[2]), Segment(" ", Style.parse("on #102030")), Segment("b", STYLES[2])]
    part = ChopsUpdate([{0: Strip(line)}], [(0, 0, 3)], [[3]])
    assert "a b" in Wire().draw(part, ColorSystem.TRUECOLOR)


def test_a_look_that_finds_one_step_more_is_cheap(runs_dir: Path) -> None:
    """Of the curves and of the groups: a slow link carries both."""
    folder = write_sample_run(runs_dir, STEPS)
    writer = folder.writer()
    with opened(runs_dir, folder.id) as terminal:
        terminal.until("Curves", "Live", f"step {STEPS}/")
        terminal.press("l")
        curves = bytes_of_a_look(terminal, writer, STEPS, "step {step}/")
        terminal.press("r")
        terminal.until("outcomes", "Completion k0")
        groups = bytes_of_a_look(terminal, writer, STEPS + 1 + LOOKS, "#{group}  step {step}")
    writer.close()
    assert 0 < curves < OVERVIEW_BYTES
    assert 0 < groups < GROUPS_BYTES


def bytes_of_a_look(terminal: Terminal, writer: RunWriter, step: int, shown: str) -> float:
    """The mean of some, after a first one that sees the end of what was asked for before."""
    before = 0
    for look in range(1 + LOOKS):
        if look == 1:
            before = len(terminal.sent)
        step += 1
        write_sample_step(writer, step, STEPS)
        terminal.until(shown.format(step=step, group=2 * step))
    return (len(terminal.sent) - before) / LOOKS


@contextmanager
def opened(runs_dir: Path, reference: str) -> Iterator[Terminal]:
    terminal = Terminal("--runs-dir", str(runs_dir), reference)
    try:
        yield terminal
    finally:
        terminal.close()
