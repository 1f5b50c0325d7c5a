"""Two questions and the few citizens between them, against an enumeration of every box of cells.

The enumeration knows nothing of dimensions or figures' equations: it lists the kinds of citizens there can be
(known or not to each sector, every value of every variable), puts each kind into the cell that the question
says, and tries every set of levels of every axis of both tables.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from samklang.model.canonical import canonical, parse_canonical
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.model.query import Draft
from samklang.policy.differencing import (
    SHARED_PER_DIFFERING,
    Comparison,
    Shape,
    Uses,
    compare,
    interned,
    shape_of,
)

CITIZENS = 10_000
LEAST = 200
LABEL = {"en": "x", "da": "x"}
VALUES = {"v": (0, 6), "w": (0, 4), "u": (0, 3)}
SECTOR = {"v": "s", "w": "t", "u": "s"}


def banding(*cuts: int) -> dict[str, Any]:
    borders = [None, *cuts, None]
    levels = []
    for low, high in pairwise(borders):
        level: dict[str, Any] = {"id": f"{low}-{high}".replace("None", "x"), "label": LABEL}
        level |= {k: e for k, e in (("from", low), ("until", high)) if e is not None}
        levels.append(level if len(level) > 2 else level | {"from": 0})
    return {"levels": levels}


def variable(name: str) -> dict[str, Any]:
    low, high = VALUES[name]
    inner = range(low + 1, high)
    bandings = {"each": banding(*inner)}
    for first in inner:
        bandings[f"at-{first}"] = banding(first)
        for second in inner:
            if first < second:
                bandings[f"at-{first}-{second}"] = banding(first, second)
    return {
        "kind": "category",
        "label": LABEL,
        "sector": SECTOR[name],
        "sql": f"SELECT cpr, {name} AS value FROM {SECTOR[name]}",
        "bandings": bandings,
    }


@dataclass(frozen=True)
class World:
    """Shares: presence by sector, values by variable (the last one: no value)."""

    present: dict[str, float]
    shares: dict[str, tuple[float, ...]]

    @property
    def codebook(self) -> Codebook:
        shares = {}
        for name in VALUES:
            ids = [level["id"] for level in variable(name)["bandings"]["each"]["levels"]]
            given = dict(zip(ids, map(str, self.shares[name][:-1]), strict=True))
            shares[f"{name}/each"] = given
        return Codebook.model_validate(
            {
                "codebook": {"id": "c", "version": 1, "label": LABEL},
                "sectors": {s: {"label": LABEL, "population": f"SELECT cpr FROM {s}"} for s in "st"},
                "tables": {s: {"sector": s, "columns": {"cpr": "cpr"}} for s in "st"},
                "variables": {name: variable(name) for name in VALUES},
                "figures": {
                    "whole-population": {
                        "source": "made up",
                        "citizens": CITIZENS,
                        "sectors": {s: round(CITIZENS * share) for s, share in self.present.items()},
                        "shares": shares,
                    }
                },
            }
        )

    def kinds(self) -> tuple[list[dict[str, Any]], NDArray[np.float64]]:
        """Every kind of citizen, and how many there are of each."""
        names = [*VALUES]
        domains = [[*range(*VALUES[n]), None] for n in names]
        kinds, sizes = [], []
        for presence in product((False, True), repeat=2):
            there = dict(zip("st", presence, strict=True))
            own = [domains[i] if there[SECTOR[n]] else ["absent"] for i, n in enumerate(names)]
            for values in product(*own):
                kind = dict(zip(names, values, strict=True)) | there
                size = float(CITIZENS)
                for sector, here in there.items():
                    size *= self.present[sector] if here else 1 - self.present[sector]
                for i, n in enumerate(names):
                    if there[SECTOR[n]]:
                        size *= self.shares[n][domains[i].index(values[i])]
                if size > 0:  # else the figures say that there is nobody
                    kinds.append(kind)
                    sizes.append(size)
        return kinds, np.array(sizes)


def manifest(nodes: int = 2) -> Manifest:
    key = "ed25519:" + "A" * 43 + "="
    return Manifest.model_validate(
        {
            "federation": {
                "id": "f", "version": 1, "label": LABEL,
                "valid": {"from": "2026-01-01", "until": "2030-01-01"},
            },
            "coordinator": {"id": "hub", "organisation": "o", "identity": key},
            "nodes": [
                {"id": f"{s}{i}", "organisation": f"{s}{i}", "label": LABEL, "sectors": [s], "identity": key}
                for s in "st"
                for i in range(nodes)
            ],
            "compute_parties": ["s0", "t0", "s1"],
            "codebook": "sha256:" + "0" * 64,
        }
    )  # fmt: skip


def draft(**question: Any) -> Draft:
    return Draft.model_validate(
        {
            "title": LABEL,
            "federation": "f",
            "codebook": "sha256:" + "0" * 64,
            "operation": "stratify",
            "purpose": {"family": "statistical", "id": "g"},
            "period": {"from": "2026-01-01", "until": "2027-01-01", "as_of": "2026-12-31"},
        }
        | question
    )


def shape(world: World, question: dict[str, Any]) -> Shape:
    return shape_of(draft(**question), manifest(), world.codebook)


def level_of(world: World, name: str, banding_: str, value: Any) -> str:
    if value == "absent":
        return "ABSENT"
    if value is None:
        return "MISSING"
    for level in variable(name)["bandings"][banding_]["levels"]:
        if level.get("from", -99) <= value < level.get("until", 99):
            return str(level["id"])
    raise AssertionError(value)


def cell_of(world: World, question: dict[str, Any], kind: dict[str, Any]) -> tuple[str, ...] | None:
    """The released cell that a kind of citizen is counted in."""
    for kept in question.get("filter", ()):
        if level_of(world, kept["variable"], kept["banding"], kind[kept["variable"]]) not in kept["levels"]:
            return None
    found = []
    for axis in question["axes"]:
        if "presence" in axis:
            name, level = axis["presence"], "PRESENT" if kind[axis["presence"]] else "ABSENT"
        else:
            name = axis["variable"]
            level = level_of(world, name, axis["banding"], kind[name])
        wanted = question.get("require", {}).get(name)
        if wanted is not None and level not in wanted and not ("present" in wanted and level != "ABSENT"):
            return None
        found.append(level)
    return tuple(found)


@dataclass(frozen=True)
class Boxes:
    """Every box of a table: for each axis a set of its released levels.

    ``member``: shape (boxes, kinds). ``sides``: by variable (or sector of a presence axis), for every box the
    set of its values, and the sets of values that the table's levels are.
    """

    member: NDArray[np.bool_]
    sides: dict[str, list[tuple[frozenset[Any], list[frozenset[Any]]]]]


def boxes(world: World, question: dict[str, Any], kinds: list[dict[str, Any]]) -> Boxes:
    cells = [cell_of(world, question, kind) for kind in kinds]
    axes = [axis.get("presence") or axis["variable"] for axis in question["axes"]]
    levels = [sorted({c[i] for c in cells if c is not None}) for i in range(len(axes))]
    released = [(kind, cell) for kind, cell in zip(kinds, cells, strict=True) if cell is not None]
    values = {
        (i, level): frozenset(kind[axes[i]] for kind, cell in released if cell[i] == level)
        for i, found in enumerate(levels)
        for level in found
    }
    everything = {name: frozenset(kind[name] for kind, _ in released) for name in (*VALUES, "s", "t")}
    member = []
    sides: dict[str, list[tuple[frozenset[Any], list[frozenset[Any]]]]] = {n: [] for n in everything}
    choices = [[c for n in range(1, len(x) + 1) for c in combinations(x, n)] for x in levels]
    for chosen in product(*choices):
        member.append([c is not None and all(c[i] in chosen[i] for i in range(len(axes))) for c in cells])
        for name, whole in everything.items():
            if name in axes:
                i = axes.index(name)
                own = frozenset().union(*(values[i, level] for level in chosen[i]))
                sides[name].append((own, [values[i, level] for level in levels[i]]))
            else:
                sides[name].append((whole, [whole]))
    return Boxes(np.array(member), sides)


def news(one: Boxes, two: Boxes) -> NDArray[np.bool_]:
    """Pairs in whose difference, in any one variable, no whole level of either table lies."""
    found = np.ones((len(one.member), len(two.member)), bool)
    for name in one.sides:
        for i, (a, own) in enumerate(one.sides[name]):
            for j, (b, other) in enumerate(two.sides[name]):
                apart = a ^ b
                found[i, j] &= not any(level and level <= apart for level in (*own, *other))
    return found


Pairs = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]
"""(citizens in common, citizens in the difference, whether any kind is in one alone), by pair."""


def pairs(a: NDArray[np.bool_], b: NDArray[np.bool_], sizes: NDArray[np.float64]) -> Pairs:
    common = (a * sizes) @ b.T
    difference = (a @ sizes)[:, None] + (b @ sizes)[None, :] - 2 * common
    x, y = a.astype(np.float32), b.astype(np.float32)
    return common, difference, x.sum(1)[:, None] + y.sum(1)[None, :] - 2 * x @ y.T > 0


def bare(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pairs that hold no box of both tables with the same citizens: it would add to what they have in common
    and to nothing else."""
    x, y = a.astype(np.float32), b.astype(np.float32)
    found = np.ones((len(a), len(b)), bool)
    same = x.sum(1)[:, None] + y.sum(1)[None, :] - 2 * x @ y.T == 0
    for i, j in np.argwhere(same):
        found &= ~np.outer((x @ x[i]) == x[i].sum(), (y @ y[j]) == y[j].sum())
    return found


