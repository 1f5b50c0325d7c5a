"""Axes and measures as a release describes them: names, labels in both languages, units, bounds, noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from samklang.coordinator.release.readings import Reading
from samklang.model.codebook import Category, Codebook, Interval, Measure, Total
from samklang.protocol.table import Table

__all__ = ["SPECIAL", "axes", "cell_names", "measures"]

SPECIAL = {
    "ABSENT": {"en": "not known there", "da": "ikke kendt der"},
    "PRESENT": {"en": "known there", "da": "kendt der"},
    "MISSING": {"en": "no value", "da": "uoplyst"},
    "START-ONLY": {"en": "first event only", "da": "kun første hændelse"},
    "END-ONLY": {"en": "last event only", "da": "kun sidste hændelse"},
}
"""Labels of the levels that no banding names."""
NEITHER = {"en": "neither event", "da": "ingen af hændelserne"}
"""Of ABSENT on an axis of intervals: nobody there knows a first event of the citizen's, nor a last one."""


def axes(table: Table, codebook: Codebook) -> list[dict[str, Any]]:
    """The visible axes with the levels that released cells have, in display order."""
    out = []
    levels_there = table.cells.levels[table.cells.kept]
    for place in table.shown:
        axis = table.axes[place]
        found = {axis.levels.names[level] for level in np.unique(levels_there[:, place]).tolist()}
        labels = {}
        if axis.banding:
            variable = codebook.variables[axis.name]
            assert isinstance(variable, Category | Total | Interval)
            described = variable.label
            levels = variable.bandings[axis.banding].levels
            labels = {level.id: level.label.model_dump() for level in levels}
            if isinstance(variable, Interval):
                labels["ABSENT"] = NEITHER
        else:
            described = codebook.sectors[axis.name].label
        out.append(
            {
                "name": axis.name,
                "label": described.model_dump(),
                "levels": [
                    {"id": name, "label": labels.get(name) or SPECIAL.get(name, {"en": name, "da": name})}
                    for name in axis.levels.names
                    if name in found
                ],
            }
        )
    return out


def cell_names(table: Table) -> list[dict[str, str]]:
    """Level by visible axis, of every released cell."""
    shown = [(place, table.axes[place]) for place in table.shown]
    levels = table.cells.levels[table.cells.kept].tolist()
    return [{axis.name: axis.levels.names[row[place]] for place, axis in shown} for row in levels]


def measures(codebook: Codebook, found: Sequence[Reading]) -> list[dict[str, Any]]:
    """One entry per measure. ``sd``: of a sum's noise for a given number of citizens, the largest of all
    cells; ``middle``: what values were centred at. A mean is one of values cut to ``clip``, over the
    citizens of a cell or over those ``over`` whom the release counts."""
    out = []
    for reading in found:
        variable = codebook.variables[reading.name]
        assert isinstance(variable, Measure)
        entry: dict[str, Any] = {
            "name": reading.name,
            "as": "count" if reading.count else "sum",
            "label": variable.label.model_dump(),
            "unit": variable.unit.model_dump(),
            "clip": [int(c) for c in variable.clip],
            "sd": f"{float(np.max(reading.sd, initial=0.0)):.4f}",
        }
        if not reading.count:
            entry["over"] = "values" if reading.counted >= 0 else "citizens"
        out.append(entry)
    return out
