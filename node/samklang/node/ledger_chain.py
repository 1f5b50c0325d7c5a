"""The ledger's hash chain: what an entry's hash covers, and how a chain is walked.

hash = SHA-256(previous hash ‖ RFC 8785 JSON of the entry, integers as strings), the first one after
SHA-256(version ‖ newline ‖ random id of the ledger). An entry's month is the one of its instant in
Europe/Copenhagen. A chain can be checked wherever its entries are: in the node's file or in an export.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import rfc8785

from samklang.errors import SamklangError
from samklang.model.calendar import COPENHAGEN

__all__ = [
    "COLUMNS", "KIND", "NAMES", "VERSION", "Head", "check_chain", "entries_of", "hash_at", "head_of",
    "link_of", "month_of", "walk",
]  # fmt: skip

VERSION = "samklang/ledger/1"
KIND = "ledger"
COLUMNS = "number, query, attempt, grant_id, nano_rho, delta, at, month"
NAMES = ("number", "query", "attempt", "grant", "nano_rho", "delta", "at", "month")
"""Of an entry's members where it is hashed, in the order of :data:`COLUMNS`."""
_HEAD = re.compile(r"samklang/ledger/1 ([0-9a-f]{32}) (0|[1-9]\d{0,15}) ([0-9a-f]{64})")

Row = tuple[object, ...]
"""An entry's columns in the order of :data:`COLUMNS`, and its hash (bytes) behind them."""


@dataclass(frozen=True, slots=True)
class Head:
    """A state of the ledger: which one, how many entries, and the hash that stands for all of them."""

    ledger: str
    entries: int
    hash: str

    @property
    def text(self) -> str:
        """One line that can be kept, sent and compared: version, ledger, entries, hash."""
        return f"{VERSION} {self.ledger} {self.entries} {self.hash}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read :attr:`text`.

        Raises:
            SamklangError: ``ledger-head-form``.
        """
        found = _HEAD.fullmatch(text.strip())
        if not found:
            raise SamklangError("ledger-head-form")
        return cls(found[1], int(found[2]), found[3])


def check_chain(ledger: str, rows: Iterable[Row], known: Head | None = None) -> Head:
    """Recompute every link, and what in a row follows from the others; returns the head.

    Args:
        ledger: id of the ledger.
        rows: all entries, oldest first.
        known: a head that was seen before.

    Raises:
        SamklangError: ``ledger-broken`` naming the first bad entry; ``ledger-rolled-back`` if ``known`` is
            of another ledger, or not in this one's past.
    """
    link, expected, last = _genesis(ledger), 1, ""
    passed = known is None or (known.entries == 0 and known.hash == link.hex())
    for *row, stored in rows:
        link = link_of(link, tuple(row))
        number, at, month = row[0], str(row[6]), row[7]
        if number != expected or stored != link or at < last or month != _month_of_stamp(at):
            raise SamklangError("ledger-broken", kind=KIND, where=f"entry {expected}")
        if known is not None and known.entries == expected:
            passed = known.hash == link.hex()
        expected, last = expected + 1, at
    if not passed or (known is not None and known.ledger != ledger):
        raise SamklangError("ledger-rolled-back", kind=KIND)
    return Head(ledger, expected - 1, link.hex())


def walk(db: sqlite3.Connection, known: Head | None = None) -> Head:
    """:func:`check_chain` over the ledger's own file."""
    meta = db.execute("SELECT version, id FROM ledger").fetchall()
    if len(meta) != 1 or meta[0][0] != VERSION:
        raise SamklangError("ledger-broken", kind=KIND, where="its first line")
    return check_chain(meta[0][1], entries_of(db), known)


def entries_of(db: sqlite3.Connection) -> Iterable[Row]:
    """All entries, oldest first."""
    return db.execute(f"SELECT {COLUMNS}, hash FROM entries ORDER BY number")


def month_of(at: datetime) -> str:
    """The calendar month that an instant is charged to: ``2027-03``."""
    return at.astimezone(COPENHAGEN).strftime("%Y-%m")


def _month_of_stamp(stamp: str) -> str:
    try:
        return month_of(datetime.fromisoformat(stamp))
    except ValueError:
        return ""


def _genesis(ledger: str) -> bytes:
    return hashlib.sha256(f"{VERSION}\n{ledger}".encode()).digest()


def link_of(previous: bytes, row: tuple[object, ...]) -> bytes:
    """An entry's hash, from the one before and its columns in the order of :data:`COLUMNS`."""
    # As RFC 8785 wants it, integers that a double can't hold are strings.
    values = {name: str(value) for name, value in zip(NAMES, row, strict=True)}
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
