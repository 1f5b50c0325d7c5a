"""Two to four axes: a heat map, or small multiples of it with one scale for all.

Rows are the axis with most levels, columns the last of the others; what is left are panels (side by side)
and rows of panels. A tile shrinks with the width of its 95 % interval, so that what is hardly known is
hardly seen; it never shrinks below what its numbers need.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from samklang.analyst.picture import legend, style, words
from samklang.analyst.picture.figures import Axis, Figures

WIDEST = 15.0
"""Inches that panels may take side by side before they continue below, where there are three axes."""
_TALL, _GAP, _BETWEEN = 0.47, 0.32, 0.42


@dataclass(frozen=True)
class Layout:
    """Sizes in inches: a tile, the column of row labels, the line of column labels."""

    tile: float
    labels: float
    head: float
    panels: int
    columns: tuple[str, ...]
    rows: tuple[str, ...]


def draw(found: Figures) -> Figure:
    """A heat map for two axes, panels for three, rows of panels for four."""
    with style.saving():
        return _draw(found.moved(arrangement(found.axes)))


def arrangement(axes: tuple[Axis, ...]) -> tuple[int, ...]:
    """Which axes become (rows of panels, panels, rows, columns); the first two where there are as many."""
    sizes = [len(axis.levels) for axis in axes]
    rows = sizes.index(max(sizes))
    others = [i for i in range(len(axes)) if i != rows]
    return (*others[:-1], rows, others[-1])


def tile_share(relative: float) -> float:
    """Side of a tile over its place: 0.95 for what is known within 2 %, 0.68 from 50 % on."""
    return float(np.interp(relative, (0.02, 0.50), (0.95, 0.68)))


def _draw(found: Figures) -> Figure:
    rows, columns = found.axes[-2:]
    layout = _layout(found, rows, columns)
    outer = found.value.shape[:-2]
    bands = outer[0] if len(outer) == 2 else 1
    panels = outer[-1] if outer else 1
    across = panels if len(outer) == 2 else min(panels, layout.panels)
    below = bands if len(outer) == 2 else -(-panels // across)
    wide, tall = layout.tile * len(columns.levels), _TALL * len(rows.levels)
    caption = _caption(found, wide) if outer else 0.0
    above = caption + layout.head
    band_title = 0.34 if len(outer) == 2 else 0.0
    block = band_title + above + tall
    width = 2 * style.MARGIN + layout.labels + across * wide + (across - 1) * _GAP
    body = below * block + (below - 1) * _BETWEEN + legend.HEIGHT
    sheet = style.Sheet(found, width, body)
    for index in np.ndindex(*outer) if outer else [()]:
        if len(outer) == 2:
            line, place = index
        else:
            line, place = divmod(index[0], across) if outer else (0, 0)
        down = sheet.top + line * (block + _BETWEEN)
        left = style.MARGIN + layout.labels + place * (wide + _GAP)
        if len(outer) == 2 and place == 0:
            label = f"{found.axes[0].label}: {found.axes[0].levels[line]}"
            sheet.text(style.MARGIN, down + 0.02, label, size=10.5, weight="bold", va="top")
        down += band_title
        if outer:
            axis = found.axes[-3]
            title = style.wrapped(f"{axis.label}: {axis.levels[index[-1]]}", wide, 9, "bold")
            sheet.stack(left, down + caption - 0.12, title, 9, weight="bold")
            down += caption
        _heads(sheet, layout, columns, left, down)
        if place == 0:
            _sides(sheet, layout, rows, down + layout.head)
        area = sheet.axes(left, down + layout.head, wide, tall)
        _tiles(area, found, index, layout)
    legend.draw(sheet, found, sheet.top + body - legend.HEIGHT + 0.28, tile_share, layout.tile, _TALL)
    return sheet.figure


def _layout(found: Figures, rows: Axis, columns: Axis) -> Layout:
    panels = int(np.prod(found.value.shape[:-2]))
    word = max(style.inches(word, 8.5) for level in columns.levels for word in level.split(" "))
    names = tuple(style.wrapped(level, 2.3, 9) for level in rows.levels)
    widest = max(style.inches(line, 9) for name in names for line in name.split("\n"))
    labels = max(widest, min(1.1, style.inches(rows.label, 8.5))) + 0.2
    tile = max(0.86, min(1.6, word + 0.14))
    if panels == 1:
        spare = style.NARROWEST - 2 * style.MARGIN - labels
        tile = max(tile, min(1.8, spare / len(columns.levels)))
    heads = tuple(style.wrapped(level, tile - 0.08, 8.5) for level in columns.levels)
    head = 0.145 * max(map(style.lines, heads)) + 0.08 + 0.20
    wide = tile * len(columns.levels)
    fitting = max(1, int((WIDEST - labels + _GAP) // (wide + _GAP)))
    # As many in each line: three and three, not four and two.
    return Layout(tile, labels, head, -(-panels // -(-panels // fitting)), heads, names)


def _caption(found: Figures, wide: float) -> float:
    """Height of the panels' titles."""
    axis = found.axes[-3]
    titles = [style.wrapped(f"{axis.label}: {level}", wide, 9, "bold") for level in axis.levels]
    return 0.155 * max(map(style.lines, titles)) + 0.14


