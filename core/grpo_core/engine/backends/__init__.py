"""What trains, behind one small interface: `trl` (CPU or GPU) and `unsloth` (one GPU).

A backend loads the policy, says which adapter TRL has to attach, gives the trainer's class and its own arguments, and
tells afterwards what really trains. Sampling for evaluation and the playground, saving and merging go through what both
have in common: a transformers model, perhaps in PEFT's wrapper, whose `generate` and `save_pretrained` either backend
has made its own. What has to be imported before this package is: `engine.prepare`.
"""

from grpo_core.engine.backends.base import Backend
from grpo_core.engine.backends.chosen import backend_of

__all__ = ["Backend", "backend_of"]
