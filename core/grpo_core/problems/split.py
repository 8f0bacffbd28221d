"""Which part a question belongs to, and its name: both follow from its text alone, on any machine."""

from __future__ import annotations

import hashlib
import re
import unicodedata

HELDOUT_ONE_IN = 10
"""One question in this many is held out of every training stage."""
_NOT_READ = re.compile(r"[\s$\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+|\\[()\[\]]")
"""Space, soft hyphens, joiners and marks of direction; `$`, `\\(`, `\\[` and their ends."""


def fingerprint(question: str) -> str:
    """40 hex digits of a question's text; how it is spaced or wrapped makes no difference."""
    normal = " ".join(question.split())
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def normal_text(question: str) -> str:
    """What two questions that are the same have in common: not their case, spaces, characters that are not seen, marks
    around formulas or last full stop.

    Wider than `fingerprint`, by which parts are made: what is alike by this is kept out of training all the same.
    """
    plain = unicodedata.normalize("NFKC", question).casefold()
    return _NOT_READ.sub("", plain).rstrip(".?!:")


def same_question(one: str, other: str) -> bool:
    return normal_text(one) == normal_text(other)


def is_heldout(question: str) -> bool:
    """Whether no training stage may use this question."""
    return int(fingerprint(question)[:16], 16) % HELDOUT_ONE_IN == 0


def problem_id(source: str, question: str) -> str:
    """A name for the question, the same wherever and whenever it is drawn, such as `chain-1e0d012ed2aa`."""
    return f"{source}-{fingerprint(question)[:12]}"
