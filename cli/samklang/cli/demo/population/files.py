"""Tables as files, CSV or Parquet by their name, without a Python object per row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from samklang.cli.demo.population.people import People

REGISTER = "objections.csv"


def write(
    folder: Path, people: People, tables: Mapping[str, Mapping[str, Any]], *, share: float, seed: int
) -> dict[str, int]:
    """Write every table, and beside a partner's tables its register of objections.

    Args:
        tables: file name relative to ``folder`` → column → array; ``cpr`` holds indices of ``people``.
        share: of the citizens in a folder who have objected.

    Returns:
        File name → rows.
    """
    numbers = _texts(people.cpr)
    rows, seen = {}, dict[str, list[NDArray[np.int64]]]()
    for name, columns in tables.items():
        arrays = {"cpr": numbers.take(pa.array(columns["cpr"]))}
        arrays |= {column: _column(values) for column, values in columns.items() if column != "cpr"}
        _file(folder / name, pa.table(arrays))
        rows[name] = len(columns["cpr"])
        seen.setdefault(name.rsplit("/", 1)[0], []).append(columns["cpr"])
    later = people.setting.later  # last, so that the others' registers are the same without them
    for place, (partner, persons) in enumerate(
        sorted(seen.items(), key=lambda one: (one[0] in later, one[0]))
    ):
        rng = np.random.default_rng([seed, len(people), place])
        citizens = np.unique(np.concatenate(persons))
        objecting = citizens[rng.random(len(citizens)) < share]
        name = f"{partner}/{REGISTER}"
        _file(folder / name, pa.table({"cpr": numbers.take(pa.array(objecting))}))
        rows[name] = len(objecting)
    return rows


def _file(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pa.parquet.write_table(table, path, compression="snappy")
    else:
        # Semicolons, as a Danish spreadsheet writes them.
        options = pa.csv.WriteOptions(delimiter=";", quoting_style="none")
        pa.csv.write_csv(table, path, options)


def _texts(ascii_rows: NDArray[np.uint8]) -> pa.Array:
    n, width = ascii_rows.shape
    offsets = np.arange(0, (n + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(
        n, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(ascii_rows))
    )


def _column(values: NDArray[Any]) -> pa.Array:
    if values.dtype.kind != "U":
        return pa.array(values)
    # Few different texts: look each up once instead of once a row.
    names, index = np.unique(values, return_inverse=True)
    return pa.DictionaryArray.from_arrays(index.astype(np.int32), names.tolist()).cast(pa.string())
