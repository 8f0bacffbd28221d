"""The `gpu` extra goes together with all else: pip finds one set of versions for both. Nothing is installed."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINNED = ("torch", "trl", "transformers", "peft", "datasets", "accelerate", "numpy", "gradio", "textual")


@pytest.mark.skipif(platform.system() != "Linux", reason="Unsloth and vLLM together are for Linux")
@pytest.mark.skipif(not os.environ.get("GRPO_DASH_ASK_INDEX"), reason="a minute of pip: `make test-unsloth` runs it")
@pytest.mark.timeout(900)
def test_unsloth_and_vllm_resolve_beside_the_versions_that_were_tested(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    options = ["--dry-run", "--quiet", "--disable-pip-version-check", "--report", str(report)]
    asked = ["--constraint", str(ROOT / "constraints.txt"), f"{ROOT}[gpu]"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, *asked], capture_output=True, text=True, timeout=880
    )
    if done.returncode and "Could not find a version" in done.stderr and "(from versions: none)" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr[-3000:]
    found = {
        each["metadata"]["name"].lower(): each["metadata"]["version"]
        for each in json.loads(report.read_text())["install"]
    }
    assert {"unsloth", "unsloth_zoo", "vllm", "bitsandbytes"} <= {name.replace("-", "_") for name in found}
    changed = {name: found[name] for name in PINNED if name in found and found[name] != version(name)}
    assert not changed, "the extra may add, but not change what the rest was tested with"
