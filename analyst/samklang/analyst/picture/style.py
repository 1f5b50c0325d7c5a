"""The look: one scale from light to dark, ink, fonts, and the frame of title, subtitle and footnote.

All measures are in inches from the top left corner; :class:`Sheet` turns them into figure coordinates, so
that tiles and letters keep their size whatever the number of cells.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, Normalize, PowerNorm
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from samklang.analyst.picture import words
from samklang.analyst.picture.figures import Figures
from samklang.errors.figures import decimals

INK, GREY, LINE, FAINT = "#1d2430", "#5d6673", "#c9ced6", "#f4f5f7"
SCALE = LinearSegmentedColormap.from_list(
    "samklang", ["#e9edf0", "#c3d3de", "#8fb0c6", "#5688ab", "#2b5f8a", "#153c63", "#0a1f3b"]
)
"""Lightness falls evenly from end to end."""
HATCHES = ("////", "xxxx", "..")
"""By reason why a cell isn't shown: told apart by their form, in grey too."""
FONT: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "hatch.linewidth": 0.7,
    "hatch.color": "#aab2bd",
    "svg.hashsalt": "samklang",
    "svg.fonttype": "path",
}
MARGIN, NARROWEST = 0.45, 8.4
_TITLE, _SUBTITLE, _NOTE = 15.0, 10.0, 7.8


class Picture(Figure):
    """A figure that a notebook shows without pyplot."""

    def _repr_png_(self) -> bytes:
        out = BytesIO()
        with saving():
            self.savefig(out, format="png", dpi=110)
        return out.getvalue()


def saving() -> AbstractContextManager[None]:
    """The settings that a figure is drawn and written under; hatches are read when it is written."""
    found: AbstractContextManager[None] = mpl.rc_context(FONT)
    return found


def scale(found: Figures) -> Normalize:
    """From figures to [0, 1]; the root for counts, which are skewed."""
    values = found.value[found.shown & ~found.vague]
    if found.measure is None:
        return PowerNorm(0.5, vmin=0.0, vmax=float(values.max(initial=1.0)))
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    low = min(low, 0.0) if low < 0.4 * high else low - 0.15 * (high - low)
    return Normalize(vmin=low, vmax=high if high > low else low + 1.0)


def on_tile(colour: Any) -> str:
    """Ink that can be read on a tile (relative luminance of WCAG 2)."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    luminance = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    return "white" if luminance < 0.24 else INK


@lru_cache(maxsize=4096)
def inches(text: str, size: float, weight: str = "normal") -> float:
    """Width of one line of text."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    # Hinting at low resolution widens small letters by a few per cent.
    return 1.05 * float(width) / 72


def wrapped(text: str, width: float, size: float, weight: str = "normal") -> str:
    """``text`` in lines of at most ``width`` inches; a word that is wider alone is broken."""
    out: list[str] = []
    line = ""
    for word in text.split(" "):
        tried = f"{line} {word}" if line else word
        if inches(tried, size, weight) <= width:
            line = tried
            continue
        if line:
            out.append(line)
        line = word
        while inches(line, size, weight) > width and len(line) > 4:
            end = len(line) - 1
            while end > 3 and inches(line[:end] + "-", size, weight) > width:
                end -= 1
            out.append(line[:end] + "-")
            line = line[end:]
    return "\n".join([*out, line])


def lines(text: str) -> int:
    return text.count("\n") + 1


