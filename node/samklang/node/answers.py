"""Which questions this node's rows have left for: what the differencing guard compares a new one with.

A question is on disk before it is charged, and it is charged before any row leaves; what was recorded and
not charged doesn't count. Nothing here is about data: a row holds the digest of a signed query, who asked,
the question's shape (:mod:`samklang.policy.differencing`) and the snapshot. It is kept as long as the ledger,
whose charges it explains.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from samklang.errors import SamklangError
from samklang.model.calendar import day_of
from samklang.model.canonical import canonical, parse_canonical
from samklang.node.append_only import AppendOnlyFile, refuse_changes
from samklang.node.ledger import Head, Ledger
from samklang.policy.differencing import Shape, Uses, interned
from samklang.policy.guard import Earlier

__all__ = ["Answers"]

KIND = "store of answered questions"

_SCHEMA = (
    "CREATE TABLE answers (number INTEGER PRIMARY KEY, query TEXT NOT NULL UNIQUE, analyst TEXT NOT NULL, "
    "core TEXT NOT NULL, shape BLOB NOT NULL, snapshot TEXT NOT NULL, "
    "at TEXT NOT NULL, ledger TEXT NOT NULL) STRICT",
    *refuse_changes("answers", "number >= NEW.number OR query = NEW.query"),
)

Check = Callable[[list[Earlier]], None]


class Answers:
    """One file for all questions of a node.

    Args:
        path: its SQLite file (0600); the folder must exist.
        ledger: says which of them were charged.

    Raises:
        SamklangError: ``ledger-unavailable``, ``ledger-broken`` (another schema), ``node-answers-broken``: a
            question can't be read, or the ledger was charged for one that isn't here;
            ``ledger-rolled-back``: the ledger is older than what was noted here.
    """

    def __init__(self, path: Path, ledger: Ledger) -> None:
        self._file = AppendOnlyFile(path, KIND, _SCHEMA)
        self._ledger = ledger
        self._lock = threading.Lock()
        self._shapes: dict[bytes, Shape] = {}
        self._uses: dict[Uses, Uses] = {}
        self._rows: list[Earlier] = []
        self._read = 0
        self._charged: set[str] = set()
        self._about: set[str] = set()
        self._entries = 0
        try:
            self._refresh()
            self._explain()
        except SamklangError:
            self.close()
            raise

    def earlier(self, query: str) -> list[Earlier]:
        """Every other question whose rows may have left, oldest first.

        Args:
            query: digest of the question that is decided about; its own attempts aren't others.
        """
        with self._lock:
            self._refresh()
            return [e for e in self._rows if e.query in self._charged and e.query != query]

    def record(
        self,
        *,
        query: str,
        analyst: str,
        core: str,
        shape: Shape,
        snapshot: str,
        now: datetime,
        check: Check,
    ) -> None:
        """Put a question on record before it is charged; durable when it returns. Again is harmless.

        Args:
            query: digest of the signed query.
            core: its digest by :mod:`samklang.model.sameness`.
            check: called with the others that are charged by now, or about to be; raises to stop. Two
                questions that are decided about at the same moment can't both pass it.

        Raises:
            SamklangError: ``ledger-unavailable``, or what ``check`` raises; nothing was recorded.
        """
        with self._lock, self._file.writing() as db:
            self._take(db)
            self._take_charges()
            counting = self._charged | self._about
            check([e for e in self._rows if e.query in counting and e.query != query])
            self._about.add(query)
            if any(e.query == query for e in self._rows):
                return
            db.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self._read + 1,
                    query,
                    analyst,
                    core,
                    canonical(shape),
                    snapshot,
                    now.astimezone(UTC).isoformat(timespec="seconds"),
                    self._ledger.head.text,
                ),
            )

    def settled(self, query: str) -> None:
        """The charge that followed :meth:`record` has been made, or has failed."""
        with self._lock:
            self._about.discard(query)

    def close(self) -> None:
        self._file.close()

    def _refresh(self) -> None:
        with self._file.reading() as db:
            self._take(db)
        self._take_charges()

    def _take_charges(self) -> None:
        for number, query in self._ledger.charged_after(self._entries):
            self._charged.add(query)
            self._entries = number

    def _take(self, db: sqlite3.Connection) -> None:
        """Read what has been added; equal shapes become one object."""
        rows = db.execute(
            "SELECT number, query, analyst, shape, at FROM answers WHERE number > ? ORDER BY number",
            (self._read,),
        ).fetchall()
        for number, query, analyst, shape, at in rows:
            if shape not in self._shapes:
                try:
                    self._shapes[shape] = interned(parse_canonical(shape, Shape), self._uses)
                except SamklangError:
                    raise SamklangError("node-answers-broken", where=f"entry {number}") from None
            day = day_of(datetime.fromisoformat(at))
            self._rows.append(Earlier(query, analyst, day, self._shapes[shape]))
            self._read = number

    def _explain(self) -> None:
        """Ledger and store know of each other: the newest head that was noted here is in the ledger's past,
        and every charge that was made since the first one is for a question that is here."""
        with self._file.reading() as db:
            heads = [
                Head.from_text(row[0]) for row in db.execute("SELECT ledger FROM answers ORDER BY number")
            ]
        if not heads:
            return
        self._ledger.verify(heads[-1])
        known = {e.query for e in self._rows}
        if any(query not in known for _, query in self._ledger.charged_after(heads[0].entries)):
            raise SamklangError("node-answers-broken", where="the ledger knows a question that it lacks")
