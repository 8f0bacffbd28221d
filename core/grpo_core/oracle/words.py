"""Numbers that are written as words: `twenty-five`, `two thirds`, `3 million`, `5th`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

_NAMES_TO_NINETEEN = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
"""
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SMALL = {word: value for value, word in enumerate(_NAMES_TO_NINETEEN.split())} | {
    word: 10 * (i + 2) for i, word in enumerate(_TENS)
}
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8}
PARTS |= {"ninth": 9, "tenth": 10, "hundredth": 100, "thousandth": 1000}
PARTS |= {f"{word}s": value for word, value in PARTS.items()} | {"halves": 2}
_MOST_WORDS = 20


def number_in_words(words: Sequence[str]) -> Fraction | None:
    """The value of a number written out, or None if any word is something else."""
    words = [word for word in words if word != "and"]
    if not words or len(words) > _MOST_WORDS:
        return None
    part = PARTS.get(words[-1])
    if part is None:
        return _whole(words)
    count = Fraction(1) if words[:-1] in ([], ["a"], ["one"]) else _whole(words[:-1])
    return count / part if count else None


def _whole(words: Sequence[str]) -> Fraction | None:
    total, group, last = 0, 0, 10**15
    for index, word in enumerate(words):
        if word in _SMALL and not _clashes(words, index):
            group += _SMALL[word]
        elif word == "hundred" and 0 < group < 100:
            group *= 100
        elif word in SCALES and group and SCALES[word] < last:
            last = SCALES[word]
            total, group = total + group * last, 0
        else:
            return None
    return Fraction(total + group)


def _clashes(words: Sequence[str], index: int) -> bool:
    """`two three` is no number: a small word follows only tens (`twenty two`), `hundred` or a scale."""
    before = words[index - 1] if index else ""
    return before in _SMALL and not (before in _TENS and 0 < _SMALL[words[index]] < 10)
