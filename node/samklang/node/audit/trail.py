"""The durable trail of a node: append an event, get its number; look events up; prove what was written.

- :meth:`Trail.append` returns when the entry is fsynced; what must be on record is written first.
- ``once`` makes an append idempotent, across restarts: the same word gives the number of the first entry.
- Time is the log's own and never runs backwards.
- Several processes may use the file at a time (the node and a command beside it); threads as well.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import rfc8785

from samklang.audit.checkpoint import Checkpoint, origin_of
from samklang.audit.entry import FIELDS, Disclosed, Event, commit, instant, open_leaf
from samklang.audit.merkle import Tree, leaf_hash
from samklang.errors import SamklangError
from samklang.model.calendar import expires
from samklang.node.append_only import AppendOnlyFile
from samklang.node.audit.questions import Questions
from samklang.node.audit.retention import DEFAULT
from samklang.node.audit.schema import SCHEMA, VERSION

__all__ = ["FILE", "KIND", "Logged", "Trail", "open_trail"]

KIND = "audit log"
FILE = "audit.sqlite"


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry as it lies in the log; ``shown`` has what was not deleted."""

    number: int
    leaf: bytes
    shown: Mapping[str, Disclosed]

    def value(self, name: str) -> object:
        """A field's value; None if it was deleted (or is empty)."""
        item = self.shown.get(name)
        return None if item is None else item.value


