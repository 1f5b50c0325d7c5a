"""From documents to a program: which words travel, which levels they mean, what they cost.

Every party compiles for itself, from the analyst's signed query and the signed manifest and codebook.
The documents are taken to have passed :mod:`samklang.model.checks`.
"""

from __future__ import annotations

from collections.abc import Sequence

from samklang.errors import SamklangError
from samklang.model.codebook import Codebook, Measure
from samklang.model.manifest import Manifest
from samklang.model.query import Draft
from samklang.privacy.accounting import rho_from_epsilon
from samklang.privacy.budget import allocate
from samklang.privacy.sensitivity import Bounds
from samklang.protocol import encodings as enc
from samklang.protocol.axes import AxisCompiler, indices
from samklang.protocol.cells import SEVERAL, Cells
from samklang.protocol.program import AxisProgram, Feature, LevelFilter, MeasureProgram, Program
from samklang.protocol.scope import Scope

_BIGGEST_SUM = 1 << 40


def compile_query(manifest: Manifest, codebook: Codebook, query: Draft) -> Program:
    """Compile ``query``.

    Raises:
        SamklangError: ``program-too-few-nodes``, ``program-too-many-cells``, ``program-too-many-levels``,
            ``program-table-too-large``, ``program-sum-too-large``, ``program-no-cells``.
    """
    scope = Scope(manifest, codebook, query)
    filters = _filters(scope)
    axes = AxisCompiler(scope).axes(filters)
    measures = tuple(_measure(scope, u.variable, u.as_ == "count", axes) for u in query.measures)
    cells = Cells([a.levels for a in axes])
    return Program(
        inputs=tuple(scope.sectors),
        compute=manifest.compute_parties,
        linker=manifest.coordinator.id,
        sectors=scope.sectors,
        filters=filters,
        axes=tuple(axes),
        measures=measures,
        cells=cells,
        noise=allocate(
            rho_from_epsilon(query.privacy.epsilon, query.privacy.delta),
            nodes=len(scope.sectors),
            # One size more than a citizen's group may have: who is held by too many nodes stands
            # there, and that class is padded like the others.
            k_max=scope.largest_group + 1,
            cells=cells.opened,
            measures=[m.bounds for m in measures],
        ),
        largest_group=scope.largest_group,
    )


def _filters(scope: Scope) -> dict[str, tuple[LevelFilter, ...]]:
    filters: dict[str, tuple[LevelFilter, ...]] = {}
    for kept in scope.query.filter:
        (sector,) = scope.suppliers(kept.variable)
        feature = Feature(kept.variable, "level", kept.banding)
        wanted = LevelFilter(feature, indices(scope.codebook, feature, kept.levels))
        filters[sector] = (*filters.get(sector, ()), wanted)
    return filters


def _measure(scope: Scope, name: str, count: bool, axes: Sequence[AxisProgram]) -> MeasureProgram:
    variable = scope.codebook.variables[name]
    if not isinstance(variable, Measure):
        raise SamklangError("program-not-a-measure", variable=name)
    low, high = (0, 1) if count else (c * variable.scale for c in variable.clip)
    suppliers = min(
        sum(_suppliers_in_released(scope, s, axes) for s in variable.sql),
        scope.largest_group * scope.per_row(variable.sql),
    )
    if max(abs(low), abs(high)) * suppliers >= _BIGGEST_SUM:
        raise SamklangError("program-sum-too-large", variable=name)
    features = {s: Feature(name, "measure") for s in variable.sql}
    return MeasureProgram(name, count, features, Bounds(low, high, suppliers), 1 if count else variable.scale)


def _suppliers_in_released(scope: Scope, sector: str, axes: Sequence[AxisProgram]) -> int:
    """How many nodes of a sector may hold a citizen who stands in a released cell: 1 where an axis
    lets released cells have at most one, else as many as a group can have."""
    nodes = scope.nodes(sector)
    for axis in axes:
        pattern = axis.levels.presence.get(sector)
        if pattern is None:
            continue
        if not any(p & SEVERAL for p, keep in zip(pattern, axis.levels.keep, strict=True) if keep):
            return 1
        if isinstance(axis.encoding, enc.Total) and enc.CONFLICT in axis.levels.names:
            nodes = min(nodes, axis.encoding.allowed)
    return nodes
