"""Error codes: a node's own data. Local by nature: only what the codebook's author must know is public."""

from __future__ import annotations

from samklang.errors.catalogue.entry import Entry

_CHECK = "Run `samklang node check` after the change."

CODES: dict[str, Entry] = {
    "node-spill-directory": Entry(
        "The directory for temporary data can't be created or locked.",
        "Give the node's user write access to the state directory; it must lie on a local file system.",
        public=False,
    ),
    "node-file-missing": Entry(
        "Path {position} of the table {table!r} matches no file.",
        "Correct `file` in the node's configuration; paths are relative to the configuration's folder.",
        public=False,
    ),
    "node-file-empty": Entry(
        "A file of the table {table!r} has no bytes, not even a header.",
        "Repeat the export. A file with a header and no rows is fine.",
        public=False,
    ),
    "node-file-encoding": Entry(
        "A file of the table {table!r} isn't in the encoding it should have.",
        "Export as UTF-8, or set `encoding` (utf-8, utf-16, windows-1252, latin-1). " + _CHECK,
        public=False,
    ),
    "node-file-unreadable": Entry(
        "A file of the table {table!r} can't be read in its format.",
        "Check that it is complete, that quotes are closed and that `format` is right. " + _CHECK,
        public=False,
    ),
    "node-column-missing": Entry(
        "A file of the table {table!r} has no column {source_column!r} for {column!r} "
        "({count} columns found in its first line).",
        "Correct `columns` or `separator` in the configuration; the first line must be the header.",
        public=False,
    ),
    "node-column-twice": Entry(
        "A file of the table {table!r} has the column {source_column!r} for {column!r} more than once.",
        "Rename one of the two in the export.",
        public=False,
    ),
    "node-column-type": Entry(
        "The column {source_column!r} for {column!r} of the table {table!r} holds lists, "
        "structures or raw bytes.",
        "Export it as text, a number, a date or a boolean.",
        public=False,
    ),
    "node-decimal-mark": Entry(
        "In the column {column!r} of the table {table!r} the decimal mark can't be told: comma and point "
        "both occur as such, or every number could as well be written with thousands marks.",
        "Set `decimal` to ',' or '.' for this table.",
        public=False,
    ),
    "node-table-option": Entry(
        "The option {option!r} of the table {table!r} doesn't fit its other options or columns.",
        "`newest_by` names a column of the table and goes with `duplicates: newest`.",
        public=False,
    ),
    "node-table-unmapped": Entry(
        "The codebook's table {table!r} of the sector {sector!r} is not in the node's configuration.",
        "Add it under `tables`; for a table without data give a file with a header and no rows.",
        public=False,
    ),
    "node-table-unknown": Entry(
        "The configuration maps a table {table!r} that the codebook doesn't have for this node's sectors.",
        "Remove it, or correct its name.",
        public=False,
    ),
    "node-table-column-unknown": Entry(
        "The configuration maps a column {column!r} that the table {table!r} doesn't have in the codebook.",
        "Remove it, or correct its name.",
        public=False,
    ),
    "node-engine": Entry(
        "The data engine failed while it read the table {table!r}.",
        "The log names the kind of failure; more memory (`limits`) or disk space may be needed.",
        public=False,
    ),
    "node-objections-unreadable": Entry(
        "The objection register {register!r} has rows whose CPR number can't be read or is missing.",
        "Correct them: a row that can't be read would let a citizen in who said no. Nothing is computed "
        "until then.",
        public=False,
    ),
    "node-register-unknown": Entry(
        "The node has no consent register {register!r}, so nobody has consented.",
        "Name one that `consent` in the node's configuration has, or add it there.",
        public=False,
    ),
    "node-sector-unknown": Entry(
        "The snapshot has no data of the sector {sector!r}.",
        "Ask for a sector that the manifest gives this node.",
    ),
    "node-request": Entry(
        "The variable {variable!r} can't be computed as {kind!r} in the sector {sector!r}.",
        "Ask for it as the codebook defines it: its kind, its sector, and a banding it has.",
    ),
    "node-sql-refused": Entry(
        "A statement of the codebook is not one SELECT.",
        "Correct the codebook: each variable is one SELECT over its sector's logical tables.",
    ),
    "node-variable-columns": Entry(
        "{variable!r} in the sector {sector!r} doesn't return the columns (cpr, value); a population "
        "returns (cpr).",
        "Correct the SELECT list in the codebook.",
    ),
    "node-variable-type": Entry(
        "{variable!r} in the sector {sector!r} returns {found}, which doesn't fit what it is used as "
        "({wanted}).",
        "Add a CAST in the codebook's SQL, or correct the levels' values.",
    ),
    "node-variable-not-unique": Entry(
        "{variable!r} in the sector {sector!r} returns more than one row for at least one citizen.",
        "Group by cpr in the codebook's SQL, or set `duplicates: newest` for a table that should have one "
        "row per citizen.",
        public=False,
    ),
    "node-variable-failed": Entry(
        "{variable!r} in the sector {sector!r} can't be computed on this node's data.",
        "The local log names the kind of failure (a failed CAST, an overflow, a missing column, memory).",
        public=False,
    ),
    "node-cpr-form": Entry(
        "{variable!r} in the sector {sector!r} returns a `cpr` that isn't the tables' own.",
        "Return the column cpr as it is in the logical tables.",
    ),
    "node-snapshot-closed": Entry(
        "The snapshot was closed.",
        "Ask again; the node's current snapshot answers.",
    ),
}
