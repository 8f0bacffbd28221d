"""The wheel holds all that a run needs: installed in an empty folder, away from the checkout, it trains."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TRAIN = """
from pathlib import Path
import grpo_core
assert str(Path.cwd()) in grpo_core.__file__, grpo_core.__file__
from grpo_core.config import load_preset
from grpo_core.engine.train import train
from grpo_core.runs import create_run
small = ["max_steps=1", "prompts_per_step=2", "num_generations=2", "eval_steps=0", "threads=1"]
folder = create_run(Path("runs"), load_preset("demo", small))
train(folder)
print(folder.reader().counters()["completions"])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    (found,) = folder.glob("*.whl")
    return found


def pip(command: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", command, "--quiet", "--no-deps", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_wheel_holds_the_assets_and_the_pages_files(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for tracked in ("assets", "core/grpo_core", "app/grpo_app"):
        for path in (ROOT / tracked).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and path.parent != ROOT / "assets":
                inside = path.relative_to(ROOT / ("" if tracked == "assets" else Path(tracked).parent))
                packed = f"grpo_core/_{inside}" if tracked == "assets" else str(inside)
                assert packed in names


def test_the_installed_wheel_trains_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    pip("install", "--target", str(tmp_path / "site"), str(wheel))
    done = subprocess.run(
        [sys.executable, "-c", TRAIN],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == "4"
