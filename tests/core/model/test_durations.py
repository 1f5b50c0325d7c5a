"""Durations: one parser reads what documents may say and nothing else; comparing, adding, saying agree."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from samklang.model.durations import (
    CALENDAR_FORM,
    HOURS_FORM,
    Parts,
    added,
    hours,
    in_words,
    mean_days,
    parse,
)
from samklang.model.policy import Duration, Hours

ROOT = Path(__file__).resolve().parents[3]
IN_DOCUMENTS = TypeAdapter[str](Duration), TypeAdapter[str](Hours)

days = st.dates(date(1900, 1, 1), date(2200, 12, 31))
parts = st.tuples(
    st.none() | st.integers(0, 999), st.none() | st.integers(0, 999), st.none() | st.integers(0, 9999)
).filter(lambda found: any(n is not None for n in found))
texts = (
    st.text(alphabet="PT0123456789YMDHW.-+ \n", max_size=12)
    | st.from_regex(CALENDAR_FORM)
    | st.from_regex(HOURS_FORM)
)


def written(found: tuple[int | None, ...]) -> str:
    return "P" + "".join(f"{n}{unit}" for n, unit in zip(found, "YMD", strict=True) if n is not None)


@pytest.mark.parametrize("text", ["P٣Y", "PT٧٢H", "P２Y"])
def test_digits_of_another_script_are_none(text: str) -> None:
    """JSON Schema's ``\\d`` wouldn't know them, and who reads a policy mightn't either."""
    for adapter in IN_DOCUMENTS:
        with pytest.raises(ValidationError):
            adapter.validate_python(text)
    with pytest.raises(ValueError, match="not a duration"):
        parse(text)


@given(texts)
def test_what_documents_may_say_is_read_and_nothing_else(text: str) -> None:
    admitted = []
    for adapter in IN_DOCUMENTS:
        try:
            admitted.append(adapter.validate_python(text))
        except ValidationError:
            continue
    try:
        parse(text)
    except ValueError:
        assert not admitted
    else:
        assert admitted == [text]


@given(parts)
def test_every_part_is_read(found: tuple[int | None, int | None, int | None]) -> None:
    assert parse(written(found)) == Parts(*found)


@given(st.integers(0, 9999))
def test_hours_are_a_form_of_their_own(number: int) -> None:
    assert hours(f"PT{number}H") == number
    assert mean_days(f"PT{number}H") == Fraction(number, 24)
    with pytest.raises(ValueError, match="not days"):
        added(date(2026, 1, 31), f"PT{number}H")
    with pytest.raises(ValueError, match="not hours"):
        hours(f"P{number}D")


@given(days, parts)
def test_what_is_compared_is_what_is_added(day: date, found: tuple[int | None, ...]) -> None:
    """A month is 2.5 days shorter than its mean at most, and a leap day can be missed once."""
    duration = written(found)
    assert abs((added(day, duration) - day).days - mean_days(duration)) < 5


@given(days, days, parts)
def test_adding_keeps_the_order_of_days(one: date, other: date, found: tuple[int | None, ...]) -> None:
    first, second = sorted((one, other))
    assert added(first, written(found)) <= added(second, written(found))


@given(days, st.integers(0, 83))
def test_a_year_is_twelve_months_however_it_is_written(day: date, years: int) -> None:
    assert added(day, f"P{years}Y") == added(day, f"P{12 * years}M")
    assert mean_days(f"P{years}Y") == mean_days(f"P{12 * years}M")


def test_lengths_of_time_are_compared_in_days() -> None:
    assert mean_days("P2Y") == mean_days("P24M") == Fraction(7304850, 10000)
    assert mean_days("P1Y") > mean_days("P365D") > mean_days("P11M")


@pytest.mark.parametrize(
    ("day", "duration", "then"),
    [
        (date(2026, 1, 31), "P1M", date(2026, 2, 28)),
        (date(2028, 2, 29), "P1Y", date(2029, 2, 28)),
        (date(2026, 12, 31), "P2M1D", date(2027, 3, 1)),
        (date(2026, 8, 31), "P5Y6M", date(2032, 2, 29)),
        (date(2026, 8, 31), "P0D", date(2026, 8, 31)),
    ],
)
def test_a_day_that_a_month_does_not_have_is_its_last(day: date, duration: str, then: date) -> None:
    assert added(day, duration) == then


@pytest.mark.parametrize(
    ("duration", "english", "danish"),
    [
        ("P2Y", "2 years", "2 år"),
        ("P1Y6M", "1 year and 6 months", "1 år og 6 måneder"),
        ("P1Y1M1D", "1 year, 1 month and 1 day", "1 år, 1 måned og 1 dag"),
        ("PT72H", "72 hours", "72 timer"),
        ("PT1H", "1 hour", "1 time"),
    ],
)
def test_as_people_say_it(duration: str, english: str, danish: str) -> None:
    assert (in_words(duration, "en"), in_words(duration, "da")) == (english, danish)


@given(parts, st.sampled_from(["en", "da"]))
def test_every_number_is_said_once(found: tuple[int | None, ...], lang: str) -> None:
    said = in_words(written(found), lang)  # type: ignore[arg-type]
    assert [int(n) for n in re.findall(r"\d+", said)] == [n for n in found if n is not None]


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "2Y", "P2W", "P-1Y", "P2Y ", "P2Y\n", "P1.5Y", "P1DT2H", "P1M1Y", "P1000Y", "PT1M"],
)
def test_nothing_else_is_one(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        in_words(text, "en")


def test_neither_durations_nor_the_zone_are_read_anywhere_else() -> None:
    """A second parser, or the zone under a second name, would come apart from the first one day."""
    digit = r"(?:\\d|\[0-9])"
    number = rf"\({digit}[^)]*\)[YMWDH]\)?\??|{digit}\{{1,\d\}}[YMDH]"
    again = re.compile(number + r"""|ZoneInfo\(|["']Europe/""")
    parts = ("core", "transport", "node", "coordinator", "analyst", "cli", "benchmarks")
    places = {
        str(path.relative_to(ROOT))
        for part in parts
        for path in (ROOT / part).rglob("*.py")
        if again.search(path.read_text(encoding="utf-8"))
    }
    assert places == {"core/samklang/model/durations.py", "core/samklang/errors/times.py"}
