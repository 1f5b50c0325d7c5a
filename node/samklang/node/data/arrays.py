"""Arrow columns as numpy arrays, by their buffers: no Python object per citizen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

CPR_BYTES = 10


def cpr_array(column: Any) -> NDArray[np.bytes_]:
    """A string column whose every value is ten bytes long, as ``S10``; shape (n,).

    Raises:
        ValueError: a value is missing or has another length.
    """
    if column.null_count:
        raise ValueError("missing")
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    array = array.cast(pa.large_string())
    _, offsets_buffer, data = array.buffers()
    n = len(array)
    if n == 0:
        return np.empty(0, "S10")
    offsets = np.frombuffer(offsets_buffer, np.int64)[array.offset : array.offset + n + 1]
    if (np.diff(offsets) != CPR_BYTES).any():
        raise ValueError("not ten bytes")
    # Copied, so that the result doesn't keep the whole Arrow table alive.
    return np.frombuffer(data, "S10", count=n, offset=int(offsets[0])).copy()


def numbers(
    column: Any, dtype: type[np.generic], order: NDArray[np.intp] | None = None
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """(values with 0 where there is none, whether there is one); shape (n,), row i from ``order[i]``."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if array.null_count:
        valid = array.is_valid().to_numpy(zero_copy_only=False)
        array = array.fill_null(0)
        valid = valid.copy() if order is None else valid[order]
    else:
        valid = np.ones(len(array), bool)
    values = array.to_numpy(zero_copy_only=False).astype(dtype, copy=order is None)
    return values if order is None else values[order], valid


def cpr_table(cpr: NDArray[np.bytes_]) -> Any:
    """An Arrow table with the one string column ``cpr``."""
    if cpr.dtype != np.dtype("S10"):
        raise ValueError("CPR numbers are an array of dtype S10")
    data = pa.py_buffer(np.ascontiguousarray(cpr).tobytes())
    fixed = pa.Array.from_buffers(pa.binary(CPR_BYTES), len(cpr), [None, data])
    return pa.table({"cpr": fixed.cast(pa.binary()).cast(pa.string())})
