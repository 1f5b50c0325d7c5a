"""The second fence around codebook SQL: what the engine's own parser makes of a statement.

:mod:`samklang.model.sql` has checked a tree that another parser built. Here the parser that will run the
statement must agree: one SELECT, no table function, and no table but the logical ones and the statement's
own. (A table function can do things that no setting forbids: one that sends the log to a file leaves a
connection on which everything fails.)
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import duckdb

from samklang.errors import SamklangError

_REFUSED = frozenset({"TABLE_FUNCTION", "SHOW_REF", "PIVOT", "COLUMN_DATA", "DELIM_GET"})


def require_select(con: duckdb.DuckDBPyConnection, sql: str, tables: Collection[str]) -> None:
    """Check that ``sql`` is one SELECT over ``tables``.

    Raises:
        SamklangError: ``node-sql-refused``.
    """
    try:
        statements = con.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise SamklangError("node-sql-refused")
        row: Any = con.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
        tree = json.loads(row[0])
    except (duckdb.Error, ValueError, RecursionError):
        raise SamklangError("node-sql-refused") from None
    if tree.get("error") is not False or len(tree["statements"]) != 1:
        raise SamklangError("node-sql-refused")
    nodes = list(_nodes(tree))
    own = {str(each["key"]).lower() for node in nodes for each in node.get("cte_map", {}).get("map", ())}
    known = own | {t.lower() for t in tables}
    for node in nodes:
        # A constant's type is an object under the same key.
        kind = str(node.get("type"))
        elsewhere = node.get("catalog_name") or node.get("schema_name")
        if kind in _REFUSED or (
            kind == "BASE_TABLE" and (elsewhere or str(node["table_name"]).lower() not in known)
        ):
            raise SamklangError("node-sql-refused")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a JSON tree."""
    todo = [tree]
    while todo:
        found = todo.pop()
        if isinstance(found, dict):
            yield found
            todo.extend(found.values())
        elif isinstance(found, list):
            todo.extend(found)
