"""What a group's row says of its completions, so that a list is filtered without reading a text.

Categories are bits, so that a group, or a block of many groups, tells in one number which of them it holds. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from grpo_core.types import OUTCOMES, Group, signal_of

OUTCOME_LETTERS = {
    "correct": "c",
    "wrong": "w",
    "no_answer": "n",
    "unparsable": "u",
    "timeout": "t",
    "unscorable": "s",
}
FINISH_LETTERS = {"stop": "s", "length": "l"}
UNKNOWN_LETTER = "-"
OUTCOME_OF = {letter: outcome for outcome, letter in OUTCOME_LETTERS.items()}
FINISH_OF = {letter: finish for finish, letter in FINISH_LETTERS.items()}
_OUTCOME_ORDER = "".join(OUTCOME_LETTERS[outcome] for outcome in OUTCOMES) + UNKNOWN_LETTER
_FINISH_ORDER = "".join(FINISH_LETTERS.values()) + UNKNOWN_LETTER
_read_json = json.JSONDecoder().raw_decode
_SIGNALS = (None, "mixed", "all_correct", "all_wrong")
KINDS = len(_OUTCOME_ORDER) * len(_FINISH_ORDER)


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """One entry or letter a completion, by number: `outcomes` and `finishes` are letters, `lengths` tokens.

    `kinds` has a bit for every pair of outcome and finish reason that occurs; lows and highs are None where nothing
    is known.
    """

    outcomes: str
    finishes: str
    lengths: tuple[int | None, ...]
    rewards: tuple[float | None, ...]
    signal: str | None
    kinds: int
    tokens_low: int | None
    tokens_high: int | None
    reward_low: float | None
    reward_high: float | None

    def kind_numbers(self) -> list[int]:
        """Which of the `KINDS` each completion is."""
        return [kind_number(outcome, finish) for outcome, finish in zip(self.outcomes, self.finishes, strict=True)]

    @property
    def correct(self) -> int:
        return self.outcomes.count(OUTCOME_LETTERS["correct"])


def facts_of(group: Group) -> GroupFacts:
    """The facts of a group in memory."""
    completions = group.completions
    return make_facts(
        "".join(OUTCOME_LETTERS[c.verdict.outcome] if c.verdict else UNKNOWN_LETTER for c in completions),
        "".join(FINISH_LETTERS.get(c.finish_reason or "", UNKNOWN_LETTER) for c in completions),
        [c.token_count for c in completions],
        [finite(c.reward) for c in completions],
    )


def make_facts(
    outcomes: str, finishes: str, lengths: Sequence[int | None], rewards: Sequence[float | None]
) -> GroupFacts:
    tokens = [length for length in lengths if length is not None]
    known = [reward for reward in rewards if reward is not None]
    kinds = 0
    for outcome, finish in zip(outcomes, finishes, strict=True):
        kinds |= 1 << kind_number(outcome, finish)
    return GroupFacts(
        outcomes,
        finishes,
        tuple(lengths),
        tuple(rewards),
        signal_of(known, (letter == OUTCOME_LETTERS["correct"] for letter in outcomes if letter != UNKNOWN_LETTER)),
        kinds,
        min(tokens, default=None),
        max(tokens, default=None),
        min(known, default=None),
        max(known, default=None),
    )


def read_facts(outcomes: str, finishes: str, lengths: str, rewards: str, signal: str | None) -> GroupFacts:
    """The facts of a stored row; bounds and bits are the database's business and left out."""
    return GroupFacts(outcomes, finishes, _numbers(lengths), _numbers(rewards), signal, 0, None, None, None, None)


def _numbers(stored: str) -> tuple[Any, ...]:
    """Two lists a group, hundreds of groups a question: without all that `json.loads` looks for first."""
    return tuple(_read_json(stored)[0])


def kind_number(outcome: str, finish: str) -> int:
    """The number of a pair of letters, in [0, KINDS)."""
    return _OUTCOME_ORDER.index(outcome) * len(_FINISH_ORDER) + _FINISH_ORDER.index(finish)


def kinds_with(outcome: str | None, truncated: bool | None) -> int | None:
    """The bits of all kinds of this outcome and ending; None where neither is asked for."""
    if outcome is None and truncated is None:
        return None
    outcomes = _OUTCOME_ORDER if outcome is None else OUTCOME_LETTERS[outcome]
    finishes = _FINISH_ORDER if truncated is None else FINISH_LETTERS["length" if truncated else "stop"]
    return bits(kind_number(o, f) for o in outcomes for f in finishes)


def class_bit(split: str, decoding: str, signal: str | None) -> int:
    """The bit of a group's split, decoding and signal."""
    return 1 << ((split == "eval") * 8 + (decoding == "greedy") * 4 + _SIGNALS.index(signal))


def classes_with(split: str | None, decoding: str | None, signal: str | None) -> int | None:
    """The bits of all classes of this split, decoding and signal; None where none of them is asked for."""
    if split is None and decoding is None and signal is None:
        return None
    found = 0
    for one_split in (split,) if split else ("train", "eval"):
        for one_decoding in (decoding,) if decoding else ("sampled", "greedy"):
            for one_signal in (signal,) if signal else _SIGNALS:
                found |= class_bit(one_split, one_decoding, one_signal)
    return found


def bits(numbers: Iterable[int]) -> int:
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def finite(value: Any) -> float | None:
    """None for what is not a number: a missing value is never stored as one."""
    return value if value is not None and value - value == 0 else None
