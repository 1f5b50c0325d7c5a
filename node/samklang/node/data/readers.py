"""Files as Arrow batches: the columns a logical table needs, named as it names them, nothing else.

CSV columns come as text; Parquet columns keep their type where every file agrees on it, and come as text
where not. Columns that no logical table asks for are never read. Bytes are decoded strictly. A line with
too many or too few fields is left out and counted. No error carries text from a file.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from samklang.errors import SamklangError
from samklang.node.data.sources import TableSource

SEPARATORS = (",", ";", "\t", "|")
_BLOCK = 4 << 20
_HEADER_LIMIT = 1 << 20
_BATCH_ROWS = 131_072


@dataclass(slots=True)
class FileFacts:
    """What was found out about one file. ``malformed``: lines with a wrong number of fields."""

    name: str = field(repr=False)
    encoding: str | None = None
    separator: str | None = None
    malformed: int = 0


@dataclass(slots=True)
class Opened:
    """A table's rows, to be read once; ``facts`` are complete when ``batches`` is exhausted."""

    schema: Any
    batches: Iterator[Any]
    facts: list[FileFacts]


def open_table(table: str, source: TableSource, columns: Sequence[str], files: Sequence[Path]) -> Opened:
    """The logical ``columns`` of all ``files``, one after the other.

    Raises:
        SamklangError: ``node-file-empty``, ``node-file-unreadable``, ``node-file-encoding``,
            ``node-column-missing``, ``node-column-twice``, ``node-column-type``.
    """
    if source.format == "parquet" and files:
        return _open_parquet(table, source, columns, files)
    facts = [FileFacts(f.name) for f in files]
    schema = pa.schema([(c, pa.string()) for c in columns])
    opened = [_open_csv(table, source, columns, path, fact) for path, fact in zip(files, facts, strict=True)]

    def batches() -> Iterator[Any]:
        for each in opened:
            yield from each()

    return Opened(schema, batches(), facts)


def detect_encoding(path: Path, table: str) -> str:
    """Read the whole file once and return the first codec that takes all of it."""
    with path.open("rb") as f:
        start = f.read(4)
    if not start:
        raise SamklangError("node-file-empty", table=table, private=path.name)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8", "cp1252", "latin-1"]
    for candidate in candidates:
        decoder = codecs.getincrementaldecoder(candidate)()
        try:
            with path.open("rb") as f:
                while block := f.read(_BLOCK):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
            return candidate
        except UnicodeDecodeError:
            continue
    raise SamklangError("node-file-encoding", table=table, private=path.name)


def _unreadable(table: str, path: Path, error: Exception) -> SamklangError:
    return SamklangError("node-file-unreadable", table=table, private=f"{path.name}: {type(error).__name__}")


def _find(header: Sequence[str], wanted: str) -> list[int]:
    """Positions of ``wanted``: as written, else ignoring case."""
    exact = [i for i, h in enumerate(header) if h == wanted]
    return exact or [i for i, h in enumerate(header) if h.casefold() == wanted.casefold()]


def _positions(
    table: str, source: TableSource, columns: Sequence[str], header: Sequence[str], file: str
) -> dict[str, int]:
    places = {}
    for column in columns:
        found = _find(header, source.source_column(column))
        if len(found) != 1:
            # The header itself is never shown: in a file without one it is a citizen's row.
            wanted = source.source_column(column)
            if found:
                raise SamklangError(
                    "node-column-twice", table=table, column=column, source_column=wanted, private=file
                )
            raise SamklangError(
                "node-column-missing",
                table=table,
                column=column,
                source_column=wanted,
                count=len(header),
                private=file,
            )
        places[column] = found[0]
    return places


def _header(text: str, separator: str) -> list[str]:
    try:
        row = next(csv.reader(io.StringIO(text), delimiter=separator), [])
    except csv.Error:
        row = []
    return [h.strip("\ufeff \t\u00a0\x00") for h in row]


