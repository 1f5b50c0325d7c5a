"""The yardstick: a plain pandas outer join and group-by of the same tables, in one process.

``python -m benchmarks.baseline FOLDER KEY NODES`` reads the Parquet files, joins, bands, groups, and prints
one JSON line. ``KEY`` is ``text`` (CPR numbers as they stand in the files) or ``int`` (turned into int64
while reading, which makes pandas several times faster and is the stricter yardstick). This is what a partner
would do if it were allowed to hold everybody's records; it knows nothing of the rest of the project, so its
table is also the independent check of the released one.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.layout import BANDS, CLIP_BED_DAYS, CLIP_CONTACTS, LAYOUTS, Layout

AXES = {axis: BANDS[axis] for axis in LAYOUTS[3].axes}
"""Edges and names of the bands of the query over three nodes."""


def read(folder: Path, key: str, layout: Layout) -> dict[str, pd.DataFrame]:
    """The tables by partner; a column is called ``PARTNER_column``, so that none meets another."""
    tables = {}
    for name in layout.tables:
        table = pq.read_table(folder / f"{name}.parquet").to_pandas(date_as_object=False)
        if key == "int":
            table["cpr"] = table["cpr"].astype("int64")
        tables[name] = table.rename(columns={c: f"{name}_{c}" for c in table.columns if c != "cpr"})
    return tables


def band(values: pd.Series[Any], axis: str) -> pd.Series[Any]:
    """Half-open bands; a missing value (nobody here) is ABSENT."""
    edges, labels = BANDS[axis]
    banded = pd.cut(values, edges, right=False, labels=labels)
    return banded.cat.add_categories("ABSENT").fillna("ABSENT")


def join(tables: dict[str, pd.DataFrame], layout: Layout) -> pd.DataFrame:
    """One row per cell: the axes, ``size`` and the sum of bed days."""
    joined = reduce(lambda left, right: left.merge(right, on="cpr", how="outer"), tables.values())
    contacts = [joined[f"{name}_contacts"].clip(upper=CLIP_CONTACTS) for name in layout.contacts]
    values: dict[str, Callable[[], pd.Series[Any]]] = {
        "age": lambda: 2026 - joined["kommune_birth_date"].dt.year,
        "home_care": lambda: joined["kommune_home_care_minutes"],
        "medicines": lambda: joined["medicine_medicines"],
        "admissions": lambda: joined["region_admissions"],
        "contacts": lambda: reduce(lambda a, b: a.add(b, fill_value=0), contacts),
    }
    table = pd.DataFrame({axis: band(values[axis](), axis) for axis in layout.axes})
    table["bed_days"] = joined["region_bed_days"].clip(upper=CLIP_BED_DAYS).fillna(0).astype(np.int64)
    grouped = table.groupby(list(layout.axes), observed=True)["bed_days"].agg(["size", "sum"])
    return grouped.reset_index()


def main(folder: Path, key: str, nodes: int = 3) -> dict[str, object]:
    """Measure both parts; ``cells`` is a list of [four levels, count, bed days]."""
    layout = LAYOUTS[nodes]
    start = time.perf_counter()
    tables = read(folder, key, layout)
    ready = time.perf_counter()
    cells = join(tables, layout)
    done = time.perf_counter()
    return {
        "key": key,
        "read_s": ready - start,
        "join_s": done - ready,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "citizens": int(cells["size"].sum()),
        "cells": [[*map(str, row[:4]), int(row[4]), int(row[5])] for row in cells.itertuples(index=False)],
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
