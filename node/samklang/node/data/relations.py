"""Codebook SQL as Ibis tables: checked, bound to the period, at most one row per citizen, few scans.

The statement has been checked as a tree (:mod:`samklang.model.sql`); before it runs, the engine's own parser
must agree that what was written out again is one SELECT.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as dt
from ibis.backends.sql.datatypes import DuckDBType

from samklang.errors import SamklangError
from samklang.model import sql as codebook_sql
from samklang.model.codebook import Category, Codebook, Event, Interval, LogicalTable, Variable
from samklang.model.query import Period
from samklang.node.data.engine import Engine
from samklang.node.data.fence import require_select
from samklang.node.data.forms import Form, form_of


@dataclass(frozen=True, slots=True)
class Relation:
    """A variable's bound statement. ``kind`` is the value's type; ``guarded``: its form doesn't prove that a
    citizen has one row."""

    name: str
    sql: str = field(repr=False)
    kind: Any = field(repr=False)
    form: Form = field(repr=False)

    @property
    def guarded(self) -> bool:
        return not self.form.unique


@dataclass(frozen=True, slots=True)
class Scan:
    """``table`` has the column ``cpr``, each at most once, and one per relation it was made of, named
    :func:`value_of` its number; where that is guarded (then it is alone), also :func:`many_of` it, True for
    a citizen who has several rows."""

    table: Any = field(repr=False)
    columns: tuple[str, ...]


def value_of(number: int) -> str:
    """No column of a logical table has this name: identifiers don't begin with an underscore."""
    return f"_v{number}"


def many_of(number: int) -> str:
    return f"_m{number}"


@dataclass(frozen=True, slots=True)
class Relations:
    """Makes the relations of one sector in one period. Call inside ``engine.reading()``.

    ``one_per_citizen``: the logical tables in which no CPR number occurs twice.
    """

    engine: Engine
    codebook: Codebook
    sector: str
    period: Period
    one_per_citizen: frozenset[str]

    def variable(self, name: str, sql: str) -> Relation:
        bound = self._bound(sql, codebook_sql.VALUE)
        schema = self._described(name, bound, codebook_sql.VALUE)
        return Relation(name, bound, schema["value"], form_of(bound, self.one_per_citizen))

    def scans(self, relations: Mapping[int, Relation]) -> list[Scan]:
        """The population, every citizen of the sector once, and what must be joined to it on the left.

        Relations with the same rows share a scan, and the population's includes those that have a row for
        each of its citizens: what is in the table it reads, whole or under the same condition.
        """
        sql = self._bound(self.codebook.sectors[self.sector].population, codebook_sql.POPULATION)
        self._described("population", sql, codebook_sql.POPULATION)
        form = form_of(sql, self.one_per_citizen)
        together: dict[str, dict[int, Relation]] = {}
        inside: dict[int, Relation] = {}
        for number, relation in relations.items():
            rows = relation.form.rows
            if rows is not None and form.everybody is not None and rows in (form.rows, form.everybody):
                inside[number] = relation
            else:
                together.setdefault(rows or f"alone {number}", {})[number] = relation
        people = self._scan(form, inside) if inside else self._population(sql, form)
        people = Scan(people.table.filter(people.table.cpr.notnull()), people.columns)
        return [people, *(self._joined(group) for group in together.values())]

    def _population(self, sql: str, form: Form) -> Scan:
        table = self._table(sql, {"cpr": dt.string})
        return Scan(table if form.unique else table.distinct(), ())

    def _joined(self, group: dict[int, Relation]) -> Scan:
        number, relation = next(iter(group.items()))
        if relation.form.rows is not None:
            return self._scan(relation.form, group)
        value, many = value_of(number), many_of(number)
        table = self._table(relation.sql, {"cpr": dt.string, "value": relation.kind})
        if not relation.guarded:
            return Scan(table.rename({value: "value"}), (value,))
        guarded = table.group_by("cpr").aggregate(**{value: table.value.arbitrary(), many: table.count() > 1})
        return Scan(guarded, (value, many))

    def _scan(self, form: Form, group: Mapping[int, Relation]) -> Scan:
        """One statement that gives the values of all of ``group``."""
        sql = form.reading({value_of(n): r.form for n, r in group.items()})
        require_select(self.engine.con, sql, self._tables())
        kinds = {value_of(n): r.kind for n, r in group.items()}
        return Scan(self._table(sql, {"cpr": dt.string} | kinds), tuple(kinds))

    def _tables(self) -> dict[str, LogicalTable]:
        return {n: t for n, t in self.codebook.tables.items() if t.sector == self.sector}

    def _bound(self, sql: str, columns: tuple[str, ...]) -> str:
        tables = self._tables()
        bound = codebook_sql.bind(codebook_sql.parse(sql, tables, columns), self.period)
        require_select(self.engine.con, bound, tables)
        return bound

    def _described(self, name: str, sql: str, columns: tuple[str, ...]) -> dict[str, Any]:
        try:
            described = self.engine.con.execute(f"DESCRIBE {sql}").fetchall()
        except duckdb.Error as error:
            raise self.failed(name, error) from None
        schema = {str(row[0]): DuckDBType.from_string(str(row[1])) for row in described}
        if sorted(schema) != sorted(columns) or not schema["cpr"].is_string():
            raise SamklangError("node-variable-columns", variable=name, sector=self.sector)
        if "value" in schema and isinstance(schema["value"], dt.Null):
            schema["value"] = dt.int32
        return schema

    def _table(self, sql: str, schema: Mapping[str, Any]) -> Any:
        table = self.engine.ibis.sql(sql, schema=ibis.schema(schema), dialect="duckdb")
        return table.select(*schema)

    def failed(self, name: str, error: BaseException) -> SamklangError:
        """The engine's own text may quote a value; only the kind of failure is kept."""
        return SamklangError(
            "node-variable-failed", variable=name, sector=self.sector, private=type(error).__name__
        )

    def blame(self, relations: list[Relation], error: BaseException) -> SamklangError:
        """Name the variable that fails by itself; else the sector's statement as a whole."""
        if not isinstance(error, duckdb.OutOfMemoryException | duckdb.InterruptException):
            for relation in relations:
                self.engine.begin_again()
                try:
                    self.engine.con.execute(f"SELECT count(cpr), count(value) FROM ({relation.sql})")
                except duckdb.Error as found:
                    return self.failed(relation.name, found)
        return self.failed("all variables together", error)


def sql_of(found: Variable, sector: str, side: str) -> str | None:
    """The statement that ``sector`` supplies for a variable, or None if it supplies none."""
    if isinstance(found, Category):
        return found.sql if found.sector == sector else None
    if isinstance(found, Interval):
        event = _event(found, sector, side)
        return event.sql if event else None
    return found.sql.get(sector)


def _event(found: Interval, sector: str, side: str) -> Event | None:
    events = {"start": found.start, "end": found.end}
    if side:
        return events[side] if side in events and events[side].sector == sector else None
    here = [e for e in events.values() if e.sector == sector]
    return here[0] if len(here) == 1 else None
