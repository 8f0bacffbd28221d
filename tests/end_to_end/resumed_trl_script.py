"""Somebody's TRL script on two processes that writes checkpoints; run by `test_distributed_resume.py` under torchrun.

MODEL OUTPUT [CHECKPOINT to go on from]
"""

import sys

import torch
from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from grpo_core.watch import watch

# With several processes on a CPU transformers 5.17 restores the optimizer to a device `cpu:0`, which torch 2.13 knows
# only by the name `cpu`.
torch.serialization.register_package(
    0, lambda _: None, lambda storage, location: storage if location.startswith("cpu:") else None
)


def longer_is_better(completions: list, **_: object) -> list[float]:
    return [len(completion[0]["content"]) / 100 for completion in completions]


rows = [
    {"prompt": [{"role": "user", "content": f"Compute ({a}+2)*3-4."}], "answer": f"#### {(a + 2) * 3 - 4}"}
    for a in range(2, 8)
]
trainer = GRPOTrainer(
    model=sys.argv[1],
    args=GRPOConfig(
        output_dir=sys.argv[2],
        per_device_train_batch_size=4,
        num_generations=4,
        max_completion_length=24,
        max_steps=4,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        logging_steps=1,
        report_to="none",
        save_strategy="steps",
        save_steps=2,
    ),
    train_dataset=Dataset.from_list(rows),
    reward_funcs=[longer_is_better],
)
watch(trainer, name="two processes")
trainer.train(resume_from_checkpoint=sys.argv[3] if len(sys.argv) > 3 else None)
