"""The SQL of a codebook: checked as a tree, and only the checked tree is ever run.

A statement MUST be one SELECT in the DuckDB dialect that returns exactly the columns asked for
(``cpr``, ``value``; a population returns ``cpr``) and reads nothing but the logical tables it is given
and its own CTEs, through the syntax of :mod:`samklang.model.sql_grammar`. :func:`parse` refuses anything
else; :func:`bind` puts the period's dates in as typed literals and writes the tree out again, so that
what one parser overlooked never reaches another one: no comment, no original spelling survives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from samklang.errors import SamklangError
from samklang.model import sql_grammar as grammar
from samklang.model.codebook import LogicalTable
from samklang.model.nearest import hint
from samklang.model.query import Period

VALUE = ("cpr", "value")
"""What a variable returns."""
POPULATION = ("cpr",)
"""What a population returns."""

PLACEHOLDERS = ("as_of", "from", "until")

MAX_LENGTH = 20_000
MAX_DEPTH = 40
_NAME = re.compile(r"[a-zæøå_][a-z0-9æøå_-]{0,62}\Z")


@dataclass(frozen=True, slots=True)
class Statement:
    """A checked SELECT. Made by :func:`parse` alone.

    ``tables`` are the logical tables it reads, ``placeholders`` the dates it needs.
    """

    tables: frozenset[str]
    placeholders: frozenset[str]
    columns: tuple[str, ...]
    _tree: Any = field(repr=False)


def parse(sql: str, tables: Mapping[str, LogicalTable], columns: tuple[str, ...] = VALUE) -> Statement:
    """Check one SELECT over ``tables`` that returns ``columns``.

    Raises:
        SamklangError: ``document-sql-*``, for the first thing that isn't allowed.
    """
    root = _one_select(sql)
    try:
        for node in root.walk():
            _check_node(node)
        _lower_names(root)
        used = _check_tables(root, tables)
        _check_columns(root, tables, used)
        _check_result(root, columns)
        statement = Statement(used, _placeholders(root), columns, root)
        _write(root)
    except RecursionError:
        raise SamklangError("document-sql-deep", limit=MAX_DEPTH) from None
    return statement


def bind(statement: Statement, period: Period) -> str:
    """The statement in the DuckDB dialect with the period's dates as DATE literals.

    All names come out in lower case and quoted.
    """
    dates = {"as_of": period.as_of, "from": period.from_, "until": period.until}

    def fill(node: Any) -> Any:
        if not isinstance(node, exp.Placeholder):
            return node
        return exp.Cast(this=exp.Literal.string(dates[node.name].isoformat()), to=exp.DataType.build("DATE"))

    return _write(statement._tree.copy().transform(fill))


def _write(tree: Any) -> str:
    text: str = tree.sql(dialect="duckdb", comments=False, identify=True)
    return text


def _one_select(sql: str) -> Any:
    if len(sql) > MAX_LENGTH:
        raise SamklangError("document-sql-long", limit=MAX_LENGTH)
    try:
        _check_depth(sql)
        statements = [s for s in sqlglot.parse(sql, dialect="duckdb") if s is not None]
    except SqlglotError as error:
        raise SamklangError("document-sql-syntax", place=_place(error)) from None
    except RecursionError:
        raise SamklangError("document-sql-deep", limit=MAX_DEPTH) from None
    if len(statements) != 1 or type(statements[0]) is not exp.Select:
        raise SamklangError("document-sql-statement")
    return statements[0]


def _check_depth(sql: str) -> None:
    """Refuse deep nesting before a recursive parser meets it."""
    opening = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE}
    closing = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END}
    prefix = {TokenType.NOT, TokenType.DASH, TokenType.TILDE, TokenType.PLUS}
    depth = run = 0
    for token in sqlglot.tokenize(sql, dialect="duckdb"):
        kind = token.token_type
        depth += (kind in opening) - (kind in closing)
        run = run + 1 if kind in prefix else 0
        if depth > MAX_DEPTH or run > MAX_DEPTH:
            raise SamklangError("document-sql-deep", limit=MAX_DEPTH)


def _place(error: SqlglotError) -> str:
    found = getattr(error, "errors", None)
    if found and found[0].get("line"):
        return f"line {found[0]['line']}, column {found[0]['col']} of the statement"
    return "the statement"


def _check_node(node: Any) -> None:
    kind = type(node)
    if kind not in grammar.ALLOWED:
        raise SamklangError("document-sql-refused", what=grammar.describe(node))
    args = grammar.ALLOWED[kind]
    if args is not None:
        for name, value in node.args.items():
            if value not in (None, False, []) and name not in args:
                raise SamklangError(
                    "document-sql-refused", what=f"{name.strip('_')} in {grammar.describe(node)}"
                )
    if (check := _SPECIAL.get(kind)) is not None:
        check(node)


def _check_identifier(node: Any) -> None:
    if not _NAME.match(str(node.this).lower()):
        raise SamklangError("document-sql-name")


def _check_table(node: Any) -> None:
    if type(node.this) is not exp.Identifier:
        raise SamklangError("document-sql-refused", what="table function")


def _check_column(node: Any) -> None:
    if type(node.this) not in (exp.Identifier, exp.Star):
        raise SamklangError("document-sql-refused", what="computed column")


def _check_placeholder(node: Any) -> None:
    if node.name not in PLACEHOLDERS:
        raise SamklangError("document-sql-placeholder")


def _check_join(node: Any) -> None:
    side, kind = str(node.args.get("side") or "").upper(), str(node.args.get("kind") or "").upper()
    if (side, kind) not in grammar.JOINS:
        raise SamklangError("document-sql-refused", what="this kind of join")


def _check_type(node: Any) -> None:
    if node.this.value not in grammar.TYPES or node.args.get("nested"):
        raise SamklangError("document-sql-type", types=", ".join(sorted(grammar.TYPES)))


def _check_var(node: Any) -> None:
    units = grammar.UNITS.get(type(node.parent))
    if isinstance(node.parent, exp.WindowSpec):
        return
    if units is None or node.name.upper() not in units:
        raise SamklangError(
            "document-sql-refused", what=f"unit in {grammar.describe(node.parent)}" if units else "bare word"
        )


def _check_order(node: Any) -> None:
    if not isinstance(node.parent, exp.Select | exp.Window | exp.Union):
        raise SamklangError("document-sql-refused", what="order by inside a function")


def _check_rank(node: Any) -> None:
    if not isinstance(node.parent, exp.Window) or not node.parent.args.get("order"):
        raise SamklangError("document-sql-refused", what="a window function without over (order by ...)")


_SPECIAL = {
    exp.Identifier: _check_identifier,
    exp.Table: _check_table,
    exp.Column: _check_column,
    exp.Placeholder: _check_placeholder,
    exp.Join: _check_join,
    exp.DataType: _check_type,
    exp.Var: _check_var,
    exp.Order: _check_order,
    exp.RowNumber: _check_rank,
    exp.Rank: _check_rank,
    exp.DenseRank: _check_rank,
    exp.Lag: _check_rank,
    exp.Lead: _check_rank,
}


def _lower_names(root: Any) -> None:
    """Names mean the same in either case; one spelling keeps engines that fold differently in step."""
    for name in root.find_all(exp.Identifier):
        name.set("this", str(name.this).lower())


def _check_tables(root: Any, tables: Mapping[str, LogicalTable]) -> frozenset[str]:
    """Every table is logical or a CTE that stands before it; CTEs stand at the top alone.

    A name that isn't visible where it is used would be looked up in the engine's own catalogue.
    """
    used: set[str] = set()
    visible: set[str] = set()

    def look(part: Any) -> None:
        for inner in part.find_all(exp.With):
            if inner.parent is not root:
                raise SamklangError("document-sql-refused", what="with inside a subquery")
        for table in part.find_all(exp.Table):
            if table.name in visible:
                continue
            if table.name not in tables:
                known = sorted(tables.keys() | visible)
                raise SamklangError("document-sql-table", name=table.name, hint=hint(table.name, known))
            used.add(table.name)

    with_ = root.args.get("with_")
    for cte in with_.expressions if with_ else ():
        look(cte.this)
        if cte.alias in tables or cte.alias in visible:
            raise SamklangError("document-sql-shadow", name=cte.alias)
        visible.add(cte.alias)
    for key, value in root.args.items():
        if key != "with_":
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, exp.Expression):
                    look(part)
    if not used or not root.args.get("from_"):
        raise SamklangError("document-sql-no-table")
    return frozenset(used)


def _check_columns(root: Any, tables: Mapping[str, LogicalTable], used: frozenset[str]) -> None:
    """Every column is one of the tables' or an alias given in the statement: no row id, no file name."""
    known = {c for name in used for c in tables[name].columns}
    known |= {a.alias for a in root.find_all(exp.Alias)}
    known |= {c.name for t in root.find_all(exp.TableAlias) for c in t.args.get("columns") or ()}
    for name in _columns(root):
        if name not in known:
            raise SamklangError("document-sql-column", name=name, hint=hint(name, sorted(known)))


def _columns(root: Any) -> Iterator[str]:
    for column in root.find_all(exp.Column):
        if type(column.this) is exp.Identifier:
            yield column.name
    for join in root.find_all(exp.Join):
        for using in join.args.get("using") or ():
            yield using.name


def _check_result(root: Any, columns: tuple[str, ...]) -> None:
    returned = [e.alias_or_name for e in root.expressions]
    if sorted(returned) != sorted(columns) or any(e.is_star for e in root.expressions):
        raise SamklangError("document-sql-result", columns=", ".join(columns))


def _placeholders(root: Any) -> frozenset[str]:
    return frozenset(p.name for p in root.find_all(exp.Placeholder))
