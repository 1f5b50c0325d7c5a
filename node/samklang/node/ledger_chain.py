"""The ledger's hash chain: what an entry's hash covers, and how a chain is walked.

hash = SHA-256(previous hash ‖ RFC 8785 JSON of the entry, integers as strings), the first one after
SHA-256(version ‖ newline ‖ random id of the ledger). An entry's month is the one of its instant in
Europe/Copenhagen.
"""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import rfc8785

from samklang.errors import SamklangError

__all__ = ["COLUMNS", "KIND", "VERSION", "Head", "hash_at", "head_of", "link_of", "month_of", "walk"]

VERSION = "samklang/ledger/1"
KIND = "ledger"
COLUMNS = "number, query, attempt, grant_id, nano_rho, delta, at, month"
_ZONE = ZoneInfo("Europe/Copenhagen")


@dataclass(frozen=True, slots=True)
class Head:
    """A state of the ledger: which one, how many entries, and the hash that stands for all of them."""

    ledger: str
    entries: int
    hash: str


def walk(db: sqlite3.Connection) -> Head:
    """Recompute every link from the rows, and what in a row follows from the others.

    Raises:
        SamklangError: ``ledger-broken`` naming the first bad entry.
    """
    meta = db.execute("SELECT version, id FROM ledger").fetchall()
    if len(meta) != 1 or meta[0][0] != VERSION:
        raise SamklangError("ledger-broken", kind=KIND, where="its first line")
    link, expected, last = _genesis(meta[0][1]), 1, ""
    for *row, stored in db.execute(f"SELECT {COLUMNS}, hash FROM entries ORDER BY number"):
        link = link_of(link, tuple(row))
        number, at, month = row[0], row[6], row[7]
        if number != expected or stored != link or at < last or month != _month_of_stamp(at):
            raise SamklangError("ledger-broken", kind=KIND, where=f"entry {expected}")
        expected, last = expected + 1, at
    return Head(meta[0][1], expected - 1, link.hex())


def month_of(at: datetime) -> str:
    """The calendar month that an instant is charged to: ``2027-03``."""
    return at.astimezone(_ZONE).strftime("%Y-%m")


def _month_of_stamp(stamp: str) -> str:
    try:
        return month_of(datetime.fromisoformat(stamp))
    except ValueError:
        return ""


def _genesis(ledger: str) -> bytes:
    return hashlib.sha256(f"{VERSION}\n{ledger}".encode()).digest()


def link_of(previous: bytes, row: tuple[object, ...]) -> bytes:
    """An entry's hash, from the one before and its columns in the order of :data:`COLUMNS`."""
    names = ("number", "query", "attempt", "grant", "nano_rho", "delta", "at", "month")
    # As RFC 8785 wants it, integers that a double can't hold are strings.
    values = {name: str(value) for name, value in zip(names, row, strict=True)}
    return hashlib.sha256(previous + rfc8785.dumps(values)).digest()


def head_of(db: sqlite3.Connection) -> Head:
    """The newest entry's head, as stored; :func:`walk` is what proves it."""
    ledger = db.execute("SELECT id FROM ledger").fetchone()[0]
    entries = db.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()[0]
    return Head(ledger, entries, hash_at(db, entries, ledger))


def hash_at(db: sqlite3.Connection, number: int, ledger: str) -> str:
    """The hash after ``number`` entries; empty if there are fewer."""
    if number == 0:
        return _genesis(ledger).hex()
    found = db.execute("SELECT hash FROM entries WHERE number = ?", (number,)).fetchone()
    return found[0].hex() if found else ""
