"""CPR numbers as arrays: form, date of birth, sex, modulus 11; no loop over citizens.

A CPR number is ten ASCII bytes, ``DDMMYYSSSS``: date of birth and serial number. Arrays have dtype
``S10`` and any length; whatever is shorter or longer than ten bytes was never a CPR number.

- Century from the seventh digit: 0-3 → 19xx; 4 and 9 → 20xx if YY ≤ 36, else 19xx; 5-8 → 20xx if
  YY ≤ 57, else 18xx. (CPR-kontoret, "Personnummeret i CPR".)
- Sex from the last digit: even → female, odd → male.
- Modulus 11 holds for ordinary numbers issued before October 2007 and isn't guaranteed since: a number
  that fails it is a number one may want to look at, never one to refuse.
- Replacement numbers (erstatningsnumre) keep the date in front and have one or more capital letters
  among the last four places, or a day with 60 added. They are accepted as identifiers; where the seventh
  place is a letter the century isn't known and the date of birth is ``NaT``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

CprArray = NDArray[np.bytes_]
LENGTH: Final = 10
WEIGHTS: Final = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
"""Of modulus 11, for the ten digits in order."""

_ZERO, _NINE, _A, _Z = 48, 57, 65, 90


def _codes(cpr: CprArray) -> NDArray[np.uint8]:
    """Shape (n, 10): the bytes. Raises ``ValueError`` unless the dtype is ``S10``."""
    if cpr.dtype != np.dtype("S10") or cpr.ndim != 1:
        raise ValueError("CPR numbers are a one-dimensional array of dtype S10")
    return np.ascontiguousarray(cpr).view(np.uint8).reshape(-1, LENGTH)


def _is_digit(codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return (codes >= _ZERO) & (codes <= _NINE)


def _number(codes: NDArray[np.uint8], first: int) -> NDArray[np.int64]:
    """The two-digit number at ``first``; meaningless where the bytes aren't digits."""
    pair = codes[:, first : first + 2].astype(np.int64) - _ZERO
    return pair[:, 0] * 10 + pair[:, 1]


def has_form(cpr: CprArray) -> NDArray[np.bool_]:
    """Six digits, then four digits or capital letters A-Z."""
    codes = _codes(cpr)
    digit = _is_digit(codes)
    tail = digit[:, 6:] | ((codes[:, 6:] >= _A) & (codes[:, 6:] <= _Z))
    return np.asarray(digit[:, :6].all(axis=1) & tail.all(axis=1))


def is_replacement(cpr: CprArray) -> NDArray[np.bool_]:
    """A letter among the last four places, or 60 added to the day."""
    codes = _codes(cpr)
    with_letter = ~_is_digit(codes[:, 6:]).all(axis=1)
    moved_day = codes[:, 0] >= _ZERO + 6
    return has_form(cpr) & (with_letter | moved_day)


def birth_date(cpr: CprArray) -> NDArray[np.datetime64]:
    """Shape (n,), ``datetime64[D]``; ``NaT`` for a bad form, an impossible date or an unknown century."""
    codes = _codes(cpr)
    day, month, yy = _number(codes, 0), _number(codes, 2), _number(codes, 4)
    seventh = codes[:, 6].astype(np.int64) - _ZERO
    day = np.where(day > 60, day - 60, day)
    century = np.full(len(cpr), 1900)
    century[np.isin(seventh, (4, 9)) & (yy <= 36)] = 2000
    late = (seventh >= 5) & (seventh <= 8)
    century[late & (yy <= 57)] = 2000
    century[late & (yy > 57)] = 1800
    return _dates(century + yy, month, day, has_form(cpr) & (seventh >= 0) & (seventh <= 9))


def has_date(cpr: CprArray) -> NDArray[np.bool_]:
    """The first six digits are a day that exists in some century the number allows."""
    codes = _codes(cpr)
    day, month, yy = _number(codes, 0), _number(codes, 2), _number(codes, 4)
    day = np.where(day > 60, day - 60, day)
    # 29 February '00 exists in 2000 alone; with a letter in the seventh place that can't be excluded.
    serial_19xx = _is_digit(codes[:, 6:7])[:, 0] & (codes[:, 6] <= _ZERO + 3)
    year = np.where((yy == 0) & serial_19xx, 1900, 2000 + yy)
    ok: NDArray[np.bool_] = ~np.isnat(_dates(year, month, day, has_form(cpr)))
    return ok


def _dates(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64], ok: NDArray[np.bool_]
) -> NDArray[np.datetime64]:
    ok = ok & (month >= 1) & (month <= 12) & (day >= 1)
    months = (np.where(ok, year, 1970) - 1970) * 12 + np.where(ok, month, 1) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    dates: NDArray[np.datetime64] = first + (np.where(ok, day, 1) - 1).astype("timedelta64[D]")
    dates[~ok | (dates.astype("datetime64[M]").astype(np.int64) != months)] = np.datetime64("NaT")
    return dates


def sex(cpr: CprArray) -> NDArray[np.bytes_]:
    """Shape (n,), ``S1``: ``K`` (even), ``M`` (odd), empty where the last place isn't a digit."""
    last = _codes(cpr)[:, 9]
    letter = np.where(last % 2 == 0, b"K", b"M").astype("S1")
    letter[~(has_form(cpr) & _is_digit(last[:, None])[:, 0])] = b""
    return letter


def passes_modulus_11(cpr: CprArray) -> NDArray[np.bool_]:
    """The weighted sum is a multiple of 11; always False for a number that isn't ten digits."""
    codes = _codes(cpr)
    # Four-digit sums, so 16 bits are enough and four times as fast.
    total = ((codes - np.uint8(_ZERO)).astype(np.int16) * np.asarray(WEIGHTS, np.int16)).sum(axis=1)
    ok: NDArray[np.bool_] = _is_digit(codes).all(axis=1) & (total % 11 == 0)
    return ok
