"""Which SQL a codebook may use: an allow-list of syntax nodes, and of what each may carry.

A node class that isn't listed is refused, so that a construct nobody thought of is refused too. What is
missing on purpose: everything that reads a clock, a file, a setting or a random number; everything that
depends on the order of rows (``first``, ``arg_min``, ``LIMIT``, ``DISTINCT ON``); and everything that
engines compute differently (``//``, ``round``, ``age``, intervals, regular expressions, binary floats).
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

Args = frozenset[str] | None
"""The arguments a node may carry besides its plain operands; ``None``: any, each checked as a node."""


def _only(*names: str) -> frozenset[str]:
    return frozenset(names)


_QUERY = _only(
    "expressions",
    "from_",
    "joins",
    "where",
    "group",
    "having",
    "qualify",
    "order",
    "windows",
    "distinct",
    "with_",
)

STRUCTURE: dict[type[Any], Args] = {
    exp.Select: _QUERY,
    exp.Union: _only("this", "expression", "distinct", "order"),
    exp.Subquery: _only("this", "alias"),
    exp.With: _only("expressions"),
    exp.CTE: _only("this", "alias", "materialized"),
    exp.From: _only("this"),
    exp.Join: _only("this", "on", "using", "side", "kind"),
    exp.Table: _only("this", "alias"),
    exp.TableAlias: _only("this", "columns"),
    exp.Alias: _only("this", "alias"),
    exp.Column: _only("this", "table"),
    exp.Star: _only(),
    exp.Identifier: None,
    exp.Where: _only("this"),
    exp.Having: _only("this"),
    exp.Qualify: _only("this"),
    exp.Group: _only("expressions"),
    exp.Order: _only("expressions"),
    exp.Ordered: _only("this", "desc", "nulls_first"),
    exp.Distinct: _only("expressions"),
    exp.Window: _only("this", "partition_by", "order", "spec", "alias", "over"),
    exp.WindowSpec: _only("kind", "start", "start_side", "end", "end_side"),
    exp.Filter: _only("this", "expression"),
    exp.Placeholder: _only("this"),
    exp.Literal: None,
    exp.Boolean: None,
    exp.Null: None,
    exp.Var: None,
    exp.Paren: _only("this"),
    exp.Tuple: _only("expressions"),
    exp.DataType: _only("this", "nested", "expressions"),
    exp.DataTypeParam: _only("this"),
}

OPERATORS: dict[type[Any], Args] = {
    exp.And: None,
    exp.Or: None,
    exp.Not: None,
    exp.EQ: None,
    exp.NEQ: None,
    exp.LT: None,
    exp.LTE: None,
    exp.GT: None,
    exp.GTE: None,
    exp.Is: None,
    exp.NullSafeEQ: None,
    exp.NullSafeNEQ: None,
    exp.Between: _only("this", "low", "high"),
    exp.In: _only("this", "expressions", "query"),
    exp.Exists: _only("this"),
    exp.Like: None,
    exp.ILike: None,
    exp.Escape: None,
    exp.Add: None,
    exp.Sub: None,
    exp.Mul: None,
    exp.Div: None,
    exp.Mod: None,
    exp.Neg: None,
    exp.Case: _only("this", "ifs", "default"),
    exp.If: None,
    exp.Cast: _only("this", "to"),
    exp.TryCast: _only("this", "to", "safe", "requires_string"),
}

FUNCTIONS: dict[type[Any], Args] = {
    exp.Count: _only("this", "big_int"),
    exp.CountIf: _only("this"),
    exp.Sum: _only("this"),
    exp.Min: _only("this"),
    exp.Max: _only("this"),
    exp.Avg: _only("this"),
    exp.LogicalAnd: _only("this"),
    exp.LogicalOr: _only("this"),
    exp.Coalesce: _only("this", "expressions"),
    exp.Nullif: _only("this", "expression"),
    exp.Least: None,
    exp.Greatest: None,
    exp.Abs: _only("this"),
    exp.Floor: _only("this"),
    exp.Ceil: _only("this"),
    exp.Upper: _only("this"),
    exp.Lower: _only("this"),
    exp.Trim: _only("this"),
    exp.Length: _only("this"),
    exp.Substring: _only("this", "start", "length"),
    exp.Left: _only("this", "expression"),
    exp.Right: _only("this", "expression"),
    exp.StartsWith: _only("this", "expression"),
    exp.Extract: _only("this", "expression"),
    exp.Year: _only("this"),
    exp.Month: _only("this"),
    exp.Day: _only("this"),
    exp.DateDiff: _only("this", "expression", "unit", "date_part_boundary"),
    exp.TimestampTrunc: _only("this", "unit"),
    exp.DateTrunc: _only("this", "unit"),
    exp.DateFromParts: _only("year", "month", "day"),
    exp.RowNumber: _only(),
    exp.Rank: _only(),
    exp.DenseRank: _only(),
    exp.Lag: _only("this", "offset", "default"),
    exp.Lead: _only("this", "offset", "default"),
}

ALLOWED: dict[type[Any], Args] = {**STRUCTURE, **OPERATORS, **FUNCTIONS}

TYPES = {"BIGINT", "INT", "SMALLINT", "DECIMAL", "DATE", "TEXT", "VARCHAR", "BOOLEAN"}
"""Types a CAST may name (as sqlglot calls them)."""

UNITS: dict[type[Any], frozenset[str]] = {
    exp.DateDiff: frozenset({"DAY"}),
    exp.TimestampTrunc: frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}),
    exp.DateTrunc: frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}),
    exp.Extract: frozenset({"DAY", "MONTH", "YEAR"}),
}
"""Date units per function; other functions take none."""

JOINS = {
    ("", ""),
    ("", "INNER"),
    ("", "CROSS"),
    ("LEFT", ""),
    ("LEFT", "OUTER"),
    ("RIGHT", ""),
    ("RIGHT", "OUTER"),
    ("FULL", ""),
    ("FULL", "OUTER"),
    ("", "SEMI"),
    ("", "ANTI"),
}
"""(side, kind) of a join."""


def describe(node: Any) -> str:
    """The word for a refused node in an error: what the author would call it, never a literal."""
    if isinstance(node, exp.Anonymous):
        name = str(node.this)
        return f"function {name.lower()}()" if name.isidentifier() and len(name) <= 40 else "unknown function"
    if isinstance(node, exp.Func):
        return f"function {node.sql_name().lower()}()"
    return type(node).__name__.lower()
