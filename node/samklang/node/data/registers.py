"""Registers of citizens, frozen into the snapshot: who said no (objection), who said yes (consent).

Deny wins: whoever stands in any objection register is left out of everything, whatever a grant names. Fail
closed: one unreadable row in an objection register stops the node, since leaving it out would let a citizen
in. An unreadable row of a consent register lets nobody in and is only counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.model.config import RegisterConfig
from samklang.node.data.arrays import cpr_array
from samklang.node.data.engine import Engine
from samklang.node.data.intake import TableIntake, take_in
from samklang.node.data.sources import TableSource

_TABLE = "_register"
"""No logical table can have this name; it is gone before any codebook SQL runs."""


@dataclass(frozen=True, slots=True)
class Register:
    """``cpr``: shape (n,), ``S10``, sorted, unique."""

    kind: Literal["objection", "consent"]
    cpr: NDArray[np.bytes_] = field(repr=False)
    intake: TableIntake = field(repr=False)


def load_registers(engine: Engine, configured: Mapping[str, RegisterConfig]) -> dict[str, Register]:
    """Every register by name.

    Raises:
        SamklangError: ``node-objections-unreadable``, and those of
            :func:`~samklang.node.data.intake.take_in`.
    """
    return {name: _load(engine, name, config) for name, config in configured.items()}


def _load(engine: Engine, name: str, config: RegisterConfig) -> Register:
    source = TableSource(
        files=tuple(str(f) for f in config.file),
        format=config.format,
        columns={"cpr": config.column},
        encoding=config.encoding,
        separator=config.separator,
    )
    try:
        intake = take_in(engine, _TABLE, {"cpr": "cpr"}, source, shown=name, temporary=True)
        if intake.quarantined and config.kind == "objection":
            raise SamklangError("node-objections-unreadable", register=name)
        rows = engine.con.execute(f"SELECT DISTINCT cpr FROM {_TABLE} ORDER BY cpr").to_arrow_table()
        return Register(config.kind, cpr_array(rows.column("cpr")), intake)
    finally:
        engine.con.execute(f"DROP TABLE IF EXISTS {_TABLE}")
