"""A playground process without a model: it does what the question's prompt says. For tests of its client."""

from __future__ import annotations

import json
import os
import signal
import sys

ANSWER = [
    {"event": "loading", "message": "Loading a fake."},
    {"event": "text", "index": 0, "added": "4"},
    {"event": "text", "index": 0, "added": "2"},
    {
        "event": "finished",
        "index": 0,
        "completion": {"index": 0, "text": "42", "token_count": 2, "finish_reason": "stop", "verdict": None},
    },
    {"event": "done", "seconds": 0.5},
]


def main() -> None:
    if os.environ.get("FAKE_ENDS_IDLE"):
        sys.exit(0)
    if os.environ.get("FAKE_CANNOT_START"):
        sys.exit("no such library")
    for line in sys.stdin:
        message = json.loads(line)
        number = message["id"]
        if "cancel" in message:
            tell(number, {"event": "done", "seconds": 0.1, "cancelled": True})
        elif "load" in message:
            tell(number, ANSWER[0])
            tell(number, ANSWER[4])
        elif message["ask"]["prompt"] == "crash":
            tell(number, ANSWER[1])
            print("out of luck", file=sys.stderr, flush=True)
            os.write(1, b'{"id": 1, "ev')
            os.kill(os.getpid(), signal.SIGKILL)
        elif message["ask"]["prompt"] == "say nothing":
            continue
        elif message["ask"]["prompt"] == "wait":
            tell(number, ANSWER[1])
        else:
            for event in ANSWER:
                tell(number, event)


def tell(number: int, event: dict[str, object]) -> None:
    print(json.dumps({"id": number, **event}), flush=True)


if __name__ == "__main__":
    main()
