"""From a release to arrays to draw: one figure per combination of levels, and how well it is known.

Figures and intervals are the release's own. Nothing is drawn that the release doesn't show; what it doesn't
show is told apart by the reason that it gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samklang.analyst.labels import axis_label, level_labels
from samklang.analyst.release import Release
from samklang.errors import SamklangError

MOST_AXES = 4
REASONS = ("below-threshold", "secondary", "not-estimable")
"""Why a cell isn't shown, or its mean."""
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
        reason: why the release has the cell and doesn't show it: 1 + position in :data:`REASONS`, else 0.
        document: the release's, for texts.
        measure: the measure's entry in the release, None for counts.
    """

    axes: tuple[Axis, ...]
    value: Floats
    low: Floats
    high: Floats
    reason: NDArray[np.int8]
    lang: str
    document: Mapping[str, Any]
    measure: Mapping[str, Any] | None

    @property
    def shown(self) -> NDArray[np.bool_]:
        return np.isfinite(self.value)

    @property
    def hidden(self) -> NDArray[np.bool_]:
        """The release has the cell and doesn't show it."""
        return self.reason > 0

    @property
    def half(self) -> Floats:
        """From the figure to the farther end of its interval."""
        return np.maximum(self.high - self.value, self.value - self.low)

    def even(self, place: tuple[int, ...]) -> bool:
        """Both ends are as far from the figure, as far as one would print it."""
        value, low, high = (float(a[place]) for a in (self.value, self.low, self.high))
        return abs((high - value) - (value - low)) <= 0.1 * max(high - value, value - low)

    @property
    def relative(self) -> Floats:
        """Half of the interval over the figure: 0 known exactly, 1 and more hardly known."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.half / np.abs(self.value))

    @property
    def vague(self) -> NDArray[np.bool_]:
        """Shown, but the interval reaches as far as the figure itself is large: no colour is due."""
        return np.asarray(self.shown & ~(self.relative < 1))

    @property
    def near(self) -> bool:
        """Some of the counts have intervals that hold given that the cell is shown."""
        return any(cell.get("count_basis") == "given-shown" for cell in self.document["cells"])

    def moved(self, order: tuple[int, ...]) -> Figures:
        """The axes in another order."""
        return replace(
            self,
            axes=tuple(self.axes[i] for i in order),
            value=np.transpose(self.value, order),
            low=np.transpose(self.low, order),
            high=np.transpose(self.high, order),
            reason=np.transpose(self.reason, order),
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
    reason = np.zeros(shape, np.int8)
    for cell in document["cells"]:
        at = tuple(place[i][cell["levels"][axis.name]] for i, axis in enumerate(axes))
        found = (_count(cell) if entry is None else _mean(cell, entry["name"])) if cell["shown"] else None
        if found is None:
            reason[at] = 1 + REASONS.index(_reason(cell, entry))
            continue
        for array, figure in zip(arrays, found, strict=True):
            array[at] = figure
    value, low, high = arrays
    whole = Figures(axes, value, low, high, reason, lang, document, entry)
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
            reason=np.take(found.reason, kept, axis),
        )
        there = found.shown | found.hidden
    return found


def _axis(axis: Mapping[str, Any], lang: str) -> Axis:
    names = level_labels([axis], lang)[axis["name"]]
    return Axis(axis["name"], axis_label(axis, lang), tuple(names[level["id"]] for level in axis["levels"]))


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


def _mean(cell: Mapping[str, Any], measure: str) -> tuple[float, float, float] | None:
    """None where the release says that it isn't known."""
    found = cell.get(measure) or {}
    if found.get("mean") is None:
        return None
    low, high = map(_number, found["mean_interval"])
    # The estimate itself isn't cut to what is possible; a picture shows what is.
    return min(max(_number(found["mean"]), low), high), low, high


def _reason(cell: Mapping[str, Any], entry: Mapping[str, Any] | None) -> str:
    found = cell.get("reason", REASONS[0])
    if cell["shown"] and entry is not None:
        found = (cell.get(entry["name"]) or {}).get("mean_reason", REASONS[2])
    return found if found in REASONS else REASONS[0]


def _number(value: Any) -> float:
    """Decimals stand as texts in a release."""
    return float(value)
