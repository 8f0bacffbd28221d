"""The explainer's own program, `python -m grpo_core.oracle.explainer`: explains each JSON line of stdin with one line.

A request is `{"completion", "gold", "steps", "verdict"}`: with a verdict (one that a run stored) that one is explained,
with null the completion is judged anew. Screens ask it, because none of them holds the oracle. It ends with its parent
(at the end of stdin), or by itself when nothing was asked for a while; SymPy is in its worker only.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading

from grpo_core.oracle.explanation import Explanation, explain, explained
from grpo_core.oracle.worker import limit_memory
from grpo_core.types import Json, Verdict

IDLE_SECONDS = 120.0


def main() -> None:
    """Answer requests until stdin ends or none has come for `IDLE_SECONDS`."""
    limit_memory()
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read_requests, args=(requests,), daemon=True).start()
    while True:
        try:
            request = requests.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            return
        # ASCII escapes keep a lone surrogate of the input writable.
        sys.stdout.write(json.dumps(answer(json.loads(request)).to_json()) + "\n")
        sys.stdout.flush()


def answer(request: Json) -> Explanation:
    if request["verdict"] is not None:
        return explained(Verdict.from_json(request["verdict"]), request["gold"])
    return explain(request["completion"], request["gold"], request["steps"])


def _read_requests(requests: queue.SimpleQueue[bytes]) -> None:
    """Own thread, so that the end of stdin is seen while a proof runs."""
    for line in sys.stdin.buffer:
        requests.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
