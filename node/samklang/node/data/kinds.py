"""What a query makes of a variable's value, as Ibis expressions: level, number, units, measure.

An expression is NULL where the citizen has no value. Beside it stands a flag for what is worth counting at
the node (clipped, fits no level). Decimals stay decimals: nothing here passes through binary floats unless
the codebook's SQL itself returned one, and then it is rounded to nine decimals first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from samklang.errors import SamklangError
from samklang.model.codebook import Banding, Level
from samklang.model.query import Period
from samklang.protocol.units import Unit, unit_start

_DIGITS = 38
"""Of the engine's widest decimal."""
_FLOAT_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Made:
    """``value``: integer expression; ``flag``: boolean expression, counted under ``counted_as``."""

    value: Any
    flag: Any
    counted_as: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands, for errors."""

    variable: str
    sector: str

    def wrong_type(self, found: Any, wanted: str) -> SamklangError:
        return SamklangError(
            "node-variable-type", variable=self.variable, sector=self.sector, found=str(found), wanted=wanted
        )


def is_whole(kind: Any) -> bool:
    """Integers, and the decimals without places that sums of integers are."""
    return bool(kind.is_integer() or (kind.is_decimal() and kind.scale == 0))


def filled(value: Any, default: str | int | None, place: Place) -> Any:
    """``default`` for the citizens of the population who have no value."""
    if default is None:
        return value
    kind = value.type()
    fits = kind.is_string() if isinstance(default, str) else kind.is_numeric() or kind.is_boolean()
    if not fits:
        raise place.wrong_type(kind, f"the default {default!r}")
    return ibis.coalesce(value, ibis.literal(default).cast(kind))


def level(value: Any, banding: Banding, place: Place) -> Made:
    """Index of the level in the banding's order; -1 where no level takes the value."""
    kind = value.type()
    if kind.is_date() or kind.is_timestamp():
        value, kind = value.cast("date").cast("string"), dt.string
    other = -1
    cases = []
    for index, each in enumerate(banding.levels):
        if each.id == banding.other:
            other = index
        if (test := _fits(value, kind, each, place)) is not None:
            cases.append((test, ibis.literal(index, "int16")))
    unfit = ibis.literal(-1, "int16")
    found = ibis.cases(*cases, else_=unfit) if cases else unfit
    with_other = ibis.ifelse(found == -1, ibis.literal(other, "int16"), found) if other >= 0 else found
    known = value.notnull()
    return Made(
        ibis.ifelse(known, with_other, ibis.null("int16")).cast("int16"), known & (found == -1), "no-level"
    )


def _fits(value: Any, kind: Any, each: Level, place: Place) -> Any:
    if each.values is not None:
        if kind.is_string():
            values: list[Any] = [str(v).lower() if isinstance(v, bool) else str(v) for v in each.values]
        elif kind.is_boolean():
            values = [v for v in each.values if isinstance(v, bool)]
        elif is_whole(kind):
            values = [v for v in each.values if isinstance(v, int) and not isinstance(v, bool)]
        else:
            values = []
        if len(values) != len(each.values):
            raise place.wrong_type(kind, f"the values of the level {each.id!r}")
        return value.isin(values)
    if each.from_ is None and each.until is None:
        return None
    if not kind.is_numeric():
        raise place.wrong_type(kind, f"the range of the level {each.id!r}")
    tests = [value >= each.from_] if each.from_ is not None else []
    tests += [value < each.until] if each.until is not None else []
    return tests[0] if len(tests) == 1 else tests[0] & tests[1]


def number(value: Any, clip: int, place: Place) -> Made:
    """A whole number clipped to [0, ``clip``]."""
    if value.type().is_boolean():
        value = value.cast("int64")
    if not is_whole(value.type()):
        raise place.wrong_type(value.type(), "a whole number")
    clipped = ibis.least(ibis.greatest(value, 0), clip)
    # least and greatest skip NULL, so a citizen without value would become 0.
    kept = ibis.ifelse(value.notnull(), clipped.cast("int32"), ibis.null("int32"))
    return Made(kept, (value < 0) | (value > clip), "clipped")


def units(value: Any, unit: Unit, period: Period, place: Place) -> Made:
    """Day or calendar week of a date in the half-open period, from 0; NULL outside."""
    kind = value.type()
    if not (kind.is_date() or kind.is_timestamp()):
        raise place.wrong_type(kind, "a date")
    day = value.cast("date")
    inside = (day >= ibis.date(period.from_.isoformat())) & (day < ibis.date(period.until.isoformat()))
    start = ibis.date(unit_start(period, unit).isoformat())
    days = day.delta(start, unit="day")
    found = days if unit == "day" else (days - days % 7) / 7
    index = ibis.ifelse(inside, found.cast("int32"), ibis.null("int32"))
    return Made(index, day.notnull() & ~inside, "outside-period")


def measure(value: Any, clip: tuple[int, int], scale: int, place: Place) -> Made:
    """round-half-even(value · scale), clipped to clip · scale: int64."""
    low, high = clip
    kind = value.type()
    if not kind.is_numeric():
        raise place.wrong_type(kind, "a number")
    if kind.is_floating():
        value = ibis.ifelse(value.isnan(), ibis.null(kind), value)
    outside = (value < low) | (value > high)
    known = value.notnull()
    clipped = ibis.least(ibis.greatest(value, low), high)
    if is_whole(kind):
        scaled = clipped.cast("int64") * scale
    else:
        decimals = _FLOAT_DECIMALS if kind.is_floating() else int(kind.scale)
        places = len(str(scale))
        # Wide enough for the product too: Ibis gives a product the type of its first factor.
        width = len(str(max(abs(low), abs(high)))) + decimals + places
        if width + places > _DIGITS:
            raise place.wrong_type(kind, "a decimal with fewer places")
        scaled = _half_even(
            clipped.cast(dt.Decimal(width, decimals)) * ibis.literal(scale, dt.Decimal(places, 0))
        )
    return Made(ibis.ifelse(known, scaled.cast("int64"), ibis.null("int64")), outside, "clipped")


def _half_even(exact: Any) -> Any:
    """A decimal to the nearest integer, halves to the even one; exact, so not by the engine's ``round``."""
    below = exact.floor().cast("int64")
    rest = exact - below
    half = ibis.literal("0.5").cast(dt.Decimal(2, 1))
    up = (rest > half) | ((rest == half) & (below % 2 != 0))
    return below + up.cast("int64")
