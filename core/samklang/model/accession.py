"""Who takes part, and when: the accession list of a policy, day by day.

A node may hold the records of several controllers (general practices, say), each of which joins and leaves by
itself. The days stand in the signed policy and are public, so when the list changes depends on nobody's data:
every change is at the beginning of a day in Europe/Copenhagen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from samklang.model.base import Validity
from samklang.model.calendar import COPENHAGEN
from samklang.model.policy import Policy

__all__ = ["Accession", "Members", "joined"]


def joined(period: Validity | None, day: date) -> bool:
    """Whether a controller with this ``joined`` takes part on ``day``; both days of a period included."""
    return period is None or period.from_ <= day <= period.until


@dataclass(frozen=True, slots=True)
class Members:
    """Controllers by id: all that the policy lists, and those of them that have joined on the day in
    question.

    Without ids, a controller is called by its place in the list, from 1.
    """

    listed: frozenset[str]
    joined: frozenset[str]


@dataclass(frozen=True, slots=True)
class Accession:
    """When each controller takes part; in the policy's order.

    Attributes:
        periods: (id, first and last day, or None for as long as the policy holds).
        named: every controller has an id, so a node's configuration can say whose a row is.
    """

    periods: tuple[tuple[str, Validity | None], ...]
    named: bool

    @classmethod
    def of(cls, policy: Policy) -> Accession:
        """The list of ``policy``."""
        found = policy.controllers
        return cls(
            tuple((one.id or str(place), one.joined) for place, one in enumerate(found, 1)),
            all(one.id is not None for one in found),
        )

    def on(self, day: date) -> Members:
        """Who is a member on ``day``, a date in Europe/Copenhagen."""
        return Members(
            frozenset(name for name, _ in self.periods),
            frozenset(name for name, period in self.periods if joined(period, day)),
        )

    def latest(self, now: datetime) -> datetime | None:
        """The last change of the list that isn't after ``now``, UTC; None if there was none."""
        return max((change for change in self._changes() if change <= now), default=None)

    def next(self, now: datetime) -> datetime | None:
        """The first change after ``now``, UTC; None if none is to come."""
        return min((change for change in self._changes() if change > now), default=None)

    def _changes(self) -> Iterator[datetime]:
        for _, period in self.periods:
            if period is not None:
                yield from _beginning(period.from_, 0)
                yield from _beginning(period.until, 1)


def _beginning(day: date, later: int) -> Iterator[datetime]:
    """The first instant of a day; nothing for the ends of the calendar, which mean "always"."""
    if date.min.year < day.year < date.max.year:
        begins = day + timedelta(days=later)
        yield datetime(begins.year, begins.month, begins.day, tzinfo=COPENHAGEN).astimezone(UTC)
