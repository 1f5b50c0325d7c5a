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

import hashlib
import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import rfc8785

from samklang.errors import SamklangError
from samklang.node.append_only import AppendOnlyFile, refuse_changes
from samklang.policy import Caps

__all__ = ["DELTA_UNIT", "Head", "Ledger", "Remaining"]

DELTA_UNIT = Decimal("1e-21")
SKEW = timedelta(minutes=5)
_VERSION = "samklang/ledger/1"
_ZONE = ZoneInfo("Europe/Copenhagen")
_KIND = "ledger"

_SCHEMA = (
    "CREATE TABLE ledger (version TEXT NOT NULL, id TEXT NOT NULL) STRICT",
    "CREATE TABLE entries (number INTEGER PRIMARY KEY, query TEXT NOT NULL, attempt INTEGER NOT NULL, "
    "grant_id TEXT NOT NULL, nano_rho INTEGER NOT NULL CHECK (nano_rho > 0), delta INTEGER NOT NULL, "
    "at TEXT NOT NULL, month TEXT NOT NULL, hash BLOB NOT NULL, UNIQUE (query, attempt)) STRICT",
    *refuse_changes("ledger", "true"),
    *refuse_changes("entries", "number >= NEW.number OR (query = NEW.query AND attempt = NEW.attempt)"),
)
_COLUMNS = "number, query, attempt, grant_id, nano_rho, delta, at, month"


@dataclass(frozen=True, slots=True)
class Head:
    """A state of the ledger: which one, how many entries, and the hash that stands for all of them."""

    ledger: str
    entries: int
    hash: str


@dataclass(frozen=True, slots=True)
class Remaining:
    """nano-ρ left in each period, the smaller of data set and grant; None: no cap. ``delta_spent``: sum."""

    month: int
    year: int
    lifetime: int | None
    delta_spent: Decimal


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
        self._file = AppendOnlyFile(path, _KIND, _SCHEMA)
        with self._file.writing() as db:
            if not db.execute("SELECT 1 FROM ledger").fetchone():
                db.execute("INSERT INTO ledger VALUES (?, ?)", (_VERSION, secrets.token_hex(16)))
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
            month = _month(at)
            for left in self._left(db, month, grant, caps):
                if nano_rho > left.nano_rho:
                    raise SamklangError(
                        "ledger-cap",
                        scope=left.scope,
                        period=left.period,
                        needed=nano_rho,
                        left=max(0, left.nano_rho),
                    )
            head = _head(db)
            row = (head.entries + 1, query, attempt, grant, nano_rho, _delta(delta), _stamp(at), month)
            link = _link(bytes.fromhex(head.hash), row)
            db.execute(f"INSERT INTO entries ({_COLUMNS}, hash) VALUES (?,?,?,?,?,?,?,?,?)", (*row, link))
        return Head(head.ledger, head.entries + 1, link.hex())

    def remaining(self, *, now: datetime, grant: str | None = None, caps: Caps | None = None) -> Remaining:
        """What could still be charged at ``now``; with ``grant`` and its caps, under that grant."""
        if now.tzinfo is None:
            raise ValueError("now must be aware")
        with self._file.reading() as db:
            found = self._left(db, _month(now), grant, caps)
            delta = db.execute("SELECT coalesce(sum(delta), 0) FROM entries").fetchone()[0]
        least: dict[str, int] = {}
        for left in found:
            least[left.period] = max(0, min(left.nano_rho, least.get(left.period, left.nano_rho)))
        return Remaining(least["month"], least["year"], least.get("lifetime"), delta * DELTA_UNIT)

    @property
    def head(self) -> Head:
        with self._file.reading() as db:
            return _head(db)

    def verify(self, known: Head | None = None) -> Head:
        """Walk the chain.

        Args:
            known: a head that was seen before (by this node, or witnessed by another).

        Raises:
            SamklangError: ``ledger-broken`` naming the first bad entry; ``ledger-rolled-back`` if ``known``
                is of another ledger, or not in this one's past.
        """
        with self._file.reading() as db:
            head = _Walk(db).to_the_end()
            if known is not None and (
                known.ledger != head.ledger or known.hash != _hash_at(db, known.entries, head.ledger)
            ):
                raise SamklangError("ledger-rolled-back", kind=_KIND)
        return head

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
            for period, months, limit in (
                ("month", month, limits.month),
                ("year", month[:4] + "-*", limits.year),
                ("lifetime", "*", limits.lifetime),
            ):
                if limit is not None:
                    spent = db.execute(
                        "SELECT coalesce(sum(nano_rho), 0) FROM entries "
                        "WHERE month GLOB ?1 AND (?2 IS NULL OR grant_id = ?2)",
                        (months, only),
                    ).fetchone()[0]
                    left.append(_Left(scope, period, limit - spent))
        return left


class _Walk:
    """Recomputes every link from the rows, and what in a row follows from the others."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def to_the_end(self) -> Head:
        meta = self._db.execute("SELECT version, id FROM ledger").fetchall()
        if len(meta) != 1 or meta[0][0] != _VERSION:
            raise SamklangError("ledger-broken", kind=_KIND, where="its first line")
        link, expected, last = _genesis(meta[0][1]), 1, ""
        for *row, stored in self._db.execute(f"SELECT {_COLUMNS}, hash FROM entries ORDER BY number"):
            link = _link(link, tuple(row))
            number, at, month = row[0], row[6], row[7]
            if number != expected or stored != link or at < last or month != _month_of(at):
                raise SamklangError("ledger-broken", kind=_KIND, where=f"entry {expected}")
            expected, last = expected + 1, at
        return Head(meta[0][1], expected - 1, link.hex())


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


def _month(at: datetime) -> str:
    return at.astimezone(_ZONE).strftime("%Y-%m")


def _month_of(stamp: str) -> str:
    try:
        return _month(datetime.fromisoformat(stamp))
    except ValueError:
        return ""


def _genesis(ledger: str) -> bytes:
    return hashlib.sha256(f"{_VERSION}\n{ledger}".encode()).digest()


def _link(previous: bytes, row: tuple[object, ...]) -> bytes:
    names = ("number", "query", "attempt", "grant", "nano_rho", "delta", "at", "month")
    # As RFC 8785 wants it, integers that a double can't hold are strings.
    values = {name: str(value) for name, value in zip(names, row, strict=True)}
    return hashlib.sha256(previous + rfc8785.dumps(values)).digest()


def _head(db: sqlite3.Connection) -> Head:
    ledger = db.execute("SELECT id FROM ledger").fetchone()[0]
    entries = db.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()[0]
    return Head(ledger, entries, _hash_at(db, entries, ledger))


def _hash_at(db: sqlite3.Connection, number: int, ledger: str) -> str:
    if number == 0:
        return _genesis(ledger).hex()
    found = db.execute("SELECT hash FROM entries WHERE number = ?", (number,)).fetchone()
    return found[0].hex() if found else ""
