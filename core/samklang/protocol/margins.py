"""The margin of a table: fewer or coarser axes, about exactly the citizens in the table's released cells.

Its levels are looked up by one-time tables of their own from the words that travel anyway, so no fine level
is opened for it, nodes send nothing more, and a margin cell always is a union of cells of the table. An axis
that isn't reported by stays, as kept or dropped, only if some of its levels aren't released.
"""

from __future__ import annotations

from collections.abc import Sequence

from samklang.errors import SamklangError
from samklang.model.codebook import Category, Interval, Total
from samklang.model.nesting import merged_levels
from samklang.protocol import encodings as enc
from samklang.protocol.cells import AxisLevels, Cells
from samklang.protocol.measures import MeasureCompiler
from samklang.protocol.program import AxisProgram, Margin, MergedAxis
from samklang.protocol.scope import Scope

LEAST_MERGED = 20
"""Released cells of the table per cell of the margin, on average: with fewer, adding up does as well."""

KEPT, DROPPED = "KEPT", "DROPPED"
_MADE = (enc.ABSENT, enc.START_ONLY, enc.END_ONLY)
"""Levels that no banding names, before the banding's."""


def compile_margin(
    scope: Scope, axes: Sequence[AxisProgram], cells: Cells, measures: MeasureCompiler
) -> Margin:
    """Compile the query's ``report_by``.

    Raises:
        SamklangError: ``program-margin-too-fine``, ``program-margin-levels``, ``program-too-many-cells``.
    """
    place = {axis.name: i for i, axis in enumerate(axes) if not axis.hidden}
    merged: list[MergedAxis] = []
    columns: list[int] = []

    def add(axis: MergedAxis) -> None:
        columns.append(len(axes) + len(merged))
        merged.append(axis)

    for use in scope.query.report_by:
        source = place.pop(use.axis)
        if use.banding in (None, axes[source].banding):
            columns.append(source)
        else:
            assert use.banding is not None
            add(_coarser(scope, axes[source], source, use.banding))
    shown = len(columns)
    for index, axis in enumerate(axes):
        if axis.hidden:
            columns.append(index)
        elif axis.name in place and not all(axis.levels.keep):
            add(_gate(axis, index))
    every = [*(a.levels for a in axes), *(m.levels for m in merged)]
    found = Cells([every[c] for c in columns])
    if len(cells.kept) < LEAST_MERGED * len(found.kept):
        raise SamklangError(
            "program-margin-too-fine",
            cells=len(cells.kept),
            margin=len(found.kept),
            least=LEAST_MERGED,
        )
    sources = [c if c < len(axes) else -1 for c in columns]
    return Margin(
        tuple(merged), tuple(columns), tuple(range(shown)), found, measures.measures(sources, found)
    )


def _coarser(scope: Scope, axis: AxisProgram, source: int, banding: str) -> MergedAxis:
    """``axis`` in a banding that merges its levels."""
    variable = scope.codebook.variables[axis.name]
    assert isinstance(variable, Category | Total | Interval)
    into = merged_levels(variable, variable.bandings[axis.banding], variable.bandings[banding])
    if into is None:
        raise SamklangError("program-margin-levels", axis=axis.name, banding=banding)
    used = set(into.values())
    bands = [level.id for level in variable.bandings[banding].levels if level.id in used]
    before = [n for n in _MADE if n in axis.levels.names]
    after = [n for n in (enc.MISSING, enc.CONFLICT) if n in axis.levels.names]
    names = (*before, *bands, *after)
    merge = tuple(names.index(into.get(n, n)) for n in axis.levels.names)
    levels = _merged(axis.levels, names, merge)
    if levels is None:
        raise SamklangError("program-margin-levels", axis=axis.name, banding=banding)
    return MergedAxis(levels, source, merge, banding)


def _gate(axis: AxisProgram, source: int) -> MergedAxis:
    """Whether a citizen's level of ``axis`` is released. Level 0 is where ABSENT, and so the padding, is."""
    keep = axis.levels.keep
    names = (KEPT, DROPPED) if keep[0] else (DROPPED, KEPT)
    merge = tuple(int(k != keep[0]) for k in keep)
    levels = _merged(axis.levels, names, merge)
    assert levels is not None
    return MergedAxis(levels, source, merge)


def _merged(old: AxisLevels, names: tuple[str, ...], merge: tuple[int, ...]) -> AxisLevels | None:
    """The merged axis's levels; None if released and other levels would become one."""
    keep: list[bool | None] = [None] * len(names)
    presence = {sector: [0] * len(names) for sector in old.presence}
    for level, into in enumerate(merge):
        if keep[into] not in (None, old.keep[level]):
            return None
        keep[into] = old.keep[level]
        for sector, pattern in old.presence.items():
            presence[sector][into] |= pattern[level]
    return AxisLevels(
        old.name,
        names,
        {sector: tuple(pattern) for sector, pattern in presence.items()},
        tuple(bool(k) for k in keep),
        tuple(name == enc.CONFLICT for name in names),
    )
