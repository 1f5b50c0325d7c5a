"""Once only: a durable record of protocol events, written before the message they stand for is sent.

A compute party that opened something twice in one attempt, or accepted a second grouping, would give
away what one opening hides. So an event is recorded and fsynced first, and a second record of it, also
after a crash and a restart, fails the attempt.
"""

from __future__ import annotations

import re
from pathlib import Path

from samklang.errors import SamklangError
from samklang.node.append_only import AppendOnlyFile, refuse_changes

__all__ = ["Journal"]

_SCHEMA = (
    "CREATE TABLE events (query TEXT NOT NULL, attempt INTEGER NOT NULL, event TEXT NOT NULL, "
    "PRIMARY KEY (query, attempt, event)) STRICT, WITHOUT ROWID",
    *refuse_changes("events", "query = NEW.query AND attempt = NEW.attempt AND event = NEW.event"),
)


class Journal:
    """One file for all attempts of a node.

    Args:
        path: its SQLite file (0600); the folder must exist.

    Raises:
        SamklangError: ``ledger-unavailable``, ``ledger-broken`` (another schema).
    """

    def __init__(self, path: Path) -> None:
        self._file = AppendOnlyFile(path, "journal", _SCHEMA)

    def record(self, query: str, attempt: int, event: str) -> None:
        """Record that ``event`` of this attempt happens now; durable when it returns.

        Args:
            query: digest of the signed query, ``sha256:`` and 64 hex digits.
            attempt: counted from 1.
            event: 1 to 200 printable ASCII characters.

        Raises:
            SamklangError: ``protocol-repeated`` if it was recorded before, ``ledger-unavailable``.
            ValueError: arguments of another form.
        """
        if not re.fullmatch(r"sha256:[0-9a-f]{64}", query) or type(attempt) is not int or attempt < 1:
            raise ValueError("query must be a digest, attempt a positive integer")
        if not re.fullmatch(r"[ -~]{1,200}", event):
            raise ValueError("event must be printable")
        with self._file.writing() as db:
            if db.execute(
                "SELECT 1 FROM events WHERE query = ? AND attempt = ? AND event = ?", (query, attempt, event)
            ).fetchone():
                raise SamklangError("protocol-repeated", event=event)
            db.execute("INSERT INTO events VALUES (?, ?, ?)", (query, attempt, event))

    def events(self, query: str, attempt: int) -> frozenset[str]:
        """What has happened in an attempt; empty if this node never took part in it."""
        with self._file.reading() as db:
            rows = db.execute("SELECT event FROM events WHERE query = ? AND attempt = ?", (query, attempt))
            return frozenset(row[0] for row in rows)

    def close(self) -> None:
        self._file.close()
