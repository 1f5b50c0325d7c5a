"""Ledger and audit log hold each other: what is missing in one of them is noticed at the start.

Every charge's entry names the ledger's head. A ledger that doesn't have that head in its past was restored
from an older copy: the node doesn't start. A charge that the log doesn't have (the process ended between the
two, the disk was full, or the log is the older copy) is entered at the start, and before the next charge, so
that it is always the newest ones that are missing. That a log is older than it was, its witnesses notice.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from samklang.audit.entry import Event
from samklang.node.append_only import unreadable
from samklang.node.audit.events import head_text
from samklang.node.audit.trail import FILE, KIND, Trail
from samklang.node.ledger import Ledger
from samklang.node.ledger_chain import Head

__all__ = ["anchor", "catch_up", "recorded_head"]


def anchor(trail: Trail, ledger: Ledger) -> int:
    """Check the ledger against the newest head on record, and enter charges that aren't; how many.

    Raises:
        SamklangError: ``ledger-rolled-back``, ``ledger-broken``.
    """
    ledger.verify(_newest(trail))
    return catch_up(trail, ledger)


def catch_up(trail: Trail, ledger: Ledger) -> int:
    """Enter the charges that the log doesn't have; how many. Nobody may charge meanwhile.

    Raises:
        SamklangError: ``ledger-unavailable``.
    """
    known = _newest(trail)
    entries = known.entries if known else 0
    if ledger.head.entries == entries:
        return 0
    missing = 0
    for charge in ledger.after(entries):
        if trail.find("charged", charge.query, charge.attempt) is None:
            trail.append(
                Event(
                    kind="charged",
                    grant=charge.grant,
                    query=charge.query,
                    attempt=charge.attempt,
                    rho_before=charge.spent - charge.nano_rho,
                    rho_after=charge.spent,
                    ledger=head_text(charge.head),
                    details={"recovered": "from the ledger"},
                )
            )
            missing += 1
    return missing


def _newest(trail: Trail) -> Head | None:
    entry = trail.newest("charged")
    return _head(entry.value("ledger") if entry else None)


def recorded_head(state: Path) -> Head | None:
    """The newest head of the ledger in the audit log beside it, for those who only look; None if it has
    none. That the log is what it was is for its own check to say.

    Raises:
        SamklangError: ``ledger-unavailable``, ``ledger-damaged``.
    """
    path = state / FILE
    if not path.is_file():
        return None
    newest = (
        "SELECT body.value FROM body JOIN entry USING (number) "
        "WHERE entry.kind = 'charged' AND body.field = 'ledger' ORDER BY number DESC LIMIT 1"
    )
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=20)) as db:
            row = db.execute(newest).fetchone()
    except sqlite3.Error as error:
        raise unreadable(KIND, error) from None
    return _head(json.loads(row[0])) if row else None


def _head(text: object) -> Head | None:
    if not isinstance(text, str) or text.count("/") != 2:
        return None
    ledger, entries, digest = text.split("/")
    return Head(ledger, int(entries), digest)
