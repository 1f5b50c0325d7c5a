"""What a node shows its monitoring: ends of validity and what is left of its budget. Nothing of its data."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from samklang.model.calendar import COPENHAGEN
from samklang.transport.observe import Gauge

if TYPE_CHECKING:
    from samklang.node.documents import Documents
    from samklang.node.ledger import Ledger
    from samklang.policy import Caps

__all__ = ["gauges"]


def gauges(documents: Documents, ledger: Ledger, caps: Caps) -> tuple[Gauge, ...]:
    """The gauges of one node."""
    manifest, policy = documents.manifest.document, documents.policy.document
    ends: dict[tuple[str, ...], date] = {
        ("manifest",): manifest.federation.valid.until,
        ("policy",): policy.policy.valid.until,
    }
    until = {
        name: datetime.combine(day + timedelta(days=1), time.min, COPENHAGEN).timestamp()
        for name, day in ends.items()
    }
    until[("certificate",)] = documents.certificate.not_after

    def left() -> dict[tuple[str, ...], float]:
        found = ledger.remaining(now=datetime.now(UTC))
        shares: dict[tuple[str, ...], float] = {
            ("month",): found.month / caps.month,
            ("year",): found.year / caps.year,
        }
        if caps.lifetime is not None and found.lifetime is not None:
            shares[("lifetime",)] = found.lifetime / caps.lifetime
        return shares

    return (
        Gauge("valid_until_seconds", "When it stops holding, Unix time", lambda: until, ("document",)),
        Gauge("budget_left_ratio", "Share of the data set's budget that is left, 0 to 1", left, ("period",)),
    )
