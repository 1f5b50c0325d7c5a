"""How long salts and values are kept: ISO 8601 durations as policies write them, and what deletes them."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

__all__ = ["DEFAULT", "expires"]

DEFAULT = "P5Y"
"""Where no grant says otherwise."""

_ZONE = ZoneInfo("Europe/Copenhagen")


def expires(at: datetime, keep: str) -> str:
    """The first day (``2032-01-31``, Europe/Copenhagen) on which what happened at ``at`` may be deleted.

    Raises:
        ValueError: ``keep`` isn't such a duration.
    """
    found = re.fullmatch(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?", keep)
    if not found or keep == "P":
        raise ValueError(f"not a duration: {keep}")
    years, months, days = (int(part or 0) for part in found.groups())
    day = at.astimezone(_ZONE).date()
    month = day.month - 1 + months
    year, month = day.year + years + month // 12, month % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return (date(year, month, min(day.day, last)) + timedelta(days=days)).isoformat()
