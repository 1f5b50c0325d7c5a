"""Small codebooks, dirty files and snapshots for the tests of a node's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from samklang.model.codebook import Codebook
from samklang.model.query import Period
from samklang.node.data.snapshot import Snapshot, load_snapshot
from samklang.node.data.sources import TableSource

LABEL = {"en": "-", "da": "-"}
YEAR = Period.model_validate({"from": date(2024, 1, 1), "until": date(2025, 1, 1), "as_of": date(2025, 1, 1)})


def codebook(
    tables: Mapping[str, Mapping[str, str]],
    variables: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    population: str | None = None,
    sector: str = "region",
) -> Codebook:
    """One sector with these tables (column → type, without ``cpr``)."""
    first = next(iter(tables))
    return Codebook.model_validate(
        {
            "codebook": {"id": "test", "version": 1, "label": LABEL},
            "sectors": {
                sector: {"label": LABEL, "population": population or f"SELECT DISTINCT cpr FROM {first}"}
            },
            "tables": {
                name: {"sector": sector, "columns": {"cpr": "cpr", **columns}}
                for name, columns in tables.items()
            },
            "variables": {n: {"label": LABEL, **v} for n, v in (variables or {}).items()},
        }
    )


def levels(*each: Mapping[str, Any], other: str | None = None) -> dict[str, Any]:
    """A banding called ``b``."""
    return {"b": {"levels": [{"label": LABEL, **level} for level in each], "other": other}}


def snapshot(
    folder: Path,
    book: Codebook,
    sources: Mapping[str, TableSource],
    *,
    sectors: Sequence[str] = ("region",),
    **more: Any,
) -> Snapshot:
    return load_snapshot(sources, book, sectors, spill_dir=folder / "spill", threads=1, memory_mb=256, **more)


def take(folder: Path, logical: Mapping[str, str], content: str | bytes, **options: Any) -> Snapshot:
    """One table ``t`` with these columns, from one CSV file."""
    data = content.encode() if isinstance(content, str) else content
    (folder / "t.csv").write_bytes(data)
    return snapshot(folder, codebook({"t": logical}), {"t": TableSource(("t.csv",), folder, **options)})


def rows(snap: Snapshot, table: str = "t") -> list[tuple[Any, ...]]:
    return snap.engine.con.execute(f'SELECT * FROM "{table}"').fetchall()
