"""Error codes: the SQL in a codebook."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

SQL: dict[str, Entry] = {
    "document-sql-long": Entry(
        "The statement is longer than {limit} characters.", "Split the variable or simplify it."
    ),
    "document-sql-syntax": Entry(
        "This isn't SQL in the DuckDB dialect; reading stopped at {place}.",
        "Write one SELECT statement and try it in DuckDB first.",
    ),
    "document-sql-statement": Entry(
        "A variable is exactly one SELECT statement.",
        "Write one SELECT (WITH may come first); no second statement, no UNION at the top, no other command.",
    ),
    "document-sql-deep": Entry(
        "The statement is nested too deeply (more than {limit} levels).",
        "Use WITH to name the parts.",
    ),
    "document-sql-refused": Entry(
        "A codebook may not use this: {what}.",
        "docs/documents.md lists what may be used; dates come from $as_of, $from and $until.",
    ),
    "document-sql-name": Entry(
        "A name in the statement isn't a plain name.",
        "Names are letters, digits, '_' and '-', and begin with a letter or '_'.",
    ),
    "document-sql-placeholder": Entry(
        "The only placeholders are $as_of, $from and $until.", "Write one of these three."
    ),
    "document-sql-type": Entry("The statement casts to a type that isn't allowed.", "Use one of {types}."),
    "document-sql-table": Entry(
        "The statement reads {name!r}, which is no logical table of this sector.{hint}",
        "Read only the sector's logical tables and the names given in WITH before they are used.",
    ),
    "document-sql-shadow": Entry(
        "WITH gives the name {name!r} twice or to a logical table.", "Choose another name."
    ),
    "document-sql-no-table": Entry(
        "The statement reads no logical table.", "Select from at least one logical table of the sector."
    ),
    "document-sql-column": Entry(
        "The statement uses a column {name!r} that none of its tables has.{hint}",
        "Use the columns that the codebook gives the logical table.",
    ),
    "document-sql-result": Entry(
        "The statement doesn't return exactly the columns {columns}.",
        "Name the result columns, e.g. SELECT cpr, count(*) AS value; no star.",
    ),
}
