"""The embedded engine, locked down before any codebook SQL reaches it.

Rules
- The engine opens no file and no connection of its own but the database it was made for: external access
  is off from the first statement on; tables come in as Arrow batches.
- No extension is installed or loaded, no Python variable is readable, and once :meth:`Engine.lock` has
  run no setting can change.
- Codebook SQL runs as exactly one SELECT inside a read-only transaction.
- Spill lies in a directory of this engine alone, mode 0700, removed with the engine; what a killed process
  left behind is removed at the next start. It isn't encrypted (the engine's build has no secure random
  numbers for that): the state directory belongs on an encrypted volume.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from samklang.errors import SamklangError

_PREFIX = "samklang-spill-"
_LOCK = "lock"


class SpillDirectory:
    """A private directory below ``parent`` that lives as long as this object.

    The lock file tells the directories of living processes from left-overs: ``flock`` ends with its
    process, however that ends.
    """

    def __init__(self, parent: Path) -> None:
        try:
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _starting(parent):
                _sweep(parent)
                self.path = parent / f"{_PREFIX}{secrets.token_hex(8)}"
                self.path.mkdir(mode=0o700)
                os.chmod(self.path, 0o700)
                self._lock = os.open(self.path / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SamklangError("node-spill-directory", private=type(error).__name__) from None

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


@contextmanager
def _starting(parent: Path) -> Iterator[None]:
    """One process at a time sweeps and makes its directory; else one could sweep another's new one."""
    handle = os.open(parent / ".samklang-spill", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sweep(parent: Path) -> None:
    """Remove what killed processes left; another living process's directory stays."""
    for left in parent.glob(f"{_PREFIX}*"):
        if left.is_symlink() or not left.is_dir():
            continue
        try:
            handle = os.open(left / _LOCK, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            shutil.rmtree(left, ignore_errors=True)
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(handle)


class Engine:
    """A DuckDB database and the Ibis backend on it; one caller at a time (``mutex``).

    Args:
        file: the database's file, made if it isn't there; None: in memory.
        read_only: nothing can change the file.
    """

    def __init__(
        self,
        spill_dir: Path,
        *,
        threads: int,
        memory_mb: int,
        file: Path | None = None,
        read_only: bool = False,
    ) -> None:
        self._spill = SpillDirectory(spill_dir)
        self.mutex = threading.RLock()
        self.con = duckdb.connect(
            str(file or ":memory:"),
            read_only=read_only,
            config={
                "threads": threads,
                "memory_limit": f"{memory_mb}MB",
                "temp_directory": str(self._spill.path / "duckdb"),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
                "allow_persistent_secrets": False,
            },
        )
        for setting in (
            "enable_external_access = false",
            "python_enable_replacements = false",
            "preserve_insertion_order = true",
            "enable_progress_bar = false",
        ):
            self.con.execute(f"SET {setting}")
        self._ibis: Any = None

    @property
    def ibis(self) -> Any:
        """The Ibis backend on this connection."""
        return self._ibis

    def lock(self) -> None:
        """No setting can change from here on."""
        import ibis

        self._ibis = ibis.duckdb.from_connection(self.con)
        self.con.execute("SET lock_configuration = true")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A read-only transaction; whatever runs inside can't change a table."""
        with self.mutex:
            self.con.execute("BEGIN TRANSACTION READ ONLY")
            try:
                yield
            finally:
                self.con.execute("ROLLBACK")

    def begin_again(self) -> None:
        """Inside :meth:`reading`, after an error: the engine refuses everything in a failed transaction."""
        self.con.execute("ROLLBACK")
        self.con.execute("BEGIN TRANSACTION READ ONLY")

    def interrupt(self) -> None:
        """Break off what is running, from another thread; it fails there."""
        self.con.interrupt()

    def close(self) -> None:
        with self.mutex:
            self.con.close()
            self._spill.remove()
