"""CPR numbers as arrays, against the rules written out one number at a time."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.model import cpr


def numbers(*texts: str) -> cpr.CprArray:
    return np.array(texts, "S10")


def expected_date(text: str) -> date | None:
    """The rule, in the words of the register's own table."""
    if not (text.isascii() and len(text) == 10 and text[:7].isdigit()):
        return None
    day, month, yy, seventh = int(text[:2]), int(text[2:4]), int(text[4:6]), int(text[6])
    if seventh <= 3:
        year = 1900 + yy
    elif seventh in (4, 9):
        year = 2000 + yy if yy <= 36 else 1900 + yy
    else:
        year = 2000 + yy if yy <= 57 else 1800 + yy
    try:
        return date(year, month, day - 60 if day > 60 else day)
    except ValueError:
        return None


@given(st.lists(st.from_regex(r"[0-9]{10}|[0-9]{6}[0-9A-Z]{4}", fullmatch=True), max_size=30))
def test_birth_dates_are_those_of_the_rule(texts: list[str]) -> None:
    found = cpr.birth_date(numbers(*texts))
    assert [None if np.isnat(d) else d.astype(date) for d in found] == [expected_date(t) for t in texts]


@given(st.lists(st.from_regex(r"[0-9]{7}[0-9A-Z]{3}", fullmatch=True), max_size=30))
def test_a_number_with_a_known_century_has_a_date_exactly_if_it_has_a_birth_date(texts: list[str]) -> None:
    array = numbers(*texts)
    assert (cpr.has_date(array) == ~np.isnat(cpr.birth_date(array))).all()


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("0101360000", "1936-01-01"),
        ("0101364000", "2036-01-01"),
        ("0101374000", "1937-01-01"),
        ("0101379000", "1937-01-01"),
        ("0101575000", "2057-01-01"),
        ("0101585000", "1858-01-01"),
        ("2902004000", "2000-02-29"),
        ("6101360000", "1936-01-01"),
    ],
)
def test_centuries(text: str, born: str) -> None:
    assert cpr.birth_date(numbers(text))[0] == np.datetime64(born)


def test_29_february_1900_does_not_exist() -> None:
    assert np.isnat(cpr.birth_date(numbers("2902000000"))[0])
    assert list(cpr.has_date(numbers("2902000000", "2902004000", "290200A000"))) == [False, True, True]


def test_replacement_numbers_have_a_form_and_no_sure_century() -> None:
    array = numbers("010190TAA1", "0101901AB2", "6101901112", "0101901112")
    assert cpr.has_form(array).all()
    assert list(cpr.is_replacement(array)) == [True, True, True, False]
    assert list(np.isnat(cpr.birth_date(array))) == [True, False, False, False]


def test_sex_follows_the_last_digit() -> None:
    found = cpr.sex(numbers("0101901112", "0101901113", "010190111A", "01019"))
    assert list(found) == [b"K", b"M", b"", b""]


def test_modulus_11() -> None:
    # 070761-4285 is the example that the register's description works through.
    array = numbers("0707614285", "0707614286", "070761428A")
    assert list(cpr.passes_modulus_11(array)) == [True, False, False]


@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_of_ten_last_digits_at_most_one_passes(stem: str) -> None:
    assert cpr.passes_modulus_11(numbers(*(f"{stem}{i}" for i in range(10)))).sum() <= 1


@pytest.mark.parametrize("text", ["", "010190111", "01019O1112", "0101901æ1", "010190-111", "010190111a"])
def test_other_forms_are_refused(text: str) -> None:
    array = np.array([text.encode("latin-1")], "S10")
    assert not cpr.has_form(array)[0]
    assert not cpr.has_date(array)[0]
    assert not cpr.passes_modulus_11(array)[0]
    assert np.isnat(cpr.birth_date(array)[0])


def test_empty_arrays_and_wrong_dtypes() -> None:
    empty = np.empty(0, "S10")
    assert len(cpr.birth_date(empty)) == len(cpr.sex(empty)) == len(cpr.passes_modulus_11(empty)) == 0
    with pytest.raises(ValueError, match="S10"):
        cpr.birth_date(np.array([b"1"]))
