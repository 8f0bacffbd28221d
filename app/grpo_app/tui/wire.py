"""What goes over the wire: of what is drawn anew only the cells that the terminal does not hold, and of a cell's
colours only those that the cell before it had not; never a character that could command it.

Textual sends each line of a widget that is refreshed whole, every piece of it with all of its colours: a row more in a
list is all rows below it, and the blank ones too. What is drawn is others' matter. Links (OSC 8) are not sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from grpo_core.text import clean_line

Cell = tuple[str, str]
"""A character of one column, and the codes of its colours and attributes (SGR)."""
NEAR = 4
"""Cells between two differences that are sent along: about as many bytes as it takes to move the cursor on."""
UNSEEN_ON_BLANKS = {"", "1", "2", "3"}
"""No attribute, bold, dim and italic."""
_SELECTS = re.compile(r"\x1b\[([\d;]*)m")
_PARTS = re.compile(
    r"((?:(?:[1-9]|21|5[1-3])(?:;|$))*?)"
    r"(38;2;\d+;\d+;\d+|38;5;\d+|3[0-79]|9[0-7])?;?"
    r"(48;2;\d+;\d+;\d+|48;5;\d+|4[0-79]|10[0-7])?"
)


class Piece(NamedTuple):
    """A part of a line from this column on."""

    x: int
    y: int
    strip: Strip


class Look(NamedTuple):
    """Codes by what they set; empty is what the terminal has without any."""

    attributes: str = ""
    foreground: str = ""
    background: str = ""


class Wire:
    """Knows what the terminal holds from what was sent; one for each terminal."""

    def __init__(self) -> None:
        self._rows: dict[int, list[Cell | None]] = {}

    def changes(self, update: RenderableType | None) -> RenderableType | None:
        """What is to be sent of an update instead of it. A whole screen is sent whole: it mends what others wrote."""
        return Changes(self, update) if isinstance(update, ChopsUpdate | LayoutUpdate) else update

    def draw(self, update: ChopsUpdate | LayoutUpdate, colours: ColorSystem) -> str:
        pen = Pen()
        if isinstance(update, LayoutUpdate):
            self._rows.clear()
        for piece in pieces_of(update):
            self._draw_piece(pen, piece, colours)
        return pen.finished()

    def _draw_piece(self, pen: Pen, piece: Piece, colours: ColorSystem) -> None:
        """Terminals disagree about the width of what is not one column wide: sent whole, and not relied on."""
        x, y, strip = piece.x, piece.y, harmless(piece.strip)
        cells = cells_of(tuple(strip), colours)
        end = x + strip.cell_length
        row = self._rows.setdefault(y, [])
        row += [None] * (end - len(row))
        if is_even(strip):
            for first, last in differences(row[x:end], cells):
                pen.write(x + first, y, cells[first:last])
            row[x:end] = cells
        else:
            pen.write(x, y, cells)
            pen.lose_place()
            row[x:end] = [None] * strip.cell_length


class Changes(CompositorUpdate):
    """Compared with what the terminal holds only when it is sent: Textual drops what it draws in a batch."""

    def __init__(self, wire: Wire, update: ChopsUpdate | LayoutUpdate) -> None:
        self._wire = wire
        self._update = update

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """For another console than the terminal: all of it."""
        return self._update.__rich_console__(console, options)

    def render_segments(self, console: Console) -> str:
        return self._wire.draw(self._update, COLOR_SYSTEMS[console.color_system or "truecolor"])


class Pen:
    """Puts cells together with the moves and codes that it takes to get from one to the next."""

    def __init__(self) -> None:
        self._sent: list[str] = []
        self._place: tuple[int, int] | None = None
        self._codes = ""

    def write(self, x: int, y: int, cells: Sequence[Cell]) -> None:
        self._sent.append(move(self._place, (x, y)))
        for codes, run in groupby(cells, key=itemgetter(1)):
            text = "".join([character for character, _ in run])
            if not text.isspace() or blank_codes(self._codes) != codes:
                self._sent.append(turn(self._codes, codes))
                self._codes = codes
            self._sent.append(text)
        self._place = (x + len(cells), y)

    def lose_place(self) -> None:
        """Nobody knows where the cursor is."""
        self._place = None

    def finished(self) -> str:
        self._sent.append(turn(self._codes, ""))
        return "".join(self._sent)


def pieces_of(update: ChopsUpdate | LayoutUpdate) -> Iterator[Piece]:
    """From left to right, line by line."""
    return _chopped(update) if isinstance(update, ChopsUpdate) else _laid_out(update)


def _laid_out(update: LayoutUpdate) -> Iterator[Piece]:
    for y, line in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in line:
            yield Piece(x, y, strip)
            x += strip.cell_length


def _chopped(update: ChopsUpdate) -> Iterator[Piece]:
    """A span of a line may end within a piece, but is drawn from the piece's first column on."""
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < last and end > first:
                yield Piece(x, y, strip if end <= last else strip.crop(0, last - x))


