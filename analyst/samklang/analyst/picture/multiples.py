"""Two to four axes: a heat map, or small multiples of it with one scale for all.

A tile shrinks with the width of its 95 % interval, so that what is hardly known is hardly seen. Where the
95 % reach as far as the figure is large the tile is only an outline: its colour would be that of the noise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from samklang.analyst.picture import layout as sizes
from samklang.analyst.picture import legend, style
from samklang.analyst.picture.figures import Figures
from samklang.analyst.picture.layout import Layout


def draw(found: Figures) -> Figure:
    """A heat map for two axes, panels for three, bands of panels for four."""
    with style.saving():
        return _draw(found.moved(sizes.arrangement(found.axes)))


def tile_share(relative: float) -> float:
    """Side of a tile over its place: 0.95 for what is known within 2 %, the least from 50 % on."""
    return float(np.interp(relative, (0.02, 0.50), (0.95, sizes.LEAST)))


def _draw(found: Figures) -> Figure:
    layout = sizes.arranged(found)
    sheet = style.Sheet(found, layout.width, layout.body)
    outer = found.value.shape[:-2]
    for index, (line, place) in zip(np.ndindex(*outer), layout.places(), strict=True):
        down = sheet.top + line * (layout.block + sizes.BETWEEN)
        left = style.MARGIN + layout.labels + place * (layout.wide + sizes.GAP)
        if layout.bands and place == 0:
            last = down + layout.band - 0.14
            sheet.stack(style.MARGIN, last, layout.bands[line], sizes.BAND, weight="bold")
        down += layout.band + layout.caption
        if layout.captions:
            sheet.stack(left, down - 0.11, layout.captions[index[-1]], sizes.NAME, weight="bold")
        _heads(sheet, layout, left, down)
        down += layout.head
        if place == 0:
            _sides(sheet, layout, down)
        _tiles(sheet.axes(left, down, layout.wide, layout.tall), found, index)
    below = sheet.top + layout.body - layout.legend + 0.28
    legend.draw(sheet, found, below, tile_share, layout.tile, layout.row)
    return sheet.figure


def _heads(sheet: style.Sheet, layout: Layout, left: float, down: float) -> None:
    first = down + (style.lines(layout.columns_label) * sizes.LABEL * 1.22 - 2) / 72
    sheet.stack(left, first, layout.columns_label, sizes.LABEL, color=style.GREY)
    for index, label in enumerate(layout.columns):
        middle = left + (index + 0.5) * layout.tile
        sheet.stack(middle, down + layout.head - 0.08, label, sizes.LABEL, ha="center")


def _sides(sheet: style.Sheet, layout: Layout, down: float) -> None:
    right = style.MARGIN + layout.labels - 0.12
    sheet.stack(right, down - 0.08, layout.rows_label, sizes.LABEL, color=style.GREY, ha="right")
    for index, name in enumerate(layout.rows):
        middle = down + (index + 0.5) * layout.row
        sheet.middle(right, middle, name, sizes.NAME, ha="right")


def _tiles(area: Axes, found: Figures, index: tuple[int, ...]) -> None:
    height, width = found.value.shape[-2:]
    norm = style.scale(found)
    area.set_xlim(0, width)
    area.set_ylim(height, 0)
    area.add_patch(Rectangle((0, 0), width, height, facecolor=style.FAINT, edgecolor="none", zorder=0))
    for row, column in np.ndindex(height, width):
        place, x, y = (*index, row, column), column + 0.5, row + 0.5
        if found.hidden[place]:
            legend.hatched(area, x, y, 0.95, int(found.reason[place]))
            continue
        if not found.shown[place]:
            area.text(x, y, "–", size=sizes.NUMBER, color=style.LINE, ha="center", va="center")
            continue
        share, ink = tile_share(float(found.relative[place])), style.GREY
        if found.vague[place]:
            legend.outlined(area, x, y, share)
        else:
            colour = style.SCALE(norm(found.value[place]))
            legend.tile(area, x, y, share, colour)
            ink = style.on_tile(colour)
        number, known = sizes.texts(found, place)
        how: dict[str, Any] = {"color": ink, "ha": "center", "va": "center", "zorder": 3}
        area.text(x, y - 0.11, number, size=sizes.NUMBER, **how)
        area.text(x, y + 0.19, known, size=sizes.SMALL, alpha=0.9, **how)