class Sheet:
    """A page ``width`` inches wide; ``body`` inches are left between the heading and the footnote.

    Attributes:
        top: where the body begins, in inches from the top.
        figure: what is drawn on.
    """

    def __init__(self, found: Figures, width: float, body: float) -> None:
        self.width = max(width, NARROWEST)
        inside = self.width - 2 * MARGIN
        title = wrapped(_title(found), inside, _TITLE, "bold")
        subtitle = wrapped(_subtitle(found), inside, _SUBTITLE)
        note = wrapped(_note(found), inside, _NOTE)
        heading = 0.24 * lines(title) + 0.07 + 0.18 * lines(subtitle)
        self.top = MARGIN * 0.85 + heading + 0.26
        foot = 0.14 * lines(note)
        self.height = self.top + body + 0.14 + foot + MARGIN * 0.7
        self.figure = Picture(figsize=(self.width, self.height), facecolor="white")
        FigureCanvasAgg(self.figure)
        down = MARGIN * 0.85
        self.text(MARGIN, down, title, size=_TITLE, weight="bold", va="top", linespacing=1.2)
        down += 0.24 * lines(title) + 0.07
        self.text(MARGIN, down, subtitle, size=_SUBTITLE, color=GREY, va="top", linespacing=1.3)
        self.text(
            MARGIN, self.height - MARGIN * 0.7, note, size=_NOTE, color=GREY, va="bottom", linespacing=1.3
        )

    def text(self, left: float, down: float, text: str, **how: Any) -> None:
        """Text at a place in inches."""
        how = {"color": INK, "ha": "left"} | how
        self.figure.text(left / self.width, 1 - down / self.height, text, **how)

    def stack(self, left: float, down: float, text: str, size: float, **how: Any) -> None:
        """Lines whose last one has its baseline at ``down``: labels side by side stay level."""
        for above, line in enumerate(reversed(text.split("\n"))):
            self.text(left, down - above * size * 1.22 / 72, line, size=size, va="baseline", **how)

    def middle(self, left: float, down: float, text: str, size: float, **how: Any) -> None:
        """Lines around ``down``, whatever letters stand in them."""
        last = down + (lines(text) - 1) * size * 1.22 / 144 + size * 0.36 / 72
        self.stack(left, last, text, size, **how)

    def axes(self, left: float, down: float, width: float, height: float) -> Axes:
        """A drawing area, without frame and ticks."""
        box = (
            left / self.width,
            1 - (down + height) / self.height,
            width / self.width,
            height / self.height,
        )
        area = self.figure.add_axes(box)
        area.set_xticks([])
        area.set_yticks([])
        for side in area.spines.values():
            side.set_visible(False)
        return area


def _title(found: Figures) -> str:
    title = found.document.get("title") or {}
    given = title.get(found.lang) or title.get("en")
    return str(given) if given else words.by_axes([axis.label for axis in found.axes], found.lang)


def _subtitle(found: Figures) -> str:
    what = words.say(found.lang, "citizens")
    if found.measure is not None:
        label = found.measure.get("label") or {}
        what = words.say(found.lang, "mean", label=label.get(found.lang) or found.measure["name"])
    period = found.document.get("period")
    if not period:
        return what
    return f"{what}, {words.period(period['from'], period['until'], found.lang)}"


def _note(found: Figures) -> str:
    lang, document = found.lang, found.document
    privacy = document.get("privacy") or {}
    parts = []
    if found.measure is not None:
        parts.append(words.say(lang, "noise-mean"))
        low, high = found.measure.get("clip", (None, None))
        if high is not None:
            unit = (found.measure.get("unit") or {}).get(lang, "")
            limits = {"low": words.number(low, lang), "high": words.number(high, lang)}
            parts.append(words.say(lang, "clip", unit=unit, **limits))
    elif "count_95" in privacy:
        half = float(privacy["count_95"])
        parts.append(words.say(lang, "noise", half=words.number(half, lang, 0 if half >= 10 else 1)))
    if found.near:
        parts.append(words.say(lang, "near"))
    cells = int((found.shown | found.hidden).sum())
    parts.append(words.say(lang, "shown", shown=int(found.shown.sum()), cells=cells))
    if "epsilon" in privacy:
        delta = words.power(privacy.get("delta", "0"))
        epsilon = decimals(privacy["epsilon"], "da" if lang == "da" else "en")
        parts.append(words.say(lang, "privacy", epsilon=epsilon, delta=delta))
    return " ".join(parts)
