"""The model in `assets/models`: it loads like any other, and its greedy answers are the habits that it was taught."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from grpo_core.paths import assets_dir
from grpo_core.problems.families import FAMILIES, Question, questions
from grpo_core.problems.generated import solution_of
from grpo_core.problems.habits import habit_of
from grpo_core.problems.split import is_heldout

FOLDER = assets_dir() / "models" / "habits-0.4m"
LONGEST_COMPLETION = 48
HELDOUT = [
    question
    for family in FAMILIES
    for question in [question for question in questions(family) if is_heldout(question.prompt)][:16]
]


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    return AutoTokenizer.from_pretrained(FOLDER)


@pytest.fixture(scope="module")
def model() -> PreTrainedModel:
    torch.set_num_threads(1)
    return AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32).eval()


def chat(question: Question) -> list[dict[str, str]]:
    return [{"role": "user", "content": question.prompt}]


def greedy_completions(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, asked: list[Question]) -> list[str]:
    prompts = tokenizer.apply_chat_template(
        [chat(question) for question in asked],
        add_generation_prompt=True,
        padding=True,
        return_dict=True,
        return_tensors="pt",
    )
    output = model.generate(**prompts, do_sample=False, temperature=None, max_new_tokens=LONGEST_COMPLETION)
    return tokenizer.batch_decode(output[:, prompts["input_ids"].shape[1] :], skip_special_tokens=True)


def test_it_is_small_enough_to_ship(model: PreTrainedModel) -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 1_600_000
    assert model.num_parameters() < 400_000
    assert model.config.tie_word_embeddings
    assert not list(FOLDER.glob("*.bin"))


def test_its_tokenizer_ends_and_pads_as_generation_needs(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    assert tokenizer.padding_side == "left"
    assert tokenizer.eos_token_id != tokenizer.pad_token_id
    for config in (model.config, model.generation_config):
        assert config.eos_token_id == tokenizer.eos_token_id
        assert config.pad_token_id == tokenizer.pad_token_id


@pytest.mark.parametrize("family", FAMILIES)
def test_every_question_and_answer_fits_and_comes_back(tokenizer: PreTrainedTokenizerBase, family: str) -> None:
    for question in list(questions(family))[::20]:
        prompt = tokenizer.apply_chat_template(chat(question), add_generation_prompt=True, return_dict=True).input_ids
        assert len(prompt) <= 22
        assert tokenizer.decode(prompt, skip_special_tokens=True) == question.prompt
        for solver in (solution_of, habit_of):
            text = solver(question).text
            ids = tokenizer.encode(text, add_special_tokens=False)
            assert len(ids) < LONGEST_COMPLETION
            assert tokenizer.unk_token_id not in [*prompt, *ids]
            assert tokenizer.decode(ids) == text


def test_a_text_that_it_does_not_know_is_no_error(tokenizer: PreTrainedTokenizerBase) -> None:
    assert tokenizer.unk_token_id in tokenizer.encode("Combien font 2×3 ?")


def test_greedily_it_follows_its_habits(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    found = greedy_completions(model, tokenizer, HELDOUT)
    habits = sum(text == habit_of(question).text for text, question in zip(found, HELDOUT, strict=True))
    right = sum(text == solution_of(question).text for text, question in zip(found, HELDOUT, strict=True))
    assert habits >= 0.6 * len(HELDOUT)
    assert right <= 0.2 * len(HELDOUT)
    assert all(text.endswith("}") for text in found)
