"""One logical table, from batches of raw columns to typed rows: what can't be used is counted by reason.

Always: ``rows_read = rows_kept + sum(quarantined.values())``. A row is quarantined for its first reason,
whose it is first, then CPR, then the columns in the codebook's order. Counts stay inside the node.

A row whose optional column can't be read is quarantined too rather than kept with that column blank: a
blank would be a different answer ("has not ended") that nobody gave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import pyarrow as pa

from samklang.errors import SamklangError
from samklang.model import cpr as cpr_rules
from samklang.model.accession import Members
from samklang.model.codebook import ColumnType
from samklang.node.data import cleaning
from samklang.node.data.arrays import cpr_array
from samklang.node.data.attribution import open_joined
from samklang.node.data.engine import Engine
from samklang.node.data.readers import FileFacts, Opened
from samklang.node.data.sources import TableSource

_BATCH_ROWS = 262_144

Reason = tuple[str, str]
"""(reason, logical column); the column is empty where the reason is about the whole row."""


@dataclass(frozen=True, slots=True)
class TableIntake:
    """What became of one table's rows. Exact counts: for the node's own eyes.

    Attributes:
        quarantined: rows left out, by reason.
        notes: rows kept that deserve a look (repaired, unusual), by reason; a row may have several.
        one_per_citizen: no CPR number occurs twice among the rows kept.
    """

    rows_read: int = field(repr=False)
    rows_kept: int = field(repr=False)
    quarantined: Mapping[Reason, int] = field(repr=False)
    notes: Mapping[Reason, int] = field(repr=False)
    files: tuple[FileFacts, ...] = field(repr=False)
    one_per_citizen: bool = False


def take_in(
    engine: Engine,
    table: str,
    columns: Mapping[str, ColumnType],
    source: TableSource,
    *,
    members: Members | None = None,
) -> TableIntake:
    """Read ``source`` into the engine as the table ``table`` with the codebook's columns and types.

    ``members``: whose rows, where the source says whose they are; see
    :func:`~samklang.node.data.attribution.open_joined`.

    Raises:
        SamklangError: those of :func:`~samklang.node.data.attribution.open_joined` and of
        :func:`take_in_rows`.
    """
    opened, left = open_joined(table, source, list(columns), members)
    found = take_in_rows(engine, table, columns, source, opened, shown=table)
    out: dict[Reason, int] = {(reason, ""): rows for reason, rows in left.rows.items() if rows}
    return replace(
        found,
        rows_read=found.rows_read + sum(out.values()),
        quarantined={**out, **found.quarantined},
    )


def take_in_rows(
    engine: Engine,
    table: str,
    columns: Mapping[str, ColumnType],
    source: TableSource,
    opened: Opened,
    *,
    shown: str,
    temporary: bool = False,
) -> TableIntake:
    """As :func:`take_in`, for rows that somebody has opened; of ``source``, only how to read a value counts.

    Raises:
        SamklangError: ``node-decimal-mark``, ``node-table-option``, ``node-engine``; what ``opened`` raises.
    """
    if source.newest_by is not None and (source.duplicates != "newest" or source.newest_by not in columns):
        raise SamklangError("node-table-option", table=shown, option="newest_by")
    try:
        return _take_in(engine.con, table, columns, source, opened, "TEMP " if temporary else "")
    except duckdb.Error as error:
        # The engine's own text may quote a value.
        raise SamklangError("node-engine", table=shown, private=type(error).__name__) from None
    finally:
        for left in ("_raw", "_stage"):
            engine.con.execute(f"DROP TABLE IF EXISTS {left}")


def _take_in(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, ColumnType],
    source: TableSource,
    opened: Opened,
    temporary: str,
) -> TableIntake:
    _load_raw(con, columns, opened)
    raw_types = {row[0].removeprefix("r_"): str(row[1]) for row in con.execute("DESCRIBE _raw").fetchall()}
    rules = {}
    for column, kind in columns.items():
        mark = _mark(con, table, column, kind, raw_types[column], source)
        rules[column] = cleaning.clean(column, kind, raw_types[column], source, mark)
    notes = _stage(con, columns, rules)
    malformed = sum(f.malformed for f in opened.facts)
    quarantined: dict[Reason, int] = {("malformed-line", ""): malformed} if malformed else {}
    for reason, column, count in con.execute(
        'SELECT "reason"."code", "reason"."column", count(*) FROM _stage '
        'WHERE "reason" IS NOT NULL GROUP BY ALL ORDER BY ALL'
    ).fetchall():
        quarantined[(reason, column)] = count
    quarantined.update(_keep(con, table, columns, source, temporary))
    cpr = cpr_column(columns)
    if odd := _failing_modulus_11(con, table, cpr):
        notes[("cpr-modulus-11", cpr)] = odd
    read = _count(con, "_raw") + malformed
    kept = _count(con, f'"{table}"')
    unique = _count(con, f'(SELECT DISTINCT "{cpr}" FROM "{table}")') == kept
    return TableIntake(read, kept, quarantined, notes, tuple(opened.facts), unique)


def _load_raw(con: duckdb.DuckDBPyConnection, columns: Mapping[str, ColumnType], opened: Opened) -> None:
    failure: list[SamklangError] = []

    def watched() -> Iterator[Any]:
        # Inside the engine an exception loses its type and, worse, is quoted in another one.
        try:
            yield from opened.batches
        except SamklangError as error:
            failure.append(error)

    con.register("_batches", pa.RecordBatchReader.from_batches(opened.schema, watched()))
    try:
        names = ", ".join(f'"{c}" AS {cleaning.raw_name(c)}' for c in columns)
        con.execute(f"CREATE TEMP TABLE _raw AS SELECT {names} FROM _batches")
        if failure:
            raise failure[0]
    finally:
        con.unregister("_batches")


def _mark(
    con: duckdb.DuckDBPyConnection, table: str, column: str, kind: str, raw_type: str, source: TableSource
) -> str:
    """The decimal mark of a column of text; decided by what the whole column looks like.

    Raises:
        SamklangError: ``node-decimal-mark`` if it could be either, or is now one and now the other.
    """
    if source.decimal != "auto":
        return source.decimal
    if kind != "decimal" or raw_type != "VARCHAR":
        return ""
    text = cleaning.tidied(cleaning.raw_name(column), "decimal", source)
    marks = cleaning.decimal_mark_counts("t")
    row: Any = con.execute(
        f"SELECT {', '.join(f'count(*) FILTER ({m})' for m in marks)} FROM (SELECT {text} AS t FROM _raw)"
    ).fetchone()
    comma, point, either = row
    if (comma and point) or (either and not comma and not point):
        raise SamklangError("node-decimal-mark", table=table, column=column)
    return "," if comma else "."


def _stage(
    con: duckdb.DuckDBPyConnection, columns: Mapping[str, ColumnType], rules: Mapping[str, cleaning.Cleaned]
) -> dict[Reason, int]:
    """``_stage``: the typed values, the reason not to use the row, and its number in reading order."""
    raw, text, value = cleaning.raw_name, cleaning.text_name, cleaning.value_name
    texts = ", ".join(f"{rules[c].text} AS {text(c)}" for c in columns)
    values = ", ".join(f"{rules[c].value} AS {value(c)}" for c in columns)
    cpr = cpr_column(columns)
    whens = [f"WHEN {text(cpr)} IS NULL THEN {{'code': 'cpr-missing', 'column': '{cpr}'}}"]
    for c in sorted(columns, key=lambda c: c != cpr):
        whens.append(
            f"WHEN {text(c)} IS NOT NULL AND {value(c)} IS NULL "
            f"THEN {{'code': {rules[c].reason}, 'column': '{c}'}}"
        )
    conditions = {(name, c): sql for c in columns for name, sql in rules[c].notes.items()}
    flags = "".join(f', ({sql}) AS "n_{i}"' for i, sql in enumerate(conditions.values()))
    con.execute(
        f"CREATE TEMP TABLE _stage AS SELECT row_number_, {', '.join(value(c) for c in columns)}, "
        f'CASE {" ".join(whens)} END AS "reason"{flags} FROM ('
        f"SELECT *, {values} FROM (SELECT rowid AS row_number_, {', '.join(raw(c) for c in columns)}, "
        f"{texts} FROM _raw))"
    )
    if not conditions:
        return {}
    counts: Any = con.execute(
        "SELECT "
        + ", ".join(f'count(*) FILTER ("n_{i}")' for i in range(len(conditions)))
        + ' FROM _stage WHERE "reason" IS NULL'
    ).fetchone()
    return {name: n for name, n in zip(conditions, counts, strict=True) if n}


def _keep(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, ColumnType],
    source: TableSource,
    temporary: str,
) -> dict[Reason, int]:
    """Make the final table from the usable rows; returns what the duplicates rule left out."""
    value = cleaning.value_name
    names = ", ".join(value(c) for c in columns)
    final = ", ".join(
        f'CAST({value(c)} AS {cleaning.ENGINE_TYPES[kind]}) AS "{c}"' for c, kind in columns.items()
    )
    usable = f'SELECT row_number_, {names} FROM _stage WHERE "reason" IS NULL'
    create = f'CREATE {temporary}TABLE "{table}" AS SELECT {final} FROM'
    if source.duplicates == "keep":
        con.execute(f"{create} ({usable})")
        return {}
    place = "max" if source.duplicates == "newest" else "min"
    con.execute(
        f"CREATE TEMP TABLE _distinct AS SELECT {place}(row_number_) AS row_number_, {names}, "
        f"count(*) AS times FROM ({usable}) GROUP BY {names}"
    )
    try:
        row: Any = con.execute("SELECT coalesce(sum(times), 0), count(*) FROM _distinct").fetchone()
        left_out: dict[Reason, int] = {("duplicate-identical", ""): int(row[0]) - int(row[1])}
        if source.duplicates == "newest":
            cpr = cpr_column(columns)
            newest = f"{value(source.newest_by)} DESC NULLS LAST, " if source.newest_by else ""
            con.execute(
                f"{create} (SELECT * FROM _distinct QUALIFY row_number() OVER "
                f"(PARTITION BY {value(cpr)} ORDER BY {newest}row_number_ DESC) = 1 ORDER BY row_number_)"
            )
            left_out[("duplicate-older", "")] = int(row[1]) - _count(con, f'"{table}"')
        else:
            con.execute(f"{create} (SELECT * FROM _distinct ORDER BY row_number_)")
    finally:
        con.execute("DROP TABLE IF EXISTS _distinct")
    return {reason: n for reason, n in left_out.items() if n}


def cpr_column(columns: Mapping[str, ColumnType]) -> str:
    return next(c for c, kind in columns.items() if kind == "cpr")


def _failing_modulus_11(con: duckdb.DuckDBPyConnection, table: str, cpr: str) -> int:
    """Rows with an ordinary number that fails modulus 11; counted, never refused."""
    failing = 0
    for batch in con.execute(f'SELECT "{cpr}" FROM "{table}"').to_arrow_reader(_BATCH_ROWS):
        numbers = cpr_array(batch.column(0))
        failing += int((~cpr_rules.passes_modulus_11(numbers) & ~cpr_rules.is_replacement(numbers)).sum())
    return failing


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row: Any = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0])
