"""Axes of a query: which encoding each has, what nodes compute for it, which levels are released."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from samklang.errors import SamklangError
from samklang.model.codebook import Banding, Category, Codebook, Interval, Total
from samklang.model.query import PresenceAxis, VariableAxis
from samklang.protocol import encodings as enc
from samklang.protocol.cells import ANY, NOBODY, ONE, SEVERAL, AxisLevels
from samklang.protocol.program import AxisProgram, Feature, LevelFilter
from samklang.protocol.scope import Scope
from samklang.protocol.units import units_in

MEMBERSHIP = "target_group"
"""Name of the hidden axis; no variable or sector may be called so."""
PRESENT_REQUIRED = "present"


class AxisCompiler:
    """Compiles the axes of one query.

    Raises:
        SamklangError: ``program-not-an-axis``, ``program-too-many-levels``, ``program-table-too-large``.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def axes(self, filtered: Iterable[str]) -> list[AxisProgram]:
        """The query's axes and the hidden ones: membership, and presence at each sector in ``filtered``."""
        query = self.scope.query
        axes = [self._axis(a) for a in query.axes]
        if query.target_group is not None:
            axes.append(self._membership(query.target_group))
        for sector in filtered:
            axes = self._require_present(axes, sector)
        for axis in axes:
            self._check_axis(axis)
        return axes

    def _axis(self, axis: VariableAxis | PresenceAxis) -> AxisProgram:
        if isinstance(axis, PresenceAxis):
            return self._presence(axis.presence, hidden=False)
        variable = self.scope.codebook.variables[axis.variable]
        if isinstance(variable, Category):
            return self._category(axis, variable)
        if isinstance(variable, Total):
            return self._total(axis, variable)
        if isinstance(variable, Interval):
            return self._interval(axis, variable)
        raise SamklangError("program-not-an-axis", variable=axis.variable)

    def _category(self, axis: VariableAxis, variable: Category) -> AxisProgram:
        sector, nodes = variable.sector, self.scope.nodes(variable.sector)
        feature = Feature(axis.variable, "level", axis.banding)
        banding = variable.bandings[axis.banding]
        missing = banding.other is None or variable.default is None
        return self._one_sector(axis, sector, nodes, feature, banding, missing)

    def _one_sector(
        self,
        axis: VariableAxis,
        sector: str,
        nodes: int,
        feature: Feature,
        banding: Banding,
        missing: bool,
    ) -> AxisProgram:
        """An axis whose level one node knows by itself."""
        names = (enc.ABSENT, *(level.id for level in banding.levels), *([enc.MISSING] if missing else []))
        if nodes == 1:
            encoding: enc.Encoding = enc.Local(names)
            presence = (NOBODY, *(ONE for _ in names[1:]))
        else:
            presence = (NOBODY, *(ONE for _ in names[1:]), SEVERAL)
            names = (*names, enc.CONFLICT)
            encoding = enc.Category(names, nodes)
        levels = self._levels(axis.variable, names, {sector: presence})
        return AxisProgram(levels, encoding, {sector: (feature,)}, banding=axis.banding)

    def _total(self, axis: VariableAxis, variable: Total) -> AxisProgram:
        banding = variable.bandings[axis.banding]
        ranges = tuple((level.from_, level.until) for level in banding.levels)
        counts = {s: self.scope.nodes(s) for s in variable.sql}
        nodes = sum(counts.values())
        allowed = sum(min(n, self.scope.manifest.memberships_per_sector) for n in counts.values())
        unbanded = banding.other is None and not _covers(ranges, allowed * variable.clip)
        no_value = variable.default is None
        missing = no_value or unbanded
        if nodes == 1:
            (sector,) = variable.sql
            feature = Feature(axis.variable, "level", axis.banding)
            return self._one_sector(axis, sector, 1, feature, banding, missing)
        names = [enc.ABSENT, *(level.id for level in banding.levels)]
        names += [enc.MISSING] if missing else []
        names += [enc.CONFLICT] if nodes > allowed else []
        other = [level.id for level in banding.levels].index(banding.other) if banding.other else -1
        encoding = enc.Total(
            tuple(names),
            nodes=nodes,
            per_row=self.scope.per_row(variable.sql),
            allowed=allowed,
            clip=_saturation(ranges, variable.clip),
            bands=ranges,
            other=other,
            missing=no_value,
        )
        # A citizen who is absent on this axis is at none of its sectors.
        presence = {s: (NOBODY, *(ANY for _ in names[1:])) for s in counts}
        if len(counts) == 1:
            (sector,) = counts
            pattern = [NOBODY] + [ONE | SEVERAL] * (len(names) - 1)
            if nodes > allowed:
                pattern[-1] = SEVERAL
            if allowed == 1:
                pattern[1 : len(names) - 1] = [ONE] * (len(names) - 2)
            presence = {sector: tuple(pattern)}
        features: dict[str, tuple[Feature, ...]] = {
            s: (Feature(axis.variable, "number"),) for s in variable.sql
        }
        levels = self._levels(axis.variable, tuple(names), presence)
        return AxisProgram(levels, encoding, features, banding=axis.banding)

    def _interval(self, axis: VariableAxis, variable: Interval) -> AxisProgram:
        banding = variable.bandings[axis.banding]
        ranges = tuple((level.from_, level.until) for level in banding.levels)
        start, end = variable.start.sector, variable.end.sector
        span = units_in(self.scope.query.period, variable.unit) - 1
        both = sum({start, end} <= set(served) for served in self.scope.sectors.values())
        if start == end:
            both = self.scope.nodes(start)
        gaps = banding.other is None and not _covers(ranges, span, -span)
        names = [enc.ABSENT, enc.START_ONLY, enc.END_ONLY, *(level.id for level in banding.levels)]
        names += [enc.MISSING] if gaps else []
        names += [enc.CONFLICT] if max(self.scope.nodes(start), self.scope.nodes(end)) > 1 else []
        encoding = enc.Interval(
            tuple(names),
            start_nodes=self.scope.nodes(start),
            end_nodes=self.scope.nodes(end),
            both_nodes=both,
            span=span,
            bands=ranges,
            other=[level.id for level in banding.levels].index(banding.other) if banding.other else -1,
        )
        features: dict[str, tuple[Feature, ...]] = {}
        for side, sector in (("start", start), ("end", end)):
            feature = Feature(axis.variable, "units", side=side)  # type: ignore[arg-type]
            features[sector] = (*features.get(sector, ()), feature)
        levels = self._levels(axis.variable, tuple(names), {})
        return AxisProgram(levels, encoding, features, banding=axis.banding)

    def _presence(self, sector: str, *, hidden: bool) -> AxisProgram:
        levels = self._levels(sector, (enc.ABSENT, enc.PRESENT), {sector: (NOBODY, ONE | SEVERAL)})
        return AxisProgram(levels, enc.Presence(self.scope.nodes(sector)), {sector: ()}, hidden=hidden)

    def _membership(self, group: str) -> AxisProgram:
        parts = self.scope.codebook.target_groups[group].parts
        sectors = list(dict.fromkeys(p.sector for p in parts))
        clauses: dict[str, tuple[tuple[LevelFilter, ...], ...]] = dict.fromkeys(sectors, ())
        for part in parts:
            wanted = tuple(
                LevelFilter(feature, indices(self.scope.codebook, feature, c.levels))
                for c in part.all
                for feature in [Feature(c.variable, "level", c.banding)]
            )
            clauses[part.sector] = (*clauses[part.sector], wanted)
        at_least = self.scope.codebook.target_groups[group].at_least
        presence: dict[str, tuple[int, ...]] = {}
        if len(sectors) == 1:
            presence = {sectors[0]: (ANY, ONE | SEVERAL)}
        levels = AxisLevels(MEMBERSHIP, (enc.OUT, enc.IN), presence, (False, True), (False, False))
        nodes = tuple(self.scope.nodes(s) for s in sectors)
        encoding = enc.Membership(nodes, self.scope.per_row(sectors), at_least)
        return AxisProgram(levels, encoding, dict.fromkeys(sectors, ()), clauses, hidden=True)

    def _levels(self, name: str, names: tuple[str, ...], presence: dict[str, tuple[int, ...]]) -> AxisLevels:
        required = self.scope.query.require.get(name)
        keep = [n != enc.CONFLICT for n in names]
        if required is not None:
            wanted = set(required)
            keep = [
                k and (n in wanted or (PRESENT_REQUIRED in wanted and n != enc.ABSENT))
                for n, k in zip(names, keep, strict=True)
            ]
        return AxisLevels(name, names, presence, tuple(keep), tuple(n == enc.CONFLICT for n in names))

    def _require_present(self, axes: list[AxisProgram], sector: str) -> list[AxisProgram]:
        """A filter at a sector implies presence there: on an axis that tells, else on a hidden one."""
        for index, axis in enumerate(axes):
            pattern = axis.levels.presence.get(sector, (ANY, ANY))
            if not any(p & NOBODY for p in pattern[1:]):
                old = axis.levels
                keep = (False, *old.keep[1:])
                levels = replace(old, keep=keep)
                changed = replace(axis, levels=levels)
                return [*axes[:index], changed, *axes[index + 1 :]]
        hidden = self._presence(sector, hidden=True)
        levels = replace(hidden.levels, name=f"present:{sector}", keep=(False, True))
        return [*axes, replace(hidden, levels=levels)]

    def _check_axis(self, axis: AxisProgram) -> None:
        if len(axis.levels.names) > enc.MAX_LEVELS:
            raise SamklangError("program-too-many-levels", axis=axis.name, levels=len(axis.levels.names))
        if axis.encoding.needs_table:
            largest = max(axis.encoding.modulus(j) for j in range(1, self.scope.largest_group + 1))
            if largest > enc.MAX_MODULUS:
                raise SamklangError(
                    "program-table-too-large", axis=axis.name, words=largest, most=enc.MAX_MODULUS
                )


def indices(codebook: Codebook, feature: Feature, levels: tuple[str, ...]) -> tuple[int, ...]:
    """Where ``levels`` stand in a feature's banding."""
    variable = codebook.variables[feature.variable]
    assert isinstance(variable, Category | Total)
    ids = [level.id for level in variable.bandings[feature.banding].levels]
    return tuple(ids.index(level) for level in levels)


def _covers(ranges: Iterable[tuple[int | None, int | None]], high: int, low: int = 0) -> bool:
    """Whether half-open ranges leave no integer of [low, high] out."""
    reached: float = low
    for start, stop in sorted(ranges, key=lambda r: -float("inf") if r[0] is None else r[0]):
        if start is not None and start > reached:
            return False
        reached = max(reached, float("inf") if stop is None else stop)
    return reached > high


def _saturation(ranges: Iterable[tuple[int | None, int | None]], clip: int) -> int:
    """The largest contribution that can matter: bands are constant from their last edge on, and sums only
    grow, so a node that stops there puts nobody in another band and the truth tables are smaller."""
    edges = [edge for band in ranges for edge in band if edge is not None]
    return max(1, min(clip, max(edges, default=clip)))
