"""Days in Europe/Copenhagen: what dates in documents mean. The clock itself is always passed in."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from samklang.model.base import Validity

COPENHAGEN = ZoneInfo("Europe/Copenhagen")

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
    found = re.fullmatch(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?", keep)
    if not found or keep == "P":
        raise ValueError(f"not a duration: {keep}")
    years, months, days = (int(part or 0) for part in found.groups())
    day = day_of(at)
    month = day.month - 1 + months
    year, month = day.year + years + month // 12, month % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return (date(year, month, min(day.day, last)) + timedelta(days=days)).isoformat()
