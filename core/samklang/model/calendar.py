"""Days in Europe/Copenhagen: what dates in documents mean. The clock itself is always passed in."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from samklang.errors.times import COPENHAGEN as COPENHAGEN
from samklang.model.base import Validity
from samklang.model.durations import added

SKEW = timedelta(minutes=5)
"""How far two parties' clocks may be apart."""


def day_of(now: datetime) -> date:
    """The date in Copenhagen at ``now``; raises ``ValueError`` if ``now`` has no time zone."""
    if now.tzinfo is None:
        raise ValueError("an instant without time zone")
    return now.astimezone(COPENHAGEN).date()


def is_valid(valid: Validity, now: datetime) -> bool:
    """Whether ``now`` lies in ``valid`` (both days inclusive), give or take :data:`SKEW`."""
    return valid.from_ <= day_of(now + SKEW) and day_of(now - SKEW) <= valid.until


def expires(at: datetime, keep: str) -> str:
    """The first day (``2032-01-31``, Europe/Copenhagen) on which what happened at ``at`` may be deleted.

    Args:
        keep: ISO 8601 duration of years, months and days, as policies write it (``P2Y``).

    Raises:
        ValueError: ``keep`` isn't such a duration.
    """
    return added(day_of(at), keep).isoformat()