def few(found: Pairs, slack: float) -> NDArray[np.bool_]:
    """Pairs that share much and differ in little; ``slack``: a little stricter or laxer."""
    common, difference, differs = found
    shared = common * slack >= np.maximum(SHARED_PER_DIFFERING * difference, LEAST)
    return differs & shared & (difference < LEAST * slack)


def unions(world: World, question: dict[str, Any], kinds: list[dict[str, Any]]) -> NDArray[np.bool_]:
    """Every union of cells, as kinds that are in it; shape (unions, kinds)."""
    cells = [cell_of(world, question, kind) for kind in kinds]
    names = sorted({c for c in cells if c is not None})
    member = np.array([[c == name for c in cells] for name in names], int)
    chosen = np.array(list(product((False, True), repeat=len(names))), int)
    return (chosen @ member).astype(bool)


def tables(world: World, both: tuple[dict[str, Any], dict[str, Any]]) -> bool:
    """Whether both have cells, and few enough to try every union."""
    kinds, _ = world.kinds()
    return all(1 <= len({cell_of(world, q, kind) for kind in kinds} - {None}) <= 9 for q in both)


def question(draw: Any) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from([*VALUES, "s", "t"]), min_size=1, max_size=2, unique=True))
    axes, require, filters = [], {}, []
    for name in names:
        if name in VALUES:
            bandings = [b for b in variable(name)["bandings"] if b != "each"]
            axis = {"variable": name, "banding": draw(st.sampled_from(bandings))}
            levels = [x["id"] for x in variable(name)["bandings"][axis["banding"]]["levels"]]
            choices = [None, ["present"], levels, levels[:-1], levels[1:], [*levels[1:], "ABSENT"]]
        else:
            axis, choices = {"presence": name}, [None, ["PRESENT"], ["present"]]
        axes.append(axis)
        if kept := draw(st.sampled_from(choices)):
            require[name] = kept
    if draw(st.booleans()):
        name = draw(st.sampled_from([*VALUES]))
        chosen = draw(st.sampled_from([*variable(name)["bandings"]]))
        levels = [x["id"] for x in variable(name)["bandings"][chosen]["levels"]]
        start = draw(st.integers(0, 1))
        kept = levels[start : len(levels) - draw(st.integers(0, 1))] or levels
        filters.append({"variable": name, "banding": chosen, "levels": kept})
    return {"axes": axes, "require": require, "filter": filters}


