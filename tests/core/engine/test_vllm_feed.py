"""Completions that vLLM has finished are told as they end. vLLM needs a GPU: here its engine is a stand-in that has
the parts which the feed touches, in the shapes of vLLM 0.30's `LLM`, `LLMEngine.step` and `RequestOutput`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from grpo_core.engine.decoder import StreamDecoder
from grpo_core.engine.policy import load_tokenizer
from grpo_core.engine.vllm_feed import engine_of, finished_completions


@dataclass
class Engine:
    """Ends the requests in the order of `ends`, one a step; each has its request's number three times as tokens."""

    waiting: list[str] = field(default_factory=list)
    ends: Sequence[int] = ()
    at: int = 0

    def step(self) -> list[Any]:
        request = self.waiting[self.ends[self.at]]
        self.at += 1
        tokens = [int(request.split("-")[0])] * 3
        return [SimpleNamespace(request_id=request, finished=True, outputs=[SimpleNamespace(token_ids=tokens)])]


class StandInLlm:
    def __init__(self, suffix: str = "") -> None:
        self.request_counter = SimpleNamespace(counter=0)
        self.llm_engine = Engine()
        self._suffix = suffix

    def generate(self, count: int, ends: Sequence[int]) -> list[Any]:
        first = self.request_counter.counter
        self.request_counter.counter += count
        requests = [f"{first + i}{self._suffix}" for i in range(count)]
        self.llm_engine.waiting, self.llm_engine.ends, self.llm_engine.at = requests, ends, 0
        return [output for _ in ends for output in self.llm_engine.step()]


@pytest.mark.parametrize("suffix", ["", "-a1b2c3d4"])
def test_each_is_told_as_it_ends_by_its_place_in_the_batch(suffix: str) -> None:
    llm = StandInLlm(suffix)
    llm.generate(2, [0, 1])
    told: list[tuple[int, list[int]]] = []
    with finished_completions(llm, lambda number, ids: told.append((number, ids))):
        outputs = llm.generate(3, [2, 0, 1])
    assert told == [(2, [4, 4, 4]), (0, [2, 2, 2]), (1, [3, 3, 3])]
    assert len(outputs) == 3
    llm.generate(1, [0])
    assert len(told) == 3, "only while it lasts"
    assert "step" not in vars(llm.llm_engine)


def test_the_engine_is_found_wherever_the_backend_keeps_it() -> None:
    llm = object()
    nowhere = SimpleNamespace(model=SimpleNamespace())
    assert engine_of(nowhere) is None
    assert engine_of(SimpleNamespace(vllm_generation=SimpleNamespace(llm=llm), model=None)) is llm
    assert engine_of(SimpleNamespace(model=SimpleNamespace(vllm_engine=llm))) is llm


def test_a_finished_completion_is_decoded_whole() -> None:
    tokenizer = load_tokenizer("embedded")
    ids = tokenizer("12+7=19")["input_ids"]
    decoder = StreamDecoder(tokenizer, [tokenizer.eos_token_id], 2)
    decoder.finish(1, [*ids, tokenizer.eos_token_id])
    decoder.finish(7, ids)
    assert decoder.take() == ({1: "12+7=19"}, [1])
    assert decoder.take() == ({}, [])
