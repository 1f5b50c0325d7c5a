"""The exact table where pandas would need too much memory: one SQL statement, which may write to disk.

``python -m benchmarks.exact FOLDER NODES`` prints what :mod:`benchmarks.baseline` prints. Not a yardstick of
speed (DuckDB uses all cores); a check of the released table that is as independent.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.layout import BANDS, CLIP_BED_DAYS, CLIP_CONTACTS, END, LAYOUTS, Layout

MEMORY = "4GB"
_VALUES = {
    "age": "2026 - year(kommune_birth_date)",
    "home_care": "kommune_home_care_minutes",
    "medicines": "medicine_medicines",
    "admissions": "region_admissions",
}
_COLUMNS = {
    "kommune": ("birth_date", "home_care_minutes"),
    "region": ("admissions", "contacts", "bed_days"),
    "gp": ("contacts",),
    "psychiatry": ("contacts",),
    "medicine": ("medicines",),
}


def band(axis: str, value: str) -> str:
    """An SQL expression for a value's band; no value is ABSENT."""
    edges, labels = BANDS[axis]
    whens = [
        f"WHEN {value} < {edge} THEN '{label}'" if edge != END else f"ELSE '{label}'"
        for edge, label in zip(edges[1:], labels, strict=True)
    ]
    return f"CASE WHEN {value} IS NULL THEN 'ABSENT' {' '.join(whens)} END"


def statement(folder: Path, layout: Layout) -> str:
    """All rows one below the other, made one per CPR number, banded and grouped."""
    tables = [
        f"SELECT cpr, {', '.join(f'{c} AS {name}_{c}' for c in _COLUMNS[name])} "
        f"FROM read_parquet('{folder / name}.parquet')"
        for name in layout.tables
    ]
    columns = [f"{name}_{c}" for name in layout.tables for c in _COLUMNS[name]]
    one = f"SELECT {', '.join(f'max({c}) AS {c}' for c in columns)} FROM every GROUP BY cpr"
    known = " AND ".join(f"{name}_contacts IS NULL" for name in layout.contacts)
    total = " + ".join(f"least(coalesce({name}_contacts, 0), {CLIP_CONTACTS})" for name in layout.contacts)
    values = {**_VALUES, "contacts": f"(CASE WHEN {known} THEN NULL ELSE {total} END)"}
    axes = ", ".join(f"{band(axis, values[axis])} AS {axis}" for axis in layout.axes)
    return (
        f"WITH every AS ({' UNION ALL BY NAME '.join(tables)}), citizen AS ({one}) "
        f"SELECT {axes}, count(*), sum(least(coalesce(region_bed_days, 0), {CLIP_BED_DAYS})) "
        f"FROM citizen GROUP BY ALL"
    )


def main(folder: Path, nodes: int = 3) -> dict[str, object]:
    """``cells`` is a list of [four levels, count, bed days]."""
    start = time.perf_counter()
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder / "spill")}) as con:
        cells = con.execute(statement(folder, LAYOUTS[nodes])).fetchall()
    return {
        "key": "sql",
        "read_s": 0.0,
        "join_s": time.perf_counter() - start,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "citizens": sum(row[4] for row in cells),
        "cells": [[*row[:4], int(row[4]), int(row[5])] for row in cells],
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