@st.composite
def worlds(draw: Any) -> World:
    def shares(count: int) -> tuple[float, ...]:
        weights = [draw(st.sampled_from([0, 1, 2, 5, 40, 100])) for _ in range(count - 1)] + [1]
        found = [round(w / sum(weights), 6) for w in weights[:-1]]
        return (*found, round(1 - sum(found), 6))

    return World(
        {s: draw(st.sampled_from([0.5, 0.9, 0.99])) for s in "st"},
        {name: shares(high - low + 1) for name, (low, high) in VALUES.items()},
    )


@st.composite
def questions(draw: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two of any kind; or one, and the same with another filter."""
    one, two = question(draw), question(draw)
    return (one, two) if draw(st.booleans()) else (one, one | {"filter": two["filter"]})


@settings(max_examples=70)
@given(worlds(), questions())
def test_the_guard_finds_every_box_that_differs_in_few(
    world: World, both: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    """And what it finds is there: some unions of cells differ in as many citizens as it says."""
    assume(tables(world, both))
    one, two = (shape(world, question) for question in both)
    finding = compare(one, two, world.codebook, LEAST)
    assert finding == compare(two, one, world.codebook, LEAST), "the order doesn't matter"
    kinds, sizes = world.kinds()
    first, second = (boxes(world, question, kinds) for question in both)
    a, b = first.member, second.member
    if finding is None:
        missed = few(pairs(a, b, sizes), 1 - 1e-6) & news(first, second) & bare(a, b)
        assert not missed.any(), (both, pairs(a, b, sizes)[1][missed].min())
        return
    assert finding.citizens is not None
    found = pairs(*(unions(world, question, kinds) for question in both), sizes)
    there = few(found, 1 + 1e-6) & (np.abs(found[1] - finding.citizens) < 0.06)
    assert there.any(), (both, finding)


PLAIN = World(
    {"s": 0.99, "t": 0.5},
    {"v": (0.3, 0.3, 0.2, 0.18, 0.01, 0.005, 0.005), "w": (0.4, 0.3, 0.2, 0.1, 0.0), "u": (0.5, 0.3, 0.2, 0)},
)
ALL = {"axes": [{"variable": "v", "banding": "at-3"}]}
"""Those with less than 3, those with more."""


def between(one: dict[str, Any], two: dict[str, Any], world: World = PLAIN, least: int = LEAST) -> Any:
    return compare(shape(world, one), shape(world, two), world.codebook, least)


def test_who_is_left_out_of_one_table_is_counted_among_those_whom_the_sector_knows() -> None:
    """Half of all are known to t; 4.76 % of these have no value or 0, and one table leaves them out. Who
    isn't known to t is in both."""
    world = World(
        {"s": 0.5, "t": 0.5},
        {"v": (0, 0, 0, 0, 0, 0, 1.0), "w": (0.02381, 0.0, 0.0, 0.952381, 0.023809), "u": (0.5, 0.3, 0.2, 0)},
    )
    whole = {"axes": [{"variable": "v", "banding": "at-1"}]}
    cut = {
        "axes": [*whole["axes"], {"variable": "w", "banding": "at-1"}],
        "require": {"w": ["1-x", "ABSENT"]},
    }
    finding = between(cut, whole, world)
    assert finding is not None
    assert finding.citizens == pytest.approx(CITIZENS * 0.5 * 0.5 * 0.047619, abs=0.1)
    assert between(cut, whole, world, least=119) is None


def test_an_edge_moved_by_a_small_band_is_recognised() -> None:
    """Those below 5 without those below 4: the one value between, 1 % of 99 % of 10,000."""
    four, five = ({"axes": [{"variable": "v", "banding": f"at-{cut}"}]} for cut in (4, 5))
    finding = between(four, five)
    assert finding is not None
    assert finding.where == ("v",)
    assert finding.citizens == pytest.approx(99, abs=0.1)
    assert between(four, five, least=98) is None
    assert between(four, four) is None


def test_a_small_level_left_out_is_recognised_and_a_large_one_is_not() -> None:
    def without(*levels: str) -> dict[str, Any]:
        ids = [level["id"] for level in variable("v")["bandings"]["each"]["levels"]]
        kept = [level for level in ids if level not in levels]
        filters = [{"variable": "v", "banding": "each", "levels": kept}]
        return {"axes": [{"variable": "w", "banding": "at-2"}], "filter": filters}

    assert between(without(), without("4-5")) is not None
    assert between(without(), without("x-1")) is None
    assert between(without("x-1"), without("x-1", "4-5")) is not None
    # The same through what is released: the axis shows every level by itself, so none is news.
    axis = {"axes": [{"variable": "v", "banding": "each"}]}
    required = axis | {"require": {"v": ["x-1", "1-2", "2-3", "3-4"]}}
    assert between(axis, required) is None
    assert between(axis, without()) is None, "those without a value are a level too"
    nothing_said = {"axes": [{"variable": "w", "banding": "at-2"}]}
    assert between(nothing_said, without()) is not None, "those unknown or without a value are few"


def test_a_finer_table_is_no_difference() -> None:
    coarse = {"axes": [{"variable": "v", "banding": "at-2"}]}
    fine = {"axes": [{"variable": "v", "banding": "at-2-4"}, {"variable": "u", "banding": "at-1"}]}
    assert between(coarse, fine) is None


def test_axes_regrouped_isolate_a_small_set() -> None:
    """Neither table has a cell of its own for the value 4, whatever else they are broken down by."""
    one = {"axes": [{"variable": "v", "banding": "at-4"}, {"variable": "w", "banding": "at-2"}]}
    two = {"axes": [{"variable": "u", "banding": "at-1"}, {"variable": "v", "banding": "at-5"}]}
    finding = between(one, two)
    assert finding is not None
    assert finding.where == ("v",)


def test_what_has_no_figure_counts_as_small() -> None:
    bare = PLAIN.codebook.model_copy(update={"figures": {}})
    four, three = ({"axes": [{"variable": "v", "banding": f"at-{cut}"}]} for cut in (4, 3))
    assert between(four, three) is None, "1,800 of them, by figures"
    finding = compare(shape(PLAIN, four), shape(PLAIN, three), bare, LEAST)
    assert finding is not None
    assert finding.citizens is None
    assert compare(shape(PLAIN, ALL), shape(PLAIN, ALL), bare, LEAST) is None


@pytest.mark.parametrize(
    ("period", "few"),
    [
        ({"from": "2026-01-01", "until": "2027-01-01", "as_of": "2026-12-31"}, False),
        ({"from": "2026-01-02", "until": "2027-01-01", "as_of": "2026-12-31"}, True),
        ({"from": "2026-01-01", "until": "2027-01-01", "as_of": "2026-12-30"}, True),
        ({"from": "2026-02-01", "until": "2027-02-01", "as_of": "2027-01-31"}, True),
        ({"from": "2026-07-01", "until": "2027-07-01", "as_of": "2027-06-30"}, False),
        ({"from": "2027-01-01", "until": "2028-01-01", "as_of": "2027-12-31"}, False),
    ],
)
def test_a_period_shifted_by_a_little(period: dict[str, str], few: bool) -> None:
    assert (between(ALL, ALL | {"period": period}) is not None) is few


def dated(**dates: str) -> Codebook:
    """The plain codebook with variables (or, by a sector's name, populations) that depend on these dates."""
    made = PLAIN.codebook.model_dump(by_alias=True, mode="json", exclude_none=True)
    made["tables"] = {s: {"sector": s, "columns": {"cpr": "cpr", "day": "date"}} for s in "st"}
    for table in made["tables"].values():
        table["columns"] |= dict.fromkeys(VALUES, "integer")
    for name, date in dates.items():
        if name in VALUES:
            made["variables"][name]["sql"] += f" WHERE day < ${date}"
        else:
            made["sectors"][name]["population"] += f" WHERE day < ${date}"
    return Codebook.model_validate(made)


OTHER_YEAR = {"from": "2020-01-01", "until": "2021-01-01", "as_of": "2020-12-31"}
OTHER_DAY = {"from": "2026-01-01", "until": "2027-01-01", "as_of": "2020-12-31"}
W_EACH = {"variable": "w", "banding": "each"}
BUT_FEW = {"filter": [{"variable": "v", "banding": "at-4", "levels": ["x-4"]}], "axes": [W_EACH]}
EVERY_V = {"filter": [{"variable": "v", "banding": "at-4", "levels": ["x-4", "4-x"]}], "axes": [W_EACH]}


@pytest.mark.parametrize(
    ("dates", "period", "found"),
    [
        ({}, OTHER_YEAR, True),
        ({"w": "from"}, OTHER_YEAR, True),  # an axis that differs, added up
        ({"w": "as_of", "u": "from"}, OTHER_YEAR, True),
        ({"v": "until"}, OTHER_YEAR, False),  # another filter: who is in the table is another matter
        ({"s": "as_of"}, OTHER_YEAR, False),
        ({"v": "until"}, OTHER_DAY, True),  # the date that differs is not what the filter depends on
        ({"v": "as_of"}, OTHER_DAY, False),
    ],
)
def test_another_period_counts_where_it_decides_who_is_in_the_table(
    dates: dict[str, str], period: dict[str, str], found: bool
) -> None:
    codebook = dated(**dates)
    shapes = [
        shape_of(draft(**question), manifest(), codebook)
        for question in (EVERY_V, BUT_FEW | {"period": period})
    ]
    for one, two in (shapes, shapes[::-1]):
        finding = compare(one, two, codebook, LEAST)
        assert (finding is not None) is found
        assert finding is None or "v" in finding.where


def test_a_node_left_out_is_recognised() -> None:
    others = ALL | {"axes": [*ALL["axes"], {"variable": "w", "banding": "at-2"}]}
    finding = between(others, others | {"nodes": ["s0", "t0", "t1"]})
    assert finding is not None
    assert finding.where == ("nodes",)
    assert between(others | {"nodes": ["s0", "t0"]}, others | {"nodes": ["s1", "t0"]}) is None


def test_a_new_definition_under_an_old_name_is_unknown() -> None:
    old = PLAIN.codebook
    changed = old.variables["v"].model_copy(update={"sql": "SELECT cpr, v + 1 AS value FROM s"})
    new = old.model_copy(update={"variables": {**old.variables, "v": changed}})
    shapes = [shape_of(draft(**ALL), manifest(), book) for book in (old, new)]
    finding = compare(shapes[0], shapes[1], new, LEAST)
    assert finding is not None
    assert finding.where == ("v",)


GROUPS = {
    "low": {"label": LABEL, "parts": [{"sector": "s", "all": [
        {"variable": "v", "banding": "each", "levels": ["x-1", "1-2", "2-3", "3-4"]}]}]},
    "either": {"label": LABEL, "parts": [{"sector": "s"}, {"sector": "t"}]},
}  # fmt: skip


def test_a_target_group_that_one_sector_decides_is_compared_as_a_filter() -> None:
    book = PLAIN.codebook.model_copy(
        update={"target_groups": Codebook.model_validate(
            PLAIN.codebook.model_dump(by_alias=True) | {"target_groups": GROUPS}).target_groups}
    )  # fmt: skip
    by_w = {"axes": [{"variable": "w", "banding": "at-2"}]}
    levels = ["x-1", "1-2", "2-3", "3-4", "4-5"]
    filtered = by_w | {"filter": [{"variable": "v", "banding": "each", "levels": levels}]}

    def shaped(question: dict[str, Any]) -> Shape:
        return shape_of(draft(**question), manifest(), book)

    finding = compare(shaped(by_w | {"target_group": "low"}), shaped(filtered), book, LEAST)
    assert finding is not None
    assert finding.where == ("v",)
    # Of two groups that several sectors decide nobody knows who is in both.
    opaque = compare(shaped(by_w | {"target_group": "either"}), shaped(by_w), book, LEAST)
    assert opaque is not None
    assert opaque.where == ("target group",)
    assert opaque.citizens is None


def test_a_shape_is_kept_and_read_again() -> None:
    """With everything it needs: comparing doesn't look the names up in today's codebook."""
    one = shape(PLAIN, ALL | {"require": {"v": ["present"]}})
    assert parse_canonical(canonical(one), Shape) == one


def test_five_thousand_earlier_questions_are_compared_in_seconds() -> None:
    """Wide bounds for a busy machine; docs/performance.md has the figures."""
    bandings = list(variable("v")["bandings"])
    shapes: list[Shape] = []
    known: dict[Uses, Uses] = {}
    for i, (v, w) in enumerate(product(bandings, variable("w")["bandings"])):
        for levels in range(1, 5):
            ids = [x["id"] for x in variable("u")["bandings"]["each"]["levels"]][: 1 + levels % 3]
            question = {
                "axes": [{"variable": "v", "banding": v}, {"variable": "w", "banding": w}],
                "filter": [{"variable": "u", "banding": "each", "levels": ids}],
            }
            made = shape(PLAIN, question | {"require": {"v": ["present"]} if i % 2 else {}})
            shapes.append(interned(made, known))
    compared = Comparison(PLAIN.codebook, LEAST)
    filters = [{"variable": "u", "banding": "each", "levels": ["x-1", "1-2"]}]
    new = shape(PLAIN, {"axes": [{"variable": "v", "banding": "at-4"}], "filter": filters})
    many = (shapes * (5000 // len(shapes) + 1))[:5000]
    began = time.process_time()
    found = sum(compared(new, one) is not None for one in many)
    assert 0 < found < 5000
    assert time.process_time() - began < 20
