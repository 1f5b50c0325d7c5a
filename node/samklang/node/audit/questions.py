"""The signed queries behind the log's ``asked`` entries, beside the tree, so that they can be deleted.

An entry commits to a query's digest; what was asked stands here: the bundle as it was submitted, the signed
query and the credential that vouches for who asked. A policy's draft is tried on it, and an officer reads it.

- A bundle is on disk before the entry that speaks of it, in a file of its own: an earlier version of the node
  doesn't know the file and goes on without it. A crash between the two leaves a bundle without an entry; the
  next :meth:`Questions.sweep` deletes it.
- It goes when the last entry about the query goes, and when anything of such an entry is erased: it says the
  same once more.
- Only what was verified is kept, up to :data:`MOST_BYTES`; and never a query whose texts have something in
  them that looks like a CPR number: the bytes are signed, so it can't be masked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from samklang.audit.entry import has_number
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope, fields, parse_json
from samklang.node.append_only import AppendOnlyFile

__all__ = ["FILE", "MOST_BYTES", "Questions", "Unkept", "unkept"]

FILE: Final = "questions.sqlite"
MOST_BYTES: Final = 64 << 10
GRACE: Final = timedelta(days=1)
"""A bundle that no entry speaks of yet isn't swept away while its entry may be on its way."""

_KIND = "store of signed queries"

_SCHEMA = (
    "CREATE TABLE question (query TEXT NOT NULL, hash BLOB NOT NULL, bundle BLOB NOT NULL, at TEXT NOT NULL, "
    "PRIMARY KEY (query, hash)) STRICT",
    "CREATE TRIGGER question_no_update BEFORE UPDATE ON question "
    "BEGIN SELECT RAISE(ABORT, 'append-only'); END",
)

Unkept = Literal["number", "size"]


def unkept(bundle: bytes) -> Unkept | None:
    """Why a verified bundle isn't kept; None: it is.

    Returns:
        ``size``: longer than :data:`MOST_BYTES`; ``number``: something in it looks like a CPR number.
    """
    if len(bundle) > MOST_BYTES:
        return "size"
    try:
        parts = fields(parse_json(bundle), "credential", "query")
        texts = [Envelope.from_json(part).payload.decode() for part in parts]
    except (SamklangError, UnicodeDecodeError):
        return "number"  # it was verified: this can't be; what can't be looked into isn't kept
    return "number" if any(map(has_number, texts)) else None


class Questions:
    """The file of one node's log.

    Args:
        state: the folder of the log.

    Raises:
        SamklangError: ``ledger-unavailable``, ``ledger-broken`` (another schema).
    """

    def __init__(self, state: Path) -> None:
        self._file = AppendOnlyFile(state / FILE, _KIND, _SCHEMA)

    def keep(self, query: str, bundle: bytes, at: datetime) -> None:
        """Keep a bundle; durable when it returns. The same one again changes nothing.

        Args:
            query: digest of the signed query in it.
        """
        found = (query, hashlib.sha256(bundle).digest(), bundle, at.astimezone(UTC).isoformat())
        with self._file.writing() as db:
            db.execute("INSERT INTO question VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", found)

    def find(self, query: str) -> bytes | None:
        """The newest bundle with this query: another credential may have come with it before."""
        with self._file.reading() as db:
            row = db.execute(
                "SELECT bundle FROM question WHERE query = ? ORDER BY at DESC, rowid DESC", (query,)
            ).fetchone()
        return None if row is None else bytes(row[0])

    def delete(self, queries: Collection[str]) -> None:
        """Overwrite and delete."""
        with self._file.reading() as db:
            db.execute("PRAGMA secure_delete=ON")
        with self._file.writing() as db:
            db.executemany("DELETE FROM question WHERE query = ?", [(query,) for query in queries])
        self._file.shrink()

    def sweep(self, spoken_of: Collection[str], now: datetime) -> int:
        """Delete what no entry speaks of any more; how many queries."""
        newest = (now - GRACE).astimezone(UTC).isoformat()
        with self._file.reading() as db:
            rows = db.execute("SELECT query FROM question GROUP BY query HAVING max(at) <= ?", (newest,))
            gone = {row[0] for row in rows} - set(spoken_of)
        if gone:
            self.delete(gone)
        return len(gone)

    def shrink(self) -> None:
        """Overwrite in the write-ahead log too what was deleted, as far as readers let go of it."""
        self._file.shrink()

    def close(self) -> None:
        self._file.close()