def _open_csv(
    table: str, source: TableSource, columns: Sequence[str], path: Path, facts: FileFacts
) -> Callable[[], Iterator[Any]]:
    """Look at the header now; the returned function yields the batches later."""
    names = {"windows-1252": "cp1252"}
    try:
        found = detect_encoding(path, table)
        facts.encoding = found if source.encoding == "auto" else names.get(source.encoding, source.encoding)
        with path.open("rb") as f:
            decoder = codecs.getincrementaldecoder(facts.encoding)()
            head = decoder.decode(f.read(_HEADER_LIMIT))
    except UnicodeDecodeError:
        raise SamklangError("node-file-encoding", table=table, private=path.name) from None
    except OSError as error:
        raise _unreadable(table, path, error) from None
    candidates = SEPARATORS if source.separator == "auto" else (source.separator,)
    places, header = None, None
    for candidate in candidates:
        header = _header(head, candidate)
        if all(len(_find(header, source.source_column(c))) == 1 for c in columns):
            facts.separator = candidate
            places = _positions(table, source, columns, header, path.name)
            break
    if places is None or facts.separator is None or header is None:
        header = max((_header(head, c) for c in candidates), key=len)
        _positions(table, source, columns, header, path.name)
        raise AssertionError("unreachable: a column is missing or there twice")
    fields = [f"f{i}" for i in range(len(header))]
    encoding, separator = facts.encoding, facts.separator
    only_header = len(head.split("\n", 1)) < 2 and len(head) < _HEADER_LIMIT // 4

    def skip(_: Any) -> str:
        facts.malformed += 1
        return "skip"

    def read() -> Iterator[Any]:
        if only_header:
            return
        try:
            reader = pa.csv.open_csv(
                path,
                pa.csv.ReadOptions(
                    block_size=_BLOCK,
                    column_names=fields,
                    skip_rows_after_names=1,
                    encoding="utf8" if encoding == "utf-8" else encoding,
                ),
                pa.csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=skip),
                pa.csv.ConvertOptions(
                    include_columns=[fields[i] for i in places.values()],
                    column_types=dict.fromkeys(fields, pa.string()),
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                yield batch.rename_columns(list(places))
        except (pa.ArrowInvalid, UnicodeDecodeError, OSError) as error:
            raise _unreadable(table, path, error) from None

    return read


def _common(types: set[Any]) -> Any:
    """The Arrow type under which a column is handed on, or None if the engine can't take it."""
    kinds = {plain_type(t) for t in types}
    if None in kinds:
        return None
    return kinds.pop() if len(kinds) == 1 else pa.string()


def plain_type(t: Any) -> Any:
    """The Arrow type under which the engine takes ``t``; None if it can't."""
    if pa.types.is_dictionary(t):
        t = t.value_type
    if pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_string_view(t):
        return pa.string()
    if pa.types.is_integer(t):
        return pa.uint64() if t == pa.uint64() else pa.int64()
    if pa.types.is_floating(t):
        return pa.float64()
    if pa.types.is_date(t):
        return pa.date32()
    if pa.types.is_timestamp(t):
        return pa.timestamp("us", tz="UTC") if t.tz else pa.timestamp("us")
    if pa.types.is_decimal(t) or pa.types.is_boolean(t):
        return t
    if pa.types.is_null(t):
        return pa.string()
    return None


def _open_parquet(table: str, source: TableSource, columns: Sequence[str], files: Sequence[Path]) -> Opened:
    places: list[dict[str, str]] = []
    types: dict[str, set[Any]] = {c: set() for c in columns}
    for path in files:
        try:
            schema = pa.parquet.read_schema(path)
        except (pa.ArrowInvalid, OSError) as error:
            if path.stat().st_size == 0:
                raise SamklangError("node-file-empty", table=table, private=path.name) from None
            raise _unreadable(table, path, error) from None
        found = _positions(table, source, columns, schema.names, path.name)
        places.append({c: schema.names[i] for c, i in found.items()})
        for column, i in found.items():
            types[column].add(schema.types[i])
    common = {c: _common(t) for c, t in types.items()}
    for column, chosen in common.items():
        if chosen is None:
            raise SamklangError(
                "node-column-type", table=table, column=column, source_column=source.source_column(column)
            )
    schema = pa.schema(list(common.items()))

    def batches() -> Iterator[Any]:
        for path, names in zip(files, places, strict=True):
            yield from _parquet_batches(table, path, names, schema)

    return Opened(schema, batches(), [FileFacts(f.name) for f in files])


def _parquet_batches(table: str, path: Path, names: Mapping[str, str], schema: Any) -> Iterator[Any]:
    try:
        with pa.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=list(names.values())):
                arrays = [
                    batch.column(names[f.name]).cast(f.type, safe=not pa.types.is_timestamp(f.type))
                    for f in schema
                ]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise _unreadable(table, path, error) from None
