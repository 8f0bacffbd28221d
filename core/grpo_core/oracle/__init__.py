"""The oracle: is this completion right, why, and how much of it.

Extract (where is the answer) → parse (our own grammar, with budgets) → compare (tiers from cheap to dear) → verdict.
"""

from grpo_core.oracle.explanation import Explanation, explain
from grpo_core.oracle.judge import judge
from grpo_core.oracle.pool import JudgePool
from grpo_core.oracle.tasks import JudgeTask

__all__ = ["Explanation", "JudgePool", "JudgeTask", "explain", "judge"]
