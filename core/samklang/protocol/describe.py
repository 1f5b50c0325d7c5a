"""A program as plain JSON, so that its digest means the same to every implementation.

Records become objects by field name (an encoding also says its ``kind``), sequences arrays, maps arrays of
``[key, value]`` pairs in their order (the order of sectors fixes weights), σ exact decimals as strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

from samklang.privacy.budget import NoisePlan
from samklang.protocol.cells import Cells
from samklang.protocol.encodings import Encoding


def describe(value: Any) -> Any:
    """The JSON value that stands for a program or a part of one.

    Raises:
        TypeError: something that has no place in a program.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return format(Decimal(value), "f")
    if isinstance(value, Mapping):
        return [[describe(k), describe(v)] for k, v in value.items()]
    if isinstance(value, tuple | list):
        return [describe(v) for v in value]
    if isinstance(value, Cells):
        return {"opened": value.opened, "released": len(value.kept)}
    if is_dataclass(value):
        described = {f.name: describe(getattr(value, f.name)) for f in fields(value)}
        if isinstance(value, Encoding):
            described["kind"] = type(value).__name__.lower()
        if isinstance(value, NoisePlan):
            del described["delta"]  # an upper bound for the own ledger; no part of what is computed together
        return described
    raise TypeError(f"no description of {type(value).__name__}")
