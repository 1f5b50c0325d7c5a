"""A snapshot: one node's logical tables and registers, frozen when they were read.

Its id is random. An id computed from the data would tell everybody who sees it whether anything has
changed since the last one, and by trial what. A node's snapshots are on disk
(:mod:`samklang.node.data.frozen`); one in memory is for looking at the sources.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.model.accession import Members
from samklang.model.codebook import Codebook, LogicalTable
from samklang.model.config import AnyRegister, AnyTable
from samklang.node.data.engine import Engine
from samklang.node.data.intake import TableIntake, take_in
from samklang.node.data.registers import Register, load_registers
from samklang.node.data.sources import TableSource, table_source


class Hold:
    """A snapshot that stays until it is let go, whatever the calendar says."""

    def __init__(self, snapshot: Snapshot, let_go: Callable[[], None]) -> None:
        self.snapshot = snapshot
        self._let_go: Callable[[], None] | None = let_go

    def let_go(self) -> None:
        """Once or more; the first time counts."""
        let_go, self._let_go = self._let_go, None
        if let_go:
            let_go()


class Snapshot:
    """Made by :func:`load_snapshot` or :func:`samklang.node.data.frozen.thaw`.

    Attributes:
        id: 128 random bits, 32 hex digits.
        loaded_at: when reading began, UTC.
        due: beginning of the calendar's period it belongs to, UTC; None in memory.
        sectors: the sectors whose tables it holds.
        intake: logical table → what became of its rows.
        registers: name → citizens who said no, or yes.
        controllers: whose rows it holds, by the policy of the day that it is for; None: its sources don't say
            whose their rows are, so they are everybody's who has given any.
        objections: everybody who stands in an objection register; shape (n,), ``S10``, sorted, unique.
    """

    def __init__(
        self,
        engine: Engine,
        sectors: Sequence[str],
        intake: Mapping[str, TableIntake],
        registers: Mapping[str, Register],
        loaded_at: datetime,
        *,
        snapshot_id: str | None = None,
        due: datetime | None = None,
        controllers: frozenset[str] | None = None,
    ) -> None:
        self.id = snapshot_id or secrets.token_hex(16)
        self.loaded_at = loaded_at
        self.due = due
        self.controllers = controllers
        self.sectors = tuple(sectors)
        self.intake = dict(intake)
        self.registers = dict(registers)
        refused = [r.cpr for r in self.registers.values() if r.kind == "objection"]
        self.objections = np.unique(np.concatenate([np.empty(0, "S10"), *refused]))
        self._engine: Engine | None = engine

    def __repr__(self) -> str:
        return f"Snapshot({self.id})"

    @property
    def engine(self) -> Engine:
        """Raises ``SamklangError('node-snapshot-closed')`` after :meth:`close`."""
        if self._engine is None:
            raise SamklangError("node-snapshot-closed")
        return self._engine

    def consenting(self, names: Sequence[str]) -> NDArray[np.bytes_]:
        """Citizens who stand in every one of the consent registers ``names`` (at least one).

        Raises:
            SamklangError: ``node-register-unknown``: no such consent register, so nobody may take part.
        """
        for name in names:
            if name not in self.registers or self.registers[name].kind != "consent":
                raise SamklangError("node-register-unknown", register=name)
        everybody = self.registers[names[0]].cpr
        for name in names[1:]:
            everybody = np.intersect1d(everybody, self.registers[name].cpr, assume_unique=True)
        return everybody

    def hold(self) -> Hold:
        """This snapshot, for as long as it is open: for who has only one."""
        return Hold(self, lambda: None)

    def close(self) -> None:
        """Forget the data, in memory and spilled. Waits for a computation that is running."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


@dataclass(frozen=True)
class Contents:
    """Where a snapshot's contents come from: everything that reading needs but the place to put it.

    Attributes:
        tables: logical table → source; exactly the tables that the codebook gives the sectors.
        spill_dir: for data that exceeds ``memory_mb``; a private directory is made below it.
        registers: the configuration's ``consent``: registers of citizens who said no, or yes.
    """

    tables: Mapping[str, AnyTable | TableSource]
    codebook: Codebook
    sectors: Sequence[str]
    spill_dir: Path
    threads: int
    memory_mb: int
    registers: Mapping[str, AnyRegister]
    _running: list[Engine] = field(default_factory=list, repr=False)

    def read(
        self, file: Path, members: Members | None = None
    ) -> tuple[dict[str, TableIntake], dict[str, Register]]:
        """Read everything; the tables into a database of their own at ``file``, closed when this returns.

        Args:
            members: whose rows, where the tables say whose they are. Registers are read whole in any case: an
                objection counts whoever has noted it.

        Raises:
            SamklangError: as :func:`load_snapshot`.
        """
        engine = Engine(self.spill_dir, threads=self.threads, memory_mb=self.memory_mb, file=file)
        self._running.append(engine)
        try:
            found = self.fill(engine, members)
            engine.con.execute("CHECKPOINT")
            return found
        except duckdb.Error as error:
            raise SamklangError("node-engine", table="all", private=type(error).__name__) from None
        finally:
            self._running.remove(engine)
            engine.close()

    def fill(
        self, engine: Engine, members: Members | None = None
    ) -> tuple[dict[str, TableIntake], dict[str, Register]]:
        """Read everything into ``engine``."""
        sources = {name: table_source(table) for name, table in self.tables.items()}
        tables = wanted_tables(sources, self.codebook, self.sectors)
        intake = {
            name: take_in(engine, name, table.columns, sources[name], members=members)
            for name, table in tables.items()
        }
        return intake, load_registers(engine, self.registers)

    def interrupt(self) -> None:
        """Break off a :meth:`read` in another thread; it raises ``node-engine`` there."""
        for engine in tuple(self._running):
            engine.interrupt()


def load_snapshot(
    config_tables: Mapping[str, AnyTable | TableSource],
    codebook: Codebook,
    sectors: Sequence[str],
    *,
    spill_dir: Path,
    threads: int,
    memory_mb: int,
    registers: Mapping[str, AnyRegister] | None = None,
    members: Members | None = None,
) -> Snapshot:
    """Read the logical tables of ``sectors`` from the node's files into memory; see :class:`Contents`.

    Raises:
        SamklangError: ``node-table-unmapped``, ``node-table-unknown``, ``node-table-column-unknown``,
            ``node-spill-directory``, ``node-objections-unreadable``, and those of
            :func:`~samklang.node.data.intake.take_in`.
    """
    loaded_at = datetime.now(UTC)
    contents = Contents(config_tables, codebook, sectors, spill_dir, threads, memory_mb, registers or {})
    engine = Engine(spill_dir, threads=threads, memory_mb=memory_mb)
    try:
        intake, known = contents.fill(engine, members)
        engine.lock()
    except BaseException:
        with suppress(Exception):
            engine.close()
        raise
    held = members.joined if members else None
    return Snapshot(engine, sectors, intake, known, loaded_at, controllers=held)


def wanted_tables(
    sources: Mapping[str, TableSource], codebook: Codebook, sectors: Sequence[str]
) -> dict[str, LogicalTable]:
    """The codebook's tables of ``sectors``, all of them mapped and nothing else."""
    tables = {name: t for name, t in codebook.tables.items() if t.sector in sectors}
    for name, source in sources.items():
        if name not in tables:
            raise SamklangError("node-table-unknown", table=name)
        for column in source.columns:
            if column not in tables[name].columns:
                raise SamklangError("node-table-column-unknown", table=name, column=column)
    for name, table in tables.items():
        if name not in sources:
            raise SamklangError("node-table-unmapped", table=name, sector=table.sector)
    return tables
