"""When a node's data are frozen anew: a published calendar in Europe/Copenhagen.

A node answers from its snapshot of the period, and makes the next one when the next period begins. So nobody
can tell from a fresh snapshot, or from an answer that isn't in the store any more, whether anything has
changed; and everybody can tell from when on a withdrawn consent counts.

Every day, week or month has exactly one due time, whatever the clocks do: an hour that is skipped in spring
is due when the clocks have jumped, an hour that comes twice in autumn the first time.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, get_args

from pydantic import Field

from samklang.model.base import Document
from samklang.model.calendar import COPENHAGEN, day_of

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class SnapshotCalendar(Document):
    """``grace_minutes``: so long after a due time a node may go on with the snapshot before, while it makes
    the next one; then it answers no more until it has it."""

    every: Literal["day", "week", "month"] = "day"
    """How often data and consents are frozen anew."""
    hour: Annotated[int, Field(ge=0, le=23)] = 2
    """At this hour, Europe/Copenhagen."""
    weekday: Weekday | None = None
    """With every: week alone; Monday if left out."""
    day: Annotated[int, Field(ge=1, le=31)] | None = None
    """With every: month alone; the first if left out. A month that is shorter has its last day."""
    grace_minutes: Annotated[int, Field(ge=5, le=720)] = 60

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.grace_minutes)

    def latest(self, now: datetime) -> datetime:
        """The last due time that isn't after ``now``: the beginning of the period, UTC."""
        number = self._number(day_of(now)) + 1
        while (due := self._due(number)) > now:
            number -= 1
        return due

    def next(self, now: datetime) -> datetime:
        """The first due time after ``now``, UTC."""
        number = self._number(day_of(now)) - 1
        while (due := self._due(number)) <= now:
            number += 1
        return due

    def _number(self, day: date) -> int:
        """Counts days, weeks (from Monday) or months."""
        if self.every == "day":
            return day.toordinal()
        if self.every == "week":
            return (day.toordinal() - 1) // 7
        return day.year * 12 + day.month - 1

    def _due(self, number: int) -> datetime:
        """The due time of a day, week or month."""
        if self.every == "day":
            day = date.fromordinal(number)
        elif self.every == "week":
            day = date.fromordinal(number * 7 + 1 + get_args(Weekday).index(self.weekday or "monday"))
        else:
            year, month = number // 12, number % 12 + 1
            day = date(year, month, min(self.day or 1, calendar.monthrange(year, month)[1]))
        # fold=0: of an hour that comes twice, the first; one that is skipped counts on from before, so that
        # it falls on the first instant after the jump (PEP 495).
        local = datetime(day.year, day.month, day.day, self.hour, tzinfo=COPENHAGEN, fold=0)
        return local.astimezone(UTC)
