"""What both screens show, as plain data made from the store's rows. Neither screen computes a number of its own."""

from grpo_core.views.advantages import compared_objectives, objectives_of_group
from grpo_core.views.charts import CHARTS, Chart, Series
from grpo_core.views.compare import best_and_worst, compare_pair, compared, visits_of
from grpo_core.views.credit import partial_credit
from grpo_core.views.follow import RunFollower
from grpo_core.views.groups import completion_row_json, group_json, group_row_json, hit_json
from grpo_core.views.live import live_json
from grpo_core.views.reference import Reference, parse_reference
from grpo_core.views.runs import list_runs
from grpo_core.views.show import show_run
from grpo_core.views.verdict import verdict_trail
from grpo_core.views.words import ALIKE_WORD, MARK_WORDS, OUTCOME_WORDS, SIGNAL_WORDS, STATUS_WORDS, STEP_WORDS

__all__ = [
    "ALIKE_WORD",
    "CHARTS",
    "MARK_WORDS",
    "OUTCOME_WORDS",
    "SIGNAL_WORDS",
    "STATUS_WORDS",
    "STEP_WORDS",
    "Chart",
    "Reference",
    "RunFollower",
    "Series",
    "best_and_worst",
    "compare_pair",
    "compared",
    "compared_objectives",
    "completion_row_json",
    "group_json",
    "group_row_json",
    "hit_json",
    "list_runs",
    "live_json",
    "objectives_of_group",
    "parse_reference",
    "partial_credit",
    "show_run",
    "verdict_trail",
    "visits_of",
]
