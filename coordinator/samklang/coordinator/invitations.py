"""Invitations and what was asked with them: one SQLite file, which the operator's commands open as well.

The process that takes requests can't admit anybody: it hasn't the authority's key. It keeps a request for the
operator, and hands out the reply that the operator put there.
"""

from __future__ import annotations

import hmac
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from samklang.errors import SamklangError
from samklang.model.enrolment import COLLECT, Invitation, Request, proof, read_request

__all__ = ["FILE", "Invitations", "Waiting"]

FILE = "enrolment.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS invitation (
    number TEXT PRIMARY KEY,
    invitation TEXT NOT NULL,
    until REAL NOT NULL,
    request BLOB,
    reply BLOB,
    refused INTEGER NOT NULL DEFAULT 0
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that nobody has answered; ``paper`` is what the member signed."""

    number: str
    request: Request
    fingerprint: str
    paper: bytes


class Invitations:
    """The file at ``path``; made (0600) if it isn't there. Times are Unix seconds."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._path = path
        with self._db() as db:
            db.executescript(_SCHEMA)

    def invite(self, invitation: Invitation) -> None:
        """Keep a new invitation."""
        with self._db() as db:
            db.execute(
                "INSERT INTO invitation (number, invitation, until) VALUES (?, ?, ?)",
                (invitation.number, invitation.model_dump_json(), invitation.until.timestamp()),
            )

    def apply(self, number: str, paper: bytes, shown: bytes) -> None:
        """Take a request in; the same one again changes nothing.

        Raises:
            SamklangError: ``enrolment-invitation`` whatever is wrong with it: number, secret, age, another
                request before, or another member's.
        """
        with self._db() as db:
            invitation, before = self._open(db, number, paper, shown)
            if before is not None:
                if before != paper:
                    raise SamklangError("enrolment-invitation")
                return
            request, _ = read_request(paper)
            if not invitation.fits(request):
                raise SamklangError("enrolment-invitation")
            db.execute("UPDATE invitation SET request = ? WHERE number = ?", (paper, number))

    def collect(self, number: str, shown: bytes) -> tuple[bytes, bool]:
        """(the operator's reply or nothing yet, whether it was refused); raises like :meth:`apply`."""
        with self._db() as db:
            self._open(db, number, COLLECT, shown)
            row = db.execute("SELECT reply, refused FROM invitation WHERE number = ?", (number,)).fetchone()
            return bytes(row[0] or b""), bool(row[1])

    def waiting(self) -> list[Waiting]:
        """Requests that the operator hasn't answered."""
        with self._db() as db:
            rows = db.execute(
                "SELECT number, request FROM invitation"
                " WHERE request NOT NULL AND reply IS NULL AND NOT refused"
            ).fetchall()
        found = []
        for number, paper in rows:
            request, fingerprint = read_request(bytes(paper))
            found.append(Waiting(number, request, fingerprint, bytes(paper)))
        return found

    def answer(self, number: str, reply: bytes | None) -> None:
        """Put the operator's reply there; None refuses."""
        with self._db() as db:
            db.execute(
                "UPDATE invitation SET reply = ?, refused = ? WHERE number = ?",
                (reply, reply is None, number),
            )

    def _open(
        self, db: sqlite3.Connection, number: str, message: bytes, shown: bytes
    ) -> tuple[Invitation, bytes | None]:
        row = db.execute(
            "SELECT invitation, until, request FROM invitation WHERE number = ?", (number,)
        ).fetchone()
        # Compared also where there is none, so that how long it takes doesn't tell which numbers there are.
        secret = Invitation.model_validate_json(row[0]).secret if row else "0" * 32
        right = hmac.compare_digest(proof(secret, message), shown)
        if not row or not right or (time.time() >= row[1] and row[2] is None):
            raise SamklangError("enrolment-invitation")
        return Invitation.model_validate_json(row[0]), None if row[2] is None else bytes(row[2])

    @contextmanager
    def _db(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("BEGIN IMMEDIATE")
            yield db
            if db.in_transaction:
                db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        finally:
            db.close()
