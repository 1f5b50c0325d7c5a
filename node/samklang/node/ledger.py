"""The budget ledger: what a data set has been asked, charged before any row leaves, never refunded.

- A charge is committed and fsynced when :meth:`Ledger.charge` returns; a crash before that may leave a
  charge nobody used, never a use nobody charged.
- One (query, attempt) is charged once: a second call is ``protocol-repeated``, and no second charge.
- Caps for the calendar month, the calendar year (Europe/Copenhagen) and altogether, over all analysts,
  and the grant's own, are checked in the transaction that charges. Refusals depend on the ledger and the
  documents alone.
- Units: whole nano-ρ; δ in whole 1e-21, rounded up.
- Entries form a hash chain: hash = SHA-256(previous hash ‖ RFC 8785 JSON of the entry), the first one
  after a random id of the ledger. Whoever knows an earlier head can tell an older copy that was restored
  (:meth:`Ledger.verify`).

Time is passed in. It may not run backwards by more than the tolerated clock skew, and what is recorded
never runs backwards: else a clock set back would open a month that is over.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

from samklang.errors import SamklangError
from samklang.node.append_only import AppendOnlyFile, refuse_changes
from samklang.node.ledger_chain import COLUMNS, KIND, VERSION, Head, head_of, link_of, month_of, walk
from samklang.policy import Caps, Period

__all__ = ["DELTA_UNIT", "Head", "Ledger", "Remaining", "spent"]

DELTA_UNIT = Decimal("1e-21")
SKEW = timedelta(minutes=5)

_SCHEMA = (
    "CREATE TABLE ledger (version TEXT NOT NULL, id TEXT NOT NULL) STRICT",
    "CREATE TABLE entries (number INTEGER PRIMARY KEY, query TEXT NOT NULL, attempt INTEGER NOT NULL, "
    "grant_id TEXT NOT NULL, nano_rho INTEGER NOT NULL CHECK (nano_rho > 0), delta INTEGER NOT NULL, "
    "at TEXT NOT NULL, month TEXT NOT NULL, hash BLOB NOT NULL, UNIQUE (query, attempt)) STRICT",
    *refuse_changes("ledger", "true"),
    *refuse_changes("entries", "number >= NEW.number OR (query = NEW.query AND attempt = NEW.attempt)"),
)


@dataclass(frozen=True, slots=True)
class Remaining:
    """nano-ρ left in each period, the smaller of data set and grant; None: no cap. ``delta_spent``: sum."""

    month: int
    year: int
    lifetime: int | None
    delta_spent: Decimal


@dataclass(frozen=True, slots=True)
class Charge:
    """One entry. ``head``: the ledger's after it; ``spent``: nano-ρ up to it and with it."""

    head: Head
    query: str
    attempt: int
    grant: str
    nano_rho: int
    spent: int


@dataclass(frozen=True, slots=True)
class _Left:
    scope: str
    period: str
    nano_rho: int


