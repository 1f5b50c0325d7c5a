"""Who takes part on which day, and when the list changes."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.core.policy.policy_documents import POLICY

from samklang.model.accession import Accession
from samklang.model.calendar import day_of
from samklang.model.policy import Policy

DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))


def accession(*periods: tuple[date, date] | None, ids: bool = True) -> Accession:
    document: dict[str, Any] = copy.deepcopy(POLICY)
    document["controllers"] = [
        {
            "name": f"Practice {n}",
            "dpia": "-",
            "record_of_processing": "-",
            "id": f"p{n}" if ids else None,
            "joined": None if period is None else {"from": str(period[0]), "until": str(period[1])},
        }
        for n, period in enumerate(periods)
    ]
    return Accession.of(Policy.model_validate(document))


def test_both_days_of_a_period_count() -> None:
    found = accession(None, (date(2027, 3, 1), date(2027, 3, 2)))
    joined = {day: found.on(date(2027, *day)).joined for day in ((2, 28), (3, 1), (3, 2), (3, 3))}
    assert [len(joined[day]) for day in sorted(joined)] == [1, 2, 2, 1]
    assert found.on(date(2027, 3, 1)).listed == {"p0", "p1"}
    assert accession(None, None, ids=False).on(date(2027, 3, 1)).joined == {"1", "2"}
    assert not accession(None, None, ids=False).named


def test_a_day_begins_at_midnight_in_copenhagen_in_summer_and_winter() -> None:
    found = accession((date(2027, 1, 10), date(2027, 7, 9)))
    assert found.next(datetime(2027, 1, 1, tzinfo=UTC)) == datetime(2027, 1, 9, 23, tzinfo=UTC)
    assert found.latest(datetime(2027, 8, 1, tzinfo=UTC)) == datetime(2027, 7, 9, 22, tzinfo=UTC)
    assert found.next(datetime(2027, 8, 1, tzinfo=UTC)) is None
    assert found.latest(datetime(2027, 1, 1, tzinfo=UTC)) is None


def test_the_ends_of_the_calendar_mean_always() -> None:
    always = accession((date.min, date.max), (date(1, 1, 1), date(9999, 12, 31)))
    assert always.next(datetime(2027, 1, 1, tzinfo=UTC)) is None
    assert always.latest(datetime(2027, 1, 1, tzinfo=UTC)) is None
    assert len(always.on(date(2027, 1, 1)).joined) == 2


@given(st.lists(st.none() | st.tuples(DAYS, DAYS), min_size=1, max_size=4), INSTANTS, INSTANTS)
def test_between_two_changes_nobody_joins_or_leaves(
    periods: list[tuple[date, date] | None], one: datetime, other: datetime
) -> None:
    found = accession(*periods)
    first, last = min(one, other), max(one, other)
    coming = found.next(first)
    before, after = (found.on(day_of(at)).joined for at in (first, last))
    if coming is None or last < coming:
        assert before == after
    else:
        assert found.on(day_of(coming - timedelta(microseconds=1))).joined == before
        assert first < coming <= last
        latest = found.latest(last)
        assert latest is not None
        assert coming <= latest <= last
