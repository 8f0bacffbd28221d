"""A run's folder: its parts by name, making one, and finding one by id or the beginning of it."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grpo_core.config import RunConfig, dump_config, load_config
from grpo_core.errors import RunError
from grpo_core.store import RunReader, RunWriter, require_local

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_SUFFIX_LENGTH = 4
RUN_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where the parts of one run lie. The run's id is the folder's name."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def database(self) -> Path:
        return self.path / "run.db"

    @property
    def config_file(self) -> Path:
        return self.path / "config.toml"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def process_file(self) -> Path:
        return self.path / "process.json"

    @property
    def exit_file(self) -> Path:
        return self.path / "exit.json"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def heartbeat(self) -> Path:
        return self.path / "live" / "heartbeat"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    def config(self) -> RunConfig:
        return load_config(self.config_file)

    def reader(self) -> RunReader:
        return RunReader(self.database)

    def writer(self) -> RunWriter:
        return RunWriter(self.database)

    def remove(self, parts: Sequence[Path] = ()) -> None:
        """Delete the run, or only these folders of it. Nothing that a link leads to goes with it."""
        for path in parts or (self.path,):
            shutil.rmtree(path)


def create_run(runs_dir: Path, config: RunConfig) -> RunFolder:
    """A new run that has not started. Its id is the name in plain letters and four random ones: `demo-7k3f`.

    Raises RunError, StoreError or OSError if none can be made there, and leaves nothing.
    """
    require_local(runs_dir / "run.db")
    folder = RunFolder(_new_folder(runs_dir, config.name))
    try:
        (folder.path / "live").mkdir()
        folder.config_file.write_text(dump_config(config), encoding="utf-8")
        with closing(folder.writer()) as writer:
            writer.set_facts({"created_at": datetime.now(UTC).isoformat(timespec="seconds"), "name": config.name})
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)
        raise
    return folder


def list_run_folders(runs_dir: Path) -> list[RunFolder]:
    """Every run in the folder, newest first. What is not a run is left alone."""
    try:
        found = [RunFolder(path) for path in runs_dir.iterdir() if RUN_ID.fullmatch(path.name)]
    except OSError:
        return []
    runs = [folder for folder in found if _is_file(folder.database)]
    return sorted(runs, key=lambda folder: (-_made_at(folder), folder.id))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _made_at(folder: RunFolder) -> int:
    """When its settings were written, in nanoseconds; of a folder without any, when it was last changed."""
    for path in (folder.config_file, folder.path):
        try:
            return path.stat().st_mtime_ns
        except OSError:
            continue
    return 0


def find_run(runs_dir: Path, run_id: str) -> RunFolder:
    """The run of this id, or the only one whose id begins so; raises RunError naming what there is."""
    folders = list_run_folders(runs_dir)
    exact = [folder for folder in folders if folder.id == run_id]
    matches = exact or [folder for folder in folders if run_id and folder.id.startswith(run_id)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise RunError(f"{run_id} could be {', '.join(folder.id for folder in matches)}: type more of the id.")
    known = ", ".join(folder.id for folder in folders[:5]) or "none yet: grpo-dash train --preset demo makes one"
    raise RunError(f"There is no run {run_id} in {runs_dir} (runs: {known}).")


def _new_folder(runs_dir: Path, name: str) -> Path:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "run"
    try:
        runs_dir.mkdir(parents=True, exist_ok=True)
        while True:
            suffix = "".join(secrets.choice(_ALPHABET) for _ in range(_SUFFIX_LENGTH))
            path = runs_dir / f"{slug}-{suffix}"
            if not path.exists():
                path.mkdir()
                return path
    except OSError as error:
        raise RunError(
            f"Runs cannot be kept in {runs_dir}: {error.strerror}. Choose another folder with --runs-dir."
        ) from error