class Ledger:
    """The ledger of one data set; one file.

    Args:
        path: its SQLite file (0600); the folder must exist.
        caps: of the data set, over all grants and analysts.

    Raises:
        SamklangError: ``ledger-unavailable``, ``ledger-broken``: the chain is walked when it is opened.
    """

    def __init__(self, path: Path, caps: Caps) -> None:
        self._caps = caps
        self._file = AppendOnlyFile(path, KIND, _SCHEMA)
        with self._file.writing() as db:
            if not db.execute("SELECT 1 FROM ledger").fetchone():
                db.execute("INSERT INTO ledger VALUES (?, ?)", (VERSION, secrets.token_hex(16)))
        try:
            self.verify()
        except SamklangError:
            self.close()
            raise

    def charge(
        self,
        *,
        query: str,
        attempt: int,
        grant: str,
        nano_rho: int,
        delta: float,
        granted: int,
        caps: Caps,
        now: datetime,
    ) -> Head:
        """Charge one attempt of one query in full; durable when it returns.

        Args:
            query: digest of the signed query, ``sha256:`` and 64 hex digits.
            attempt: counted from 1.
            grant: id of the grant that permits it.
            nano_rho, delta: the attempt's cost, from the noise plan.
            granted: nano-ρ that the decision allows for one attempt.
            caps: the grant's.
            now: an aware datetime.

        Returns:
            The head after the charge, for the audit log.

        Raises:
            SamklangError: ``ledger-cap``, ``ledger-over-granted``, ``protocol-repeated``,
                ``ledger-clock``, ``ledger-unavailable``. Nothing was charged.
            ValueError: arguments of another form.
        """
        _check(query, attempt, grant, nano_rho, now)
        if nano_rho > granted:
            raise SamklangError("ledger-over-granted", needed=nano_rho, granted=granted)
        with self._file.writing() as db:
            if db.execute(
                "SELECT 1 FROM entries WHERE query = ? AND attempt = ?", (query, attempt)
            ).fetchone():
                raise SamklangError("protocol-repeated", event="charge")
            at = self._advance(db, now)
            month = month_of(at)
            for left in self._left(db, month, grant, caps):
                if nano_rho > left.nano_rho:
                    raise SamklangError(
                        "ledger-cap",
                        scope=left.scope,
                        period=left.period,
                        needed=nano_rho,
                        left=max(0, left.nano_rho),
                    )
            head = head_of(db)
            row = (head.entries + 1, query, attempt, grant, nano_rho, _delta(delta), _stamp(at), month)
            link = link_of(bytes.fromhex(head.hash), row)
            db.execute(f"INSERT INTO entries ({COLUMNS}, hash) VALUES (?,?,?,?,?,?,?,?,?)", (*row, link))
        return Head(head.ledger, head.entries + 1, link.hex())

    def remaining(self, *, now: datetime, grant: str | None = None, caps: Caps | None = None) -> Remaining:
        """What could still be charged at ``now``; with ``grant`` and its caps, under that grant."""
        if now.tzinfo is None:
            raise ValueError("now must be aware")
        with self._file.reading() as db:
            found = self._left(db, month_of(now), grant, caps)
            delta = db.execute("SELECT coalesce(sum(delta), 0) FROM entries").fetchone()[0]
        least: dict[str, int] = {}
        for left in found:
            least[left.period] = max(0, min(left.nano_rho, least.get(left.period, left.nano_rho)))
        return Remaining(least["month"], least["year"], least.get("lifetime"), delta * DELTA_UNIT)

    def check_clock(self, now: datetime) -> None:
        """Return if a charge could be made at ``now``, whatever it costs; raises ``ledger-clock``."""
        with self._file.reading() as db:
            self._advance(db, now)

    def has(self, query: str, attempt: int) -> bool:
        """Whether this attempt was charged."""
        with self._file.reading() as db:
            found = "SELECT 1 FROM entries WHERE query = ? AND attempt = ?"
            return db.execute(found, (query, attempt)).fetchone() is not None

    def after(self, entries: int) -> list[Charge]:
        """Charges from entry ``entries`` + 1 on, oldest first."""
        columns = "number, query, attempt, grant_id, nano_rho, hash, sum(nano_rho) OVER (ORDER BY number)"
        with self._file.reading() as db:
            ledger = head_of(db).ledger
            rows = db.execute(
                f"SELECT * FROM (SELECT {columns} FROM entries) WHERE number > ? ORDER BY number", (entries,)
            ).fetchall()
        return [Charge(Head(ledger, n, h.hex()), q, a, g, rho, total) for n, q, a, g, rho, h, total in rows]

    def spent(self, entries: int) -> int:
        """nano-ρ charged by the first ``entries`` entries."""
        with self._file.reading() as db:
            total = "SELECT coalesce(sum(nano_rho), 0) FROM entries WHERE number <= ?"
            return int(db.execute(total, (entries,)).fetchone()[0])

    def charged_after(self, number: int) -> list[tuple[int, str]]:
        """(entry, digest of the query) of every charge behind entry ``number``, oldest first."""
        with self._file.reading() as db:
            rows = db.execute("SELECT number, query FROM entries WHERE number > ? ORDER BY number", (number,))
            return [(row[0], row[1]) for row in rows]

    @property
    def head(self) -> Head:
        with self._file.reading() as db:
            return head_of(db)

    def verify(self, known: Head | None = None) -> Head:
        """Walk the chain.

        Args:
            known: a head that was seen before (by this node, or witnessed by another).

        Raises:
            SamklangError: ``ledger-broken`` naming the first bad entry; ``ledger-rolled-back`` if ``known``
                is of another ledger, or not in this one's past.
        """
        with self._file.reading() as db:
            return walk(db, known)

    def close(self) -> None:
        self._file.close()

    def _advance(self, db: sqlite3.Connection, now: datetime) -> datetime:
        newest = db.execute("SELECT at FROM entries ORDER BY number DESC LIMIT 1").fetchone()
        if newest is None:
            return now
        last = datetime.fromisoformat(newest[0])
        if now < last - SKEW:
            raise SamklangError("ledger-clock")
        return max(now, last)

    def _left(self, db: sqlite3.Connection, month: str, grant: str | None, caps: Caps | None) -> list[_Left]:
        scopes: list[tuple[str, str | None, Caps]] = [("the data set", None, self._caps)]
        if grant is not None and caps is not None:
            scopes.append((f"the grant {grant!r}", grant, caps))
        left = []
        for scope, only, limits in scopes:
            for period, limit in limits.by_period():
                if limit is not None:
                    left.append(_Left(scope, period, limit - spent(db, period, month, only)))
        return left


def spent(db: sqlite3.Connection, period: Period, month: str, grant: str | None = None) -> int:
    """nano-ρ charged in a period.

    Args:
        db: the ledger.
        period: with ``month`` in it.
        month: as :func:`month_of` writes it.
        grant: only what was charged under it; None: everything.
    """
    months = {"month": month, "year": month[:4] + "-*", "lifetime": "*"}[period]
    found = db.execute(
        "SELECT coalesce(sum(nano_rho), 0) FROM entries "
        "WHERE month GLOB ?1 AND (?2 IS NULL OR grant_id = ?2)",
        (months, grant),
    ).fetchone()
    return int(found[0])


def _check(query: str, attempt: int, grant: str, nano_rho: int, now: datetime) -> None:
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", query):
        raise ValueError("query must be a digest")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", grant):
        raise ValueError("grant must be an identifier")
    if type(attempt) is not int or attempt < 1 or type(nano_rho) is not int or nano_rho < 1:
        raise ValueError("attempt and nano_rho must be positive integers")
    if now.tzinfo is None:
        raise ValueError("now must be aware")


def _delta(delta: float) -> int:
    """In whole units, rounded up; a plan that fails more often than 1e-9 has no business here."""
    if not 0 <= delta <= 1e-9:
        raise ValueError("delta must be in [0, 1e-9]")
    return int((Decimal(delta) / DELTA_UNIT).to_integral_value(ROUND_CEILING))


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
