"""From a release to arrays to draw: one figure per combination of levels, and how well it is known.

A mean is a noisy sum over a noisy count; its 95 % interval is Fieller's (J. R. Stat. Soc. B 16, 1954) for
independent errors. Nothing is drawn that the release doesn't show.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samklang.analyst.release import Release
from samklang.errors import SamklangError

MOST_AXES = 4
_Z95 = 1.959963984540054
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """``levels``: labels in display order."""

    name: str
    label: str
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """What is drawn.

    Attributes:
        axes: in the release's order.
        value, low, high: float64, an axis of the array per axis; NaN where nothing is shown.
        hidden: the release has the cell and doesn't show it.
        document: the release's, for texts.
        measure: the measure's entry in the release, None for counts.
    """

    axes: tuple[Axis, ...]
    value: Floats
    low: Floats
    high: Floats
    hidden: NDArray[np.bool_]
    lang: str
    document: Mapping[str, Any]
    measure: Mapping[str, Any] | None

    @property
    def shown(self) -> NDArray[np.bool_]:
        return np.isfinite(self.value)

    @property
    def half(self) -> Floats:
        """Half of the interval's width."""
        return (self.high - self.low) / 2

    @property
    def relative(self) -> Floats:
        """Half of the interval over the figure: 0 known exactly, 1 and more hardly known."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.half / np.abs(self.value))

    @property
    def vague(self) -> NDArray[np.bool_]:
        """Shown, but the interval reaches as far as the figure itself is large: no colour is due."""
        return np.asarray(self.shown & ~(self.relative < 1))

    def moved(self, order: tuple[int, ...]) -> Figures:
        """The axes in another order."""
        return replace(
            self,
            axes=tuple(self.axes[i] for i in order),
            value=np.transpose(self.value, order),
            low=np.transpose(self.low, order),
            high=np.transpose(self.high, order),
            hidden=np.transpose(self.hidden, order),
        )


def figures(release: Release, lang: str, measure: str | None = None) -> Figures:
    """Read a release.

    Raises:
        SamklangError: ``client-plot-axes``, ``client-plot-measure``.
    """
    document = release.document
    axes = tuple(_axis(axis, lang) for axis in document["axes"])
    if not 1 <= len(axes) <= MOST_AXES:
        raise SamklangError("client-plot-axes", axes=len(axes))
    entry = _measure(document, measure)
    place = [{level["id"]: index for index, level in enumerate(axis["levels"])} for axis in document["axes"]]
    shape = tuple(len(axis.levels) for axis in axes)
    arrays = [np.full(shape, np.nan) for _ in range(3)]
    hidden = np.zeros(shape, bool)
    count_sd = _number(document.get("privacy", {}).get("count_sd", 0))
    for cell in document["cells"]:
        at = tuple(place[i][cell["levels"][axis.name]] for i, axis in enumerate(axes))
        if not cell["shown"]:
            hidden[at] = True
            continue
        found = _count(cell) if entry is None else _mean(cell, entry, document, count_sd)
        if found is None:
            hidden[at] = True
            continue
        for array, figure in zip(arrays, found, strict=True):
            array[at] = figure
    value, low, high = arrays
    whole = Figures(axes, value, low, high, hidden, lang, document, entry)
    return _possible(whole) if document["cells"] else whole


def _possible(found: Figures) -> Figures:
    """Without the levels that no released cell has: what others rule out is no finding."""
    there = found.shown | found.hidden
    for axis in range(len(found.axes)):
        rest = tuple(other for other in range(len(found.axes)) if other != axis)
        kept = np.flatnonzero(there.any(axis=rest))
        levels = tuple(found.axes[axis].levels[i] for i in kept)
        axes = list(found.axes)
        axes[axis] = replace(axes[axis], levels=levels)
        found = replace(
            found,
            axes=tuple(axes),
            value=np.take(found.value, kept, axis),
            low=np.take(found.low, kept, axis),
            high=np.take(found.high, kept, axis),
            hidden=np.take(found.hidden, kept, axis),
        )
        there = found.shown | found.hidden
    return found


def fieller(total: float, total_sd: float, count: float, count_sd: float) -> tuple[float, float] | None:
    """95 % interval of total / count, independent normal errors; None where the count may well be 0."""
    spare = count**2 - (_Z95 * count_sd) ** 2
    if spare <= 0:
        return None
    middle = total * count
    root = math.sqrt(max(0.0, middle**2 - spare * (total**2 - (_Z95 * total_sd) ** 2)))
    return (middle - root) / spare, (middle + root) / spare


def _axis(axis: Mapping[str, Any], lang: str) -> Axis:
    levels = tuple(_label(level, level["id"], lang) for level in axis["levels"])
    return Axis(axis["name"], _label(axis, axis["name"], lang), levels)


def _label(holder: Mapping[str, Any], fallback: str, lang: str) -> str:
    found = holder.get("label") or {}
    return str(found.get(lang) or found.get("en") or fallback)


def _measure(document: Mapping[str, Any], name: str | None) -> Mapping[str, Any] | None:
    if name is None:
        return None
    sums = {m["name"]: m for m in document.get("measures", ()) if m.get("as", "sum") == "sum"}
    if name not in sums:
        raise SamklangError("client-plot-measure", measure=name)
    found: Mapping[str, Any] = sums[name]
    return found


def _count(cell: Mapping[str, Any]) -> tuple[float, float, float]:
    low, high = cell["count_interval"]
    return float(cell["count"]), _number(low), _number(high)


def _mean(
    cell: Mapping[str, Any], entry: Mapping[str, Any], document: Mapping[str, Any], count_sd: float
) -> tuple[float, float, float] | None:
    """Over those who have a value, where the release counts them; else over everybody in the cell."""
    found = cell.get(entry["name"])
    if not found or "sum" not in found:
        return None
    count = float(cell["count"])
    if "count" in found:
        count = _number(found["count"])
        count_sd = next(
            _number(m["sd"]) for m in document["measures"] if (m["name"], m["as"]) == (entry["name"], "count")
        )
    total = _number(found["sum"])
    interval = fieller(total, _number(entry["sd"]), count, count_sd)
    return None if interval is None else (total / count, *interval)


def _number(value: Any) -> float:
    """Decimals stand as texts in a release."""
    return float(value)
