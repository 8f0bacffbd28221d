"""No held-out problem is ever trained on: read from real runs' stores. Prompts with examples, and without a chat
template."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from grpo_core.config import model_folder
from grpo_core.engine.__main__ import main
from grpo_core.engine.policy import load_tokenizer
from grpo_core.engine.prompts import encode_prompts, has_chat
from grpo_core.problems.prompting import Prompting
from grpo_core.problems.split import normal_text
from grpo_core.runs import RunFolder
from tests.core.engine.conftest import TrainRun
from tests.samples import CHAIN, EXPANSION

pytestmark = pytest.mark.training


def asked(folder: RunFolder, split: str) -> set[str]:
    reader = folder.reader()
    rows = reader.group_rows(limit=10_000, split=split)
    reader.close()
    return {normal_text(row.problem.prompt) for row in rows}


def test_a_runs_record_has_no_problem_in_both_parts(train_run: TrainRun, tmp_path: Path) -> None:
    """Every question stands in the file twice, once in other clothes; a second file holds some of them out."""
    pairs = [(f"Compute ({n}+7)*3-{n}.", str((n + 7) * 3 - n)) for n in range(1, 9)]
    rows = [{"prompt": text, "gold": gold} for prompt, gold in pairs for text in (prompt, f" {prompt.upper()} ")]
    train, apart = tmp_path / "train.jsonl", tmp_path / "apart.jsonl"
    train.write_text("".join(json.dumps(row) + "\n" for row in rows))
    apart.write_text("".join(json.dumps(row) + "\n" for row in rows[:6]))
    settings = {"eval_dataset": str(apart), "eval_problems": 6, "num_few_shot": 1}
    folder = train_run(problems=str(train), eval_steps=1, eval_generations=1, max_steps=2, **settings)
    trained, evaluated = asked(folder, "train"), asked(folder, "eval")
    assert trained
    assert evaluated == {normal_text(str(row["prompt"])) for row in rows[:6]}
    assert not trained & evaluated


def test_what_was_trained_on_is_left_out_of_an_evaluation(
    train_run: TrainRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = train_run(max_steps=1, eval_steps=1, eval_problems=4, eval_generations=1)
    seen, held = asked(folder, "train"), asked(folder, "eval")
    assert len(seen) == 8
    assert not seen & held
    reader = folder.reader()
    rows = [row.problem for split in ("train", "eval") for row in reader.group_rows(limit=100, split=split)]
    reader.close()
    path = tmp_path / "mixed.jsonl"
    distinct = {problem.prompt: problem for problem in rows}.values()
    path.write_text("".join(json.dumps({"prompt": p.prompt.upper(), "gold": p.gold}) + "\n" for p in distinct))
    words = ["evaluate", folder.id, "--problems", str(path), "--k", "1", "--runs-dir", str(folder.path.parent)]
    assert main([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["n"], said["step"]) == (4, 1)
    assert said["note"] == "8 problems that were trained on are left out."


def test_without_a_chat_template_the_prompt_is_text(train_run: TrainRun, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(model_folder("embedded") or "", base)
    (base / "chat_template.jinja").unlink()
    tokenizer = load_tokenizer(str(base))
    assert not has_chat(tokenizer)
    prompting = Prompting("Be brief.", "{problem}", (EXPANSION, CHAIN), 1)
    (ids,) = encode_prompts(tokenizer, [CHAIN], prompting)["input_ids"].tolist()
    assert tokenizer.decode(ids).strip() == prompting.text(CHAIN).strip()
    folder = train_run(model=str(base), max_steps=1, eval_steps=1, eval_problems=2, eval_generations=1, num_few_shot=1)
    assert len(asked(folder, "train")) == 8
    assert (folder.checkpoints / "checkpoint-1" / "manifest.json").is_file()
