"""A query's values at one sector: one row per citizen, computed by the engine in one statement.

population ⟕ variables, without the citizens who are left out, filtered; it comes back as Arrow, is sorted by
CPR number as integers, and leaves as numpy arrays. Nothing here is a loop over citizens.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import duckdb
import ibis
import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.model.codebook import Category, Codebook, Interval, Measure, Total
from samklang.model.query import Period
from samklang.node.data import kinds
from samklang.node.data.arrays import cpr_array, cpr_table, numbers
from samklang.node.data.relations import Relation, Relations, many_of, sql_of, value_of
from samklang.node.data.snapshot import Snapshot
from samklang.protocol.packing import pack


class Request(Protocol):
    """One value per citizen. :class:`samklang.protocol.program.Feature` is one.

    ``kind``: ``level`` (of a category or a local total, with ``banding``), ``number`` (a total), ``units``
    (an interval; ``side`` start or end), ``measure``.
    """

    @property
    def name(self) -> str: ...
    @property
    def variable(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def banding(self) -> str: ...
    @property
    def side(self) -> str: ...


class Filter(Protocol):
    """Keeps the citizens whose level index in ``feature`` is one of ``levels``."""

    @property
    def feature(self) -> Request: ...
    @property
    def levels(self) -> tuple[int, ...]: ...


_LEFT_OUT, _ONLY = "_left_out", "_only"
"""No logical table can have these names: identifiers don't begin with an underscore."""

DTYPES: Mapping[str, type[np.generic]] = {
    "level": np.int16,
    "number": np.int32,
    "units": np.int32,
    "measure": np.int64,
}


@dataclass(frozen=True)
class SectorFeatures:
    """The citizens present in ``sector``, after consent and filters.

    Attributes:
        cpr: shape (n,), ``S10``, unique, sorted ascending.
        values: request name → integers (int16 ``level``, int32 ``number`` and ``units``, int64
            ``measure``), shape (n,); 0 where not ``valid``.
        valid: request name → False where the citizen has no value (MISSING).
        counted: (request name, reason) → citizens whose value was clipped, fits no level, or is an event
            outside the period. Exact, so for the node alone.
    """

    sector: str
    cpr: NDArray[np.bytes_] = field(repr=False)
    values: dict[str, NDArray[Any]] = field(repr=False)
    valid: dict[str, NDArray[np.bool_]] = field(repr=False)
    counted: dict[tuple[str, str], int] = field(repr=False)


def compute(
    snapshot: Snapshot,
    codebook: Codebook,
    sector: str,
    requests: Sequence[Request],
    period: Period,
    *,
    excluded: NDArray[np.bytes_] | None = None,
    only: NDArray[np.bytes_] | None = None,
    filters: Sequence[Filter] = (),
) -> SectorFeatures:
    """Compute ``requests`` for the citizens of ``sector``.

    Args:
        excluded: CPR numbers (``S10``) to leave out, over and above the snapshot's own objections, which
            are always left out.
        only: CPR numbers to keep (opt-in); everybody else is left out.
        filters: all of them must hold.

    Raises:
        SamklangError: ``node-sector-unknown``, ``node-request``, ``node-sql-refused``, ``document-sql-*``,
            ``node-variable-columns``, ``node-variable-type``, ``node-variable-not-unique``,
            ``node-variable-failed``, ``node-cpr-form``, ``node-snapshot-closed``.
    """
    if sector not in snapshot.sectors or sector not in codebook.sectors:
        raise SamklangError("node-sector-unknown", sector=sector)
    left_out = snapshot.objections if excluded is None else np.union1d(snapshot.objections, excluded)
    lists = {_LEFT_OUT: left_out} if len(left_out) else {}
    if only is not None:
        lists[_ONLY] = only
    engine = snapshot.engine
    with engine.mutex:
        for name, cpr in lists.items():
            engine.con.register(name, cpr_table(cpr))
        unique = frozenset(name for name, table in snapshot.intake.items() if table.one_per_citizen)
        relations = Relations(engine, codebook, sector, period, unique)
        try:
            with engine.reading():
                return _Statement(relations, requests, filters).run(lists.keys())
        finally:
            for name in lists:
                engine.con.unregister(name)