def harmless(strip: Strip) -> Strip:
    """Without what could command the terminal, whatever widget let it through: it takes no column."""
    if strip.text.isprintable():
        return strip
    kept = [("".join(c for c in text if c == clean_line(c)), style, control) for text, style, control in strip]
    return Strip([Segment(*segment) for segment in kept]).adjust_cell_length(strip.cell_length)


@lru_cache(maxsize=512)
def cells_of(segments: tuple[Segment, ...], colours: ColorSystem) -> list[Cell]:
    """Kept: most lines that are drawn anew have only moved."""
    cells: list[Cell] = []
    for text, style, _ in segments:
        codes = codes_of(style, colours)
        blank = blank_codes(codes)
        cells += [(character, blank if character == " " else codes) for character in text]
    return cells


def codes_of(style: Style | None, colours: ColorSystem) -> str:
    found = _SELECTS.search(style.render("x", color_system=colours)) if style else None
    return found[1] if found else ""


@lru_cache(maxsize=4096)
def blank_codes(codes: str) -> str:
    """What of it is seen on a blank: mostly the background only."""
    look = look_of(codes)
    return look.background if UNSEEN_ON_BLANKS.issuperset(look.attributes.split(";")) else codes


def is_even(strip: Strip) -> bool:
    """Is every character one column wide?"""
    text = strip.text
    return text.isascii() or all(get_character_cell_size(character) == 1 for character in set(text))


def differences(old: Sequence[Cell | None], new: Sequence[Cell]) -> Iterable[tuple[int, int]]:
    """From where to where they differ; those that are near to one another are one."""
    if old == new:
        return
    changed = [at for at, (was, now) in enumerate(zip(old, new, strict=True)) if was != now]
    first = last = changed[0]
    for at in changed:
        if at - last > NEAR:
            yield first, last + 1
            first = at
        last = at
    yield first, last + 1


def move(place: tuple[int, int] | None, wanted: tuple[int, int]) -> str:
    """From one column and row to another; shortest where it is further on in the same line."""
    if place == wanted:
        return ""
    if place and place[1] == wanted[1] and place[0] < wanted[0]:
        return f"\x1b[{wanted[0] - place[0]}C"
    return f"\x1b[{wanted[1] + 1};{wanted[0] + 1}H"


@lru_cache(maxsize=4096)
def turn(old: str, new: str) -> str:
    """What is to be sent where `old` is selected and `new` is wanted. An attribute ends only with all there is."""
    if old == new:
        return ""
    was, wanted = look_of(old), look_of(new)
    codes = []
    if was.attributes not in ("", wanted.attributes):
        codes, was = ["0"], Look()
    if wanted.attributes != was.attributes:
        codes.append(wanted.attributes)
    if wanted.foreground != was.foreground:
        codes.append(wanted.foreground or "39")
    if wanted.background != was.background:
        codes.append(wanted.background or "49")
    return f"\x1b[{';'.join(codes)}m"


def look_of(codes: str) -> Look:
    """As Rich writes them: attributes, then the colour, then the background. What is unknown is an attribute."""
    parts = _PARTS.fullmatch(codes)
    return Look(parts[1].rstrip(";"), parts[2] or "", parts[3] or "") if parts else Look(attributes=codes)
