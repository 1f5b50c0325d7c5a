"""Whether it matters that two questions are about different periods.

A variable whose SQL names no date is the same in every period, so two tables of such variables differ in as
few citizens as two of one period. What does depend on a date that differs, and only divides the citizens of
a table, is added up; where it decides who is in the table, the periods count as they are.
"""

from __future__ import annotations

from collections.abc import Iterable

from samklang.errors import SamklangError
from samklang.model.codebook import Category, Codebook, Interval, Variable
from samklang.model.sql import PLACEHOLDERS, POPULATION, VALUE, parse
from samklang.policy.differencing.shape import Group, Shape, Uses, meaning_of, meaning_of_group

__all__ = ["Dates"]

_EVERY = frozenset(PLACEHOLDERS)
_SPAN = frozenset({"from", "until"})


class Dates:
    """What depends on which dates of a period, by ``codebook``; what it has no more depends on all."""

    def __init__(self, codebook: Codebook) -> None:
        self._codebook = codebook
        self._variables: dict[tuple[str, str], frozenset[str]] = {}
        self._groups: dict[tuple[str, str], frozenset[str]] = {}
        self._sectors: dict[str, frozenset[str]] = {}

    def settled(self, one: Shape, two: Shape) -> tuple[Shape, Shape]:
        """The two with dates made equal that decide nothing about who is in either."""
        for dates, fields in ((_SPAN, ("from_", "until")), (frozenset({"as_of"}), ("as_of",))):
            said = {field: getattr(one.period, field) for field in fields}
            if said == {field: getattr(two.period, field) for field in fields}:
                continue
            if self._decide(one) & dates or self._decide(two) & dates:
                continue
            one, two = self._added_up(one, dates), self._added_up(two, dates)
            two = two.model_copy(update={"period": two.period.model_copy(update=said)})
        return one, two

    def _decide(self, shape: Shape) -> frozenset[str]:
        """The dates on which it depends who is in the table."""
        found = [self._sector(sector) for sector in shape.nodes]
        found += [
            self._variable(name, uses)
            for name, uses in shape.variables.items()
            if uses.within or uses.required is not None
        ]
        if shape.group is not None:
            found.append(self._group(shape.group))
        return frozenset().union(*found)

    def _added_up(self, shape: Shape, dates: frozenset[str]) -> Shape:
        """``shape`` without the axes that depend on ``dates``; who is known to their sectors stays."""
        gone = {name: u for name, u in shape.variables.items() if self._variable(name, u) & dates}
        if not gone:
            return shape
        known = {uses.sectors[0]: None for uses in gone.values() if uses.local}
        variables = {name: uses for name, uses in shape.variables.items() if name not in gone}
        return shape.model_copy(update={"variables": variables, "presence": {**known, **shape.presence}})

    def _variable(self, name: str, uses: Uses) -> frozenset[str]:
        key = name, uses.meaning
        if key not in self._variables:
            known = self._codebook.variables.get(name)
            same = known is not None and meaning_of(self._codebook, name) == uses.meaning
            self._variables[key] = self._of(known) if known is not None and same else _EVERY
        return self._variables[key]

    def _of(self, variable: Variable) -> frozenset[str]:
        if isinstance(variable, Interval):
            return _EVERY  # events outside the period don't count
        texts = [variable.sql] if isinstance(variable, Category) else variable.sql.values()
        return self._named(texts, VALUE)

    def _group(self, group: Group) -> frozenset[str]:
        key = group.id, group.meaning
        if key not in self._groups:
            self._groups[key] = self._of_group(group)
        return self._groups[key]

    def _of_group(self, group: Group) -> frozenset[str]:
        known = self._codebook.target_groups.get(group.id)
        if known is None or meaning_of_group(self._codebook, group.id) != group.meaning:
            return _EVERY
        found = [self._sector(part.sector) for part in known.parts]
        found += [self._of(self._codebook.variables[c.variable]) for part in known.parts for c in part.all]
        return frozenset().union(*found)

    def _sector(self, name: str) -> frozenset[str]:
        if name not in self._sectors:
            known = self._codebook.sectors.get(name)
            self._sectors[name] = self._named([known.population], POPULATION) if known else _EVERY
        return self._sectors[name]

    def _named(self, texts: Iterable[str], columns: tuple[str, ...]) -> frozenset[str]:
        try:
            found = [parse(text, self._codebook.tables, columns).placeholders for text in texts]
        except SamklangError:
            return _EVERY
        return frozenset().union(*found)
