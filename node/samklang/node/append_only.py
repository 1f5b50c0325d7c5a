"""SQLite files that only grow: what the ledger and the journal have in common.

- Write-ahead log with synchronous=FULL: a commit has been fsynced when it returns. The folder is fsynced
  when the file is made, so that the file itself survives.
- Triggers refuse UPDATE, DELETE and a REPLACE in an INSERT's clothes; tables are STRICT.
- A file whose schema is another than what was made here is refused when it is opened.
- Writers of all processes take turns (BEGIN IMMEDIATE); threads share one connection under a lock.

An error of SQLite is an error of the caller's: nothing that depends on the record may go on.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samklang.errors import SamklangError

__all__ = ["AppendOnlyFile", "refuse_changes", "unreadable"]

WAIT_SECONDS = 20.0


def refuse_changes(table: str, same: str) -> tuple[str, ...]:
    """Triggers for ``table``. ``same``: the condition that NEW repeats a row that is there.

    SQLite's REPLACE deletes the old row without firing a DELETE trigger, hence the one before INSERT.
    """
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'append-only'); END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'append-only'); END",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        "BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    )


class AppendOnlyFile:
    """One SQLite file with a fixed schema.

    Args:
        path: the file; made with mode 0600 if it isn't there. Its folder must exist.
        kind: what it is called in errors.
        schema: its CREATE statements, run once, in one transaction.

    Raises:
        SamklangError: ``ledger-unavailable``, ``ledger-damaged`` (no database, or not a whole one: when it is
            opened or later), ``ledger-broken`` (another schema).
    """

    def __init__(self, path: Path, kind: str, schema: tuple[str, ...]) -> None:
        self.kind = kind
        self._lock = threading.Lock()
        with self._named():
            new = _create(path)
            self._db = sqlite3.connect(
                path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._db.execute("PRAGMA synchronous=FULL")
            if self._db.execute("PRAGMA journal_mode=WAL").fetchone()[0] != "wal":
                raise SamklangError("ledger-unavailable", kind=kind, private="no write-ahead log here")
            with self.writing() as db:
                if not db.execute("SELECT 1 FROM sqlite_schema").fetchone():
                    for statement in schema:
                        db.execute(statement)
            if new:
                _sync_folder(path.parent)
            found = {row[0] for row in self._db.execute("SELECT sql FROM sqlite_schema WHERE sql NOT NULL")}
        if found != set(schema):
            self.close()
            raise SamklangError("ledger-broken", kind=kind, where="its schema is another")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that nobody else writes beside; committed and fsynced when the block is left."""
        with self._lock, self._named():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction over one state of the file."""
        with self._lock, self._named():
            self._db.execute("BEGIN")
            try:
                yield self._db
            finally:
                self._db.execute("ROLLBACK")

    def shrink(self) -> None:
        """Move the write-ahead log into the file and cut it off, as far as readers let go of it."""
        with self._lock, self._named():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise unreadable(self.kind, error) from None


def unreadable(kind: str, error: OSError | sqlite3.Error) -> SamklangError:
    """``ledger-damaged`` if what the file holds is at fault, ``ledger-unavailable`` for what is around it."""
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    # The primary code is the low byte of an extended one (SQLite, "Result and Error Codes"). That a text
    # isn't UTF-8, and so wasn't written by us, Python says without a code.
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    damaged = primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or (
        isinstance(error, sqlite3.OperationalError) and "decode to UTF-8" in str(error)
    )
    return SamklangError("ledger-damaged" if damaged else "ledger-unavailable", kind=kind, private=name)


def _create(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
