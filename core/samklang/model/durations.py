"""ISO 8601 durations of documents (``P2Y``, ``P1Y6M``, ``PT72H``): read, compared, added and said.

There are two forms, one for calendar time and one for hours, and no third that mixes them. The models'
patterns are these patterns, so that what may stand in a document and what can be read are the same.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from samklang.errors import Language

__all__ = ["CALENDAR_FORM", "HOURS_FORM", "Parts", "added", "hours", "in_words", "mean_days", "parse"]

CALENDAR_FORM: Final = r"^P(?:[0-9]{1,3}Y)?(?:[0-9]{1,3}M)?(?:[0-9]{1,4}D)?$"
"""Years, months and days; at least one of them (three characters), which the pattern alone doesn't say.
``\\d`` would be a digit of any script here and of one alone in JSON Schema."""
HOURS_FORM: Final = r"^PT[0-9]{1,4}H$"

_YEAR: Final = Fraction(3652425, 10000)
"""Days of the Gregorian calendar's mean year, by which P2Y, P24M and P730D can be compared."""
_NUMBER: Final = re.compile(r"([0-9]+)([YMDH])")
_UNITS: Final[dict[Language, tuple[tuple[str, str], ...]]] = {
    "en": (("year", "years"), ("month", "months"), ("day", "days"), ("hour", "hours")),
    "da": (("år", "år"), ("måned", "måneder"), ("dag", "dage"), ("time", "timer")),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """The numbers of a duration; None where a unit isn't written."""

    years: int | None = None
    months: int | None = None
    days: int | None = None
    hours: int | None = None


def parse(duration: str) -> Parts:
    """The parts of ``duration``.

    Raises:
        ValueError: it has neither of the two forms.
    """
    if len(duration) < 3 or not any(re.fullmatch(form, duration) for form in (CALENDAR_FORM, HOURS_FORM)):
        raise ValueError(f"not a duration: {duration}")
    # A newline, which `$` would let pass at the end, isn't matched by fullmatch.
    found = {unit: int(number) for number, unit in _NUMBER.findall(duration)}
    return Parts(*(found.get(unit) for unit in "YMDH"))


def mean_days(duration: str) -> Fraction:
    """The mean length in days, by which durations can be compared; raises ``ValueError`` as :func:`parse`."""
    part = parse(duration)
    years, months = part.years or 0, part.months or 0
    return years * _YEAR + months * _YEAR / 12 + (part.days or 0) + Fraction(part.hours or 0, 24)


def hours(duration: str) -> int:
    """Hours of ``PT72H``; raises ``ValueError`` for anything that isn't hours."""
    found = parse(duration).hours
    if found is None:
        raise ValueError(f"not hours: {duration}")
    return found


def added(day: date, duration: str) -> date:
    """The day that is ``duration`` after ``day``; a day that its month doesn't have is that month's last.

    Raises:
        ValueError: it isn't a duration of years, months and days.
    """
    part = parse(duration)
    if part.hours is not None:
        raise ValueError(f"not days: {duration}")
    month = day.month - 1 + (part.months or 0)
    year, month = day.year + (part.years or 0) + month // 12, month % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(day.day, last)) + timedelta(days=part.days or 0)


def in_words(duration: str, lang: Language) -> str:
    """``1 year and 6 months``; raises ``ValueError`` as :func:`parse`."""
    part = parse(duration)
    numbers = zip((part.years, part.months, part.days, part.hours), _UNITS[lang], strict=True)
    parts = [f"{n} {one if n == 1 else many}" for n, (one, many) in numbers if n is not None]
    last = " og " if lang == "da" else " and "
    return last.join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)
