"""Days and calendar weeks of a query's period, counted from 0."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from samklang.model.query import Period

Unit = Literal["day", "week"]


def unit_start(period: Period, unit: Unit) -> date:
    """The first day of unit 0: the period's first day, or the Monday of its week."""
    return period.from_ - timedelta(days=period.from_.weekday() if unit == "week" else 0)


def units_in(period: Period, unit: Unit) -> int:
    """How many units the half-open period touches."""
    days = (period.until - unit_start(period, unit)).days
    return days if unit == "day" else -(-days // 7)
