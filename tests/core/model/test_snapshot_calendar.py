"""The calendar of snapshots: one due time for every day, week and month, whatever the clocks do."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.model.documents import manifest

from samklang.model.calendar import COPENHAGEN
from samklang.model.checks import check_manifest
from samklang.model.problems import DocumentErrors
from samklang.model.snapshot_calendar import SnapshotCalendar, Weekday

INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1)).map(lambda t: t.replace(tzinfo=UTC))
LAST = SnapshotCalendar(every="month", day=31)
CALENDARS = st.one_of(
    st.builds(SnapshotCalendar, hour=st.integers(0, 23)),
    st.builds(
        SnapshotCalendar,
        every=st.just("week"),
        hour=st.integers(0, 23),
        weekday=st.sampled_from(get_args(Weekday)),
    ),
    st.builds(SnapshotCalendar, every=st.just("month"), hour=st.integers(0, 23), day=st.integers(1, 31)),
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@given(CALENDARS, INSTANTS)
def test_an_instant_lies_in_exactly_one_period(when: SnapshotCalendar, now: datetime) -> None:
    begin, end = when.latest(now), when.next(now)
    assert begin <= now < end
    assert when.latest(begin) == when.latest(end - timedelta(microseconds=1)) == begin
    assert when.next(begin) == end
    assert when.latest(end) == end


@given(CALENDARS, INSTANTS)
def test_every_day_week_or_month_has_one_due_time(when: SnapshotCalendar, now: datetime) -> None:
    """Walking on from due time to due time meets each of them once, at the hour that was published."""
    due = when.latest(now)
    met = []
    for _ in range(40):
        met.append(due.astimezone(COPENHAGEN))
        due = when.next(due)
    days = [at.date() for at in met]
    if when.every == "day":
        assert days == [days[0] + timedelta(n) for n in range(40)]
    elif when.every == "week":
        assert days == [days[0] + timedelta(weeks=n) for n in range(40)]
        assert calendar.day_name[days[0].weekday()].lower() == when.weekday
    else:
        months = [d.year * 12 + d.month for d in days]
        assert months == [months[0] + n for n in range(40)]
        assert all(d.day == min(when.day or 1, calendar.monthrange(d.year, d.month)[1]) for d in days)
    for at in met:
        naive = at.replace(tzinfo=None)
        skipped = at.astimezone(UTC).astimezone(COPENHAGEN).hour != when.hour
        assert (at.hour == when.hour) or (skipped and naive.hour == when.hour + 1 and naive.month == 3)


@pytest.mark.parametrize(
    ("when", "now", "latest", "following"),
    [
        # An ordinary winter's day, and before and after the hour.
        (SnapshotCalendar(), utc(2026, 11, 25, 12), utc(2026, 11, 25, 1), utc(2026, 11, 26, 1)),
        (SnapshotCalendar(), utc(2026, 11, 25, 0, 59), utc(2026, 11, 24, 1), utc(2026, 11, 25, 1)),
        (SnapshotCalendar(), utc(2026, 11, 25, 1), utc(2026, 11, 25, 1), utc(2026, 11, 26, 1)),
        # 28 March 2027: 02:00 doesn't exist; due at 03:00 CEST, the instant of the jump.
        (SnapshotCalendar(), utc(2027, 3, 28, 1), utc(2027, 3, 28, 1), utc(2027, 3, 29, 0)),
        (SnapshotCalendar(), utc(2027, 3, 28, 0, 59), utc(2027, 3, 27, 1), utc(2027, 3, 28, 1)),
        # 25 October 2026: 02:00 comes twice; the first time counts, the second makes nothing new.
        (SnapshotCalendar(), utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 0), utc(2026, 10, 26, 1)),
        (SnapshotCalendar(), utc(2026, 10, 25, 1, 30), utc(2026, 10, 25, 0), utc(2026, 10, 26, 1)),
        # Weeks begin on Monday unless another day is named.
        (SnapshotCalendar(every="week"), utc(2026, 11, 25), utc(2026, 11, 23, 1), utc(2026, 11, 30, 1)),
        (
            SnapshotCalendar(every="week", weekday="sunday", hour=4),
            utc(2026, 11, 25),
            utc(2026, 11, 22, 3),
            utc(2026, 11, 29, 3),
        ),
        # The 31st of a month that has none is its last day, in a leap year too.
        (
            SnapshotCalendar(every="month", day=31),
            utc(2027, 2, 28, 2),
            utc(2027, 2, 28, 1),
            utc(2027, 3, 31, 0),
        ),
        (
            SnapshotCalendar(every="month", day=31),
            utc(2028, 2, 29, 0),
            utc(2028, 1, 31, 1),
            utc(2028, 2, 29, 1),
        ),
        (SnapshotCalendar(every="month"), utc(2026, 12, 31, 23), utc(2026, 12, 1, 1), utc(2027, 1, 1, 1)),
    ],
)
def test_known_days(when: SnapshotCalendar, now: datetime, latest: datetime, following: datetime) -> None:
    assert (when.latest(now), when.next(now)) == (latest, following)


@pytest.mark.parametrize(("key", "value", "every"), [("weekday", "friday", "month"), ("day", 3, "day")])
def test_what_would_say_nothing_is_refused(key: str, value: object, every: str) -> None:
    when = SnapshotCalendar.model_validate({"every": every, key: value})
    with pytest.raises(DocumentErrors) as caught:
        check_manifest(manifest().model_copy(update={"snapshots": when}))
    assert [p.code for p in caught.value.problems] == ["document-snapshots"]
