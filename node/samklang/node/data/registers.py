"""Registers of citizens, frozen into the snapshot: who said no (objection), who said yes (consent).

Deny wins: whoever stands in any objection register is left out of everything, whatever a grant names; and
whoever says both yes and no in one register of consents has said no. Fail closed: one unreadable row in an
objection register, or one unreadable no, stops the node, since leaving it out would let a citizen in. An
unreadable yes lets nobody in and is only counted.

A withdrawal counts from the next snapshot. What goes back to persons can't wait for that: before a return,
:func:`registers_now` reads them as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.model.config import AnyRegister, FhirRegister, RegisterConfig, SqlRegister
from samklang.node.data.arrays import cpr_array
from samklang.node.data.engine import Engine
from samklang.node.data.fhir import LARGEST, Answers, read_bundle
from samklang.node.data.intake import TableIntake, take_in_rows
from samklang.node.data.readers import Opened, open_table
from samklang.node.data.sources import TableSource, resolve_files

__all__ = ["Register", "load_registers", "registers_now"]

_TABLE = "_register"
"""No logical table can have this name; it is gone before any codebook SQL runs."""

_BLOCK = 100_000


@dataclass(frozen=True, slots=True)
class Register:
    """``cpr``: shape (n,), ``S10``, sorted, unique."""

    kind: Literal["objection", "consent"]
    cpr: NDArray[np.bytes_] = field(repr=False)
    intake: TableIntake = field(repr=False)


def load_registers(
    engine: Engine, configured: Mapping[str, AnyRegister], at: datetime | None = None
) -> dict[str, Register]:
    """Every register by name.

    Args:
        at: when consents that hold for a time must hold; now unless given.

    Raises:
        SamklangError: ``node-objections-unreadable``, ``node-register-*``, ``node-fhir``, and those of
            :func:`~samklang.node.data.intake.take_in`.
    """
    at = at or datetime.now(UTC)
    return {name: _load(engine, name, config, at) for name, config in configured.items()}


def registers_now(
    configured: Mapping[str, AnyRegister], *, spill_dir: Path, threads: int, memory_mb: int
) -> dict[str, Register]:
    """The registers as they are at this moment, whatever the snapshot says: to be asked before a return."""
    engine = Engine(spill_dir, threads=threads, memory_mb=memory_mb)
    try:
        return load_registers(engine, configured)
    finally:
        engine.close()


def _load(engine: Engine, name: str, config: AnyRegister, at: datetime) -> Register:
    if isinstance(config, FhirRegister):
        return _fhir(engine, name, config, at)
    if isinstance(config, SqlRegister):
        from samklang.node.data.sql_registers import open_register

        source, opened = TableSource(files=()), open_register(name, config)
    else:
        source = _source(config)
        opened = open_table(name, source, ["cpr"], resolve_files(name, source))
    cpr, intake = _listed(engine, name, source, opened, refusals=config.kind == "objection")
    return Register(config.kind, cpr, intake)


def _source(config: RegisterConfig) -> TableSource:
    return TableSource(
        files=tuple(str(f) for f in config.file),
        format=config.format,
        columns={"cpr": config.column},
        encoding=config.encoding,
        separator=config.separator,
    )


def _fhir(engine: Engine, name: str, config: FhirRegister, at: datetime) -> Register:
    """Objections: everybody's no. Consents: everybody's yes, but of those who said no as well."""
    found = Answers()
    for path in resolve_files(name, TableSource(files=tuple(str(f) for f in config.fhir))):
        try:
            if path.stat().st_size > LARGEST:
                raise SamklangError("node-fhir", register=name, problem="the bundle is too large")
            data = path.read_bytes()
        except OSError as error:
            raise SamklangError("node-file-unreadable", table=name, private=type(error).__name__) from None
        found.add(read_bundle(data, name, frozenset(config.scope), at))
    found.settle()
    source = TableSource(files=())
    no, refused = _listed(engine, name, source, _opened(found.denies), refusals=True)
    if config.kind == "objection":
        return Register("objection", no, refused)
    yes, intake = _listed(engine, name, source, _opened(found.permits), refusals=False)
    if found.unnamed:
        left_out = {**intake.quarantined, ("cpr-missing", "cpr"): found.unnamed}
        intake = replace(intake, rows_read=intake.rows_read + found.unnamed, quarantined=left_out)
    return Register("consent", np.setdiff1d(yes, no, assume_unique=True), intake)


def _opened(numbers: Sequence[str]) -> Opened:
    schema = pa.schema([("cpr", pa.string())])

    def batches() -> Iterator[Any]:
        for first in range(0, len(numbers), _BLOCK):
            yield pa.record_batch([pa.array(numbers[first : first + _BLOCK], pa.string())], schema=schema)

    return Opened(schema, batches(), [])


def _listed(
    engine: Engine, name: str, source: TableSource, opened: Opened, *, refusals: bool
) -> tuple[NDArray[np.bytes_], TableIntake]:
    """The citizens in a list; of a list of refusals, none may be unreadable."""
    try:
        columns: dict[str, Any] = {"cpr": "cpr"}
        intake = take_in_rows(engine, _TABLE, columns, source, opened, shown=name, temporary=True)
        if intake.quarantined and refusals:
            raise SamklangError("node-objections-unreadable", register=name)
        rows = engine.con.execute(f"SELECT DISTINCT cpr FROM {_TABLE} ORDER BY cpr").to_arrow_table()
        return cpr_array(rows.column("cpr")), intake
    finally:
        engine.con.execute(f"DROP TABLE IF EXISTS {_TABLE}")
