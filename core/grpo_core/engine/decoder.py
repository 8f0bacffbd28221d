"""Tokens of several completions at once, decoded as they come: what every completion gained since the last time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from transformers import PreTrainedTokenizerBase

_UNFINISHED = "\N{REPLACEMENT CHARACTER}"


@dataclass
class _Stream:
    """One completion being decoded. The ids before `given` are told; those from `decoded_from` are decoded again
    with the new ones, since a token's text can depend on the one before it."""

    ids: list[int] = field(default_factory=list)
    decoded_from: int = 0
    given: int = 0
    stopped: bool = False


class StreamDecoder:
    """Decodes `count` completions side by side; use from one thread, with a tokenizer of that thread."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, stop_ids: Iterable[int], count: int = 0) -> None:
        self._tokenizer = tokenizer
        self._stop_ids = frozenset(stop_ids)
        self._streams = [_Stream() for _ in range(count)]

    def begin(self, count: int) -> None:
        """New completions in place of the old ones."""
        self._streams = [_Stream() for _ in range(count)]

    def append(self, tokens: Sequence[int]) -> None:
        """One token for each completion; what comes after its end is padding. Another number of tokens is ignored."""
        if len(tokens) != len(self._streams):
            return
        for stream, token in zip(self._streams, tokens, strict=True):
            if not stream.stopped:
                stream.ids.append(token)
                stream.stopped = token in self._stop_ids

    def finish(self, number: int, ids: Sequence[int]) -> None:
        """All tokens of one completion at once. A number that there is not is ignored."""
        if 0 <= number < len(self._streams):
            self._streams[number].ids = list(ids)
            self._streams[number].stopped = True

    def take(self, *, whole: bool = False) -> tuple[dict[int, str], list[int]]:
        """The text that was added to each completion, and which have ended. A character whose bytes are not all
        there yet waits, unless `whole` says that no more will come."""
        fresh = [(number, each) for number, each in enumerate(self._streams) if len(each.ids) > each.given]
        if not fresh:
            return {}, []
        before = self._decode([each.ids[each.decoded_from : each.given] for _, each in fresh])
        now = self._decode([each.ids[each.decoded_from :] for _, each in fresh])
        added = {}
        for (number, each), old, new in zip(fresh, before, now, strict=True):
            if whole or each.stopped or not new.endswith(_UNFINISHED):
                each.decoded_from, each.given = each.given, len(each.ids)
                added[number] = new[len(old) :]
        ended = [number for number, each in fresh if each.stopped]
        return {number: text for number, text in added.items() if text}, ended

    def ids(self, number: int) -> list[int]:
        """The tokens of a completion so far, its end included."""
        return self._streams[number].ids

    def has_stopped(self, number: int) -> bool:
        return self._streams[number].stopped

    def _decode(self, ids: list[list[int]]) -> list[str]:
        return self._tokenizer.batch_decode(ids, skip_special_tokens=True)
