"""What a terminal holds after what was sent to it: moves, text and colours, as far as Textual uses them."""

from __future__ import annotations

import codecs
import re

from rich.cells import get_character_cell_size

TOKEN = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H"
    r"|\x1b\[(?P<forward>\d+)C"
    r"|\x1b\[(?P<look>[\d;]*)m"
    r"|\x1b\[[0-?]*[ -/]*[@-~]|\x1bP[^\x1b]*\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[78=>c]"
    r"|(?P<text>[^\x1b]+)"
)
Look = tuple[frozenset[str], str, str]
PLAIN: Look = (frozenset(), "39", "49")
COLOUR = re.compile(r"38;2;\d+;\d+;\d+|48;2;\d+;\d+;\d+|[34]8;5;\d+|\d+")


class Held:
    """`rows` are lines of (character, look); `drawn_at` says after how many pieces of text a line was last drawn."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[int, tuple[str, Look]]] = {}
        self.drawn_at: dict[int, int] = {}
        self.drawn = 0
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._rest = ""
        self._x = self._y = 0
        self._look = PLAIN

    def take(self, sent: bytes) -> None:
        """A sequence may still lack its end: it waits for more."""
        text, at = self._rest + self._decode(sent), 0
        while token := TOKEN.match(text, at):
            at = token.end()
            self._obey(token)
        self._rest = text[at:]

    def line(self, y: int) -> str:
        row = self.rows.get(y, {})
        return "".join(row[x][0] if x in row else " " for x in range(max(row, default=-1) + 1))

    def shows(self, word: str, since: int = 0) -> bool:
        """Does it stand in a line that was drawn, if only in part, after so many pieces?"""
        return any(drawn > since and word in self.line(y) for y, drawn in self.drawn_at.items())

    def _obey(self, token: re.Match[str]) -> None:
        if token["row"]:
            self._y, self._x = int(token["row"]) - 1, int(token["column"]) - 1
        elif token["forward"]:
            self._x += int(token["forward"])
        elif token["look"] is not None:
            self._look = looking(self._look, token["look"])
        elif token["text"]:
            self._write(token["text"])

    def _write(self, text: str) -> None:
        self.drawn += 1
        for character in text:
            if character == "\n":
                self._y += 1
                continue
            row, width = self.rows.setdefault(self._y, {}), get_character_cell_size(character)
            if width == 0:
                continue
            row[self._x] = (character, self._look if character != " " else seen_on_blank(self._look))
            if width == 2:
                row[self._x + 1] = ("", self._look)
            self._x += width
            self.drawn_at[self._y] = self.drawn


def seen_on_blank(look: Look) -> Look:
    """Neither a letter's colour nor its weight, unless something else shows it."""
    attributes, _, background = look
    return look if attributes - {"1", "2", "3"} else (frozenset(), "39", background)


def looking(look: Look, codes: str) -> Look:
    attributes, foreground, background = look
    for code in COLOUR.findall(codes or "0"):
        if code == "0":
            attributes, foreground, background = PLAIN
        elif re.match(r"3[0-79]$|9[0-7]$|38;", code):
            foreground = code
        elif re.match(r"4[0-79]$|10[0-7]$|48;", code):
            background = code
        else:
            attributes |= {code}
    return attributes, foreground, background
