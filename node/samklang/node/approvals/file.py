"""The file of approvals: requests, what people signed, and when rows left; it only grows.

Written by the node and, beside it, by the command line; SQLite takes the turns. What stands here is believed
only after its signatures have been verified (:func:`samklang.policy.approving.judge`).
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from samklang.errors import SamklangError
from samklang.model.canonical import canonical, digest_bytes, parse_canonical
from samklang.node.append_only import AppendOnlyFile, refuse_changes
from samklang.node.approvals.shown import Shown

__all__ = ["EXPIRED", "ApprovalFile", "Request", "Rows", "Use", "new_id"]

KIND = "approvals"
EXPIRED = "approval-expired"
"""The end that this node has noted itself: no clock makes it undone."""

_SCHEMA = (
    "CREATE TABLE requests (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, query TEXT NOT NULL, "
    "policy TEXT NOT NULL, called TEXT NOT NULL, asker_key TEXT NOT NULL, template TEXT NOT NULL, "
    "shown BLOB NOT NULL, UNIQUE (query, policy)) STRICT",
    "CREATE TABLE statements (number INTEGER PRIMARY KEY, request TEXT NOT NULL REFERENCES requests (id), "
    "digest TEXT NOT NULL UNIQUE, envelope BLOB NOT NULL, entered TEXT NOT NULL) STRICT",
    "CREATE TABLE uses (request TEXT NOT NULL REFERENCES requests (id), attempt INTEGER NOT NULL, "
    "at TEXT NOT NULL, PRIMARY KEY (request, attempt)) STRICT, WITHOUT ROWID",
    "CREATE TABLE ends (number INTEGER PRIMARY KEY, request TEXT NOT NULL REFERENCES requests (id), "
    "code TEXT NOT NULL, at TEXT NOT NULL) STRICT",
    *refuse_changes(
        "requests", "number >= NEW.number OR id = NEW.id OR (query = NEW.query AND policy = NEW.policy)"
    ),
    *refuse_changes("statements", "number >= NEW.number OR digest = NEW.digest"),
    *refuse_changes("uses", "request = NEW.request AND attempt = NEW.attempt"),
    *refuse_changes("ends", "number >= NEW.number"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """A query that waits, or waited.

    Attributes:
        called: the coordinator's name for the query.
        asker_key: id of the key that signed the query.
        template: what kind of question it is; see :mod:`.gate`.
        shown: the document a person reads; ``data`` is its bytes, as they were written by the version that
            made the request, and ``digest`` names them.
    """

    number: int
    id: str
    query: str
    policy: str
    called: str
    asker_key: str
    template: str
    shown: Shown
    data: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        return digest_bytes(self.data)


@dataclass(frozen=True, slots=True)
class Use:
    """Rows were about to leave in this attempt."""

    attempt: int
    at: datetime


class ApprovalFile:
    """One file for all requests of a node.

    Args:
        path: its SQLite file (0600); the folder must exist.

    Raises:
        SamklangError: ``ledger-unavailable``, ``ledger-broken`` (another schema).
    """

    def __init__(self, path: Path) -> None:
        self._file = AppendOnlyFile(path, KIND, _SCHEMA)

    def close(self) -> None:
        self._file.close()

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """A transaction that nobody else writes beside; durable when the block is left."""
        with self._file.writing() as db:
            yield Rows(db)

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """One state of the file."""
        with self._file.reading() as db:
            yield Rows(db)

    def version(self) -> int:
        """Changes when another connection has written; cheap enough to ask every second."""
        with self._file.reading() as db:
            return int(db.execute("PRAGMA data_version").fetchone()[0])


class Rows:
    """The file inside a transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def requests(self) -> list[Request]:
        """All of them, oldest first."""
        return [_request(row) for row in self._db.execute(f"SELECT {_COLUMNS} FROM requests ORDER BY number")]

    def request(self, query: str, policy: str) -> Request | None:
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM requests WHERE query = ? AND policy = ?", (query, policy)
        ).fetchone()
        return _request(row) if row else None

    def of_template(self, template: str, policy: str) -> list[Request]:
        """Requests for questions of the same form under the same policy, oldest first."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM requests WHERE template = ? AND policy = ? ORDER BY number",
            (template, policy),
        )
        return [_request(row) for row in rows]

    def begins(self, word: str) -> list[Request]:
        """Those whose id begins with ``word``."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM requests WHERE substr(id, 1, length(?1)) = ?1 ORDER BY number", (word,)
        )
        return [_request(row) for row in rows]

    def open_request(self, shown: Shown, called: str, asker_key: str, template: str) -> Request:
        data = canonical(shown)
        self._db.execute(
            f"INSERT INTO requests ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._next("requests"),
                shown.request,
                shown.query,
                shown.policy,
                called,
                asker_key,
                template,
                data,
            ),
        )
        found = self.request(shown.query, shown.policy)
        assert found is not None
        return found

    def statements(self, request: str) -> list[bytes]:
        """Envelopes as they were entered."""
        rows = self._db.execute(
            "SELECT envelope FROM statements WHERE request = ? ORDER BY number", (request,)
        )
        return [bytes(row[0]) for row in rows]

    def enter(self, request: str, envelope: bytes, now: datetime) -> None:
        """Keep a statement; raises ``approval-repeated`` if the very same one was entered before."""
        digest = digest_bytes(envelope)
        if self._db.execute("SELECT 1 FROM statements WHERE digest = ?", (digest,)).fetchone():
            raise SamklangError("approval-repeated", name=digest[:15])
        self._db.execute(
            "INSERT INTO statements VALUES (?, ?, ?, ?, ?)",
            (self._next("statements"), request, digest, envelope, _stamp(now)),
        )

    def uses(self, request: str) -> list[Use]:
        rows = self._db.execute("SELECT attempt, at FROM uses WHERE request = ? ORDER BY attempt", (request,))
        return [Use(attempt, datetime.fromisoformat(at)) for attempt, at in rows]

    def use(self, request: str, attempt: int, now: datetime) -> None:
        """Rows are about to leave under this approval; once per attempt, as the ledger charges."""
        if any(use.attempt == attempt for use in self.uses(request)):
            raise SamklangError("protocol-repeated", event="use of an approval")
        self._db.execute("INSERT INTO uses VALUES (?, ?, ?)", (request, attempt, _stamp(now)))

    def end(self, request: str, code: str, now: datetime) -> None:
        """Note what the coordinator says of a query that nobody needs to decide about any more."""
        self._db.execute(
            "INSERT INTO ends VALUES (?, ?, ?, ?)", (self._next("ends"), request, code, _stamp(now))
        )

    def ended(self, request: str) -> str:
        """The code that was noted last; empty if none."""
        row = self._db.execute(
            "SELECT code FROM ends WHERE request = ? ORDER BY number DESC LIMIT 1", (request,)
        ).fetchone()
        return str(row[0]) if row else ""

    def _next(self, table: str) -> int:
        return int(self._db.execute(f"SELECT coalesce(max(number), 0) + 1 FROM {table}").fetchone()[0])


_COLUMNS = "number, id, query, policy, called, asker_key, template, shown"


def _request(row: tuple[Any, ...]) -> Request:
    """Raises ``approval-void`` if what was shown isn't about the request it stands beside."""
    number, request, query, policy, called, asker_key, template, data = row
    try:
        shown = parse_canonical(bytes(data), Shown)
    except SamklangError as error:
        raise SamklangError("approval-void", private=error.code) from None
    if (shown.request, shown.query, shown.policy) != (request, query, policy):
        raise SamklangError("approval-void", private="what was shown is about something else")
    return Request(number, request, query, policy, called, asker_key, template, shown, bytes(data))


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="microseconds")


def new_id() -> str:
    """A random request id."""
    return secrets.token_hex(16)
