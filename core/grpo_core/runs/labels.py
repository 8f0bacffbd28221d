"""What people call a run: its name and tags, in a small file of its run's folder that may change while it trains."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from grpo_core.errors import RunError

LABELS_FILE = "labels.json"
LONGEST_NAME, LONGEST_TAG, MOST_TAGS = 80, 30, 12


@dataclass(frozen=True, slots=True)
class Labels:
    """`name` None leaves the run the name it was made with."""

    name: str | None = None
    tags: tuple[str, ...] = ()


def read_labels(run_path: Path) -> Labels:
    """What is in the file; nothing where there is none, or what is there cannot be read."""
    try:
        data = json.loads((run_path / LABELS_FILE).read_text(encoding="utf-8"))
        return Labels(data.get("name"), tuple(data.get("tags", ())))
    except (OSError, ValueError, AttributeError, TypeError):
        return Labels()


def write_labels(run_path: Path, labels: Labels) -> None:
    """Raises RunError in a sentence for what is too long or too many."""
    name = None if labels.name is None else labels.name.strip()
    tags = tuple(dict.fromkeys(tag.strip() for tag in labels.tags if tag.strip()))
    if name is not None and not 0 < len(name) <= LONGEST_NAME:
        raise RunError(f"A name has 1 to {LONGEST_NAME} characters.")
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise RunError(f"A run has up to {MOST_TAGS} tags of up to {LONGEST_TAG} characters each.")
    temporary = run_path / f"{LABELS_FILE}.new"
    temporary.write_text(json.dumps(asdict(Labels(name, tags))), encoding="utf-8")
    temporary.replace(run_path / LABELS_FILE)
