"""A trainer for tests of supervision: it takes no steps and loads no model, but lives, beats and obeys like ours.

Run as `python -m tests.core.runs.stand_in_engine train RUN_DIR`. What the run's `name` says decides how it behaves.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from grpo_core.runs import RunFolder
from grpo_core.runs.process import clock
from grpo_core.store import ControlDb


def main() -> int:
    folder = RunFolder(Path(sys.argv[2]))
    behaviour = folder.config().name
    if behaviour == "failing":
        raise ValueError("it was told to fail")
    if behaviour == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    writer = folder.writer()
    writer.set_facts({"started_at": time.time(), "step": 0, "max_steps": 10, "seconds_per_step": 0.01})
    control = ControlDb(folder.path.parent)
    while True:
        folder.heartbeat.write_text(str(clock()))
        for command in control.pending(folder.id) if behaviour != "deaf" else ():
            if control.acknowledge(command.id, "done"):
                writer.set_facts({"step": 1 + command.id, f"applied_{command.kind}": command.id})
                if command.kind == "stop":
                    return 0
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
