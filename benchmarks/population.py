"""Generated tables for three partners: no person stands behind any row.

:func:`generate` writes one Parquet file per partner, one row per citizen and partner, seeded:

========== ============================================= ==================
partner    columns                                       citizens
========== ============================================= ==================
kommune    cpr, birth_date, home_care_minutes            N
region     cpr, admissions, contacts, bed_days           N, or 35 % of N
gp         cpr, contacts                                 N, or 95 % of N
========== ============================================= ==================

Two shapes. ``full`` (the default) gives every partner N citizens, drawn from 1.15 N, so that 3 N rows
take part and about 13 % of a partner's citizens are unknown to each other partner. ``danish`` gives the
municipality everybody, the region 35 % and the practices 95 % of them, which is what a year looks like.

CPR numbers are valid in form (DDMMYY, century digit by the rule of the CPR office) and drawn at random;
no modulus 11, as for numbers given since 2007.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Shape = Literal["full", "danish"]
AS_OF = np.datetime64("2026-01-01")
_FIRST, _LAST = np.datetime64("1926-01-01"), np.datetime64("2025-12-31")
_MILLENNIUM = np.datetime64("2000-01-01")
_SERIALS_BEFORE, _SERIALS_SINCE = 4_000, 5_000  # digit 7: 0-3 before 2000; 4 (not used here), 5-8, 9 since


@dataclass(frozen=True)
class Population:
    """Where the tables lie, and how many rows each has."""

    files: dict[str, Path]
    rows: dict[str, int]


def citizens(rng: np.random.Generator, n: int) -> tuple[NDArray[np.uint8], NDArray[np.datetime64]]:
    """CPR numbers, uint8 of shape (n, 10) holding ASCII digits, all different; and birth dates."""
    days = int((_LAST - _FIRST).astype(int)) + 1
    keys: NDArray[np.int64] = np.empty(0, np.int64)
    while len(keys) < n:
        more = rng.integers(0, days * _SERIALS_SINCE, size=int((n - len(keys)) * 1.1) + 16)
        serial, day = more % _SERIALS_SINCE, more // _SERIALS_SINCE
        before = _FIRST + day.astype("timedelta64[D]") < _MILLENNIUM
        more = more[~(before & (serial >= _SERIALS_BEFORE))]
        keys = np.unique(np.concatenate([keys, more]))
    keys = rng.permutation(keys)[:n]
    serial, day = keys % _SERIALS_SINCE, keys // _SERIALS_SINCE
    birth = _FIRST + day.astype("timedelta64[D]")
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
    return (np.stack(digits, axis=1) + ord("0")).astype(np.uint8), birth


def texts(ascii_rows: NDArray[np.uint8]) -> pa.Array:
    """An Arrow string column from fixed-width rows, without a Python object per row."""
    n, width = ascii_rows.shape
    offsets = np.arange(0, (n + 1) * width, width, dtype=np.int32)
    data = np.ascontiguousarray(ascii_rows)
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(data))


def generate(folder: Path, n: int, *, shape: Shape = "full", seed: int = 1) -> Population:
    """Write the three tables into ``folder`` as ``kommune.parquet``, ``region.parquet``, ``gp.parquet``."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, n, shape == "full"])
    everybody = n if shape == "danish" else n * 115 // 100
    cpr, birth = citizens(rng, everybody)
    age = (AS_OF - birth).astype(int) / 365.2425
    frailty = np.clip((age - 55) / 40, 0, 1)

    def holders(size: int, weight: NDArray[np.float64] | None = None) -> NDArray[np.int64]:
        if weight is None:
            return rng.permutation(everybody)[:size]
        # Efraimidis-Spirakis: the largest of log(u)/w is a weighted draw without replacement.
        return np.argpartition(-np.log(rng.random(everybody)) / weight, size - 1)[:size]

    at_region = n if shape == "full" else n * 35 // 100
    at_gp = n if shape == "full" else n * 95 // 100
    who = {
        "kommune": holders(n),
        "region": rng.permutation(holders(at_region, 0.3 + frailty)),
        "gp": holders(at_gp),
    }
    k, r, g = who["kommune"], who["region"], who["gp"]
    admissions = rng.poisson(0.25 + 1.5 * frailty[r])
    bed_days = np.where(admissions > 0, rng.negative_binomial(np.maximum(admissions, 1), 0.25), 0)
    tables = {
        "kommune": {
            "birth_date": birth[k],
            "home_care_minutes": (
                (rng.random(len(k)) < 0.02 + 0.6 * frailty[k]) * rng.gamma(1.5, 90, len(k))
            ).astype(np.int32),
        },
        "region": {
            "admissions": admissions.astype(np.int32),
            "contacts": rng.poisson(1 + 3 * frailty[r]).astype(np.int32),
            "bed_days": bed_days.astype(np.int32),
        },
        "gp": {"contacts": rng.poisson(2 + 7 * frailty[g]).astype(np.int32)},
    }
    files = {name: folder / f"{name}.parquet" for name in tables}
    for name, columns in tables.items():
        arrays = {"cpr": texts(cpr[who[name]])} | {key: pa.array(value) for key, value in columns.items()}
        pq.write_table(pa.table(arrays), files[name])
    return Population(files=files, rows={name: len(who[name]) for name in tables})
