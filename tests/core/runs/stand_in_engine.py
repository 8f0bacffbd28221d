"""A trainer for tests of supervision: it takes no steps and loads no model, but lives, beats and obeys like ours.

Run as `python -m tests.core.runs.stand_in_engine train RUN_DIR`: the engine's own command, with another `train` in it.
What the run's `name` says decides how it behaves.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

from grpo_core.engine.__main__ import main
from grpo_core.runs import RunFolder
from grpo_core.runs.process import clock
from grpo_core.store import ControlDb

SLEEPER = "import time; time.sleep(1000)"


def train(folder: RunFolder) -> None:
    behaviour = folder.config().name
    if behaviour == "failing":
        raise ValueError("it was told to fail")
    if behaviour == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if behaviour == "parent":
        subprocess.Popen([sys.executable, "-c", SLEEPER, str(folder.path)])
    if behaviour == "greedy":
        eat(folder)
    writer = folder.writer()
    writer.set_facts({"started_at": time.time(), "step": 0, "max_steps": 10, "seconds_per_step": 0.01})
    control = ControlDb(folder.path.parent)
    while True:
        folder.heartbeat.write_text(f"{clock()} {clock()}")
        for command in control.pending(folder.id) if behaviour not in ("deaf", "busy") else ():
            if control.acknowledge(command.id, "saving" if command.kind == "checkpoint" else "done"):
                writer.set_facts({"step": 1 + command.id, f"applied_{command.kind}": command.id})
                if command.kind == "stop":
                    return
        time.sleep(0.01)


def eat(folder: RunFolder) -> None:
    """Take memory until the system has no more to give, in the control group that the test has made."""
    group = folder.path / "cgroup"
    if group.is_file():
        Path(group.read_text()).write_text("0")
    eaten = []
    while True:
        eaten.append(bytearray(b"x" * 2**20))


if __name__ == "__main__":
    stand_in = ModuleType("grpo_core.engine.train")
    stand_in.train = train  # type: ignore[attr-defined]
    sys.modules["grpo_core.engine.train"] = stand_in
    sys.exit(main())
