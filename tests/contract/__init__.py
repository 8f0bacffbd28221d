"""What every backend has to do, as its user sees it: runs of real steps, started, commanded and read back.

`GRPO_DASH_BACKEND` names the backend, `trl` unless it says otherwise. `make test-unsloth` runs these with Unsloth's CPU
fallback in an environment of its own; on a machine with a GPU they run there, where a resume need not be exact.
"""
