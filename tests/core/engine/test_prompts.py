"""Prompts as tokens, as a policy samples from them."""

from __future__ import annotations

import pytest

from grpo_core.engine.policy import load_tokenizer
from grpo_core.engine.prompts import encode_prompts
from grpo_core.problems.prompting import Prompting
from grpo_core.types import Problem

PROBLEMS = [Problem(id="short", prompt="1+2", gold="3"), Problem(id="long", prompt="(12+7)*3-5", gold="52")]


@pytest.mark.parametrize("chat", [True, False])
def test_prompts_are_padded_on_the_left_whatever_a_trainer_made_of_the_tokenizer(chat: bool) -> None:
    tokenizer = load_tokenizer("embedded")
    if not chat:
        tokenizer.chat_template = None
    alone = [encode_prompts(tokenizer, [problem], Prompting())["input_ids"][0].tolist() for problem in PROBLEMS]
    tokenizer.padding_side = "right"
    together = encode_prompts(tokenizer, PROBLEMS, Prompting())
    padding = len(alone[1]) - len(alone[0])
    assert padding > 0
    assert together["input_ids"].tolist() == [[tokenizer.pad_token_id] * padding + alone[0], alone[1]]
    assert together["attention_mask"].tolist() == [[0] * padding + [1] * len(alone[0]), [1] * len(alone[1])]
