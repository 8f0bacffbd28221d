"""Somebody's TRL script on two processes, off-policy, with an evaluation set; run by `test_watch.py` under torchrun."""

import sys

from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from grpo_core.watch import watch


def longer_is_better(completions: list, **_: object) -> list[float]:
    return [len(completion[0]["content"]) / 100 for completion in completions]


rows = [
    {"prompt": [{"role": "user", "content": f"Compute ({a}+2)*3-4."}], "answer": f"#### {(a + 2) * 3 - 4}"}
    for a in range(2, 10)
]
trainer = GRPOTrainer(
    model=sys.argv[1],
    args=GRPOConfig(
        output_dir=sys.argv[2],
        per_device_train_batch_size=4,
        per_device_eval_batch_size=4,
        num_generations=4,
        num_generations_eval=2,
        max_completion_length=24,
        max_steps=3,
        steps_per_generation=2,
        num_iterations=2,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        logging_steps=1,
        report_to="none",
        save_strategy="no",
        eval_strategy="steps",
        eval_steps=2,
    ),
    train_dataset=Dataset.from_list(rows),
    eval_dataset=Dataset.from_list(rows[:4]),
    reward_funcs=[longer_is_better],
)
watch(trainer, name="two processes")
trainer.train()
print("processes", trainer.accelerator.num_processes)
