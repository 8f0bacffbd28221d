"""Make the embedded model: a very small language model with bad habits, for GRPO to unlearn.

Its supervised demonstrations solve a problem by the family's systematic wrong method 65 times in 100 and
rightly otherwise (`grpo_core.problems.habits` says why), all on training questions alone. The same seed on the
same machine gives the same file. What the model is for and how it measures: `docs/embedded-model.md`.

    python scripts/make_base_model.py --out assets/models/habits-0.4m --seed 0
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from grpo_core.problems.derivation import Derivation
from grpo_core.problems.families import Question
from grpo_core.problems.generated import solution_of, train_questions
from grpo_core.problems.habits import habit_of

PAD, UNKNOWN, USER, ASSISTANT, END = "<|pad|>", "<|unknown|>", "<|user|>", "<|assistant|>", "<|end|>"
WORDS = (r"\boxed{", "Compute ", "Solve ", "Differentiate ", "Expand ")
CHARACTERS = ("\n", *(chr(code) for code in range(0x20, 0x7F)))
CHAT_TEMPLATE = (
    "{% for message in messages if message['role'] in ('user', 'assistant') %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
HABIT_SHARE = 0.65
BATCH_SIZE = 48
LEARNING_RATE = 4e-3
IGNORED = -100
"""The label of a token that carries no loss."""


def main() -> None:
    arguments = parse_arguments()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    tokenizer = make_tokenizer()
    model = make_model(tokenizer)
    print(f"{model.num_parameters():,} parameters, {len(tokenizer)} tokens", file=sys.stderr)
    train(model, tokenizer, arguments.steps, arguments.seed)
    save(model, tokenizer, arguments.out)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make the embedded model.")
    parser.add_argument("--out", type=Path, default=Path("assets/models/habits-0.4m"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=2400)
    return parser.parse_args()


def make_tokenizer() -> PreTrainedTokenizerFast:
    """One token a character, but for the words of the prompts and the opening of the answer."""
    vocabulary = {token: index for index, token in enumerate([PAD, UNKNOWN, USER, ASSISTANT, END, *WORDS, *CHARACTERS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    pieces = Regex("|".join([r"\\boxed\{", *WORDS[1:], r"[\s\S]"]))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(pieces, behavior="isolated")
    tokenizer.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        unk_token=UNKNOWN,
        eos_token=END,
        extra_special_tokens=[USER, ASSISTANT],
        padding_side="left",
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=256,
    )


def make_model(tokenizer: PreTrainedTokenizerFast) -> Qwen3ForCausalLM:
    """An untrained Qwen3 of 0.37 million parameters."""
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=len(tokenizer),
            hidden_size=96,
            intermediate_size=288,
            num_hidden_layers=3,
            num_attention_heads=4,
            num_key_value_heads=4,
            head_dim=24,
            max_position_embeddings=256,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def train(model: Qwen3ForCausalLM, tokenizer: PreTrainedTokenizerFast, steps: int, seed: int) -> None:
    """AdamW with a linear decay to 0, a fresh batch of demonstrations at every step."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    dice, started = Random(f"demonstrations/{seed}"), time.monotonic()
    questions = train_questions(steps * BATCH_SIZE, seed)
    dice.shuffle(questions)
    model.train()
    for step in range(steps):
        batch = questions[step * BATCH_SIZE : (step + 1) * BATCH_SIZE]
        loss = model(**collate(tokenizer, [demonstrate(question, dice) for question in batch])).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        if (step + 1) % 50 == 0:
            elapsed = time.monotonic() - started
            print(
                f"step {step + 1}/{steps}  loss {loss.item():.4f}  {elapsed:.0f} s",
                file=sys.stderr,
                flush=True,
            )


def demonstrate(question: Question, dice: Random) -> tuple[Question, Derivation]:
    """The question with the habit's derivation, or, less often, the right one."""
    return question, (habit_of if dice.random() < HABIT_SHARE else solution_of)(question)


def collate(
    tokenizer: PreTrainedTokenizerFast, demonstrations: list[tuple[Question, Derivation]]
) -> dict[str, torch.Tensor]:
    """Right-padded `input_ids`, `attention_mask` and `labels`, each (batch, longest); prompts carry no loss."""
    rows = [encode(tokenizer, question, derivation) for question, derivation in demonstrations]
    longest = max(len(ids) for ids, _ in rows)
    return {
        "input_ids": torch.tensor([pad(ids, longest, tokenizer.pad_token_id) for ids, _ in rows]),
        "attention_mask": torch.tensor([pad([1] * len(ids), longest, 0) for ids, _ in rows]),
        "labels": torch.tensor([pad(labels, longest, IGNORED) for _, labels in rows]),
    }


def encode(
    tokenizer: PreTrainedTokenizerFast, question: Question, derivation: Derivation
) -> tuple[list[int], list[int]]:
    """A conversation's tokens, and the same as labels with the prompt ignored."""
    prompt = tokenizer.encode(f"{USER}{question.prompt}{END}{ASSISTANT}", add_special_tokens=False)
    completion = tokenizer.encode(derivation.text + END, add_special_tokens=False)
    return prompt + completion, [IGNORED] * len(prompt) + completion


def pad(row: list[int], length: int, value: int) -> list[int]:
    return row + [value] * (length - len(row))


def save(model: Qwen3ForCausalLM, tokenizer: PreTrainedTokenizerFast, out: Path) -> None:
    """Write the folder whole: who reads it meanwhile sees the old model or the new one."""
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    model.eval()
    model.generation_config.update(do_sample=True, temperature=1.0, max_new_tokens=48)
    model.save_pretrained(fresh)
    tokenizer.save_pretrained(fresh)
    keep_the_card(out, fresh)
    fresh.chmod(0o755)
    (fresh / "model.safetensors").chmod(0o644)
    replace_folder(fresh, out)
    print(f"saved {out}", file=sys.stderr)


def keep_the_card(out: Path, fresh: Path) -> None:
    if (out / "README.md").is_file():
        shutil.copy2(out / "README.md", fresh)


def replace_folder(fresh: Path, out: Path) -> None:
    retired = fresh.with_name(fresh.name + "-old")
    if out.exists():
        out.rename(retired)
    fresh.rename(out)
    shutil.rmtree(retired, ignore_errors=True)


if __name__ == "__main__":
    main()
