"""The order of the suite: what takes longest begins first, so that no process is left alone with it at the end."""

from __future__ import annotations

import pytest

FIRST = ("training", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with such tests, and within a file nothing, change their places; `make test` hands out whole files."""
    marks = {mark: {item.path for item in items if item.get_closest_marker(mark)} for mark in FIRST}
    items.sort(key=lambda item: [item.path not in marks[mark] for mark in FIRST])
