"""Measures of a query: which word a node sends for each, and what a citizen can add to a cell's sum.

*Centring.* Where a released number says how many values a cell has, the word is 2x - (lo + hi): whole
numbers also where lo + hi is odd, at most hi - lo large, so that [0, hi] needs half of the noise. (x - mid
in half units is the same number.) An absent citizen adds 0 and would read as the midpoint; therefore

- by ``citizens``: in every released cell, the levels fix at how many of the measure's nodes a citizen is.
  A citizen without a value adds the word of the value 0, which the sum means;
- by ``values``: the query asks for the count of the same measure's values too. No value adds 0 and isn't
  counted, so it doesn't matter who is present. Preferred where a citizen may be present without a value.

*Bounds by level.* Where an axis has the banding that the measure's ``clip_by`` names, and one node decides
its level, the node clips, and centres, by that level, and each cell has its own reach and noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from samklang.errors import SamklangError
from samklang.model.codebook import Measure
from samklang.privacy.sensitivity import Bounds
from samklang.protocol import encodings as enc
from samklang.protocol.cells import ONE, SEVERAL, Cells
from samklang.protocol.program import AxisProgram, Feature, MeasureProgram, MeasureWord
from samklang.protocol.scope import Scope

_BIGGEST_SUM = 1 << 40

Clip = tuple[tuple[int, int], ...]


class MeasureCompiler:
    """Compiles the measures of one query's tables; ``words`` collects the words that they need, each once.

    Raises:
        SamklangError: ``program-not-a-measure``, ``program-sum-too-large``.
    """

    def __init__(self, scope: Scope, axes: Sequence[AxisProgram]) -> None:
        self.scope, self.axes = scope, axes
        self.words: list[MeasureWord] = []
        self._counted = {use.variable for use in scope.query.measures if use.as_ == "count"}

    def measures(self, sources: Sequence[int], cells: Cells) -> tuple[MeasureProgram, ...]:
        """The query's measures in a table.

        Args:
            sources: which of the query's axes stands, unchanged, at each place of the table's axes; -1
                where it was merged.
            cells: the table's cells.
        """
        return tuple(
            self._count(use.variable) if use.as_ == "count" else self._sum(use.variable, sources, cells)
            for use in self.scope.query.measures
        )

    def _sum(self, name: str, sources: Sequence[int], cells: Cells) -> MeasureProgram:
        variable = self._variable(name)
        axis = self._deciding_axis(variable)
        clip, by, unknown = self._clip(variable, axis)
        centred = self._centred(name, variable, cells)
        # A value that isn't there is the value 0 where citizens are counted.
        held = tuple(_with_zero(c) if centred == "citizens" else c for c in clip)
        # Cells that merge several levels have one centre, that of the whole bounds.
        place = sources.index(axis) if axis >= 0 and axis in sources else -1
        if place < 0:
            held = held[:1] * len(clip)
        word = MeasureWord(
            name=name,
            count=False,
            features=_features(name, variable),
            scale=variable.scale,
            clip=clip,
            by=by,
            unknown=unknown,
            centre=tuple(sum(c) for c in held) if centred else (),
            missing="zero" if centred == "citizens" else "nothing",
        )
        if place < 0:
            held = held[:1]
        sectors = self._sectors(variable)
        suppliers = self._suppliers(variable)
        if centred == "citizens":
            suppliers = int(cells.holders(sectors).max())
        added = [(low - high, high - low) if centred else (low, high) for low, high in held]
        if max(max(abs(low), abs(high)) for low, high in added) * suppliers >= _BIGGEST_SUM:
            raise SamklangError("program-sum-too-large", variable=name)
        bounds = tuple(Bounds(low, high, suppliers) for low, high in added)
        return MeasureProgram(
            name, False, variable.scale, self._use(word), place, held, centred, bounds, sectors
        )

    def _count(self, name: str) -> MeasureProgram:
        variable = self._variable(name)
        clip: Clip = ((0, 1),)
        word = MeasureWord(name, True, _features(name, variable), 1, clip, None, 0, (), "nothing")
        bounds = (Bounds(0, 1, self._suppliers(variable)),)
        return MeasureProgram(name, True, 1, self._use(word), -1, clip, "", bounds, self._sectors(variable))

    def _use(self, word: MeasureWord) -> int:
        if word not in self.words:
            self.words.append(word)
        return self.words.index(word)

    def _variable(self, name: str) -> Measure:
        variable = self.scope.codebook.variables[name]
        if not isinstance(variable, Measure):
            raise SamklangError("program-not-a-measure", variable=name)
        return variable

    def _sectors(self, variable: Measure) -> dict[str, int]:
        return {s: self.scope.nodes(s) for s in variable.sql}

    def _deciding_axis(self, variable: Measure) -> int:
        """The axis whose level the measure's bounds follow, known to the one node that has the citizen in a
        released cell; -1 if there is none."""
        for index, axis in enumerate(self.axes):
            if variable.clip_by is None or axis.hidden:
                continue
            if (axis.name, axis.banding) != (variable.clip_by.variable, variable.clip_by.banding):
                continue
            (sector,) = variable.sql
            known = ONE | (SEVERAL if self.scope.nodes(sector) == 1 else 0)
            levels = zip(axis.levels.presence.get(sector, ()), axis.levels.conflict, strict=False)
            if all(pattern & ~known == 0 for pattern, conflict in list(levels)[1:] if not conflict):
                return index
        return -1

    def _clip(self, variable: Measure, axis: int) -> tuple[Clip, Feature | None, int]:
        """(scaled bounds by class, which level says the class, class of those without a level)."""
        low, high = variable.clip
        whole = (low * variable.scale, high * variable.scale)
        if axis < 0 or variable.clip_by is None:
            return (whole,), None, 0
        names = self.axes[axis].levels.names
        narrower = {
            level: (low * variable.scale, high * variable.scale)
            for level, (low, high) in variable.clip_by.clip.items()
        }
        clip = tuple(narrower.get(level, whole) for level in names)
        by = Feature(variable.clip_by.variable, "level", variable.clip_by.banding)
        return clip, by, names.index(enc.MISSING) if enc.MISSING in names else 0

    def _centred(self, name: str, variable: Measure, cells: Cells) -> Literal["", "citizens", "values"]:
        holders = cells.holders(self._sectors(variable))
        fixed = int(holders.min()) >= 0 and int(holders.max()) > 0
        if fixed and (variable.default is not None or name not in self._counted):
            return "citizens"
        return "values" if name in self._counted else ""

    def _suppliers(self, variable: Measure) -> int:
        """How many nodes may supply a measure for one citizen in one released cell."""
        return min(
            sum(self._suppliers_in_released(s) for s in variable.sql),
            self.scope.largest_group * self.scope.per_row(variable.sql),
        )

    def _suppliers_in_released(self, sector: str) -> int:
        """How many nodes of a sector may hold a citizen who stands in a released cell: 1 where an axis
        lets released cells have at most one, else as many as a group can have."""
        nodes = self.scope.nodes(sector)
        for axis in self.axes:
            pattern = axis.levels.presence.get(sector)
            if pattern is None:
                continue
            if not any(p & SEVERAL for p, keep in zip(pattern, axis.levels.keep, strict=True) if keep):
                return 1
            if isinstance(axis.encoding, enc.Total) and enc.CONFLICT in axis.levels.names:
                nodes = min(nodes, axis.encoding.allowed)
        return nodes


def _features(name: str, variable: Measure) -> dict[str, Feature]:
    return {s: Feature(name, "measure") for s in variable.sql}


def _with_zero(clip: tuple[int, int]) -> tuple[int, int]:
    return min(clip[0], 0), max(clip[1], 0)
