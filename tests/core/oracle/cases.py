"""Where the oracle's tests find their tables: `tests/cases/` always, the project's shared data where it is present."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
Row = dict[str, Any]


def table(name: str) -> list[Row]:
    """The rows of a table that is in the repository."""
    return _rows(ROOT / "tests" / "cases" / name)


def shared(name: str) -> list[Row]:
    """The rows of a shared data file; skips the test where the folder is missing."""
    folder = Path(os.environ.get("GRPO_DASH_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / name).is_file():
        pytest.skip(f"the shared data file {folder / name} is not present")
    return _rows(folder / name)


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
