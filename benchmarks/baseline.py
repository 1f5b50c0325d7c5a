"""The yardstick: a plain pandas outer join and group-by of the same tables, in one process.

``python -m benchmarks.baseline FOLDER KEY`` reads the three Parquet files, joins, bands, groups, and prints
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
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

END = 1 << 30
AXES: dict[str, tuple[list[int], list[str]]] = {
    "age": ([0, 18, 45, 65, 80, END], ["0-17", "18-44", "45-64", "65-79", "80+"]),
    "home_care": ([0, 1, 60, 180, END], ["none", "1-59", "60-179", "180+"]),
    "admissions": ([0, 1, 2, 4, END], ["0", "1", "2-3", "4+"]),
    "contacts": ([0, 1, 4, 10, END], ["0", "1-3", "4-9", "10+"]),
}
"""Edges of half-open bands and their names, as in ``benchmarks/federation/codebook.yaml``."""
CLIP_CONTACTS = 20
CLIP_BED_DAYS = 60


def read(folder: Path, key: str) -> list[pd.DataFrame]:
    """The three tables."""
    names = ("kommune", "region", "gp")
    tables = [pq.read_table(folder / f"{name}.parquet").to_pandas(date_as_object=False) for name in names]
    if key == "int":
        for table in tables:
            table["cpr"] = table["cpr"].astype("int64")
    return tables


def band(values: pd.Series[Any], axis: str) -> pd.Series[Any]:
    """Half-open bands; a missing value (nobody here) is ABSENT."""
    edges, labels = AXES[axis]
    banded = pd.cut(values, edges, right=False, labels=labels)
    return banded.cat.add_categories("ABSENT").fillna("ABSENT")


def join(kommune: pd.DataFrame, region: pd.DataFrame, gp: pd.DataFrame) -> pd.DataFrame:
    """One row per cell: the axes, ``size`` and the sum of bed days."""
    joined = kommune.merge(region, on="cpr", how="outer")
    joined = joined.merge(gp, on="cpr", how="outer", suffixes=("_region", "_gp"))
    at_region = joined["contacts_region"].clip(upper=CLIP_CONTACTS)
    at_gp = joined["contacts_gp"].clip(upper=CLIP_CONTACTS)
    table = pd.DataFrame(
        {
            "age": band(2026 - joined["birth_date"].dt.year, "age"),
            "home_care": band(joined["home_care_minutes"], "home_care"),
            "admissions": band(joined["admissions"], "admissions"),
            "contacts": band(at_region.add(at_gp, fill_value=0), "contacts"),
            "bed_days": joined["bed_days"].clip(upper=CLIP_BED_DAYS).fillna(0).astype(np.int64),
        }
    )
    grouped = table.groupby(list(AXES), observed=True)["bed_days"].agg(["size", "sum"])
    return grouped.reset_index()


def main(folder: Path, key: str) -> dict[str, object]:
    """Measure both parts; ``cells`` is a list of [four levels, count, bed days]."""
    start = time.perf_counter()
    tables = read(folder, key)
    ready = time.perf_counter()
    cells = join(*tables)
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
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])))
