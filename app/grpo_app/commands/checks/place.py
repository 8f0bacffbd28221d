"""The runs folder: room, kind of file system, and whether a database works there."""

from __future__ import annotations

import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

import psutil

from grpo_app.commands.checks.check import Check
from grpo_core.errors import StoreError
from grpo_core.store import ControlDb, network_file_system
from grpo_core.store.connection import OLDEST_SAFE_SQLITE

GIB = 1024**3
ENOUGH_DISK = 5 * GIB


def check_disk(runs_dir: Path) -> Check:
    free = shutil.disk_usage(_existing(runs_dir)).free
    found = f"{free / GIB:.1f} GiB free for {runs_dir}"
    if free >= ENOUGH_DISK:
        return Check("Disk", "ok", found)
    return Check("Disk", "warn", found, "Checkpoints of a larger model need more: choose another --runs-dir.")


def check_file_system(runs_dir: Path) -> Check:
    existing = _existing(runs_dir)
    network = network_file_system(existing)
    if network:
        return Check(
            "File system",
            "bad",
            f"{network} (network)",
            "SQLite loses data there: choose a local folder with --runs-dir.",
        )
    return Check("File system", "ok", _file_system(existing) or "unknown")


def check_store(runs_dir: Path) -> Check:
    """Makes a database where the runs go, or would go, and removes it."""
    sqlite = ".".join(version("apsw").split(".")[:3])
    try:
        with tempfile.TemporaryDirectory(prefix="doctor-", dir=_existing(runs_dir)) as folder:
            ControlDb(Path(folder)).close()
    except (StoreError, OSError) as error:
        oldest = ".".join(str(part) for part in OLDEST_SAFE_SQLITE)
        return Check("SQLite", "bad", f"{sqlite}: {error}", f"SQLite {oldest} or newer and a folder you may write.")
    return Check("SQLite", "ok", f"{sqlite}, and a database works in the runs folder")


def _existing(path: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


def _file_system(path: Path) -> str:
    mounts = [mount for mount in psutil.disk_partitions(all=True) if path.is_relative_to(mount.mountpoint)]
    return max(mounts, key=lambda mount: len(mount.mountpoint)).fstype if mounts else ""
