"""The ledger to look at, beside the node that writes it: what was spent and what is left.

The file is opened for reading alone. One view is one state of it, however long it is looked at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from samklang.errors import SamklangError
from samklang.node.append_only import unreadable
from samklang.node.audit.anchor import recorded_head
from samklang.node.ledger import DELTA_UNIT, spent
from samklang.node.ledger_chain import KIND, Head, entries_of, month_of, walk
from samklang.policy import Caps, Period

__all__ = ["Account", "Charge", "LedgerView", "Standing", "open_ledger"]

WAIT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge. ``delta``: in whole :data:`~samklang.node.ledger.DELTA_UNIT`; ``hash``: in hex."""

    number: int
    query: str
    attempt: int
    grant: str
    nano_rho: int
    delta: int
    at: str
    month: str
    hash: str


@dataclass(frozen=True, slots=True)
class Standing:
    """nano-ρ of one period. ``cap``: None, there is none; ``left``: never below 0."""

    period: Period
    cap: int | None
    spent: int

    @property
    def left(self) -> int | None:
        return None if self.cap is None else max(0, self.cap - self.spent)


@dataclass(frozen=True, slots=True)
class Account:
    """What was spent under one grant, or (``grant`` is None) in all."""

    grant: str | None
    standings: tuple[Standing, ...]


class LedgerView:
    """One state of a ledger; see :func:`open_ledger`."""

    def __init__(self, db: sqlite3.Connection, recorded: Head | None = None) -> None:
        self._db = db
        self._recorded = recorded

    def verify(self, known: Head | None = None) -> Head:
        """Walk the chain, which must go through ``known`` and through the audit log's newest head of it: a
        ledger that was emptied is a whole chain too.

        Raises:
            SamklangError: as :meth:`samklang.node.ledger.Ledger.verify`.
        """
        if self._recorded is not None:
            walk(self._db, self._recorded)
        return walk(self._db, known)

    def account(self, now: datetime, caps: Caps | None, grant: str | None = None) -> Account:
        """What was spent in each period that ``now`` is in; without ``caps``, of a grant that is no more."""
        month = month_of(now)
        limits: dict[Period, int | None] = {"month": None, "year": None, "lifetime": None}
        limits |= dict(caps.by_period()) if caps else {}
        return Account(
            grant, tuple(Standing(p, cap, spent(self._db, p, month, grant)) for p, cap in limits.items())
        )

    def grants(self) -> list[str]:
        """Every grant that something was charged under, in the order of the first charge."""
        found = self._db.execute("SELECT grant_id FROM entries GROUP BY grant_id ORDER BY min(number)")
        return [row[0] for row in found]

    def delta_spent(self) -> Decimal:
        """δ of everything that was charged."""
        units = self._db.execute("SELECT coalesce(sum(delta), 0) FROM entries").fetchone()[0]
        return Decimal(units) * DELTA_UNIT

    def entries(self) -> Iterator[Charge]:
        """All entries, oldest first."""
        for *row, link in entries_of(self._db):
            yield Charge(*row, link.hex())  # type: ignore[arg-type, call-arg, attr-defined]

    def newest(self, count: int) -> list[Charge]:
        """The last ``count`` entries, newest first."""
        head = self._db.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()[0]
        return [entry for entry in self.entries() if entry.number > head - count][::-1]


@contextmanager
def open_ledger(state: Path) -> Iterator[LedgerView]:
    """The ledger in a node's state folder, whether the node runs or not.

    Raises:
        SamklangError: ``ledger-none``, ``ledger-unavailable``, ``ledger-damaged``.
    """
    path = state / "ledger.sqlite"
    if not path.is_file():
        raise SamklangError("ledger-none", folder=state.name)
    # Before the ledger: a charge is in the ledger first, so the log never knows more than what is read next.
    recorded = recorded_head(state)
    try:
        uri = f"file:{quote(str(path))}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None)) as db:
            db.execute("BEGIN")
            yield LedgerView(db, recorded)
    except sqlite3.Error as error:
        raise unreadable(KIND, error) from None
