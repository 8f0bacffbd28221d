"""Reading the gold once: its text, its tree, whether it is a multiple-choice letter. Cached, as groups share it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from grpo_core.oracle.boxes import last_boxes
from grpo_core.oracle.choice import choice_letter, find_choice, labelled_choice
from grpo_core.oracle.extract import Found, find_answer
from grpo_core.oracle.grammar import parse
from grpo_core.oracle.limits import MAX_ANSWER, OverBudget, Unreadable
from grpo_core.oracle.nodes import EULER, IMAGINARY, Node, Op, Sym
from grpo_core.oracle.normalise import comparable, normalise
from grpo_core.oracle.numerals import decimal_comma
from grpo_core.oracle.plain import plain_number
from grpo_core.oracle.polynomial import normal_form
from grpo_core.oracle.source import source
from grpo_core.oracle.tasks import GoldFormat

_LOOKS_LIKE_TEXT = re.compile(r"\\boxed|\\fbox|####|\$|\\\(|\\\[|\banswer\b")
_UNIT_LETTER = re.compile(r"(?<=\d)\s+[mgshLVNJWCFK](?:\^?[23²³])?(?:\s?/\s?[A-Za-z]{1,3}(?:\^?[23²³])?)?\Z")
_TWO_NUMBERS = re.compile(r"[1-9]\d{0,2},[1-9]\d{2}")


class Gold(NamedTuple):
    """`tree` is None where the text cannot be read; `problem` then says why. `letter` is set for multiple choice,
    `plain` for a plain number; `key` is what the string check compares, `source` the tree for people."""

    text: str
    tree: Node | None
    problem: str = ""
    letter: str | None = None
    plain: str | None = None
    key: str = ""
    source: str | None = None


@lru_cache(maxsize=1024)
def read_gold(gold: str, gold_format: GoldFormat) -> Gold:
    """Never raises; a gold without a tree makes its completions unscorable, unless the texts are the same."""
    as_text = gold_format == "text" or (gold_format == "auto" and _LOOKS_LIKE_TEXT.search(gold[-10_000:]) is not None)
    found = find_answer(gold) if as_text else None
    text = found.text if found else gold.strip()
    plain = plain_number(text)
    if plain is not None:
        return Gold(text, parse(text), plain=plain, key=text, source=plain)
    letter = choice_letter(text) or (_choice_in_text(gold) if gold_format == "text" else None)
    try:
        tree = read_answer(found) if found else parse(text)
    except (Unreadable, OverBudget) as error:
        return Gold(text, None, str(error), letter, key=text_key(text))
    if letter is not None and letter in text and tree in {EULER, IMAGINARY}:
        tree = Op("text", (Sym(letter.lower()),))  # a choice, not a constant
    return Gold(text, tree, "", letter, None, text_key(text), source(tree))


def _choice_in_text(gold: str) -> str | None:
    if any(character.isdigit() for character in gold) or "$" in gold:
        return None
    found = find_choice(gold, None)
    return labelled_choice(gold) or (found.text if found and found.rule == "choice" else None)


def read_answer(found: Found) -> Node:
    """The tree of an extracted answer; several joined boxes are a list. Raises `Unreadable` or `OverBudget`."""
    return _joined(found.parts) if found.parts else parse(found.text)


def _joined(parts: Sequence[str]) -> Node:
    """The list of the parts; one value where they only write it in several ways (`15\\frac{39}{40}` or
    `\\frac{639}{40}`)."""
    trees = tuple(parse(part) for part in parts)
    forms = [normal_form(tree) for tree in trees]
    restated = len(set(parts)) == len(parts) and forms[0] is not None and all(form == forms[0] for form in forms)
    return trees[0] if restated else Op("list", trees)


def parse_extracted(found: Found) -> Node:
    """As `read_answer`, for an answer whose joined boxes are known by their text alone."""
    boxes = last_boxes(found.text) if found.rule == "boxed" and "\\boxed" in found.text else []
    if len(boxes) > 1 and all(box.inner for box in boxes):
        return _joined([found.text[slice(*box.inner)] for box in boxes if box.inner])
    return parse(found.text)


def second_readings(text: str) -> list[Node]:
    """What an ambiguous text may mean besides the first reading: `2,74` as a decimal, `12 m` as a length, `70,110` as
    two numbers."""
    if text.isdigit():
        return []
    bare = text[: MAX_ANSWER + 1].strip(" $\n")
    unit = _UNIT_LETTER.search(bare)
    two_numbers = _TWO_NUMBERS.fullmatch(bare)
    readings = [
        decimal_comma(bare),
        bare[: unit.start()] if unit else None,
        bare.replace(",", ", ") if two_numbers else None,
    ]
    return [parse(reading) for reading in readings if reading]


def text_key(text: str) -> str:
    """What the string check compares; texts over the budget are compared as they are."""
    if text.isdigit():
        return text
    return text if len(text) > MAX_ANSWER else _text_key(text)


@lru_cache(maxsize=1024)
def _text_key(text: str) -> str:
    return comparable(normalise(text)) if len(text.strip()) > 1 else text.strip()
