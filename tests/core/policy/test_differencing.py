"""Two questions and the few citizens between them, against an enumeration of every union of cells.

The enumeration knows nothing of dimensions or figures' equations: it lists the kinds of citizens there can be
(known or not to each sector, every value of every variable), puts each kind into the cell that the question
says, and tries all unions of cells of both tables.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.model.query import Draft
from samklang.policy.differencing import SHARED_PER_DIFFERING, Comparison, Shape, compare, shape_of

CITIZENS = 10_000
LEAST = 200
LABEL = {"en": "x", "da": "x"}
VALUES = {"v": (0, 6), "w": (0, 4), "u": (0, 3)}
SECTOR = {"v": "s", "w": "t", "u": "s"}


def banding(*cuts: int) -> dict[str, Any]:
    borders = [None, *cuts, None]
    levels = []
    for low, high in zip(borders, borders[1:], strict=False):
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


def unions(world: World, question: dict[str, Any], kinds: list[dict[str, Any]]) -> NDArray[np.bool_]:
    """Every union of cells, as kinds that are in it; shape (unions, kinds)."""
    cells = [cell_of(world, question, kind) for kind in kinds]
    names = sorted({c for c in cells if c is not None})
    member = np.array([[c == name for c in cells] for name in names])
    chosen = np.array(list(product((False, True), repeat=len(names))), bool)
    return (chosen.astype(int) @ member.astype(int)).astype(bool)


def pairs(world: World, one: dict[str, Any], two: dict[str, Any]) -> NDArray[np.float64]:
    """(difference, common) of all pairs of unions that differ in some kind; shape (pairs, 2)."""
    kinds, sizes = world.kinds()
    a, b = unions(world, one, kinds), unions(world, two, kinds)
    common = (a * sizes) @ b.T
    apart = (a.astype(int) @ (~b).T.astype(int)) + ((~a).astype(int) @ b.T.astype(int)) > 0
    sums = (a @ sizes)[:, None] + (b @ sizes)[None, :]
    difference = sums - 2 * common
    return np.stack([difference[apart], common[apart]], axis=1)


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
        weights = [draw(st.sampled_from([1, 2, 5, 40, 100])) for _ in range(count)]
        found = [round(w / sum(weights), 6) for w in weights[:-1]]
        return (*found, round(1 - sum(found), 6))

    return World(
        {s: draw(st.sampled_from([0.5, 0.9, 0.99])) for s in "st"},
        {name: shares(high - low + 1) for name, (low, high) in VALUES.items()},
    )


@st.composite
def questions(draw: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    one = question(draw)
    if draw(st.booleans()):
        return one, question(draw)
    two = question(draw)
    return one, {**one, draw(st.sampled_from(["filter", "require"])): two["filter"], "require": one["require"]}


@settings(max_examples=150)
@given(worlds(), questions())
def test_what_is_found_is_there(world: World, both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """A finding is a pair of unions that differ in that many citizens, and nothing smaller is claimed."""
    one, two = both
    try:
        shapes = shape(world, one), shape(world, two)
    except KeyError:
        return
    finding = compare(*shapes, world.codebook, LEAST)
    again = compare(*shapes[::-1], world.codebook, LEAST)
    assert (finding is None) == (again is None)
    if finding is None:
        return
    assert finding.citizens is not None
    found = pairs(world, one, two)
    close = found[np.abs(found[:, 0] - finding.citizens) < 0.06]
    assert len(close), (finding, one, two)
    assert (close[:, 1] >= SHARED_PER_DIFFERING * close[:, 0] - 0.5).any()
