"""Opening SQLite the one way that is safe here: WAL with FULL sync for writers, read-only for readers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import apsw

from grpo_core.errors import DiskFullError, StoreError

OLDEST_SAFE_SQLITE = (3, 51, 3)
"""Older versions have the WAL-reset bug, which can corrupt a database that is read while it is written."""
PAGE_SIZE = 8192
BUSY_TIMEOUT_MS = 5_000
_RETRY_SECONDS = 0.005
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "9p", "beegfs", "glusterfs", "gpfs", "ceph", "afs", "panfs"}
    | {"orangefs", "pvfs2", "ncpfs", "davfs", "virtiofs", "fuse"}
)
LOCAL_IN_USER_SPACE = frozenset({"fuse.fuse-overlayfs", "fuse.overlayfs", "fuse.ntfs-3g"})
"""File systems behind FUSE that are a local disk after all; all others may be anybody's."""

Migration = str
Rebuild = Callable[[apsw.Connection, int], None]
"""Given the connection, in the migration's transaction, and the version of the schema that the database was of."""


def open_writer(path: Path, migrations: Sequence[Migration], rebuild: Rebuild | None = None) -> apsw.Connection:
    """The database at `path`, made if missing and brought to the newest schema.

    `rebuild` makes anew what is derived of a database that was of an older schema, in the same transaction. Raises
    StoreError if it is damaged, newer than this program, of another program, or on a file system without working locks.
    """
    _require_safe_sqlite()
    require_local(path)
    with as_store_error(path):
        connection = apsw.Connection(str(path))
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        _switch_to_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _migrate(connection, migrations, path, rebuild)
    return connection


def _switch_to_wal(connection: apsw.Connection) -> None:
    """SQLite does not wait when two openers of a new database switch it at once: so we do."""
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except apsw.BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


@contextmanager
def transaction(db: apsw.Connection) -> Iterator[None]:
    """All or nothing, acknowledged when it ends; inside another it is part of that one. Raises DiskFullError.

    Not the connection's own `with`, which hides a full disk: SQLite itself has rolled back then.
    """
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException as error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        if isinstance(error, apsw.FullError):
            raise _disk_full(Path(db.filename)) from error
        raise


def _disk_full(path: Path) -> DiskFullError:
    return DiskFullError(f"The disk is full: nothing could be written to {path}. Make room there and try again.")


def open_reader(path: Path, migrations: Sequence[Migration], rebuild: Rebuild | None = None) -> apsw.Connection:
    """A read-only connection; a database of an older schema is brought to the newest first.

    Raises StoreError if there is no readable database of a known version.
    """
    _require_safe_sqlite()
    if not path.is_file():
        raise StoreError(f"There is no database at {path}.")
    with as_store_error(path):
        connection = _connect_reader(path)
        version = _require_known_version(connection, len(migrations), path)
        if version == 0:
            raise StoreError(f"{path} holds nothing of grpo-dash (yet).")
        if version < len(migrations):
            connection.close()
            open_writer(path, migrations, rebuild).close()
            connection = _connect_reader(path)
    return connection


def _connect_reader(path: Path) -> apsw.Connection:
    """On a disk that may only be read SQLite cannot keep its book of readers, and needs none: nobody writes."""
    log = path.with_name(f"{path.name}-wal")
    if os.access(path.parent, os.W_OK) or (log.is_file() and log.stat().st_size):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    else:
        address = f"file:{quote(str(path.resolve()))}?immutable=1"
        connection = apsw.Connection(address, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    return connection


@contextmanager
def as_store_error(path: Path) -> Iterator[None]:
    """What is wrong with the database at `path`, as a sentence for a person."""
    try:
        yield
    except apsw.FullError as error:
        raise _disk_full(path) from error
    except (apsw.NotADBError, apsw.CorruptError, apsw.FormatError, ValueError) as error:
        raise StoreError(f"{path} is damaged or not a database of grpo-dash: {error}") from error
    except apsw.CantOpenError as error:
        raise StoreError(f"{path} cannot be opened: {error}. Is the folder there, and may you write it?") from error
    except apsw.ReadOnlyError as error:
        raise StoreError(f"{path} cannot be written: {error}.") from error
    except (apsw.SQLError, apsw.IOError) as error:
        raise StoreError(f"{path} cannot be read: {error}.") from error


def _require_safe_sqlite() -> None:
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if version < OLDEST_SAFE_SQLITE:
        raise StoreError(
            f"SQLite {apsw.sqlite_lib_version()} can corrupt a run (WAL-reset bug); install a newer apsw from a wheel."
        )


def require_local(path: Path) -> None:
    """Raises StoreError if a database at `path` would lie on a file system whose locks do not hold."""
    kind = network_file_system(path)
    if kind:
        raise StoreError(
            f"{path.parent} is on a network file system ({kind}), where SQLite loses data: choose a local folder with "
            f"--runs-dir or GRPO_DASH_RUNS_DIR."
        )


def network_file_system(path: Path) -> str | None:
    """What kind of network file system (or one in user space, which may be one) holds `path`; None for a local one."""
    kind = _file_system_of(path)
    behind_fuse = kind.startswith("fuse.") and kind not in LOCAL_IN_USER_SPACE
    return kind if behind_fuse or kind in NETWORK_FILE_SYSTEMS else None


def _file_system_of(path: Path) -> str:
    """The type of the mount that holds `path`, as the kernel names it; empty where there is no /proc/mounts."""
    mounts = Path("/proc/self/mounts")
    if not mounts.is_file():
        return ""
    target, best, kind = path.resolve(), Path(), ""
    for line in mounts.read_text(errors="replace").splitlines():
        _, folder, file_system, *_ = line.split(" ")
        mount = Path(folder.replace("\\040", " "))
        if target.is_relative_to(mount) and len(mount.parts) >= len(best.parts):
            best, kind = mount, file_system
    return kind


def _migrate(connection: apsw.Connection, migrations: Sequence[Migration], path: Path, rebuild: Rebuild | None) -> None:
    """Whoever else opens the same new database waits, and finds it migrated."""
    if _require_known_version(connection, len(migrations), path) == len(migrations):
        return
    with transaction(connection):
        version = _require_known_version(connection, len(migrations), path)
        if version == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").get:
            raise StoreError(f"{path} is a database of another program.")
        for number, script in enumerate(migrations[version:], start=version + 1):
            connection.execute(script)
            connection.execute(f"PRAGMA user_version = {number}")
        if rebuild and 0 < version < len(migrations):
            rebuild(connection, version)


def _require_known_version(connection: apsw.Connection, newest: int, path: Path) -> int:
    version = int(connection.pragma("user_version"))
    if version > newest:
        raise StoreError(f"{path} was written by a newer grpo-dash (schema {version} > {newest}): update this one.")
    return version
