"""Unsloth comes first in a process, or not at all."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

WANTED = os.environ.get("UNSLOTH_ALLOW_CPU") == "1" and importlib.util.find_spec("unsloth") is not None
WHY_NOT = "Unsloth is not installed, or not wanted in this process: `make test-unsloth` runs these"

if WANTED:
    from tests.unsloth import gpu_half  # noqa: F401

from tests.core.engine.conftest import one_thread  # noqa: E402, F401


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            # The warnings are Unsloth's, and of what it makes of others' code.
            item.add_marker(pytest.mark.filterwarnings("ignore"))
            if not WANTED:
                item.add_marker(pytest.mark.skip(reason=WHY_NOT))
