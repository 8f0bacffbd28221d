"""Reference steps from a MATH solution: the equations of its formulas, in order. Pure text; nothing is parsed here."""

from __future__ import annotations

import re

MAX_STEPS = 12
_LONGEST = 200
_FORMULA = re.compile(r"\\\[(.{1,2000}?)\\\]|\$\$(.{1,2000}?)\$\$|\$([^$]{1,300})\$|\\\((.{1,300}?)\\\)", re.DOTALL)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{(?:align|aligned|gather|equation)\*?\}")
_BOX = re.compile(r"\\(?:boxed|fbox)\s?\{")
_ARTWORK = re.compile(r"\[asy\].*?(?:\[/asy\]|\Z)", re.DOTALL)


def equations_of(solution: str) -> tuple[str, ...]:
    """At most 12 equations, each of one line, chains kept whole; the box of the answer is opened."""
    found: list[str] = []
    for match in _FORMULA.finditer(_ARTWORK.sub(" ", solution)):
        inner = next(group for group in match.groups() if group is not None)
        for line in re.split(r"\\\\", _ENVIRONMENT.sub(" ", inner)):
            equation = _cleaned(line)
            if equation is not None and equation not in found:
                found.append(equation)
    return tuple(found[:MAX_STEPS])


def _cleaned(line: str) -> str | None:
    text = " ".join(_unboxed(line).replace(" &", "").replace("&", "").split()).strip(" ,.;")
    left, mark, right = text.partition("=")
    complete = bool(mark) and left.strip(" <>!\\") != "" and right.strip() != ""
    return text if complete and len(text) <= _LONGEST and "\\text" not in text else None


def _unboxed(text: str) -> str:
    """The text with the braces of its first box, and the command, taken away."""
    box = _BOX.search(text)
    if box is None:
        return text
    depth = 1
    for position in range(box.end(), len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth == 0:
            return text[: box.start()] + text[box.end() : position] + text[position + 1 :]
    return text[: box.start()] + text[box.end() :]


def last_box(solution: str) -> str | None:
    """What the last `\\boxed{…}` (or `\\boxed 5`) holds."""
    start = max(solution.rfind("\\boxed"), solution.rfind("\\fbox"))
    if start < 0:
        return None
    opening = _BOX.match(solution, start)
    if opening is None:
        bare = re.match(r"\\(?:boxed|fbox)\s+([^\s$]{1,40})", solution[start:])
        return bare[1] if bare else None
    depth = 1
    for position in range(opening.end(), len(solution)):
        depth += (solution[position] == "{") - (solution[position] == "}")
        if depth == 0:
            return solution[opening.end() : position]
    return None