class _Statement:
    """Collects the relations that requests and filters need, each once, and joins them."""

    def __init__(self, relations: Relations, requests: Sequence[Request], filters: Sequence[Filter]) -> None:
        self.relations = relations
        self.requests = list({r.name: r for r in requests}.values())
        self.filters = filters
        self.joined: dict[str, int] = {}
        self.used: list[Relation] = []
        for wanted in [*self.requests, *(f.feature for f in filters)]:
            self._use(wanted)

    def _refused(self, wanted: Request) -> SamklangError:
        return SamklangError(
            "node-request", variable=wanted.variable, kind=wanted.kind, sector=self.relations.sector
        )

    def _use(self, wanted: Request) -> int:
        """Position of the relation that ``wanted`` reads."""
        found = self.relations.codebook.variables.get(wanted.variable)
        sql = sql_of(found, self.relations.sector, wanted.side) if found is not None else None
        if sql is None:
            raise self._refused(wanted)
        if sql not in self.joined:
            self.joined[sql] = len(self.used)
            self.used.append(self.relations.variable(wanted.variable, sql))
        return self.joined[sql]

    def _made(self, joined: Any, wanted: Request) -> kinds.Made:
        place = kinds.Place(wanted.variable, self.relations.sector)
        found = self.relations.codebook.variables[wanted.variable]
        value = joined[value_of(self._use(wanted))]
        match found, wanted.kind:
            case Category(), "level" if wanted.banding in found.bandings:
                value = kinds.filled(value, found.default, place)
                return kinds.level(value, found.bandings[wanted.banding], place)
            case Total(), "level" if wanted.banding in found.bandings:
                whole = kinds.number(kinds.filled(value, found.default, place), found.clip, place)
                return kinds.level(whole.value, found.bandings[wanted.banding], place)
            case Total(), "number":
                return kinds.number(kinds.filled(value, found.default, place), found.clip, place)
            case Interval(), "units":
                return kinds.units(value, found.unit, self.relations.period, place)
            case Measure(), "measure":
                value = kinds.filled(value, found.default, place)
                return kinds.measure(value, found.clip, found.scale, place)
        raise self._refused(wanted)

    def _joined(self, lists: Collection[str]) -> Any:
        people, *others = self.relations.scans(dict(enumerate(self.used)))
        table = people.table
        if _LEFT_OUT in lists:
            table = table.anti_join(ibis.table({"cpr": "string"}, name=_LEFT_OUT), "cpr")
        if _ONLY in lists:
            table = table.semi_join(ibis.table({"cpr": "string"}, name=_ONLY), "cpr")
        kept = ["cpr", *people.columns]
        for i, scan in enumerate(others):
            table = table.left_join(scan.table.rename({f"_k{i}": "cpr"}), [("cpr", f"_k{i}")])
            kept += scan.columns
        return table.select(*kept)

    def run(self, lists: Collection[str]) -> SectorFeatures:
        joined = self._joined(lists)
        for each in self.filters:
            kept = self._made(joined, each.feature).value.isin(list(each.levels))
            position = self._use(each.feature)
            if self.used[position].guarded:
                # Whoever has several values must be seen below, whichever of them the filter met.
                kept = kept | joined[many_of(position)]
            joined = joined.filter(kept)
        made = [self._made(joined, r) for r in self.requests]
        columns = {"cpr": joined.cpr}
        for i, one in enumerate(made):
            columns |= {f"x{i}": one.value, f"f{i}": one.flag.fill_null(False)}
        columns |= {f"m{i}": joined[many_of(i)] for i, r in enumerate(self.used) if r.guarded}
        engine = self.relations.engine
        try:
            rows = engine.con.execute(engine.ibis.compile(joined.select(**columns))).to_arrow_table()
        except duckdb.Error as error:
            raise self.relations.blame(self.used, error) from None
        return self._result(rows, made)

    def _result(self, rows: Any, made: Sequence[kinds.Made]) -> SectorFeatures:
        sector = self.relations.sector
        for i, relation in enumerate(self.used):
            if relation.guarded and pc.any(rows.column(f"m{i}")).as_py():
                raise SamklangError("node-variable-not-unique", variable=relation.name, sector=sector)
        try:
            cpr = cpr_array(rows.column("cpr"))
            packed = pack(cpr)
        except (ValueError, SamklangError):
            raise SamklangError("node-cpr-form", variable="population", sector=sector) from None
        order = None if (packed[1:] > packed[:-1]).all() else np.argsort(packed)
        if order is not None:
            packed, cpr = packed[order], cpr[order]
            if (packed[1:] == packed[:-1]).any():
                raise SamklangError("node-variable-not-unique", variable="population", sector=sector)
        features = SectorFeatures(sector, cpr, {}, {}, {})
        for i, (wanted, one) in enumerate(zip(self.requests, made, strict=True)):
            values, valid = numbers(rows.column(f"x{i}"), DTYPES[wanted.kind], order)
            if wanted.kind == "level":
                valid &= values >= 0
                values[~valid] = 0
            features.values[wanted.name], features.valid[wanted.name] = values, valid
            if count := int(pc.sum(rows.column(f"f{i}")).as_py() or 0):
                features.counted[wanted.name, one.counted_as] = count
        return features
