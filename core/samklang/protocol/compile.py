"""From documents to a program: which words travel, which levels they mean, what they cost.

Every party compiles for itself, from the analyst's signed query and the signed manifest and codebook.
The documents are taken to have passed :mod:`samklang.model.checks`.
"""

from __future__ import annotations

from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.model.query import Draft
from samklang.privacy.accounting import rho_from_epsilon
from samklang.privacy.budget import allocate
from samklang.protocol.axes import AxisCompiler, indices
from samklang.protocol.cells import Cells
from samklang.protocol.margins import compile_margin
from samklang.protocol.measures import MeasureCompiler
from samklang.protocol.program import Feature, LevelFilter, Program
from samklang.protocol.scope import Scope


def compile_query(manifest: Manifest, codebook: Codebook, query: Draft) -> Program:
    """Compile ``query``.

    Raises:
        SamklangError: ``program-too-few-nodes``, ``program-too-many-cells``, ``program-too-many-levels``,
            ``program-table-too-large``, ``program-sum-too-large``, ``program-no-cells``,
            ``program-margin-too-fine``, ``program-margin-levels``.
    """
    scope = Scope(manifest, codebook, query)
    filters = _filters(scope)
    axes = AxisCompiler(scope).axes(filters)
    cells = Cells([a.levels for a in axes])
    compiler = MeasureCompiler(scope, axes)
    measures = compiler.measures(range(len(axes)), cells)
    margin = compile_margin(scope, axes, cells, compiler) if query.report_by else None
    return Program(
        inputs=tuple(scope.sectors),
        compute=manifest.compute_parties,
        linker=manifest.coordinator.id,
        sectors=scope.sectors,
        filters=filters,
        axes=tuple(axes),
        words=tuple(compiler.words),
        measures=measures,
        cells=cells,
        margin=margin,
        noise=allocate(
            rho_from_epsilon(query.privacy.epsilon, query.privacy.delta),
            nodes=len(scope.sectors),
            # One size more than a citizen's group may have: who is held by too many nodes stands
            # there, and that class is padded like the others.
            k_max=scope.largest_group + 1,
            cells=cells.opened,
            measures=[m.bounds for m in measures],
            margin=(margin.cells.opened, [m.bounds for m in margin.measures]) if margin else None,
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
