"""Llama shapes with random weights and a tokenizer of as many words: enough to measure speed and memory without a hub.

What they say means nothing, and they never end by themselves: every completion has its full length.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast

SPECIAL = ("<pad>", "<end>", "<unknown>")


@dataclass(frozen=True, slots=True)
class LlamaShape:
    """As Meta's models of these names have it."""

    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    vocab_size: int
    tie_word_embeddings: bool
    max_position_embeddings: int = 131072


SHAPES = {
    "1B": LlamaShape(2048, 8192, 16, 32, 8, 128256, True),
    "8B": LlamaShape(4096, 14336, 32, 32, 8, 128256, False),
    "dry": LlamaShape(64, 128, 2, 4, 2, 512, True, 2048),
}


def make_llama(name: str, folder: Path) -> Path:
    """The model's folder, made if it is not there yet."""
    out = folder / f"llama-{name}"
    if (out / "tokenizer_config.json").is_file():
        return out
    shape = SHAPES[name]
    config = LlamaConfig(**asdict(shape), pad_token_id=0, eos_token_id=1, bos_token_id=None)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16 if device == "cuda" else torch.float32)
    model.save_pretrained(out)
    _tokenizer(shape.vocab_size).save_pretrained(out)
    return out


def _tokenizer(size: int) -> PreTrainedTokenizerFast:
    words = [*SPECIAL, *(f"w{number}" for number in range(size - len(SPECIAL)))]
    plain = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token=SPECIAL[2]))
    plain.pre_tokenizer = pre_tokenizers.Whitespace()
    pad, end, unknown = SPECIAL
    return PreTrainedTokenizerFast(tokenizer_object=plain, pad_token=pad, eos_token=end, unk_token=unknown)
