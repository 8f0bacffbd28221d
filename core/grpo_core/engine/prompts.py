"""Problems as tokens: by the tokenizer's chat template where it has one, else as plain text, as TRL does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from transformers import BatchEncoding, PreTrainedTokenizerBase

from grpo_core.problems.prompting import Prompting
from grpo_core.types import Problem


def has_chat(tokenizer: PreTrainedTokenizerBase) -> bool:
    return tokenizer.chat_template is not None


def encode_prompts(
    tokenizer: PreTrainedTokenizerBase, problems: Sequence[Problem], prompting: Prompting
) -> BatchEncoding:
    """(B, T) tokens and their mask, padded on the left whatever the tokenizer is set to."""
    return _encode(tokenizer, problems, prompting, {"padding_side": "left"}, padding=True, return_tensors="pt")


def prompt_tokens(
    tokenizer: PreTrainedTokenizerBase, problems: Sequence[Problem], prompting: Prompting
) -> list[list[int]]:
    """The tokens of each prompt by itself."""
    return list(_encode(tokenizer, problems, prompting)["input_ids"])


def longest_prompt(problems: Sequence[Problem], prompting: Prompting, tokenizer: PreTrainedTokenizerBase) -> int:
    """Tokens of the longest prompt."""
    return max(len(tokens) for tokens in prompt_tokens(tokenizer, problems, prompting))


def _encode(
    tokenizer: PreTrainedTokenizerBase,
    problems: Sequence[Problem],
    prompting: Prompting,
    of_tokenizer: Mapping[str, Any] | None = None,
    **options: Any,
) -> BatchEncoding:
    """`of_tokenizer`: what a chat template would take for variables of its own."""
    more = dict(of_tokenizer or {})
    if not has_chat(tokenizer):
        return tokenizer([prompting.text(problem) for problem in problems], **options, **more)
    conversations = [prompting.messages(problem) for problem in problems]
    return tokenizer.apply_chat_template(
        conversations, add_generation_prompt=True, return_dict=True, tokenizer_kwargs=more, **options
    )
