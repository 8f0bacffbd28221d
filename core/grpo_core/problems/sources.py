"""Finding and reading the files of a published set: a folder given in the spec, `GRPO_DASH_DATA`, or the hub's cache.

From the hub the raw files are downloaded (`huggingface_hub`), so that nothing here needs torch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grpo_core.errors import ProblemsError
from grpo_core.hub import cached_file, why_no_hub

Row = dict[str, Any]


def folder_of(name: str, path: str | None) -> Path | None:
    """The local folder of the set `name`: the given one, else the one in GRPO_DASH_DATA, else None."""
    if path is not None:
        folder = Path(path).expanduser()
        if not folder.is_dir():
            raise ProblemsError(f"There is no folder {folder}.")
        return folder
    data = os.environ.get("GRPO_DASH_DATA")
    found = Path(data).expanduser() / name if data else None
    return found if found is not None and found.is_dir() else None


def download(repository: str, file: str) -> Path:
    """A file of a dataset on the hub, from its cache if it was fetched before. Raises ProblemsError."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    if (cached := cached_file(repository, file, "dataset")) is not None:
        return cached
    if (why := why_no_hub()) is not None:
        raise ProblemsError(_cannot_fetch(repository, file, why))
    try:
        return Path(hf_hub_download(repository, file, repo_type="dataset"))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ProblemsError(_cannot_fetch(repository, file, type(error).__name__)) from error


def _cannot_fetch(repository: str, file: str, why: str) -> str:
    return (
        f"Cannot fetch {file} of {repository} from the hub: {why}. Name a local folder with path=FOLDER, or set "
        "GRPO_DASH_DATA."
    )


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a `.jsonl` or `.parquet` file. Raises ProblemsError."""
    return _parquet_rows(path) if path.suffix == ".parquet" else _json_rows(path)


def _json_rows(path: Path) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _row(line, path, number)
    except (OSError, UnicodeDecodeError) as error:
        raise ProblemsError(f"Cannot read {path}: {error}.") from error


def _row(line: str, path: Path, number: int) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProblemsError(f"{path}, line {number} is not JSON.") from error
    if not isinstance(row, dict):
        raise ProblemsError(f"{path}, line {number} is not a JSON object.")
    return row


def _parquet_rows(path: Path) -> Iterator[Row]:
    from pyarrow import ArrowException, parquet  # type: ignore[import-untyped]

    if not path.is_file():
        raise ProblemsError(f"There is no file {path}.")
    try:
        for batch in parquet.ParquetFile(path).iter_batches():
            yield from batch.to_pylist()
    except (ArrowException, OSError) as error:
        raise ProblemsError(f"Cannot read {path}: {error}.") from error
