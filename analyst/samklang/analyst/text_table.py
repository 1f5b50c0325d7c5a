"""Tables for a terminal: columns that fit its width, and figures with what is known of them.

A table that is too wide first breaks its headings, then its labels, and at last comes in several parts, each
with the labels again. Nothing is ever cut off.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from samklang.errors import Language
from samklang.errors.figures import decimals

__all__ = ["WIDTH", "estimate", "lay_out", "number"]

WIDTH: Final = 100
"""Columns where there is no terminal to ask."""
NO_BREAK: Final = "\u00a0"
"""Holds words of a heading together; printed as a space."""
_GAP: Final = 2

Row = Sequence[str]


def number(value: float, lang: Language, digits: int = 0) -> str:
    """1,234.5 in English, 1.234,5 in Danish."""
    return decimals(f"{value:,.{digits}f}", lang)


def estimate(value: float, low: float, high: float, lang: Language, *, digits: int | None = None) -> str:
    """``120 ±18``; where the interval isn't symmetric, from end to end: ``30 (12 to 48)``.

    With as many ``digits`` behind the point as the interval leaves any sense in, unless they are given; empty
    if ``value`` isn't finite.
    """
    if not math.isfinite(value):
        return ""
    below, above = value - low, high - value
    half = max(below, above)
    if digits is None:
        whole, width = all(float(end).is_integer() for end in (value, low, high)), (high - low) / 2
        digits = 0 if whole or width >= 10 else 1 if width >= 1 else 2
    shown = number(value, lang, digits)
    if abs(above - below) <= 0.1 * half:
        return f"{shown} ±{number(half, lang, digits)}"
    to = "til" if lang == "da" else "to"
    return f"{shown} ({number(low, lang, digits)} {to} {number(high, lang, digits)})"


def lay_out(header: Row, rows: Sequence[Row], left: int, width: int = WIDTH) -> str:
    """``header``, a rule and ``rows`` in at most ``width`` columns, if words and figures are that narrow.

    Args:
        left: how many columns from the left are labels, which may be broken and are repeated in every part;
            the others are figures, to the right.
    """
    lines = [header, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    figures = {
        i: max([_longest(header[i]), *(len(row[i]) for row in rows)]) for i in range(left, len(header))
    }
    labels = {i: max(_longest(line[i]) for line in lines) for i in range(left)}
    _narrow(widths, figures, width)
    if _total(widths) > width and _total([*labels.values(), *figures.values()]) > width:
        # It comes in parts: the labels of each leave room for the widest figure.
        room = max(width - _GAP - max(figures.values(), default=0), 0)
        held = widths[:left]
        _narrow(held, labels, room)
        widths[:left] = held
    else:
        _narrow(widths, labels, width)
    parts = [*_parts(widths, left, width)]
    return "\n\n".join("\n".join(_part(header, rows, widths, left, columns)) for columns in parts)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _longest(text: str) -> int:
    """The longest word; what a no-break space holds together is one."""
    return max(map(len, text.split(" ")), default=0)


def _narrow(widths: list[int], least: Mapping[int, int], width: int) -> None:
    """Take from the widest of the columns in ``least``, down to that, as much as it takes for all to fit."""
    while _total(widths) > width:
        wider = [i for i, narrowest in least.items() if widths[i] > narrowest]
        if not wider:
            return
        widths[max(wider, key=lambda i: widths[i])] -= 1


def _parts(widths: Sequence[int], left: int, width: int) -> Iterator[list[int]]:
    """The columns of each part: the labels, and as many figures as fit, but at least one."""
    labels = [*range(left)]
    columns = labels[:]
    for i in range(left, len(widths)):
        if len(columns) > left and _total([widths[j] for j in [*columns, i]]) > width:
            yield columns
            columns = labels[:]
        columns.append(i)
    yield columns


def _part(
    header: Row, rows: Sequence[Row], widths: Sequence[int], left: int, columns: Sequence[int]
) -> Iterator[str]:
    yield from _lines(header, widths, left, columns, bottom=True)
    yield "-" * _total([widths[i] for i in columns])
    for row in rows:
        yield from _lines(row, widths, left, columns, bottom=False)


def _lines(
    row: Row, widths: Sequence[int], left: int, columns: Sequence[int], *, bottom: bool
) -> Iterator[str]:
    """One row, in as many lines as its highest cell has; ``bottom``: lower cells stand at the lower end."""
    cells = []
    for i in columns:
        broken = textwrap.wrap(row[i], max(widths[i], 1), break_long_words=False, break_on_hyphens=False)
        cells.append(broken or [""])
    height = max(map(len, cells))
    padded = [[*[""] * (height - len(c)), *c] if bottom else [*c, *[""] * (height - len(c))] for c in cells]
    for texts in zip(*padded, strict=True):
        parts = (
            text.ljust(widths[i]) if i < left else text.rjust(widths[i])
            for i, text in zip(columns, texts, strict=True)
        )
        yield (" " * _GAP).join(parts).rstrip().replace(NO_BREAK, " ")
