"""What the form of a checked statement proves, and how statements with the same rows become one.

A statement has *rows* (everything but its value: FROM, WHERE, GROUP BY …) and a *value*. Statements whose
form proves one row per citizen, and that have the same rows, are read in one scan with several values; and
values that stand in the very table that the population is read from need no join at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Form:
    """Made by :func:`form_of`.

    Attributes:
        unique: the form proves that no citizen has two rows; False means only that it doesn't.
        rows: the statement without its value, to compare; None if it must stay by itself.
        everybody: ``rows`` without its WHERE, where the statement reads one table that has one row per
            citizen and does nothing else; else None.
    """

    unique: bool
    rows: str | None = None
    everybody: str | None = None
    _tree: Any = field(default=None, repr=False)

    def reading(self, values: Mapping[str, Form]) -> str:
        """The statement with these values, by column name, instead of its own.

        Every one of ``values`` must have the same rows, or be taken for granted by the caller to have one
        row for each of these. Names begin with an underscore, which no column of a logical table does, so
        that a WHERE can't mean one of them.
        """
        returned = [_cpr(self._tree).copy()]
        for name, form in values.items():
            value = next(e for e in form._tree.expressions if e.alias_or_name == "value")
            returned.append(exp.alias_(value.unalias().copy(), name, quoted=True))
        return _written(self._tree, returned)


def form_of(sql: str, one_per_citizen: Collection[str]) -> Form:
    """What the form of ``sql`` proves; ``one_per_citizen`` names the tables with one row per citizen.

    No citizen has two rows if the outermost SELECT groups by exactly the column that it returns as ``cpr``,
    or if it reads a single table that has one row per citizen and returns that table's ``cpr``.
    """
    root: Any = sqlglot.parse_one(sql, dialect="duckdb")
    if not isinstance(root, exp.Select) or (cpr := _cpr(root)) is None:
        return Form(False)
    args = root.args
    if (group := args.get("group")) is not None:
        plain = False
        unique = len(group.expressions) == 1 and group.expressions[0] == cpr
    else:
        source = args["from_"].this
        plain = isinstance(source, exp.Table) and not args.get("joins") and not args.get("with_")
        unique = plain and source.name in one_per_citizen
    if not unique or not _separable(root):
        return Form(unique)
    simple = plain and all(k in _SIMPLE for k, v in args.items() if v)
    return Form(
        True, _written(root, [cpr]), _written(root, [cpr], where=False) if simple else None, _tree=root
    )


_SIMPLE = frozenset({"expressions", "from_", "where", "distinct", "kind"})


def _cpr(root: Any) -> Any:
    found = next((e for e in root.expressions if e.alias_or_name == "cpr"), None)
    return found if isinstance(found, exp.Column) else None


def _separable(root: Any) -> bool:
    """Nothing but the value depends on the value (DuckDB lets a WHERE mean an alias of the SELECT), and the
    value depends on one citizen's rows alone (a window would see who else is read)."""
    if root.find(exp.Window) or any(
        root.args.get(clause) for clause in ("order", "limit", "offset", "qualify", "having", "windows")
    ):
        return False
    return all(column.name != "value" for column in root.find_all(exp.Column))


def _written(root: Any, returned: list[Any], *, where: bool = True) -> str:
    """The statement returning something else. DISTINCT goes: the form proves that there is nothing to do."""
    tree = root.copy()
    tree.set("distinct", None)
    tree.set("expressions", returned)
    if not where:
        tree.set("where", None)
    text: str = tree.sql(dialect="duckdb", comments=False, identify=True)
    return text