class Trail:
    """One node's audit log: one file, and beside it that of the signed queries that entries are about.

    Args:
        path: its SQLite file (0600); the folder must exist.
        origin: the log's name, :func:`samklang.audit.checkpoint.origin_of`.
        node: the node's id, written into every entry.

    Raises:
        SamklangError: ``ledger-unavailable``, ``ledger-broken`` (another schema, another log's file, or an
            entry that isn't what was written).
    """

    def __init__(self, path: Path, origin: str, node: str) -> None:
        self.origin = origin
        self.node = node
        self._tree = Tree()
        self._file = AppendOnlyFile(path, KIND, SCHEMA)
        try:
            self.questions = Questions(path.parent)
        except SamklangError:
            self._file.close()
            raise
        try:
            with self._file.writing() as db:
                if not db.execute("SELECT 1 FROM log").fetchone():
                    db.execute("INSERT INTO log VALUES (?, ?)", (VERSION, origin))
                if db.execute("SELECT version, origin FROM log").fetchall() != [(VERSION, origin)]:
                    raise SamklangError("ledger-broken", kind=KIND, where="its first line")
                self._catch_up(db)
        except SamklangError:
            self.close()
            raise

    def append(
        self,
        event: Event,
        *,
        once: str = "",
        keep: str = DEFAULT,
        as_long_as: int | None = None,
        bundle: bytes = b"",
    ) -> int:
        """Write an entry; durable when it returns.

        Args:
            event: ``node`` and, where it is None, ``at`` are filled in.
            once: an event that happens once has a word of its own; a second append changes nothing.
            keep: how long salts and values are kept, ISO 8601 (``P5Y``), from the event on.
            as_long_as: the entry that it is kept as long as; ``keep`` holds if that was deleted.
            bundle: with the signed query that the event is about; it is on disk before the entry.

        Returns:
            Its number, counted from 0.

        Raises:
            SamklangError: ``ledger-unavailable``: nothing was written.
        """
        if bundle:
            self.questions.keep(event.query, bundle, event.at or datetime.now(UTC))
        with self._file.writing() as db:
            if once:
                row = db.execute("SELECT number FROM entry WHERE once = ?", (once,)).fetchone()
                if row:
                    return int(row[0])
            self._catch_up(db)
            at = self._time(db, event.at or datetime.now(UTC))
            leaf, shown = commit(replace(event, node=self.node, at=at))
            number = len(self._tree)
            db.execute("INSERT INTO leaf VALUES (?, ?)", (number, leaf))
            db.executemany(
                "INSERT INTO body VALUES (?, ?, ?, ?)",
                [(number, f, d.salt, rfc8785.dumps(d.value).decode()) for f, d in shown.items()],
            )
            found = (number, event.kind, instant(at), event.query, event.attempt or 0)
            like = db.execute("SELECT expires FROM entry WHERE number = ?", (as_long_as,)).fetchone()
            until = like[0] if like else expires(at, keep)
            db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", (*found, once or None, until))
        return number

    def __len__(self) -> int:
        return self.checkpoint().size

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """The log's state now, or when it had ``size`` entries; raises ``ValueError`` if it never had."""
        with self._file.reading() as db:
            tree = self._catch_up(db)
            size = len(tree) if size is None else size
            return Checkpoint(self.origin, size, tree.root(size))

    def inclusion(self, number: int, size: int) -> tuple[bytes, ...]:
        """Proof that entry ``number`` stands in the log of ``size`` entries; raises ``ValueError``."""
        with self._file.reading() as db:
            return self._catch_up(db).inclusion(number, size)

    def consistency(self, old: int, size: int) -> tuple[bytes, ...]:
        """Proof that the log of ``size`` entries continues the one of ``old``; raises ``ValueError``."""
        with self._file.reading() as db:
            return self._catch_up(db).consistency(old, size)

    def entries(self, start: int = 0, until: int | None = None) -> Iterator[Logged]:
        """Entries ``start`` to ``until`` (exclusive) in order, each checked against its leaf.

        Raises:
            SamklangError: ``ledger-broken`` naming the first one whose body isn't what was committed to.
        """
        end = len(self) if until is None else until
        for first in range(start, end, 500):
            last = min(first + 500, end)
            with self._file.reading() as db:
                rows = db.execute(
                    "SELECT number, data FROM leaf WHERE number >= ? AND number < ? ORDER BY number",
                    (first, last),
                ).fetchall()
                bodies = _bodies(db, first, last)
            for number, data in rows:
                yield _logged(number, data, bodies.get(number, {}))

    def entry(self, number: int) -> Logged:
        """One entry; raises ``ValueError`` if there is none."""
        for found in self.entries(number, number + 1):
            return found
        raise ValueError("no such entry")

    def find(self, kind: str, query: str, attempt: int | None = None) -> Logged | None:
        """The newest entry of this kind about a query, or an attempt of it, that wasn't deleted."""
        with self._file.reading() as db:
            row = db.execute(
                "SELECT max(number) FROM entry WHERE query = ? AND kind = ? AND (?3 IS NULL OR attempt = ?3)",
                (query, kind, attempt),
            ).fetchone()
        return None if row[0] is None else self.entry(row[0])

    def newest(self, kind: str) -> Logged | None:
        """The newest entry of a kind that wasn't deleted."""
        with self._file.reading() as db:
            row = db.execute("SELECT max(number) FROM entry WHERE kind = ?", (kind,)).fetchone()
        return None if row[0] is None else self.entry(row[0])

    def newest_at(self) -> datetime | None:
        """The time of the newest entry that wasn't deleted."""
        with self._file.reading() as db:
            return _newest_at(db)

    def spoken_of(self) -> set[str]:
        """Digests of the queries of which an ``asked`` entry says something yet."""
        with self._file.reading() as db:
            return {row[0] for row in db.execute("SELECT DISTINCT query FROM entry WHERE kind = 'asked'")}

    @property
    def file(self) -> AppendOnlyFile:
        """The file, for what lies beside the tree (:mod:`.heads`, :mod:`.retention`)."""
        return self._file

    def close(self) -> None:
        self.questions.close()
        self._file.close()

    def _catch_up(self, db: sqlite3.Connection) -> Tree:
        """Take in leaves that were written since; the caller holds the file."""
        for number, data in db.execute(
            "SELECT number, data FROM leaf WHERE number >= ? ORDER BY number", (len(self._tree),)
        ):
            if number != len(self._tree):
                raise SamklangError("ledger-broken", kind=KIND, where=f"entry {len(self._tree)}")
            self._tree.append(leaf_hash(data))
        return self._tree

    def _time(self, db: sqlite3.Connection, at: datetime) -> datetime:
        newest = _newest_at(db)
        return at if newest is None else max(at, newest)


def open_trail(state: Path, federation: str, node: str) -> Trail:
    """The log in a node's state folder; made if it isn't there."""
    return Trail(state / FILE, origin_of(federation, node), node)


def _newest_at(db: sqlite3.Connection) -> datetime | None:
    row = db.execute("SELECT at FROM entry ORDER BY number DESC LIMIT 1").fetchone()
    return datetime.fromisoformat(row[0]) if row else None


def _bodies(db: sqlite3.Connection, first: int, last: int) -> dict[int, dict[str, Disclosed]]:
    found: dict[int, dict[str, Disclosed]] = {}
    for number, name, salt, value in db.execute(
        "SELECT number, field, salt, value FROM body WHERE number >= ? AND number < ?", (first, last)
    ):
        found.setdefault(number, {})[name] = Disclosed(salt, json.loads(value))
    return found


def _logged(number: int, leaf: bytes, shown: Mapping[str, Disclosed]) -> Logged:
    try:
        open_leaf(leaf, shown, number)
    except SamklangError:
        raise SamklangError("ledger-broken", kind=KIND, where=f"entry {number}") from None
    return Logged(number, leaf, {name: shown[name] for name in FIELDS if name in shown})
