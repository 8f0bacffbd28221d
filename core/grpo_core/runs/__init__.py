"""Runs as folders and processes: making them, starting them detached, and what state they are in, from facts."""

from grpo_core.runs.folder import RunFolder, create_run, find_run, list_run_folders
from grpo_core.runs.start import start_run
from grpo_core.runs.status import RunSummary, summarise

__all__ = [
    "RunFolder",
    "RunSummary",
    "create_run",
    "find_run",
    "list_run_folders",
    "start_run",
    "summarise",
]
