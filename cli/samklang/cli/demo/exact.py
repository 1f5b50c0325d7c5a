"""The exact joint table of the generated population: what the private answer is compared with.

A plain pandas join of everybody's records, which is what nobody may do with real ones. It shares no code
with nodes and protocol; levels and target groups come from the codebook, since they are the question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from samklang.cli.demo.plain import Tables, population, value
from samklang.cli.demo.population.settings import ODENSE, SETTINGS
from samklang.cli.sandbox.folder import Blueprint
from samklang.model.accession import joined
from samklang.model.codebook import Banding, Category, Codebook, Interval, Measure, Total
from samklang.model.query import Draft, PresenceAxis

ABSENT, PRESENT, MISSING = "ABSENT", "PRESENT", "MISSING"


def exact_table(
    folder: Path, query: Draft, codebook: Codebook, left_out: Collection[str] = ()
) -> pd.DataFrame:
    """The released cells of ``query`` as they really are, for generated data alone.

    Args:
        folder: what :func:`samklang.cli.demo.population.generate` wrote.
        left_out: folders below it of practices that haven't joined, see :func:`not_joined`.

    Returns:
        A row per cell that holds anybody: a column of level ids per axis in the query's order, ``count``,
        and per measure ``NAME_sum`` or ``NAME_count``; int64, sums in the measure's unit (float64 where
        its scale isn't 1).

    Raises:
        SamklangError: ``demo-no-definition``, ``demo-data-missing``.
    """
    setting = SETTINGS.get(query.federation, ODENSE)
    return _Join(Tables(folder, query.period, setting, frozenset(left_out)), query, codebook).table()


def not_joined(blueprint: Blueprint, folder: Path, day: date) -> set[str]:
    """Folders below ``folder`` of controllers that don't take part on ``day``, by the nodes' policies."""
    found: set[str] = set()
    for node, policy in blueprint.policies.items():
        out = {c.id for c in policy.document.controllers if c.joined and not joined(c.joined, day)}
        for table in blueprint.nodes[node]["tables"].values():
            for controller, files in table.get("files_of", {}).items():
                if controller in out:
                    found |= {str(Path(file).parent.relative_to(folder.resolve())) for file in files}
    return found


class _Join:
    def __init__(self, tables: Tables, query: Draft, codebook: Codebook) -> None:
        self.tables, self.query, self.codebook = tables, query, codebook
        sectors = self._sectors()
        self.present = {s: population(tables, s) for s in sectors}
        for kept in query.filter:
            variable = codebook.variables[kept.variable]
            (sector,) = _suppliers(variable)
            levels = self._level_at(kept.variable, kept.banding, sector)
            self.present[sector] = pd.Index(levels.index[levels.isin(kept.levels)])
        self.people = pd.Index(np.unique(np.concatenate([i.to_numpy() for i in self.present.values()])))

    def table(self) -> pd.DataFrame:
        """Axes, target group and filters, required levels, then a group-by."""
        wide = pd.DataFrame(index=self.people)
        for axis in self.query.axes:
            name = axis.presence if isinstance(axis, PresenceAxis) else axis.variable
            wide[name] = (
                self._presence(name) if isinstance(axis, PresenceAxis) else self._axis(name, axis.banding)
            )
        axes = list(wide.columns)
        kept = self._members()
        for filtered in self.query.filter:
            (sector,) = _suppliers(self.codebook.variables[filtered.variable])
            kept &= self.people.isin(self.present[sector])
        for name in axes:
            wanted = set(self.query.require.get(name, ()))
            if wanted:
                kept &= wide[name].isin(wanted) | ("present" in wanted and wide[name] != ABSENT)
        # Whom no axis knows stands in no cell.
        kept &= (wide != ABSENT).any(axis=1) | (self.query.target_group is not None)
        for use in self.query.measures:
            wide[f"{use.variable}_{use.as_}"] = self._measure(use.variable, use.as_ == "count")
        wide["count"] = 1
        measures = [c for c in wide.columns if c not in axes and c != "count"]
        grouped = wide[kept].groupby(axes, observed=True)[["count", *measures]].sum()
        return grouped.reset_index()

    def _sectors(self) -> set[str]:
        used: set[str] = set()
        for axis in self.query.axes:
            used |= (
                {axis.presence}
                if isinstance(axis, PresenceAxis)
                else _suppliers(self.codebook.variables[axis.variable])
            )
        for name in [*(m.variable for m in self.query.measures), *(f.variable for f in self.query.filter)]:
            used |= _suppliers(self.codebook.variables[name])
        if self.query.target_group is not None:
            used |= {part.sector for part in self.codebook.target_groups[self.query.target_group].parts}
        return used

    def _at(self, variable: str, sector: str, default: Any = None) -> pd.Series[Any]:
        """Values of those present in ``sector``; NaN where there is neither value nor default."""
        found = value(self.tables, variable, sector).reindex(self.present[sector])
        filled: pd.Series[Any] = found if default is None else found.fillna(default)
        return filled

    def _number_at(self, name: str, sector: str) -> pd.Series[Any]:
        total = self.codebook.variables[name]
        assert isinstance(total, Total)
        clipped: pd.Series[Any] = self._at(name, sector, total.default).clip(0, total.clip)
        return clipped

    def _level_at(self, name: str, banding: str, sector: str) -> pd.Series[Any]:
        variable = self.codebook.variables[name]
        if isinstance(variable, Total):
            return _banded(self._number_at(name, sector), variable.bandings[banding])
        assert isinstance(variable, Category)
        return _banded(self._at(name, sector, variable.default), variable.bandings[banding])

    def _axis(self, name: str, banding: str) -> pd.Series[Any]:
        variable = self.codebook.variables[name]
        if isinstance(variable, Interval):
            return self._interval(name, variable, variable.bandings[banding])
        if isinstance(variable, Category):
            return self._level_at(name, banding, variable.sector).reindex(self.people).fillna(ABSENT)
        assert isinstance(variable, Total)
        parts = [self._number_at(name, sector).reindex(self.people) for sector in variable.sql]
        total = pd.concat(parts, axis=1).sum(axis=1, min_count=1)
        here = pd.concat([self._here(s) for s in variable.sql], axis=1).any(axis=1)
        return _banded(total, variable.bandings[banding]).where(here, ABSENT)

    def _interval(self, name: str, interval: Interval, banding: Banding) -> pd.Series[Any]:
        start, end = (
            value(self.tables, name, event.sector, side)
            .reindex(self.present[event.sector])
            .reindex(self.people)
            for side, event in (("start", interval.start), ("end", interval.end))
        )
        if interval.unit == "week":
            start, end = (d - pd.to_timedelta(d.dt.day_of_week, unit="D") for d in (start, end))
        days = (end - start).dt.days
        levels = _banded(days // 7 if interval.unit == "week" else days, banding)
        levels = levels.mask(start.notna() & end.isna(), "START-ONLY").mask(
            start.isna() & end.notna(), "END-ONLY"
        )
        return levels.mask(start.isna() & end.isna(), ABSENT)

    def _here(self, sector: str) -> pd.Series[Any]:
        return pd.Series(self.people.isin(self.present[sector]), index=self.people)

    def _presence(self, sector: str) -> pd.Series[Any]:
        return self._here(sector).map({True: PRESENT, False: ABSENT})

    def _members(self) -> pd.Series[Any]:
        if self.query.target_group is None:
            return pd.Series(True, index=self.people)
        group = self.codebook.target_groups[self.query.target_group]
        says: dict[str, pd.Series[Any]] = {}
        for part in group.parts:
            yes = self._here(part.sector)
            for clause in part.all:
                levels = self._level_at(clause.variable, clause.banding, part.sector)
                yes &= levels.isin(clause.levels).reindex(self.people, fill_value=False)
            says[part.sector] = says.get(part.sector, False) | yes
        return pd.concat(list(says.values()), axis=1).sum(axis=1) >= group.at_least

    def _measure(self, name: str, count: bool) -> pd.Series[Any]:
        measure = self.codebook.variables[name]
        assert isinstance(measure, Measure)
        parts = []
        for sector in measure.sql:
            found = self._at(name, sector, measure.default).clip(*measure.clip)
            if count:
                found = found.notna().astype(int)
            elif measure.scale != 1:
                found = (found * measure.scale).round() / measure.scale
            parts.append(found.reindex(self.people).fillna(0))
        total = sum(parts[1:], start=parts[0])
        return total.astype("int64") if count or measure.scale == 1 else total


def _suppliers(variable: Any) -> set[str]:
    if isinstance(variable, Category):
        return {variable.sector}
    if isinstance(variable, Interval):
        return {variable.start.sector, variable.end.sector}
    return set(variable.sql)


def _banded(values: pd.Series[Any], banding: Banding) -> pd.Series[Any]:
    """Level ids; MISSING where there is no value, or none of the levels takes it."""
    out = pd.Series(MISSING, index=values.index, dtype=object)
    if banding.other is not None:
        out[values.notna()] = banding.other
    for level in banding.levels:
        if level.values is not None:
            out[values.isin(list(level.values))] = level.id
        elif level.from_ is not None or level.until is not None:
            out[_between(values, level.from_, level.until)] = level.id
    return out


def _between(values: pd.Series[Any], low: int | None, high: int | None) -> pd.Series[Any]:
    inside = values.notna()
    for bound, test in _bounds(low, high):
        inside &= values.ge(bound) if test == "from" else values.lt(bound)
    return inside


def _bounds(low: int | None, high: int | None) -> Iterable[tuple[int, str]]:
    if low is not None:
        yield low, "from"
    if high is not None:
        yield high, "until"
