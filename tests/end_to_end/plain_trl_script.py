"""Somebody's own TRL script: their data, their reward functions. Only the two marked lines are ours.

Run by `test_watch.py`: `python plain_trl_script.py MODEL_FOLDER OUTPUT_FOLDER`.
"""

import sys

from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from grpo_core.watch import watch  # ours, 1


def shorter_is_better(completions: list, **_: object) -> list[float]:
    return [-len(completion[0]["content"]) / 100 for completion in completions]


def has_a_box(completions: list, **_: object) -> list[float | None]:
    return [1.0 if "\\boxed{" in completion[0]["content"] else None for completion in completions]


rows = [
    {"prompt": [{"role": "user", "content": f"Compute ({a}+2)*3-4."}], "answer": f"#### {(a + 2) * 3 - 4}"}
    for a in range(2, 10)
]
trainer = GRPOTrainer(
    model=sys.argv[1],
    args=GRPOConfig(
        output_dir=sys.argv[2],
        per_device_train_batch_size=8,
        num_generations=4,
        max_completion_length=32,
        max_steps=3,
        learning_rate=1e-5,
        reward_weights=[0.5, 1.0],
        use_cpu=True,
        bf16=False,
        logging_steps=1,
        report_to="none",
        save_strategy="no",
    ),
    train_dataset=Dataset.from_list(rows),
    reward_funcs=[shorter_is_better, has_a_box],
)
if "--unwatched" not in sys.argv:
    watch(trainer, name="theirs")  # ours, 2
trainer.train()
print([entry["reward"] for entry in trainer.state.log_history if "reward" in entry])
