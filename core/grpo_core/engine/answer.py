"""Answering one question of the playground: sample, tell the text as it comes, judge as in training.

The random state is the question's own, so that the same question on the same weights is answered the same, and a
training that is asked between two steps goes on as if it had not been.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from transformers import BatchEncoding, StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from grpo_core.engine.decoder import StreamDecoder
from grpo_core.engine.evaluate import inference, own_random_state
from grpo_core.engine.policy import Policy
from grpo_core.engine.prompts import encode_prompts
from grpo_core.errors import ConfigError
from grpo_core.problems.prompting import Prompting
from grpo_core.rewards import Scorer, judged_rewards
from grpo_core.runs.playground_events import Done, Event, Finished, Text, done_of
from grpo_core.store.questions import Question, question_errors
from grpo_core.types import Completion, FinishReason, Json, Problem, Verdict

OnEvent = Callable[[Event], None]
TICK_SECONDS = 0.05
"""Text is told at most so often, however fast the tokens come."""


def answer(
    policy: Policy,
    question: Question,
    scorer: Scorer,
    on_event: OnEvent,
    cancelled: threading.Event | None = None,
) -> Done:
    """Tells Text, then Finished for each completion, then Done (returned as well). Once `cancelled` is set no more
    is sampled, and what was cut off is not judged. Raises ConfigError for what cannot be asked of this model."""
    if wrong := question_errors(question):
        raise ConfigError(" ".join(wrong.values()))
    start = time.perf_counter()
    cancelled = cancelled or threading.Event()
    problem = _problem_of(question)
    inputs = _encode(policy, problem, question)
    room = _room(policy, inputs["input_ids"].shape[1])
    decoder = StreamDecoder(policy.tokenizer, policy.stop_ids, question.samples)
    streamer = _Streamer(decoder, on_event)
    with own_random_state(question.seed), inference(policy.model):
        policy.model.generate(
            **inputs,
            max_new_tokens=min(question.max_completion_length, room),
            pad_token_id=policy.tokenizer.pad_token_id,
            streamer=streamer,
            stopping_criteria=StoppingCriteriaList([_Cancelled(cancelled)]),
            **_sampling(question),
        )
    streamer.tell(whole=True)
    completions = _judged(_completions(policy, decoder, question.samples, cancelled.is_set()), problem, scorer)
    for completion in completions:
        on_event(Finished(completion.index, completion))
    done = done_of(completions, time.perf_counter() - start, cancelled=cancelled.is_set())
    on_event(done)
    return done


def answer_json(policy: Policy, scorer: Scorer, arguments: Json) -> Json:
    """The answer to a `generate` command: the question as JSON in, completions and seconds out."""
    completions: list[Completion] = []

    def keep(event: Event) -> None:
        if isinstance(event, Finished):
            completions.append(event.completion)

    done = answer(policy, Question.from_json(arguments), scorer, keep)
    return {"completions": [completion.to_json() for completion in completions], "seconds": done.seconds}


class _Streamer(BaseStreamer):
    """Gets the prompts (B, T) first, then one token a completion (B,) at a time, in the thread that samples."""

    def __init__(self, decoder: StreamDecoder, on_event: OnEvent) -> None:
        self._decoder = decoder
        self._on_event = on_event
        self._prompt_seen = False
        self._told_at = time.monotonic()

    def put(self, value: torch.Tensor) -> None:
        if self._prompt_seen:
            self._decoder.append(value.tolist())
        self._prompt_seen = True
        if time.monotonic() - self._told_at > TICK_SECONDS:
            self.tell()

    def tell(self, *, whole: bool = False) -> None:
        added, _ = self._decoder.take(whole=whole)
        for index, text in added.items():
            self._on_event(Text(index, text))
        self._told_at = time.monotonic()

    def end(self) -> None:
        """What is held back is told by `tell(whole=True)`."""


class _Cancelled(StoppingCriteria):
    """Ends every completion at once."""

    def __init__(self, cancelled: threading.Event) -> None:
        self._cancelled = cancelled

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        return torch.full((len(input_ids),), self._cancelled.is_set(), device=input_ids.device, dtype=torch.bool)


def _problem_of(question: Question) -> Problem:
    return Problem("playground", question.prompt, question.gold, question.steps, source="playground")


def _encode(policy: Policy, problem: Problem, question: Question) -> BatchEncoding:
    """The prompt once for each completion."""
    asked = replace(problem, prompt=_encodable(problem.prompt))
    system, template = _encodable(question.system_prompt), _encodable(question.prompt_template)
    prompting = Prompting(system, template, question.examples, len(question.examples))
    return encode_prompts(policy.tokenizer, [asked] * question.samples, prompting).to(policy.model.device)


def _encodable(text: str) -> str:
    """Tokenizers take no lone surrogates, which a terminal or a browser can send."""
    return text.encode("utf-8", "replace").decode()


def _room(policy: Policy, prompt_tokens: int) -> int:
    """Tokens that fit behind the prompt; raises ConfigError if none does."""
    context = getattr(policy.model.config, "max_position_embeddings", None)
    if context is None:
        return 2**31
    if prompt_tokens >= context:
        raise ConfigError(f"The prompt has {prompt_tokens} tokens and the model reads at most {context}: shorten it.")
    return int(context) - prompt_tokens


def _sampling(question: Question) -> dict[str, Any]:
    """As in training: what a model's own generation settings say beyond these is not applied."""
    plain = {"top_k": 0, "repetition_penalty": 1.0}
    if question.temperature == 0:
        return {"do_sample": False, **plain, "temperature": None, "top_p": None, "top_k": None}
    return {"do_sample": True, **plain, "temperature": question.temperature, "top_p": question.top_p}


def _completions(policy: Policy, decoder: StreamDecoder, count: int, cancelled: bool) -> list[Completion]:
    texts = policy.tokenizer.batch_decode([decoder.ids(i) for i in range(count)], skip_special_tokens=True)
    return [Completion(i, texts[i], len(decoder.ids(i)), _reason(decoder, i, cancelled)) for i in range(count)]


def _reason(decoder: StreamDecoder, index: int, cancelled: bool) -> FinishReason | None:
    if decoder.has_stopped(index):
        return "stop"
    return None if cancelled else "length"


def _judged(completions: list[Completion], problem: Problem, scorer: Scorer) -> list[Completion]:
    """With verdicts and rewards, where there is a gold answer and the completion was not cut off."""
    whole = [each for each in completions if each.finish_reason] if problem.gold.strip() else []
    verdicts = scorer.verdicts([problem] * len(whole), [each.text for each in whole])
    found = {each.index: _with_verdict(each, verdict) for each, verdict in zip(whole, verdicts, strict=True)}
    return [found.get(each.index, each) for each in completions]


def _with_verdict(completion: Completion, verdict: Verdict) -> Completion:
    return replace(completion, verdict=verdict, rewards=judged_rewards(verdict), reward=verdict.reward)
