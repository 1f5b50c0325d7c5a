"""What a node's configuration says about one logical table: which files, and how to read them.

Nothing here opens a file. Paths may be globs and are relative to the configuration's folder; the files of
one table are read in sorted order, so that the same folder always gives the same tables.
"""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from samklang.errors import SamklangError
from samklang.model.config import ControllerFiles, TableConfig

Duplicates = Literal["keep", "drop", "newest"]
Encoding = Literal["auto", "utf-8", "utf-16", "latin-1", "windows-1252"]


@dataclass(frozen=True, slots=True)
class TableSource:
    """One logical table's files and reading options.

    Attributes:
        files: paths or globs.
        base: the folder that relative paths start from.
        columns: logical column → column in the file; a logical column left out has its own name there.
        encoding: ``auto`` takes UTF-8 (UTF-16 with a byte order mark) if the whole file decodes, else
            Windows-1252, else Latin-1.
        separator: ``auto`` takes the one of ``, ; tab |`` that makes the header show the columns needed.
        decimal: decimal mark; ``auto`` decides per column and refuses to guess (``node-decimal-mark``).
        date_formats: strptime patterns tried instead of the default forms (ISO, ``YYYYMMDD``, and
            day-month-year with ``-``, ``/`` or ``.`` and a four-digit year, each with or without a time).
        null: texts that stand for "no value" in every column, exactly as written. Blank always does; NULL,
            NA, N/A, NaN, None and - also do in columns that aren't text. In a text column the word "None"
            is a word unless it is listed here.
        duplicates: ``keep`` every row (two equal prescriptions are two); ``drop`` identical rows;
            ``newest``: one row per citizen, identical rows dropped, of conflicting ones the newest kept.
        newest_by: the logical column that ``newest`` compares; reading order decides what it leaves equal.
        files_of: instead of ``files``: controller → paths or globs.
        controller: the source's column that says whose a row is; empty where none does.
        controller_ids: what stands in that column → controller; empty where the ids stand there themselves.
    """

    files: tuple[str, ...]
    base: Path = Path()
    format: Literal["csv", "parquet"] = "csv"
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: Encoding = "auto"
    separator: str = "auto"
    decimal: Literal["auto", ".", ","] = "auto"
    date_formats: tuple[str, ...] = ()
    null: tuple[str, ...] = ()
    duplicates: Duplicates = "keep"
    newest_by: str | None = None
    files_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    controller: str | None = None
    controller_ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def attributed(self) -> bool:
        """It says whose its rows are."""
        return bool(self.files_of) or self.controller is not None

    def source_column(self, logical: str) -> str:
        return self.columns.get(logical, logical)


def table_source(config: TableConfig | ControllerFiles | TableSource) -> TableSource:
    """A configured table, whose paths are absolute already, as a source."""
    if isinstance(config, TableSource):
        return config
    by_controller, column = {}, None
    if isinstance(config, ControllerFiles):
        by_controller = {name: tuple(str(f) for f in files) for name, files in config.files_of.items()}
    else:
        column = config.controller
    return TableSource(
        files=tuple(str(f) for f in config.file) if isinstance(config, TableConfig) else (),
        format=config.format,
        columns=config.columns,
        encoding=config.encoding,
        separator=config.separator,
        decimal=config.decimal,
        date_formats=config.date_formats,
        null=config.null,
        duplicates=config.duplicates,
        newest_by=config.newest_by,
        files_of=by_controller,
        controller=column.column if column else None,
        controller_ids=column.ids if column else {},
    )


def resolve_files(table: str, source: TableSource) -> tuple[Path, ...]:
    """The files of ``source``, sorted within each pattern, each once.

    Raises:
        SamklangError: ``node-file-missing`` if a path doesn't exist or a glob matches nothing.
    """
    found: dict[Path, None] = {}
    for position, pattern in enumerate(source.files, 1):
        matches = matching(source.base / pattern)
        if not matches:
            raise SamklangError("node-file-missing", table=table, position=position, private=pattern)
        found.update(dict.fromkeys(matches))
    if not found:
        raise SamklangError("node-file-missing", table=table, position=1)
    return tuple(found)


def matching(path: Path) -> list[Path]:
    """The file at ``path``, or those that it matches as a glob, sorted; nothing is opened."""
    if path.is_file():
        return [path]
    return sorted(Path(p) for p in glob.glob(str(path), recursive=True) if Path(p).is_file())
