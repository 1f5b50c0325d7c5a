"""The table that public figures let expect: citizens per released cell.

Sectors are taken to know citizens independently of each other, and axes to be independent among the
citizens whom their sectors know. That is wrong in detail (older citizens *are* admitted more often) and good
enough to see whether cells will be large or small; a target group that has figures of its own is described
by those, else by the whole population's.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from samklang.model.codebook import Category, Codebook, Figures, Interval
from samklang.model.policy import WHOLE_POPULATION
from samklang.model.query import Draft
from samklang.protocol import encodings as enc
from samklang.protocol.axes import MEMBERSHIP
from samklang.protocol.program import AxisProgram, Program

__all__ = ["Expected", "Known", "expected_table"]

Distribution = NDArray[np.float64]
"""Probability by final level of an axis."""


@dataclass(frozen=True)
class Known:
    """Public figures of who is asked about: the target group's, and the whole population's behind them.

    ``missing`` collects what neither has, ``borrowed`` what only the whole population has.
    """

    own: Figures | None
    whole: Figures | None
    missing: list[str] = field(default_factory=list)
    borrowed: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, codebook: Codebook, group: str | None) -> Known:
        whole = codebook.figures.get(WHOLE_POPULATION)
        return cls(whole if group is None else codebook.figures.get(group), whole)

    def present(self, sector: str) -> float:
        """Share of the citizens whom a sector knows."""
        for figures, borrowed in ((self.own, False), (self.whole, True)):
            if figures is not None and sector in figures.sectors:
                self._note(sector, borrowed)
                return figures.sectors[sector] / figures.citizens
        self.missing.append(sector)
        return 1.0

    def shares(self, variable: str, banding: str) -> Mapping[str, float]:
        """Share by level among the citizens whom the variable's sectors know."""
        name = f"{variable}/{banding}"
        for figures, borrowed in ((self.own, False), (self.whole, True)):
            if figures is not None and name in figures.shares:
                self._note(name, borrowed)
                return {level: float(share) for level, share in figures.shares[name].items()}
        self.missing.append(name)
        return {}

    def _note(self, name: str, borrowed: bool) -> None:
        if borrowed and self.own is not self.whole and name not in self.borrowed:
            self.borrowed.append(name)


@dataclass(frozen=True)
class Expected:
    """Citizens expected per released cell.

    Attributes:
        counts: shape (released,), float64; empty if figures are missing.
        missing: figures the codebook doesn't have: ``variable/banding``, a sector, a target group.
        borrowed: figures of the whole population used for a target group that has none of its own.
    """

    counts: NDArray[np.float64] = field(repr=False)
    missing: tuple[str, ...]
    borrowed: tuple[str, ...]

    @property
    def citizens(self) -> float:
        """In all released cells."""
        return float(self.counts.sum())


def expected_table(program: Program, query: Draft, codebook: Codebook) -> Expected:
    """The expected table of ``query``, whose program is ``program``."""
    known = Known.of(codebook, query.target_group)
    if known.own is None:
        return Expected(np.empty(0), (query.target_group or WHOLE_POPULATION,), ())
    present = {sector: known.present(sector) for sector in _sectors(program)}
    narrowed: dict[tuple[str, str], tuple[str, ...]] = {}
    for kept in query.filter:
        variable = codebook.variables[kept.variable]
        assert isinstance(variable, Category)
        shares = known.shares(kept.variable, kept.banding)
        if (kept.variable, kept.banding) not in narrowed:
            present[variable.sector] *= sum(shares.get(level, 0.0) for level in kept.levels)
        narrowed[kept.variable, kept.banding] = kept.levels
    axes = [_Axis(axis, known, narrowed, codebook) for axis in program.axes]
    if known.missing:
        return Expected(np.empty(0), tuple(dict.fromkeys(known.missing)), tuple(known.borrowed))
    levels = program.cells.levels[program.cells.kept]
    share = np.zeros(len(levels))
    for pattern in itertools.product((False, True), repeat=len(present)):
        there = dict(zip(present, pattern, strict=True))
        weight = float(np.prod([p if there[s] else 1 - p for s, p in present.items()]))
        if weight > 0:
            factors = [axis.given(there)[levels[:, i]] for i, axis in enumerate(axes)]
            share += weight * np.prod(factors, axis=0)
    return Expected(share * known.own.citizens, (), tuple(known.borrowed))


def _sectors(program: Program) -> list[str]:
    return sorted({sector for served in program.sectors.values() for sector in served})


class _Axis:
    """One axis's levels, given which sectors know the citizen."""

    def __init__(
        self,
        axis: AxisProgram,
        known: Known,
        narrowed: Mapping[tuple[str, str], tuple[str, ...]],
        codebook: Codebook,
    ) -> None:
        self.names = axis.levels.names
        self.sectors = tuple(axis.features)
        self.member = axis.name == MEMBERSHIP
        self.shares: Mapping[str, float] | None = None
        self.sides: tuple[str, str] | None = None
        if axis.banding:
            self.shares = known.shares(axis.name, axis.banding)
            if kept := narrowed.get((axis.name, axis.banding)):
                inside = {level: self.shares.get(level, 0.0) for level in kept}
                total = sum(inside.values()) or 1.0
                self.shares = {level: share / total for level, share in inside.items()}
            variable = codebook.variables[axis.name]
            if isinstance(variable, Interval):
                self.sides = (variable.start.sector, variable.end.sector)

    def given(self, there: Mapping[str, bool]) -> Distribution:
        """Probabilities by final level; the figures' own group is *in* on a membership axis."""
        at = np.zeros(256)
        if self.member:
            at[self.names.index(enc.IN)] = 1.0
        elif not any(there[sector] for sector in self.sectors):
            at[0] = 1.0
        elif self.shares is None:
            at[self.names.index(enc.PRESENT)] = 1.0
        elif self.sides:
            self._interval(at, there, self.sides)
        else:
            self._fill(at, self.shares, enc.MISSING)
        return at

    def _fill(self, at: Distribution, shares: Mapping[str, float], rest: str) -> None:
        for level, share in shares.items():
            at[self.names.index(level)] = share
        left = max(0.0, 1.0 - sum(shares.values()))
        if rest in self.names:
            at[self.names.index(rest)] += left
        elif at.sum() > 0:
            at /= at.sum()

    def _interval(self, at: Distribution, there: Mapping[str, bool], sides: tuple[str, str]) -> None:
        """With one side alone, whoever has an event there has that event only."""
        shares = self.shares or {}
        start, end = (there[sector] for sector in sides)
        if start and end:
            self._fill(at, shares, enc.ABSENT)
            return
        seen, other = (enc.START_ONLY, enc.END_ONLY) if start else (enc.END_ONLY, enc.START_ONLY)
        at[self.names.index(seen)] = sum(share for level, share in shares.items() if level != other)
        at[0] = max(0.0, 1.0 - at.sum())
