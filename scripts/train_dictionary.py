"""Make the dictionary with which verdicts are compressed (`core/grpo_core/store/verdict.dict`), and say what it saves.

It is trained on our own judge's verdicts on generated problems. A database names the dictionary of each value by its
number, so a new dictionary is a new file beside the old one, never a changed one.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import zstandard

from grpo_core.oracle import judge
from grpo_core.problems import load_problem_set
from grpo_core.store.codec import LEVEL, dump_json
from grpo_core.types import Problem

SIZE = 4096
NUMBER = 52_001
SEED = 20_026


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, required=True)
    out = arguments.parse_args().out
    dice = random.Random(SEED)
    verdicts = [verdict_on(problem, dice) for problem in load_problem_set("generated").train_problems(3000, SEED)]
    trained, others = verdicts[:2000], verdicts[2000:]
    dictionary = zstandard.train_dictionary(SIZE, trained, dict_id=NUMBER)
    out.write_bytes(dictionary.as_bytes())
    plain = zstandard.ZstdCompressor(level=LEVEL)
    better = zstandard.ZstdCompressor(level=LEVEL, dict_data=dictionary)
    for name, compressor in (("without", plain), ("with", better)):
        print(f"{name}: {sum(len(compressor.compress(each)) for each in others) / len(others):.0f} bytes a verdict")


def verdict_on(problem: Problem, dice: random.Random) -> bytes:
    """A verdict on a completion that is right, slips in a line, or answers something else."""
    lines = list(problem.steps)
    if lines and dice.random() < 0.5:
        slip = dice.randrange(len(lines))
        lines[slip] = lines[slip].translate(str.maketrans("357", "846"))
    answer = problem.gold if dice.random() < 0.5 else str(dice.randint(1, 200))
    text = "\n".join([*lines, f"\\boxed{{{answer}}}"])
    return dump_json(judge(text, problem.gold, problem.steps).to_json()).encode()


if __name__ == "__main__":
    main()
