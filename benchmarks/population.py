"""Generated tables for three or five partners: no person stands behind any row.

:func:`generate` writes one Parquet file per partner, one row per citizen and partner, seeded:

========== ============================================= ==================
partner    columns                                       citizens
========== ============================================= ==================
kommune    cpr, birth_date, home_care_minutes            N
region     cpr, admissions, contacts, bed_days           N, or 35 % of N
gp         cpr, contacts                                 N, or 95 % of N
psychiatry cpr, contacts                                 N, or 4 % of N
medicine   cpr, medicines                                N, or 70 % of N
========== ============================================= ==================

Two shapes. ``full`` (the default) gives every partner N citizens, drawn from 1.15 N, so that 3 N or 5 N rows
take part and about 13 % of a partner's citizens are unknown to each other partner. ``danish`` gives the
municipality everybody and the others the shares above, which is what a year looks like.

CPR numbers are valid in form (DDMMYY, century digit by the rule of the CPR office) and drawn at random;
no modulus 11, as for numbers given since 2007. Rows are made and written :data:`CHUNK` at a time: beyond that
memory holds about 40 bytes per citizen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.layout import LAYOUTS

Shape = Literal["full", "danish"]
AS_OF = np.datetime64("2026-01-01")
CHUNK = 500_000
_SHARES: Final = {"kommune": 100, "region": 35, "gp": 95, "psychiatry": 4, "medicine": 70}
"""Percent of a population that a partner knows, in the shape ``danish``."""
_BY_NEED: Final = {"region", "psychiatry", "medicine"}
"""Partners that know frail citizens more often than others."""
_FIRST, _LAST = np.datetime64("1926-01-01"), np.datetime64("2025-12-31")
_MILLENNIUM = np.datetime64("2000-01-01")
_SERIALS_BEFORE, _SERIALS_SINCE = 4_000, 5_000  # digit 7: 0-3 before 2000; 4 (not used here), 5-8, 9 since


@dataclass(frozen=True)
class Population:
    """Where the tables lie, and how many rows each has."""

    files: dict[str, Path]
    rows: dict[str, int]


def numbers(rng: np.random.Generator, n: int) -> NDArray[np.int64]:
    """``n`` different birth days with serial numbers, in random order: day * 5,000 + serial."""
    days = int((_LAST - _FIRST).astype(int)) + 1
    keys: NDArray[np.int64] = np.empty(0, np.int64)
    while len(keys) < n:
        more = rng.integers(0, days * _SERIALS_SINCE, size=int((n - len(keys)) * 1.1) + 16)
        before = more < int((_MILLENNIUM - _FIRST).astype(int)) * _SERIALS_SINCE
        more = more[~(before & (more % _SERIALS_SINCE >= _SERIALS_BEFORE))]
        keys = np.unique(np.concatenate([keys, more]))
    return rng.permutation(keys)[:n]


def birth_dates(keys: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Birth dates (day) of :func:`numbers`."""
    dates: NDArray[np.datetime64] = _FIRST + (keys // _SERIALS_SINCE).astype("timedelta64[D]")
    return dates


def written(keys: NDArray[np.int64]) -> NDArray[np.uint8]:
    """:func:`numbers` as CPR numbers: shape (n, 10), ASCII digits."""
    birth, serial = birth_dates(keys), keys % _SERIALS_SINCE
    serial = np.where(birth < _MILLENNIUM, serial, serial + 5_000)
    years = birth.astype("datetime64[Y]")
    months = birth.astype("datetime64[M]")
    fields = (
        ((birth - months).astype(int) + 1, 2),
        ((months - years).astype(int) + 1, 2),
        ((years.astype(int) + 1970) % 100, 2),
        (serial, 4),
    )
    digits = [(value // 10**place) % 10 for value, width in fields for place in range(width - 1, -1, -1)]
    return (np.stack(digits, axis=1) + ord("0")).astype(np.uint8)


def citizens(rng: np.random.Generator, n: int) -> tuple[NDArray[np.uint8], NDArray[np.datetime64]]:
    """CPR numbers, uint8 of shape (n, 10) holding ASCII digits, all different; and birth dates."""
    keys = numbers(rng, n)
    return written(keys), birth_dates(keys)


def texts(ascii_rows: NDArray[np.uint8]) -> pa.Array:
    """An Arrow string column from fixed-width rows, without a Python object per row."""
    n, width = ascii_rows.shape
    offsets = np.arange(0, (n + 1) * width, width, dtype=np.int32)
    data = np.ascontiguousarray(ascii_rows)
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(data))


def generate(folder: Path, n: int, *, shape: Shape = "full", seed: int = 1, nodes: int = 3) -> Population:
    """Write the tables of ``nodes`` partners into ``folder`` as ``PARTNER.parquet``."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, n, shape == "full", nodes])
    everybody = n if shape == "danish" else n * 115 // 100
    keys = numbers(rng, everybody)
    age = (AS_OF - birth_dates(keys)).astype(np.float32) / np.float32(365.2425)
    frailty = np.clip((age - 55) / 40, 0, 1).astype(np.float32)
    del age
    files = {name: folder / f"{name}.parquet" for name in LAYOUTS[nodes].tables}
    rows = {}
    for name, file in files.items():
        size = n if shape == "full" else n * _SHARES[name] // 100
        who = _holders(rng, size, 0.3 + frailty if name in _BY_NEED else None, everybody)
        rows[name] = size
        writer: pq.ParquetWriter | None = None
        for start in range(0, max(size, 1), CHUNK):
            part = who[start : start + CHUNK]
            columns = _columns(name, rng, keys[part], frailty[part])
            table = pa.table({"cpr": texts(written(keys[part]))} | columns)
            writer = writer or pq.ParquetWriter(file, table.schema)
            writer.write_table(table)
        assert writer is not None
        writer.close()
    return Population(files=files, rows=rows)


def _holders(
    rng: np.random.Generator, size: int, weight: NDArray[np.float32] | None, everybody: int
) -> NDArray[np.int64]:
    """Who is known to a partner, in random order; by ``weight`` where there is one."""
    if weight is None:
        return rng.permutation(everybody)[:size]
    # Efraimidis-Spirakis: the largest of log(u)/w is a weighted draw without replacement.
    drawn = np.argpartition(-np.log(rng.random(everybody)) / weight, max(size - 1, 0))[:size]
    return rng.permutation(drawn)


def _columns(
    name: str, rng: np.random.Generator, keys: NDArray[np.int64], frailty: NDArray[np.float32]
) -> dict[str, pa.Array]:
    """What one partner knows of some citizens, beside their CPR numbers."""
    counts: dict[str, NDArray[Any]]
    if name == "kommune":
        helped = rng.random(len(keys)) < 0.02 + 0.6 * frailty
        counts = {"home_care_minutes": helped * rng.gamma(1.5, 90, len(keys))}
        return {"birth_date": pa.array(birth_dates(keys))} | _whole(counts)
    if name == "region":
        admissions = rng.poisson(0.25 + 1.5 * frailty)
        days = rng.negative_binomial(np.maximum(admissions, 1), 0.25)
        counts = {
            "admissions": admissions,
            "contacts": rng.poisson(1 + 3 * frailty),
            "bed_days": np.where(admissions > 0, days, 0),
        }
    elif name == "medicine":
        counts = {"medicines": rng.poisson(1 + 6 * frailty)}
    else:
        contacts = 2 + 7 * frailty if name == "gp" else 0.5 + 2 * frailty
        counts = {"contacts": rng.poisson(contacts)}
    return _whole(counts)


def _whole(counts: dict[str, NDArray[Any]]) -> dict[str, pa.Array]:
    return {key: pa.array(value.astype(np.int32)) for key, value in counts.items()}
