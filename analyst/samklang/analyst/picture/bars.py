"""One axis: a bar per level with its 95 % interval; a hatched one up to the threshold where none is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from samklang.analyst.picture import style, words
from samklang.analyst.picture.figures import REASONS, Figures

_ROW, _LABELS, _WIDTH = 0.42, 2.6, 8.4

_COLOUR = style.SCALE(0.62)


def draw(found: Figures) -> Figure:
    """Bars from the top in the order of the levels."""
    with style.saving():
        return _draw(found)


def _draw(found: Figures) -> Figure:
    (axis,) = found.axes
    labels = [style.wrapped(level, _LABELS, 9) for level in axis.levels]
    heights = np.maximum(_ROW, 0.155 * np.asarray([style.lines(label) for label in labels]) + 0.16)
    tall = float(heights.sum())
    sheet = style.Sheet(found, _WIDTH, tall + 0.34)
    threshold = float(found.document.get("threshold") or 0)
    widest = max(style.inches(line, 9) for label in labels for line in label.split("\n"))
    left, top = style.MARGIN + widest + 0.14, sheet.top + 0.34
    heading = style.wrapped(axis.label, sheet.width - 2 * style.MARGIN, 9, "bold")
    sheet.text(style.MARGIN, sheet.top, heading, size=9, weight="bold", va="top")
    room = sheet.width - style.MARGIN - left
    low, high = _limits(found, threshold)
    per_inch = (high - low) / (room - 1.15)
    area = sheet.axes(left, top, room, tall)
    area.set_xlim(low, low + per_inch * room)
    area.set_ylim(tall, 0)
    area.axvline(0, color=style.LINE, linewidth=1)
    digits = 0 if found.measure is None else words.decimals(float(np.nanmax(found.value, initial=0.0)))
    look: dict[str, Any]
    down = 0.0
    for index, label in enumerate(labels):
        middle, thick = down + float(heights[index]) / 2, 0.26
        sheet.middle(left - 0.12, top + middle, label, 9, ha="right")
        if found.shown[index]:
            value, start, end = (float(a[index]) for a in (found.value, found.low, found.high))
            look = (
                {"facecolor": "white", "edgecolor": style.LINE} if found.vague[index] else {"color": _COLOUR}
            )
            area.barh(middle, value, thick, zorder=2, **look)
            _whisker(area, middle, (start, end), (low, high))
            text = words.number(value, found.lang, digits)
            at = max(min(end, high), value, 0.0) + 0.08 * per_inch
            area.text(at, middle, text, va="center_baseline", color=style.INK, size=9)
            half = "±" + words.number(float(found.half[index]), found.lang, digits)
            if not found.even((index,)):
                half = "–".join(words.number(end, found.lang, digits) for end in (start, end))
            at += (style.inches(text, 9) + 0.07) * per_inch
            area.text(at, middle, half, va="center_baseline", color=style.GREY, size=7.5)
        elif found.hidden[index]:
            end = threshold if found.measure is None else 0.5 * per_inch
            reason = int(found.reason[index])
            hatch = style.HATCHES[reason - 1]
            look = {"facecolor": "white", "edgecolor": style.LINE, "hatch": hatch}
            area.barh(middle, end, thick, linewidth=0.8, **look)
            least = words.number(threshold, found.lang)
            text = words.say(found.lang, f"{REASONS[reason - 1]}-here", threshold=least)
            area.text(end + 0.08 * per_inch, middle, text, va="center", color=style.GREY, size=8)
        else:
            text = words.say(found.lang, "none")
            area.text(0.08 * per_inch, middle, text, va="center", color=style.GREY, size=8)
        down += float(heights[index])
    return sheet.figure


def _whisker(area: Axes, middle: float, interval: tuple[float, float], limits: tuple[float, float]) -> None:
    """The interval with a cap at each end; an end beyond the limits is cut off there and has none."""
    start, end = max(interval[0], limits[0]), min(interval[1], limits[1])
    strokes = [([start, end], [middle, middle])]
    strokes += [
        ([place, place], [middle - 0.05, middle + 0.05])
        for place, wanted in zip((start, end), interval, strict=True)
        if place == wanted
    ]
    for xs, ys in strokes:
        # A light edge under the dark line: it is seen on the bar and beside it.
        area.plot(xs, ys, color="white", linewidth=3.0, zorder=3, solid_capstyle="butt")
    for xs, ys in strokes:
        area.plot(xs, ys, color=style.INK, linewidth=1.3, zorder=4, solid_capstyle="butt")


def _limits(found: Figures, threshold: float) -> tuple[float, float]:
    """Both ends of what bars and whiskers need; what is hardly known doesn't squeeze the rest."""
    known = found.shown & ~found.vague
    known = known if known.any() else found.shown
    high = float(np.max(found.high[known], initial=0.0))
    high = max(high, float(np.max(found.value[found.shown], initial=0.0)))
    if found.measure is None and found.hidden.any():
        high = max(high, threshold)
    return min(0.0, float(np.min(found.low[known], initial=0.0))), max(high, 1e-9)
