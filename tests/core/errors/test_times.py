"""Days and instants as people write them; documents' and logs' own forms are left to documents and logs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from samklang.errors import SamklangError
from samklang.errors.times import day, in_text, moment

NOON = datetime(2027, 7, 31, 10, 0, tzinfo=UTC)


def test_a_day() -> None:
    assert (day(date(2027, 1, 31), "en"), day("2027-01-31", "da")) == ("2027-01-31", "31.01.2027")
    with pytest.raises(ValueError, match="Invalid isoformat"):
        day("soon", "da")


def test_an_instant_is_danish_time_and_says_so() -> None:
    assert moment(NOON, "en") == "2027-07-31 12:00 CEST"
    assert moment(NOON, "da") == "31.07.2027 12:00 dansk tid"
    assert moment(NOON.replace(month=1), "da") == "31.01.2027 11:00 dansk tid"


@pytest.mark.parametrize(
    ("text", "danish"),
    [
        ("2027-01-31", "31.01.2027"),
        ("2027-07-31 10:00 UTC", "31.07.2027 12:00 dansk tid"),
        ("2027-07-31T10:00+00:00", "31.07.2027 12:00 dansk tid"),
        ("2027-07-31T23:30:05.25Z", "01.08.2027 01:30 dansk tid"),
        ("2027-13-31", "2027-13-31"),
        ("2027-07-31 10:00", "2027-07-31 10:00"),
        ("a date, e.g. 2027-01-31", "a date, e.g. 2027-01-31"),
        ("P2Y", "P2Y"),
    ],
)
def test_a_whole_text_that_is_a_time_is_said(text: str, danish: str) -> None:
    assert in_text(text, "da") == danish


def test_an_error_says_times_of_each_language() -> None:
    error = SamklangError("coordinator-expired", until="2027-07-31 10:00 UTC")
    assert error.text("en")[0] == "The query was valid until 2027-07-31 10:00 UTC."
    assert error.text("da")[0] == "Forespørgslen gjaldt til 31.07.2027 12:00 dansk tid."
    assert "01.08.2027" in SamklangError("policy-lint-ends", last="2027-08-01").text("da")[0]
