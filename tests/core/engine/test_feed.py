"""The token feed: what a tokenizer would decode whole is what its pieces add up to, stops end a stream."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from transformers import PreTrainedTokenizerFast

from grpo_core.engine.feed import TokenFeed
from grpo_core.runs.process import clock
from grpo_core.store import LiveFeedReader
from tests.samples import CHAIN


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    """One token a byte, so that most characters beyond ASCII need several."""
    alphabet = sorted(ByteLevel.alphabet())
    raw = Tokenizer(BPE({symbol: number for number, symbol in enumerate(alphabet)}, []))
    raw.pre_tokenizer = ByteLevel(add_prefix_space=False)
    raw.decoder = ByteLevelDecoder()
    raw.add_special_tokens(["<end>"])
    return PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<end>", pad_token="<end>")


def fed(folder: Path, tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> LiveFeedReader:
    """Stream these texts token by token, each with an end token and padding, and read the feed."""
    (folder / "live").mkdir(exist_ok=True)
    end = tokenizer.eos_token_id
    rows = [[*tokenizer.encode(text), end] for text in texts]
    feed = TokenFeed(folder, tokenizer, [end])
    feed.begin(1, "train", [CHAIN], len(texts))
    streamer = feed.streamer()
    streamer.put(torch.zeros(len(texts), 5, dtype=torch.long))
    for place in range(max(len(row) for row in rows)):
        streamer.put(torch.tensor([row[place] if place < len(row) else end for row in rows]))
    streamer.end()
    feed.close()
    return LiveFeedReader(folder)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(max_size=12), min_size=1, max_size=3))
def test_the_pieces_add_up_to_the_text(
    texts: list[str], tokenizer: PreTrainedTokenizerFast, tmp_path_factory: pytest.TempPathFactory
) -> None:
    batch = fed(tmp_path_factory.mktemp("feed"), tokenizer, texts).poll()
    assert batch is not None
    assert list(batch.streams[0]) == texts
    assert all(batch.ended[0])


def test_no_half_character_is_ever_written(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    fed(tmp_path, tokenizer, ["∑ x² = 3½ 🙂"])
    lines = [json.loads(line) for line in (tmp_path / "live" / "feed.jsonl").read_text().splitlines()]
    pieces = [text for line in lines for _, text in line.get("+", [])]
    assert "".join(pieces) == "∑ x² = 3½ 🙂"
    assert not any("\N{REPLACEMENT CHARACTER}" in piece for piece in pieces)


def test_the_heart_beats(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    fed(tmp_path, tokenizer, ["1"])
    beaten, stirred = (float(word) for word in (tmp_path / "live" / "heartbeat").read_text().split())
    assert stirred <= beaten
    assert -0.001 < clock() - beaten < 300, "stamped to the nearest millisecond"
