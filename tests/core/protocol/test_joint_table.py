"""The joint table with noise off is what a plain join gives: random federations, every kind of axis.

The expectation is computed from the same raw records by other code: Python dictionaries, citizen by
citizen. What the node's engine would do (bandings, clips, units) is done here by the plain meaning too.
Sums of centred words and bounds by level are read as plain sums; the margin must be the table added up.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.federation import Federation, Values, any_margin
from tests.support.quiet import NoNoise

from samklang.errors import SamklangError
from samklang.model.codebook import Codebook
from samklang.model.query import Draft
from samklang.protocol.program import Feature
from samklang.protocol.table import Table

LABEL = {"en": "x", "da": "x"}
Bands = dict[str, tuple[int | None, int | None]]
PERIOD_FROM, PERIOD_UNTIL = date(2025, 1, 1), date(2025, 3, 1)
LEVELS = ("red", "green", "blue")
CLIP, PRICE, STAY = 4, (-50, 200), (0, 30)
TOTAL_BANDS: Bands = {"none": (0, 1), "few": (1, 4), "many": (4, None)}
INTERVAL_BANDS: Bands = {"before": (None, 0), "week": (0, 2), "later": (2, None)}
STAY_BY = {
    "own": {"none": (0, 0), "few": (0, 10), "many": (5, 30)},
    "colour": {"red": (0, 7), "blue": (3, 30)},
}
"""Bounds of a stay by level of a total or of a category."""
COARSE = {
    "total": {"none": "none", "few": "some", "many": "some"},
    "interval": {"before": "before", "week": "after", "later": "after"},
    "colour": {"red": "warm", "green": "cold", "blue": "cold"},
}
"""Level → the level of the coarser banding ``c`` that takes it."""


def ranges(bands: Bands, coarser: Bands) -> dict[str, Any]:
    return {
        name: {
            "levels": [{"id": n, "label": LABEL, "from": low, "until": high} for n, (low, high) in of.items()]
        }
        for name, of in (("b", bands), ("c", coarser))
    }


TOTALS = ranges(TOTAL_BANDS, {"none": (0, 1), "some": (1, None)})
INTERVALS = ranges(INTERVAL_BANDS, {"before": (None, 0), "after": (0, None)})
COLOURS = {
    "b": {"levels": [{"id": n, "label": LABEL, "values": [n]} for n in LEVELS]},
    "c": {
        "levels": [{"id": "warm", "label": LABEL, "values": ["red"]}, {"id": "cold", "label": LABEL}],
        "other": "cold",
    },
}


def codebook(
    sectors: list[str], *, default: int | None, stay_default: int | None = None, by: str = "own"
) -> Codebook:
    first, second = sectors[0], sectors[1 % len(sectors)]
    variables: dict[str, Any] = {
        "visits": {
            "kind": "total",
            "label": LABEL,
            "sql": dict.fromkeys(sectors, "x"),
            "clip": CLIP,
            "default": default,
            "bandings": TOTALS,
        },
        "path": {
            "kind": "interval",
            "label": LABEL,
            "start": {"sector": first, "sql": "x"},
            "end": {"sector": second, "sql": "x"},
            "unit": "week",
            "bandings": INTERVALS,
        },
        "price": {
            "kind": "measure",
            "label": LABEL,
            "unit": LABEL,
            "sql": {first: "x"},
            "clip": PRICE,
            "scale": 100,
        },
        "stay": {
            "kind": "measure",
            "label": LABEL,
            "unit": LABEL,
            "sql": {first: "x"},
            "clip": STAY,
            "clip_by": {"variable": f"{by}-{first}", "banding": "b", "clip": STAY_BY[by]},
            "default": stay_default,
        },
    }
    for sector in sectors:
        variables[f"colour-{sector}"] = {
            "kind": "category",
            "label": LABEL,
            "sector": sector,
            "sql": "x",
            "bandings": COLOURS,
        }
        variables[f"own-{sector}"] = {
            "kind": "total",
            "label": LABEL,
            "sql": {sector: "x"},
            "clip": CLIP,
            "default": 0,
            "bandings": TOTALS,
        }
    group = {
        "label": LABEL,
        "parts": [
            {"sector": s, "all": [{"variable": f"colour-{s}", "banding": "b", "levels": ["red", "green"]}]}
            for s in sectors
        ],
    }
    return Codebook.model_validate(
        {
            "codebook": {"id": "t", "version": 1, "label": LABEL},
            "sectors": {s: {"label": LABEL, "population": "x"} for s in sectors},
            "tables": {"t": {"sector": first, "columns": {"cpr": "cpr"}}},
            "variables": variables,
            "target_groups": {"any": group, "all": group | {"at_least": len(sectors)}},
        }
    )


@dataclass
class Record:
    """What one node knows of one citizen in one sector."""

    colour: str | None
    visits: int | None
    day: date | None
    price: int | None
    stay: int | None


@dataclass
class World:
    nodes: dict[str, tuple[str, ...]]
    sectors: list[str]
    memberships: int
    records: dict[tuple[str, str], dict[str, Record]] = field(default_factory=dict)
    """(node, sector) → citizen → record."""

    def holders(self, citizen: str, sector: str) -> list[Record]:
        return [known[citizen] for (_, s), known in self.records.items() if s == sector and citizen in known]

    def rows_of(self, citizen: str) -> int:
        return len({node for (node, _), known in self.records.items() if citizen in known})


def world(seed: int) -> World:
    rng = random.Random(seed)
    sectors = ["s1", "s2", "s3"][: rng.randint(1, 3)]
    count = rng.randint(2, 6)
    nodes: dict[str, tuple[str, ...]] = {f"n{i}": (sectors[i % len(sectors)],) for i in range(count)}
    for sector in sectors:  # every sector has a node; some nodes serve several
        if not any(sector in s for s in nodes.values()):
            nodes["n0"] = (*nodes["n0"], sector)
    if rng.random() < 0.4 and len(sectors) > 1:
        nodes["n1"] = tuple(dict.fromkeys((*nodes["n1"], sectors[0])))
    made = World(nodes, sectors, rng.choice([1, 2, 2, 3]))
    people = [f"{i:010d}" for i in rng.sample(range(10**10), rng.choice([0, 1, 2, 10, 60]))]
    for node, served in nodes.items():
        share = rng.choice([0.0, 0.2, 0.6, 1.0])
        for sector in served:
            made.records[node, sector] = {
                p: Record(
                    rng.choice([*LEVELS, None]),
                    rng.choice([0, 1, 2, 3, CLIP, CLIP + 5, None]),
                    rng.choice([None, PERIOD_FROM + timedelta(rng.randrange(59))]),
                    rng.choice([None, PRICE[0] * 100, PRICE[1] * 100, rng.randrange(-5000, 20000)]),
                    rng.choice([None, *STAY, rng.randrange(*STAY)]),
                )
                for p in people
                if rng.random() < share
            }
    return made


def features(
    known: dict[str, Record],
    wanted: tuple[Feature, ...],
    keep: set[str] | None,
    default: int | None,
    stay_default: int | None,
) -> Values:
    """What the node's engine hands over for these records."""
    citizens = sorted(c for c, r in known.items() if keep is None or r.colour in keep)
    out = Values(np.array([c.encode() for c in citizens], "S10"))
    monday = PERIOD_FROM - timedelta(PERIOD_FROM.weekday())
    for feature in wanted:
        found: list[int | None] = []
        for citizen in citizens:
            record = known[citizen]
            visits = None if record.visits is None else min(record.visits, CLIP)
            if feature.name == "stay/measure":
                found.append(stay_default if record.stay is None else record.stay)
            elif feature.kind == "measure":
                found.append(record.price)
            elif feature.kind == "units":
                found.append(None if record.day is None else (record.day - monday).days // 7)
            elif feature.kind == "number":
                found.append(visits)
            elif feature.variable.startswith("colour"):
                found.append(None if record.colour is None else LEVELS.index(record.colour))
            else:
                filled = visits if visits is not None else default if feature.variable == "visits" else 0
                found.append(
                    None if filled is None else list(TOTAL_BANDS).index(in_band(filled, TOTAL_BANDS))
                )
        out.valid[feature.name] = np.array([v is not None for v in found], bool)
        out.values[feature.name] = np.array([v or 0 for v in found], np.int64)
    return out


def in_band(value: int, bands: Bands) -> str:
    for name, (low, high) in bands.items():
        if (low is None or value >= low) and (high is None or value < high):
            return name
    raise AssertionError(value)


class Oracle:
    """The plain meaning of a query over a world, citizen by citizen."""

    def __init__(
        self,
        world: World,
        draft: Draft,
        federation: Federation,
        default: int | None,
        stay_default: int | None,
        by: str,
    ) -> None:
        self.world, self.draft, self.default = world, draft, default
        self.stay_default, self.by = stay_default, by
        self.k_max = federation.program.largest_group
        self.names = [a.name for a in federation.program.axes if not a.hidden]

    def visible(self, citizen: str, sector: str) -> list[Record]:
        held = self.world.holders(citizen, sector)
        for kept in self.draft.filter:
            if kept.variable == f"colour-{sector}":
                held = [r for r in held if r.colour in kept.levels]
        return held

    def level(self, name: str, citizen: str) -> str:
        world = self.world
        if name in world.sectors:
            return "PRESENT" if self.visible(citizen, name) else "ABSENT"
        if name.startswith("colour"):
            held = self.visible(citizen, name.removeprefix("colour-"))
            if len(held) != 1:
                return "CONFLICT" if held else "ABSENT"
            return held[0].colour or "MISSING"
        if name == "path":
            s1, s2 = world.sectors[0], world.sectors[1 % len(world.sectors)]
            starts = [r.day for r in self.visible(citizen, s1) if r.day]
            ends = [r.day for r in self.visible(citizen, s2) if r.day]
            if max(len(starts), len(ends)) > 1:
                return "CONFLICT"
            if not starts or not ends:
                return "START-ONLY" if starts else "END-ONLY" if ends else "ABSENT"
            weeks = [(d - timedelta(d.weekday())) for d in (starts[0], ends[0])]
            return in_band((weeks[1] - weeks[0]).days // 7, INTERVAL_BANDS)
        sectors = world.sectors if name == "visits" else [name.removeprefix("own-")]
        default = self.default if name == "visits" else 0
        nodes = {s: sum(s in served for served in world.nodes.values()) for s in sectors}
        allowed = sum(min(n, world.memberships, self.k_max) for n in nodes.values())
        held = [r for s in sectors for r in self.visible(citizen, s)]
        if not held:
            return "ABSENT"
        if len(held) > allowed:
            return "CONFLICT"
        values = [default if r.visits is None else min(r.visits, CLIP) for r in held]
        known = [v for v in values if v is not None]
        return in_band(sum(known), TOTAL_BANDS) if known else "MISSING"

    def member(self, citizen: str) -> bool:
        if self.draft.target_group is None:
            return True
        yes = sum(
            any(r.colour in ("red", "green") for r in self.visible(citizen, s)) for s in self.world.sectors
        )
        return yes >= (1 if self.draft.target_group == "any" else len(self.world.sectors))

    def stay(self, record: Record) -> int | None:
        """Clipped by the level of the axis, if the query has it and one node decides it."""
        value = self.stay_default if record.stay is None else record.stay
        if value is None:
            return None
        first = self.world.sectors[0]
        low, high = STAY
        nodes = min(sum(first in served for served in self.world.nodes.values()), self.k_max)
        if f"{self.by}-{first}" in self.names and (
            self.by == "colour" or 1 in (nodes, self.world.memberships)
        ):
            level = (
                record.colour if self.by == "colour" else in_band(min(record.visits or 0, CLIP), TOTAL_BANDS)
            )
            low, high = STAY_BY[self.by].get(level or "", STAY)
        return min(max(value, low), high)

    def measured(self, records: list[Record]) -> list[int]:
        """The query's measures of one citizen."""
        out = []
        for use in self.draft.measures:
            values = [r.price if use.variable == "price" else self.stay(r) for r in records]
            there = [v for v in values if v is not None]
            out.append(len(there) if use.as_ == "count" else sum(there))
        return out

    def table(self) -> tuple[Counter[tuple[str, ...]], dict[tuple[str, ...], list[int]]]:
        counts: Counter[tuple[str, ...]] = Counter()
        sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(self.draft.measures))
        first = self.world.sectors[0]
        for citizen in {c for known in self.world.records.values() for c in known}:
            rows = {n for (n, s), known in self.world.records.items() if citizen in known}
            if self.draft.filter:
                rows = {
                    n
                    for (n, s), known in self.world.records.items()
                    if citizen in known and known[citizen] in self.visible(citizen, s)
                }
            levels = tuple(self.level(n, citizen) for n in self.names)
            if len(rows) > self.k_max or "CONFLICT" in levels or not self.member(citizen):
                continue
            if any(not self.visible(citizen, f.variable.removeprefix("colour-")) for f in self.draft.filter):
                continue
            if not all(
                level in self.draft.require[n] or ("present" in self.draft.require[n] and level != "ABSENT")
                for n, level in zip(self.names, levels, strict=True)
                if n in self.draft.require
            ):
                continue
            counts[levels] += 1
            own = self.measured(self.visible(citizen, first))
            sums[levels] = [a + b for a, b in zip(sums[levels], own, strict=True)]
        return counts, sums


def query(seed: int, world: World, by: str) -> tuple[dict[str, Any], int | None]:
    rng = random.Random(seed)
    offered: list[dict[str, str]] = [{"presence": s} for s in world.sectors]
    offered += [{"variable": f"colour-{s}", "banding": "b"} for s in world.sectors]
    offered += [{"variable": f"own-{s}", "banding": "b"} for s in world.sectors]
    offered += [{"variable": "visits", "banding": "b"}] * 2 + [{"variable": "path", "banding": "b"}] * 2
    axes = [{"variable": f"{by}-{world.sectors[0]}", "banding": "b"}] if rng.random() < 0.4 else []
    for axis in rng.sample(offered, rng.randint(1, 3 - len(axes))):
        if axis not in axes:
            axes.append(axis)
    names = [a.get("variable") or a["presence"] for a in axes]
    draft: dict[str, Any] = {"axes": axes}
    if rng.random() < 0.5:
        draft["target_group"] = rng.choice(["any", "all"])
    if rng.random() < 0.3:
        sector = rng.choice(world.sectors)
        draft["filter"] = [
            {"variable": f"colour-{sector}", "banding": "b", "levels": rng.sample(LEVELS, rng.randint(1, 2))}
        ]
    if rng.random() < 0.3:
        draft["require"] = {rng.choice(names): ["present"]}
    if rng.random() < 0.8:
        uses = [{"variable": "price"}, {"variable": "price", "as": "count"}]
        uses += [{"variable": "stay"}, {"variable": "stay", "as": "count"}]
        draft["measures"] = rng.sample(uses, rng.randint(1, 4))
    if rng.random() < 0.6:
        chosen = rng.sample(axes, rng.randint(1, len(axes)))
        draft["report_by"] = [
            {"axis": a.get("variable") or a["presence"]}
            | ({"banding": "c"} if "variable" in a and rng.random() < 0.5 else {})
            for a in chosen
        ]
    return draft, rng.choice([None, 0])


@settings(max_examples=120)
@given(st.integers(0, 2**32))
def test_joint_table_equals_a_plain_join(seed: int) -> None:
    compare(seed)


@pytest.mark.parametrize("seed", range(40))
def test_fixed_federations(seed: int) -> None:
    compare(seed)


def test_fixed_federations_have_every_kind_of_measure_and_margin() -> None:
    """So that what is compared above is what it says; two nodes, with the coordinator as A, among them."""
    found: Counter[str] = Counter()
    for seed in range(40):
        federation = compiled(seed)[1]
        if federation is None:
            continue
        program = federation.program
        found["margin"] += program.margin is not None
        found["margin of two nodes"] += program.margin is not None and program.linker in program.compute
        for measure in program.measures:
            found[f"centred by {measure.centred}"] += not measure.count
            found["by level"] += len(measure.bounds) > 1
        if program.margin:
            merged = program.margin.merged
            found["coarser"] += any(m.banding for m in merged)
            found["kept or dropped"] += any(not m.banding for m in merged)
            found["words of its own"] += any(
                a.word != b.word for a, b in zip(program.measures, program.margin.measures, strict=True)
            )
    wanted = {"margin", "margin of two nodes", "by level", "coarser", "kept or dropped", "words of its own"}
    wanted |= {"centred by citizens", "centred by values", "centred by "}
    assert wanted <= set(+found), found


def compiled(seed: int) -> tuple[World, Federation | None, int | None, int | None, str]:
    made = world(seed)
    rng = random.Random(seed + 1)
    stay_default, by = rng.choice([None, 2]), rng.choice(["own", "colour"])
    body, default = query(seed, made, by)
    base = {
        "title": LABEL,
        "federation": "test",
        "operation": "stratify",
        "purpose": {"family": "statistical", "id": "p"},
        "period": {"from": PERIOD_FROM, "until": PERIOD_UNTIL, "as_of": PERIOD_UNTIL},
    }
    with any_margin():
        try:
            federation = Federation(
                made.nodes,
                codebook(made.sectors, default=default, stay_default=stay_default, by=by),
                lambda digest: Draft.model_validate(base | body | {"codebook": digest}),
                memberships=made.memberships,
            )
        except SamklangError as error:
            # A question that reaches one node, or whose requirements exclude each other, has no table.
            if error.code not in ("program-too-few-nodes", "program-no-cells"):
                raise
            return made, None, default, stay_default, by
    return made, federation, default, stay_default, by


def compare(seed: int) -> None:
    made, federation, default, stay_default, by = compiled(seed)
    if federation is None:
        return
    program = federation.program
    # Somebody held by more nodes than there are group sizes is cut up: a stated limit, tested elsewhere.
    for citizen in {c for known in made.records.values() for c in known}:
        holders = sorted({n for (n, _), known in made.records.items() if citizen in known})
        for node in holders[program.largest_size :]:
            for sector in made.nodes[node]:
                made.records[node, sector].pop(citizen, None)
    values = {
        node: {
            s: features(made.records[node, s], program.features(s), keep(program, s), default, stay_default)
            for s in served
        }
        for node, served in program.sectors.items()
    }
    # Nodes that the query doesn't reach don't take part.
    made.records = {k: v for k, v in made.records.items() if k[1] in program.sectors.get(k[0], ())}
    made.nodes = dict(program.sectors)
    outcome = federation.run(values, NoNoise())

    oracle = Oracle(made, federation.draft, federation, default, stay_default, by)
    counts, sums = oracle.table()
    got_counts, got_sums = released(program.table, outcome)
    # The all-absent cell is where padding goes and is never released; with a target group it is.
    unreleased = set(counts) - set(got_counts)
    assert all(set(cell) == {"ABSENT"} for cell in unreleased)
    counts = Counter({c: n for c, n in counts.items() if c not in unreleased})
    sums = {c: s for c, s in sums.items() if any(s) and c not in unreleased}
    assert +got_counts == counts
    if federation.draft.measures:
        assert got_sums == sums
    if outcome.margin is None:
        return
    assert program.margin_table is not None
    into = [(oracle.names.index(m.axis), coarser(m)) for m in federation.draft.report_by]
    added: Counter[tuple[str, ...]] = Counter()
    added_sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(outcome.sums))
    for cell, number in counts.items():
        there = tuple(names.get(cell[place], cell[place]) for place, names in into)
        added[there] += number
        of = sums.get(cell, [0] * len(outcome.sums))
        added_sums[there] = [a + b for a, b in zip(added_sums[there], of, strict=True)]
    got_counts, got_sums = released(program.margin_table, outcome.margin)
    # Nobody on any axis that is reported by: with a target group a cell, else where padding is.
    nowhere = set(added) - set(got_counts)
    assert all(set(cell) == {"ABSENT"} for cell in nowhere)
    assert +got_counts == Counter({c: n for c, n in added.items() if c not in nowhere})
    if federation.draft.measures:
        assert got_sums == {c: s for c, s in added_sums.items() if any(s) and c not in nowhere}
    # Which cells each of the margin's merges.
    merged = np.zeros(len(outcome.margin.counts), np.int64)
    known = program.margin_cells >= 0
    np.add.at(merged, program.margin_cells[known], outcome.counts[known])
    assert (merged == outcome.margin.counts).all()


def coarser(margin_axis: Any) -> dict[str, str]:
    if margin_axis.banding != "c":
        return {}
    name = margin_axis.axis
    return COARSE["interval" if name == "path" else "colour" if name.startswith("colour") else "total"]


def released(table: Table, outcome: Any) -> tuple[Counter[tuple[str, ...]], dict[tuple[str, ...], list[int]]]:
    """Counts, and sums of values that aren't all 0, by the levels of the axes that are shown."""
    counts: Counter[tuple[str, ...]] = Counter()
    sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(outcome.sums))
    plain = table.plain_sums(outcome.counts, outcome.sums)
    assert (plain == np.round(plain)).all()
    for index, row in enumerate(table.cells.levels[table.cells.kept]):
        cell = tuple(table.axes[i].levels.names[row[i]] for i in table.shown)
        counts[cell] += int(outcome.counts[index])
        sums[cell] = [a + int(b) for a, b in zip(sums[cell], plain[:, index], strict=True)]
    return counts, {c: s for c, s in sums.items() if any(s)}


def keep(program: Any, sector: str) -> set[str] | None:
    wanted = program.filters.get(sector, ())
    return {LEVELS[i] for f in wanted for i in f.levels} if wanted else None
