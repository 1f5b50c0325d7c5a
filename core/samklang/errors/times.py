"""Days and instants as people write them: in Danish 31.01.2027, and times are those of Denmark and say so.

Documents, logs and JSON have them in ISO 8601; these are the forms that people read.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

__all__ = ["COPENHAGEN", "day", "in_text", "moment"]

COPENHAGEN: Final = ZoneInfo("Europe/Copenhagen")
"""The only place that names the zone."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?: UTC|Z|\+00:00)")


def day(value: date | str, lang: Literal["en", "da"]) -> str:
    """``2027-01-31``, or ``31.01.2027``.

    Raises:
        ValueError: a text that is no date.
    """
    found = date.fromisoformat(value) if isinstance(value, str) else value
    return found.strftime("%d.%m.%Y") if lang == "da" else found.isoformat()


def moment(at: datetime, lang: Literal["en", "da"]) -> str:
    """To the minute in Denmark: ``2027-01-31 13:00 CET``, or ``31.01.2027 13:00 dansk tid``.

    Args:
        at: with a time zone.
    """
    local = at.astimezone(COPENHAGEN)
    if lang == "da":
        return local.strftime("%d.%m.%Y %H:%M dansk tid")
    return local.strftime("%Y-%m-%d %H:%M %Z")


def in_text(value: str, lang: Literal["en", "da"]) -> str:
    """``value``, if it is a day or an instant in UTC and nothing else, as people read it; else as it is."""
    try:
        if _DAY.fullmatch(value):
            return day(value, lang)
        if found := _INSTANT.fullmatch(value):
            return moment(datetime.fromisoformat(f"{found[1]}T{found[2]}+00:00"), lang)
    except ValueError:
        pass
    return value
