"""From documents to a program: which words travel, which levels they mean, what they cost.

Every party compiles for itself, from the analyst's signed query and the signed manifest and codebook.
The documents are taken to have passed :mod:`samklang.model.checks`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from samklang.errors import SamklangError
from samklang.model.codebook import Banding, Category, Codebook, Interval, Measure, Total
from samklang.model.manifest import Manifest
from samklang.model.query import Draft, PresenceAxis, VariableAxis
from samklang.privacy.accounting import rho_from_epsilon
from samklang.privacy.budget import allocate
from samklang.privacy.sensitivity import Bounds
from samklang.protocol import encodings as enc
from samklang.protocol.cells import ANY, NOBODY, ONE, SEVERAL, AxisLevels, Cells
from samklang.protocol.program import AxisProgram, Feature, LevelFilter, MeasureProgram, Program
from samklang.protocol.units import units_in

MEMBERSHIP = "target_group"
"""Name of the hidden axis; no variable or sector may be called so."""
PRESENT_REQUIRED = "present"
_BIGGEST_SUM = 1 << 40


def compile_query(manifest: Manifest, codebook: Codebook, query: Draft) -> Program:
    """Compile ``query``.

    Raises:
        SamklangError: ``program-too-few-nodes``, ``program-too-many-cells``, ``program-too-many-levels``,
            ``program-table-too-large``, ``program-sum-too-large``, ``program-no-cells``.
    """
    return _Compiler(manifest, codebook, query).program()


class _Compiler:
    def __init__(self, manifest: Manifest, codebook: Codebook, query: Draft) -> None:
        self.manifest, self.codebook, self.query = manifest, codebook, query
        touched = self._touched_sectors()
        chosen = [n for n in manifest.nodes if query.nodes is None or n.id in query.nodes]
        self.sectors = {
            n.id: tuple(s for s in n.sectors if s in touched) for n in chosen if touched & set(n.sectors)
        }
        if len(self.sectors) < 2:
            raise SamklangError("program-too-few-nodes", nodes=len(self.sectors))
        self.largest_group = min(len(self.sectors), len(touched) * manifest.memberships_per_sector)

    def _touched_sectors(self) -> set[str]:
        touched: set[str] = set()
        for axis in self.query.axes:
            touched |= {axis.presence} if isinstance(axis, PresenceAxis) else self._suppliers(axis.variable)
        for use in self.query.measures:
            touched |= self._suppliers(use.variable)
        for kept in self.query.filter:
            touched |= self._suppliers(kept.variable)
        if self.query.target_group is not None:
            touched |= {p.sector for p in self.codebook.target_groups[self.query.target_group].parts}
        return touched

    def _suppliers(self, variable: str) -> set[str]:
        found = self.codebook.variables[variable]
        if isinstance(found, Category):
            return {found.sector}
        if isinstance(found, Interval):
            return {found.start.sector, found.end.sector}
        return set(found.sql)

    def nodes(self, sector: str) -> int:
        """Nodes of a sector, as many as one citizen's group can hold rows of."""
        return min(sum(sector in served for served in self.sectors.values()), self.largest_group)

    def per_row(self, sectors: Iterable[str]) -> int:
        """Most of these sectors that one node serves."""
        wanted = set(sectors)
        return max(len(wanted & set(served)) for served in self.sectors.values())

    def program(self) -> Program:
        axes = [self._axis(a) for a in self.query.axes]
        if self.query.target_group is not None:
            axes.append(self._membership(self.query.target_group))
        filters: dict[str, list[LevelFilter]] = {}
        for kept in self.query.filter:
            (sector,) = self._suppliers(kept.variable)
            feature = Feature(kept.variable, "level", kept.banding)
            filters.setdefault(sector, []).append(LevelFilter(feature, self._indices(feature, kept.levels)))
        for sector in filters:
            axes = self._require_present(axes, sector)
        for axis in axes:
            self._check_axis(axis)
        measures = tuple(self._measure(u.variable, u.as_ == "count", axes) for u in self.query.measures)
        cells = Cells([a.levels for a in axes])
        privacy = self.query.privacy
        return Program(
            inputs=tuple(self.sectors),
            compute=self.manifest.compute_parties,
            linker=self.manifest.coordinator.id,
            sectors=self.sectors,
            filters={s: tuple(f) for s, f in filters.items()},
            axes=tuple(axes),
            measures=measures,
            cells=cells,
            noise=allocate(
                rho_from_epsilon(privacy.epsilon, privacy.delta),
                nodes=len(self.sectors),
                # One size more than a citizen's group may have: who is held by too many nodes stands
                # there, and that class is padded like the others.
                k_max=self.largest_group + 1,
                cells=cells.opened,
                measures=[m.bounds for m in measures],
            ),
            largest_group=self.largest_group,
        )

    def _axis(self, axis: VariableAxis | PresenceAxis) -> AxisProgram:
        if isinstance(axis, PresenceAxis):
            return self._presence(axis.presence, hidden=False)
        variable = self.codebook.variables[axis.variable]
        if isinstance(variable, Category):
            return self._category(axis, variable)
        if isinstance(variable, Total):
            return self._total(axis, variable)
        if isinstance(variable, Interval):
            return self._interval(axis, variable)
        raise SamklangError("program-not-an-axis", variable=axis.variable)

    def _category(self, axis: VariableAxis, variable: Category) -> AxisProgram:
        sector, nodes = variable.sector, self.nodes(variable.sector)
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
        counts = {s: self.nodes(s) for s in variable.sql}
        nodes = sum(counts.values())
        allowed = sum(min(n, self.manifest.memberships_per_sector) for n in counts.values())
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
            per_row=self.per_row(variable.sql),
            allowed=allowed,
            clip=variable.clip,
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
        span = units_in(self.query.period, variable.unit) - 1
        both = sum({start, end} <= set(served) for served in self.sectors.values())
        if start == end:
            both = self.nodes(start)
        gaps = banding.other is None and not _covers(ranges, span, -span)
        names = [enc.ABSENT, enc.START_ONLY, enc.END_ONLY, *(level.id for level in banding.levels)]
        names += [enc.MISSING] if gaps else []
        names += [enc.CONFLICT] if max(self.nodes(start), self.nodes(end)) > 1 else []
        encoding = enc.Interval(
            tuple(names),
            start_nodes=self.nodes(start),
            end_nodes=self.nodes(end),
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
        return AxisProgram(levels, enc.Presence(self.nodes(sector)), {sector: ()}, hidden=hidden)

    def _membership(self, group: str) -> AxisProgram:
        parts = self.codebook.target_groups[group].parts
        sectors = list(dict.fromkeys(p.sector for p in parts))
        clauses: dict[str, tuple[tuple[LevelFilter, ...], ...]] = dict.fromkeys(sectors, ())
        for part in parts:
            wanted = tuple(
                LevelFilter(feature, self._indices(feature, c.levels))
                for c in part.all
                for feature in [Feature(c.variable, "level", c.banding)]
            )
            clauses[part.sector] = (*clauses[part.sector], wanted)
        at_least = self.codebook.target_groups[group].at_least
        presence: dict[str, tuple[int, ...]] = {}
        if len(sectors) == 1:
            presence = {sectors[0]: (ANY, ONE | SEVERAL)}
        levels = AxisLevels(MEMBERSHIP, (enc.OUT, enc.IN), presence, (False, True), (False, False))
        encoding = enc.Membership(tuple(self.nodes(s) for s in sectors), self.per_row(sectors), at_least)
        return AxisProgram(levels, encoding, dict.fromkeys(sectors, ()), clauses, hidden=True)

    def _levels(self, name: str, names: tuple[str, ...], presence: dict[str, tuple[int, ...]]) -> AxisLevels:
        required = self.query.require.get(name)
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

    def _indices(self, feature: Feature, levels: tuple[str, ...]) -> tuple[int, ...]:
        variable = self.codebook.variables[feature.variable]
        assert isinstance(variable, Category | Total)
        ids = [level.id for level in variable.bandings[feature.banding].levels]
        return tuple(ids.index(level) for level in levels)

    def _check_axis(self, axis: AxisProgram) -> None:
        if len(axis.levels.names) > enc.MAX_LEVELS:
            raise SamklangError("program-too-many-levels", axis=axis.name, levels=len(axis.levels.names))
        if axis.encoding.needs_table:
            largest = max(axis.encoding.modulus(j) for j in range(1, self.largest_group + 1))
            if largest > enc.MAX_MODULUS:
                raise SamklangError(
                    "program-table-too-large", axis=axis.name, words=largest, most=enc.MAX_MODULUS
                )

    def _measure(self, name: str, count: bool, axes: list[AxisProgram]) -> MeasureProgram:
        variable = self.codebook.variables[name]
        if not isinstance(variable, Measure):
            raise SamklangError("program-not-a-measure", variable=name)
        low, high = (0, 1) if count else (c * variable.scale for c in variable.clip)
        suppliers = min(
            sum(self._suppliers_in_released(s, axes) for s in variable.sql),
            self.largest_group * self.per_row(variable.sql),
        )
        if max(abs(low), abs(high)) * suppliers >= _BIGGEST_SUM:
            raise SamklangError("program-sum-too-large", variable=name)
        features = {s: Feature(name, "measure") for s in variable.sql}
        return MeasureProgram(
            name, count, features, Bounds(low, high, suppliers), 1 if count else variable.scale
        )

    def _suppliers_in_released(self, sector: str, axes: list[AxisProgram]) -> int:
        """How many nodes of a sector may hold a citizen who stands in a released cell: 1 where an axis
        lets released cells have at most one, else as many as a group can have."""
        nodes = self.nodes(sector)
        for axis in axes:
            pattern = axis.levels.presence.get(sector)
            if pattern is None:
                continue
            if not any(p & SEVERAL for p, keep in zip(pattern, axis.levels.keep, strict=True) if keep):
                return 1
            if isinstance(axis.encoding, enc.Total) and enc.CONFLICT in axis.levels.names:
                nodes = min(nodes, axis.encoding.allowed)
        return nodes


def _covers(ranges: Iterable[tuple[int | None, int | None]], high: int, low: int = 0) -> bool:
    """Whether half-open ranges leave no integer of [low, high] out."""
    reached: float = low
    for start, stop in sorted(ranges, key=lambda r: -float("inf") if r[0] is None else r[0]):
        if start is not None and start > reached:
            return False
        reached = max(reached, float("inf") if stop is None else stop)
    return reached > high