def _heads(sheet: style.Sheet, layout: Layout, columns: Axis, left: float, down: float) -> None:
    sheet.text(left, down, columns.label, size=8.5, color=style.GREY, va="top")
    for index, label in enumerate(layout.columns):
        middle = left + (index + 0.5) * layout.tile
        sheet.stack(middle, down + layout.head - 0.08, label, 8.5, ha="center")


def _sides(sheet: style.Sheet, layout: Layout, rows: Axis, down: float) -> None:
    right = style.MARGIN + layout.labels - 0.12
    label = style.wrapped(rows.label, layout.labels, 8.5)
    sheet.stack(right, down - 0.08, label, 8.5, color=style.GREY, ha="right")
    for index, name in enumerate(layout.rows):
        middle = down + (index + 0.5) * _TALL
        sheet.middle(right, middle, name, 9, ha="right")


def _tiles(area: Axes, found: Figures, index: tuple[int, ...], layout: Layout) -> None:
    value, hidden = found.value[index], found.hidden[index]
    half, relative, norm = found.half[index], found.relative[index], style.scale(found)
    vague, digits = found.vague[index], 0
    if found.measure is not None:
        digits = words.decimals(float(np.nanmax(np.abs(found.value), initial=0.0)))
    height, width = value.shape
    area.set_xlim(0, width)
    area.set_ylim(height, 0)
    area.add_patch(Rectangle((0, 0), width, height, facecolor=style.FAINT, edgecolor="none", zorder=0))
    for row, column in np.ndindex(height, width):
        x, y = column + 0.5, row + 0.5
        if hidden[row, column]:
            legend.hatched(area, x, y, 0.95)
        elif np.isfinite(value[row, column]):
            share = tile_share(float(relative[row, column]))
            if vague[row, column]:
                legend.outlined(area, x, y, share)
                ink = style.GREY
            else:
                colour = style.SCALE(norm(value[row, column]))
                legend.tile(area, x, y, share, colour)
                ink = style.on_tile(colour)
            known = (
                words.percent(float(relative[row, column]), found.lang)
                if found.measure is None
                else "±" + words.number(float(half[row, column]), found.lang, digits)
            )
            number = words.number(float(value[row, column]), found.lang, digits)
            area.text(x, y - 0.11, number, size=9, color=ink, ha="center", va="center", zorder=3)
            area.text(x, y + 0.19, known, size=6.4, color=ink, ha="center", va="center", zorder=3, alpha=0.9)
        else:
            area.text(x, y, "–", size=9, color=style.LINE, ha="center", va="center")
