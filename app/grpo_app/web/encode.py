"""JSON for the page: strict (browsers refuse NaN) and ASCII (a lone surrogate that a model wrote survives)."""

from __future__ import annotations

import json
import math
from typing import Any

from fastapi import Response

from grpo_core.types import Json


def encode(value: Any) -> str:
    """Compact JSON; a number that JSON cannot hold becomes null."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), separators=(",", ":"), allow_nan=False)


def json_response(value: Json, status: int = 200) -> Response:
    return Response(encode(value), status, {"Cache-Control": "no-store"}, "application/json")


def error_response(message: str, status: int) -> Response:
    return json_response({"error": message}, status)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
