"""The line below the panels: the scale, what the size of a tile means, what hatching means."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from samklang.analyst.picture import style, words
from samklang.analyst.picture.figures import REASONS, Figures

_HEIGHT, _KEY = 0.86, 0.34
_EXAMPLES = (0.02, 0.20, 0.50)


def tile(area: Axes, x: float, y: float, share: float, colour: Any) -> None:
    """A coloured tile with its middle at (x, y), in units of one place."""
    _box(area, x, y, share, facecolor=colour, edgecolor="none", zorder=2)


def hatched(area: Axes, x: float, y: float, share: float, reason: int) -> None:
    """A tile for what isn't shown, by the reason why (see :data:`figures.REASONS`)."""
    hatch = style.HATCHES[reason - 1]
    _box(area, x, y, share, facecolor="white", edgecolor=style.LINE, hatch=hatch, linewidth=0.6)


def outlined(area: Axes, x: float, y: float, share: float) -> None:
    """A tile for a figure that says little."""
    _box(area, x, y, share, facecolor="white", edgecolor=style.LINE, linewidth=0.8, zorder=2)


def _box(area: Axes, x: float, y: float, share: float, **look: Any) -> None:
    """A square place's tile; its edge is drawn whole, also at the border of ``area``."""
    corner = (x - share / 2, y - share / 2)
    area.add_patch(Rectangle(corner, share, share, clip_on=False, **look))


def draw(
    sheet: style.Sheet,
    found: Figures,
    down: float,
    share: Callable[[float], float],
    wide: float,
    tall: float,
) -> None:
    """``share`` gives the size of a tile by its relative uncertainty; ``wide``, ``tall``: a place, inches."""
    place = (min(wide * 0.42, 0.55), tall * 0.62)
    left = _scale(sheet, found, style.MARGIN, down) + 0.4
    left = _certainty(sheet, found, left, down, share, place) + 0.35
    found_keys = keys(found)
    # One below the other: two fit beside the scale on the narrowest sheet.
    tall_key = place[1] if len(found_keys) == 1 else 0.22
    room = sheet.width - style.MARGIN - left - place[0] - 0.08
    for line, (paint, text) in enumerate(found_keys):
        below = down + line * _KEY - (0.06 if len(found_keys) > 1 else 0.0)
        area = sheet.axes(left, below, place[0], tall_key)
        area.set_xlim(0, 1)
        area.set_ylim(1, 0)
        paint(area)
        label = style.wrapped(text, min(room, 2.4), 7.5)
        sheet.middle(left + place[0] + 0.08, below + tall_key / 2, label, 7.5, color=style.GREY)


def keys(found: Figures) -> list[tuple[Callable[[Axes], None], str]]:
    """What needs an explanation: the kinds of tiles without a colour that the picture has."""
    threshold = words.number(float(found.document.get("threshold") or 0), found.lang)
    out: list[tuple[Callable[[Axes], None], str]] = []
    for index, reason in enumerate(REASONS, start=1):
        if (found.reason == index).any():
            text = words.say(found.lang, reason, threshold=threshold)
            out.append((partial(hatched, x=0.5, y=0.5, share=0.95, reason=index), text))
    if found.vague.any():
        out.append((partial(outlined, x=0.5, y=0.5, share=0.95), words.say(found.lang, "vague")))
    return out


def height(found: Figures) -> float:
    """Of the whole line below the panels."""
    return _HEIGHT + _KEY * max(0, len(keys(found)) - 2)


def _scale(sheet: style.Sheet, found: Figures, left: float, down: float) -> float:
    norm, width, height = style.scale(found), 1.75, 0.16
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 1.0)
    area = sheet.axes(left, down, width, height)
    values = np.linspace(low, high, 256)
    area.imshow(np.asarray(norm(values))[None, :], aspect="auto", cmap=style.SCALE, vmin=0, vmax=1)
    ticks = [t for t in MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high) if low <= t <= high]
    digits = 0 if all(float(t).is_integer() for t in ticks) else words.decimals(high)
    for tick in ticks:
        at = left + width * (tick - low) / (high - low)
        text = words.number(float(tick), found.lang, digits)
        sheet.text(at, down + height + 0.05, text, size=7.5, color=style.GREY, ha="center", va="top")
    return left + width


def _certainty(
    sheet: style.Sheet,
    found: Figures,
    left: float,
    down: float,
    share: Callable[[float], float],
    place: tuple[float, float],
) -> float:
    wide, tall = place
    text = words.say(found.lang, "certainty")
    text = style.wrapped(text, 0.8, 7.5)
    sheet.middle(left, down + tall / 2, text, 7.5, color=style.GREY)
    left += max(style.inches(line, 7.5) for line in text.split("\n")) + 0.1
    for example in _EXAMPLES:
        area = sheet.axes(left, down, wide, tall)
        area.set_xlim(0, 1)
        area.set_ylim(1, 0)
        tile(area, 0.5, 0.5, share(example), style.SCALE(0.55))
        label = words.percent(example, found.lang)
        sheet.text(
            left + wide / 2, down + tall + 0.05, label, size=7.5, color=style.GREY, ha="center", va="top"
        )
        left += wide + 0.08
    return left
