"""Sizes of a heat map or of small multiples, worked out from the texts before anything is drawn.

All in inches. Rows are the axis with most levels, columns the last of the others; what is left are panels
(side by side) and, with four axes, bands of panels (one below the other).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from samklang.analyst.picture import legend, style, words
from samklang.analyst.picture.figures import Axis, Figures

GAP, BETWEEN = 0.32, 0.42
WIDEST = 15.0
"""What panels may take side by side before they continue below, where there are three axes."""
LEAST = 0.68
"""A tile's side over its place where least is known; its numbers fit even then."""
NUMBER, SMALL, LABEL, NAME, BAND = 9.0, 6.4, 8.5, 9.0, 10.5
"""Sizes of letters, in points."""
_LINE = 1.22 / 72


@dataclass(frozen=True)
class Layout:
    """Attributes:
    tile, row: width and height of one place.
    labels: of the column of row labels.
    head: from the panel's title (or the top) to the first row.
    caption, band: heights of a panel's and of a band's title, 0 where there is none.
    across, below: panels side by side, and lines of panels.
    wide, tall: a panel's tiles.
    columns_label, rows_label, columns, rows, captions, bands: texts, wrapped.
    legend: height of the line below the panels.
    """

    tile: float
    row: float
    labels: float
    head: float
    caption: float
    band: float
    across: int
    below: int
    wide: float
    tall: float
    columns_label: str
    rows_label: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    captions: tuple[str, ...]
    bands: tuple[str, ...]
    legend: float

    @property
    def width(self) -> float:
        return 2 * style.MARGIN + self.labels + self.across * self.wide + (self.across - 1) * GAP

    @property
    def block(self) -> float:
        """Height of one line of panels."""
        return self.band + self.caption + self.head + self.tall

    @property
    def body(self) -> float:
        """Everything between heading and footnote."""
        return self.below * self.block + (self.below - 1) * BETWEEN + self.legend

    def places(self) -> Iterator[tuple[int, int]]:
        """(line, place in the line) of every panel in the order of its levels."""
        panels = max(len(self.captions), 1) * max(len(self.bands), 1)
        for panel in range(panels):
            yield divmod(panel, self.across)


def arrangement(axes: tuple[Axis, ...]) -> tuple[int, ...]:
    """Which axes become (bands, panels, rows, columns); the first two where there are as many."""
    sizes = [len(axis.levels) for axis in axes]
    rows = sizes.index(max(sizes))
    others = [i for i in range(len(axes)) if i != rows]
    return (*others[:-1], rows, others[-1])


def arranged(found: Figures) -> Layout:
    """The layout of figures whose axes are in the order of :func:`arrangement`."""
    rows, columns = found.axes[-2:]
    panels = len(found.axes[-3].levels) if len(found.axes) > 2 else 1
    names = tuple(style.wrapped(level, 2.3, NAME) for level in rows.levels)
    labels = max(_widest(names, NAME), min(1.3, style.inches(rows.label, LABEL))) + 0.2
    tile = _tile(found, columns)
    if len(found.axes) == 2:
        spare = style.NARROWEST - 2 * style.MARGIN - labels
        tile = max(tile, min(1.8, spare / len(columns.levels)))
    wide = tile * len(columns.levels)
    # Few narrow columns under a long title: the places grow, not the title.
    wide = max(wide, 1.7)
    tile = wide / len(columns.levels)
    across = panels
    if len(found.axes) == 3:
        fitting = max(1, int((WIDEST - labels + GAP) // (wide + GAP)))
        # As many in each line: three and three, not four and two.
        across = -(-panels // -(-panels // fitting))
    bands = len(found.axes[0].levels) if len(found.axes) == 4 else -(-panels // across)
    heads = tuple(style.wrapped(level, tile - 0.08, LABEL) for level in columns.levels)
    above, beside = style.wrapped(columns.label, wide, LABEL), style.wrapped(rows.label, labels - 0.12, LABEL)
    captions = _titles(found.axes[-3], wide, NAME) if len(found.axes) > 2 else ()
    page = max(labels + across * (wide + GAP) - GAP, style.NARROWEST - 2 * style.MARGIN)
    bands_titles = _titles(found.axes[0], page, BAND) if len(found.axes) == 4 else ()
    row = max(0.47, _lines(names) * NAME * _LINE + 0.06)
    return Layout(
        tile=tile,
        row=row,
        labels=labels,
        head=max(
            (style.lines(above) + _lines(heads)) * LABEL * _LINE + 0.16,
            style.lines(beside) * LABEL * _LINE + 0.10,
        ),
        caption=_lines(captions) * NAME * _LINE + 0.12 if captions else 0.0,
        band=_lines(bands_titles) * BAND * _LINE + 0.16 if bands_titles else 0.0,
        across=across,
        below=bands,
        wide=wide,
        tall=row * len(rows.levels),
        columns_label=above,
        rows_label=beside,
        columns=heads,
        rows=names,
        captions=captions,
        bands=bands_titles,
        legend=legend.height(found),
    )


def texts(found: Figures, place: tuple[int, ...]) -> tuple[str, str]:
    """What stands in a shown place: the figure, and how well it is known."""
    value, half = float(found.value[place]), float(found.half[place])
    digits = 0 if found.measure is None else words.decimals(float(np.nanmax(np.abs(found.value))))
    number = words.number(value, found.lang, digits)
    if not found.even(place):
        ends = (words.number(float(a[place]), found.lang, digits) for a in (found.low, found.high))
        return number, "–".join(ends)
    if found.measure is None:
        return number, words.percent(float(found.relative[place]), found.lang)
    return number, "±" + words.number(half, found.lang, digits)


def _tile(found: Figures, columns: Axis) -> float:
    """Wide enough for the columns' words, within reason, and for every number."""
    word = max(style.inches(word, LABEL) for level in columns.levels for word in level.split(" "))
    need = max(0.86, min(1.6, word + 0.14))
    for place in np.argwhere(found.shown):
        number, known = texts(found, tuple(place.tolist()))
        inside = max(style.inches(number, NUMBER), style.inches(known, SMALL))
        need = max(need, (inside + 0.06) / LEAST)
    return need


def _titles(axis: Axis, width: float, size: float) -> tuple[str, ...]:
    return tuple(style.wrapped(f"{axis.label}: {level}", width, size, "bold") for level in axis.levels)


def _lines(labels: tuple[str, ...]) -> int:
    return max(map(style.lines, labels))


def _widest(labels: tuple[str, ...], size: float) -> float:
    return max(style.inches(line, size) for label in labels for line in label.split("\n"))
