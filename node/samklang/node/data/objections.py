"""The register of citizens who said no, frozen into the snapshot: a file with a ``cpr`` column.

Fail closed: one row that can't be read stops the node, since leaving it out would let a citizen in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.node.data.arrays import cpr_array
from samklang.node.data.engine import Engine
from samklang.node.data.intake import take_in
from samklang.node.data.sources import TableSource

_TABLE = "objections"


def load_objections(engine: Engine, source: TableSource) -> NDArray[np.bytes_]:
    """Shape (n,), ``S10``, sorted, unique.

    Raises:
        SamklangError: ``node-objections-unreadable``, and those of
            :func:`~samklang.node.data.intake.take_in`.
    """
    # A name that no logical table has, and that is gone before any codebook SQL runs.
    table = "_objections"
    try:
        intake = take_in(engine, table, {"cpr": "cpr"}, source, shown=_TABLE)
        if intake.quarantined:
            raise SamklangError("node-objections-unreadable")
        rows = engine.con.execute(f"SELECT DISTINCT cpr FROM {table} ORDER BY cpr").to_arrow_table()
        return cpr_array(rows.column("cpr"))
    finally:
        engine.con.execute(f"DROP TABLE IF EXISTS {table}")
