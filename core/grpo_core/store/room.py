"""Room on the disk: how much is left, when too little is, and whether an error says that none is."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import apsw

from grpo_core.errors import DiskFullError

LEAST_FREE_BYTES = 256 * 1024**2
"""With less room than this a run waits before its next step."""
ENOUGH_FREE_BYTES = 384 * 1024**2
"""With this much it goes on: more than the least, so that it does not stop and go."""


def free_bytes(folder: Path) -> int:
    """What this user may still write on the disk that holds the folder."""
    return shutil.disk_usage(folder).free


def is_full(error: BaseException) -> bool:
    """Does an error of a store or a file mean that the disk (or a quota) is full?"""
    return isinstance(error, DiskFullError | apsw.FullError) or (
        isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    )
