"""The installed packages, by their metadata and without importing them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from grpo_app.commands.checks.check import Check
from grpo_core.runs.backends import automatic_choice, vllm_missing

NEEDED = {
    "Engine": ("torch", "trl", "transformers", "datasets", "peft", "accelerate"),
    "Oracle, store": ("sympy", "apsw", "zstandard", "pydantic"),
    "Screens": ("gradio", "fastapi", "uvicorn", "plotly", "textual"),
}
ACCELERATION = ("unsloth", "vllm")


def check_packages() -> Iterator[Check]:
    for name, packages in NEEDED.items():
        versions = {package: _version(package) for package in packages}
        missing = [package for package, found in versions.items() if found is None]
        found = ", ".join(f"{package} {number or 'missing'}" for package, number in versions.items())
        advice = f"Install what is missing: pip install {' '.join(missing)}" if missing else ""
        yield Check(name, "bad" if missing else "ok", found, advice)


def check_acceleration() -> Check:
    """What would train here, and why not the other."""
    there = [package for package in ACCELERATION if find_spec(package) is not None]
    packages = ", ".join(f"{package} {_version(package) or ''}".strip() for package in there)
    choice = automatic_choice()
    missing = vllm_missing() if choice.name == "unsloth" else None
    found = f"{choice.why} {f'({packages})' if packages else ''}".strip()
    return Check("Backend", "ok", found, f"{missing[0].upper()}{missing[1:]}." if missing else "")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
