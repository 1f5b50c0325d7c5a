"""Codebook SQL as Ibis tables: checked, bound to the period, and at most one row per citizen.

The statement has been checked as a tree (:mod:`samklang.model.sql`); before it runs, the engine's own parser
must agree that what was written out again is one SELECT.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as dt
import sqlglot
from ibis.backends.sql.datatypes import DuckDBType
from sqlglot import exp

from samklang.errors import SamklangError
from samklang.model import sql as codebook_sql
from samklang.model.codebook import Category, Codebook, Event, Interval, Variable
from samklang.model.query import Period
from samklang.node.data.engine import Engine
from samklang.node.data.fence import require_select


@dataclass(frozen=True, slots=True)
class Relation:
    """``table`` has the columns ``cpr`` and ``value``, and ``many`` where the SQL's form doesn't already
    prove that a citizen has one row: True for a citizen who has several."""

    name: str
    sql: str = field(repr=False)
    table: Any = field(repr=False)
    guarded: bool


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

    def population(self) -> Any:
        """An Ibis table with the column ``cpr``: every citizen of the sector once."""
        sql = self._bound(self.codebook.sectors[self.sector].population, codebook_sql.POPULATION)
        people = self._table("population", sql, codebook_sql.POPULATION)
        people = people.filter(people.cpr.notnull())
        return people if unique_by_form(sql, self.one_per_citizen) else people.distinct()

    def variable(self, name: str, sql: str) -> Relation:
        bound = self._bound(sql, codebook_sql.VALUE)
        table = self._table(name, bound, codebook_sql.VALUE)
        if unique_by_form(bound, self.one_per_citizen):
            return Relation(name, bound, table, False)
        guarded = table.group_by("cpr").aggregate(value=table.value.arbitrary(), many=table.count() > 1)
        return Relation(name, bound, guarded, True)

    def _bound(self, sql: str, columns: tuple[str, ...]) -> str:
        tables = {n: t for n, t in self.codebook.tables.items() if t.sector == self.sector}
        bound = codebook_sql.bind(codebook_sql.parse(sql, tables, columns), self.period)
        require_select(self.engine.con, bound, tables)
        return bound

    def _table(self, name: str, sql: str, columns: tuple[str, ...]) -> Any:
        try:
            described = self.engine.con.execute(f"DESCRIBE {sql}").fetchall()
        except duckdb.Error as error:
            raise self.failed(name, error) from None
        schema = {str(row[0]): DuckDBType.from_string(str(row[1])) for row in described}
        if sorted(schema) != sorted(columns) or not schema["cpr"].is_string():
            raise SamklangError("node-variable-columns", variable=name, sector=self.sector)
        if "value" in schema and isinstance(schema["value"], dt.Null):
            schema["value"] = dt.int32
        return self.engine.ibis.sql(sql, schema=ibis.schema(schema), dialect="duckdb").select(*columns)

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


def unique_by_form(sql: str, one_per_citizen: frozenset[str]) -> bool:
    """The statement's form proves that no citizen has two rows; False means only that it doesn't.

    Either the outermost SELECT groups by exactly the column that it returns as ``cpr``, or it reads a
    single table that has one row per citizen, and returns that table's ``cpr``.
    """
    root: Any = sqlglot.parse_one(sql, dialect="duckdb")
    if not isinstance(root, exp.Select):
        return False
    returned = next((e for e in root.expressions if e.alias_or_name == "cpr"), None)
    if not isinstance(returned, exp.Column):
        return False
    if (group := root.args.get("group")) is not None:
        keys = group.expressions
        return len(keys) == 1 and keys[0] == returned
    source = root.args["from_"].this
    plain = isinstance(source, exp.Table) and not root.args.get("joins") and not root.args.get("with_")
    return plain and source.name in one_per_citizen


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
