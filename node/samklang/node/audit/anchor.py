"""Ledger and audit log hold each other: what is missing in one of them is noticed at the start.

Every charge's entry names the ledger's head. A ledger that doesn't have that head in its past was restored
from
an older copy: the node doesn't start. A charge that the log doesn't have (the process ended between the two,
or the log is the older copy) is entered now; that a log is older than it was, its witnesses notice.
"""

from __future__ import annotations

from samklang.audit.entry import Event
from samklang.node.audit.events import head_text
from samklang.node.audit.trail import Trail
from samklang.node.ledger import Ledger
from samklang.node.ledger_chain import Head

__all__ = ["anchor"]


def anchor(trail: Trail, ledger: Ledger) -> int:
    """Check the ledger against the newest head on record, and enter charges that aren't; how many.

    Raises:
        SamklangError: ``ledger-rolled-back``, ``ledger-broken``.
    """
    known = _newest(trail)
    ledger.verify(known)
    missing = 0
    for charge in ledger.after(known.entries if known else 0):
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
    text = entry.value("ledger") if entry else None
    if not isinstance(text, str) or text.count("/") != 2:
        return None
    ledger, entries, digest = text.split("/")
    return Head(ledger, int(entries), digest)
