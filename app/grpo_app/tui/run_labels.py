"""What is done to a run from the list of runs: another name, tags, its removal. For a thread: it writes to the disk."""

from __future__ import annotations

from dataclasses import replace

from grpo_core.runs import RunFolder
from grpo_core.runs.labels import read_labels, write_labels


def rename(folder: RunFolder, name: str) -> str:
    """What was done, in a sentence. Raises RunError, as `tag` does, for what is too long."""
    write_labels(folder.path, replace(read_labels(folder.path), name=name))
    return f"{folder.id} is called {name.strip()}."


def tag(folder: RunFolder, words: str) -> str:
    """`words` are divided by blanks or commas; without any the run has no tags."""
    tags = tuple(word.lstrip("#") for word in words.replace(",", " ").split())
    write_labels(folder.path, replace(read_labels(folder.path), tags=tags))
    return f"{folder.id} has the tags {' '.join(tags)}." if tags else f"{folder.id} has no tags."
