"""Compiling a question: what is refused by name, and the numbers that privacy rests on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.support.federation import Federation

from samklang.errors import SamklangError
from samklang.model.codebook import Codebook
from samklang.model.query import Draft
from samklang.protocol.program import Program

LABEL = {"en": "x", "da": "x"}
THREE: dict[str, tuple[str, ...]] = {"k": ("kommune",), "r": ("region",), "g": ("gp",)}


def levels(*ids: str) -> dict[str, Any]:
    return {"b": {"levels": [{"id": i, "label": LABEL, "values": [i]} for i in ids]}}


def bands(*edges: int) -> dict[str, Any]:
    pairs = zip(edges, [*edges[1:], None], strict=True)
    return {"b": {"levels": [{"id": f"from{a}", "label": LABEL, "from": a, "until": z} for a, z in pairs]}}


VARIABLES: dict[str, Any] = {
    "age": {"kind": "category", "sector": "kommune", "sql": "x", "bandings": levels("a", "b")},
    "street": {"kind": "category", "sector": "kommune", "sql": "x", "bandings": levels(*map(str, range(99)))},
    "house": {"kind": "category", "sector": "region", "sql": "x", "bandings": levels(*map(str, range(99)))},
    "floor": {"kind": "category", "sector": "gp", "sql": "x", "bandings": levels(*map(str, range(9)))},
    "stays": {"kind": "total", "sql": {"region": "x"}, "clip": 9, "default": 0, "bandings": bands(0, 1)},
    "visits": {
        "kind": "total",
        "sql": {"region": "x", "gp": "x"},
        "clip": 10,
        "default": 0,
        "bandings": bands(0, 5),
    },
    "steps": {"kind": "total", "sql": {"region": "x", "gp": "x"}, "clip": 4000, "bandings": bands(0, 3999)},
    "path": {
        "kind": "interval",
        "start": {"sector": "region", "sql": "x"},
        "end": {"sector": "kommune", "sql": "x"},
        "unit": "day",
        "bandings": bands(0, 7),
    },
    "price": {"kind": "measure", "unit": LABEL, "sql": {"region": "x"}, "clip": (0, 1000), "scale": 100},
    "huge": {"kind": "measure", "unit": LABEL, "sql": {"region": "x"}, "clip": (0, 10**12), "scale": 1000000},
}


def compiled(nodes: dict[str, tuple[str, ...]] | None = None, **body: Any) -> Program:
    book = {
        "codebook": {"id": "t", "version": 1, "label": LABEL},
        "sectors": {s: {"label": LABEL, "population": "x"} for s in ("kommune", "region", "gp")},
        "tables": {"t": {"sector": "gp", "columns": {"cpr": "cpr"}}},
        "variables": {n: {"label": LABEL} | v for n, v in VARIABLES.items()},
    }
    base: dict[str, Any] = {
        "title": LABEL,
        "federation": "test",
        "operation": "stratify",
        "purpose": {"family": "statistical", "id": "p"},
        "period": {"from": date(2025, 1, 1), "until": date(2026, 1, 1), "as_of": date(2025, 6, 1)},
    }
    make = lambda digest: Draft.model_validate(base | body | {"codebook": digest})  # noqa: E731
    return Federation(nodes or THREE, Codebook.model_validate(book), make).program


def axis(*names: str) -> list[dict[str, str]]:
    return [{"variable": n, "banding": "b"} for n in names]


REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "program-too-many-cells": ({"axes": axis("street", "house", "floor")}, ["street", "coarser"]),
    "program-table-too-large": ({"axes": axis("steps", "age")}, ["steps", "clip"]),
    "program-too-few-nodes": ({"axes": axis("age")}, ["1 node;"]),
    "program-sum-too-large": (
        {"axes": axis("age", "stays"), "measures": [{"variable": "huge"}]},
        ["huge", "scale"],
    ),
    "program-not-an-axis": ({"axes": axis("price", "age")}, ["price"]),
    "program-not-a-measure": ({"axes": axis("age", "stays"), "measures": [{"variable": "age"}]}, ["age"]),
    "program-no-cells": ({"axes": axis("age", "stays"), "require": {"age": ["nothing"]}}, ["require"]),
}


@pytest.mark.parametrize("code", REFUSED)
def test_refused_by_name_with_what_to_do(code: str) -> None:
    body, words = REFUSED[code]
    with pytest.raises(SamklangError) as caught:
        compiled(**body)
    assert caught.value.code == code
    assert all(word in str(caught.value) for word in words)


def test_interval_in_days_over_two_years_names_the_unit() -> None:
    long = {"from": date(2024, 1, 1), "until": date(2026, 1, 1), "as_of": date(2025, 6, 1)}
    with pytest.raises(SamklangError) as caught:
        compiled(axes=axis("path"), period=long)
    assert caught.value.code == "program-table-too-large"
    assert "weeks" in caught.value.fix


def test_one_supplier_needs_no_table_and_several_do() -> None:
    program = compiled(axes=axis("age", "stays", "visits"))
    assert [a.encoding.needs_table for a in program.axes] == [False, False, True]
    assert [program.axes[2].encoding.modulus(j) for j in (1, 2, 3)] == [32, 64, 64]
    two = compiled({**THREE, "r2": ("region",)}, axes=axis("age", "stays"))
    assert [a.encoding.needs_table for a in two.axes] == [False, True]


def test_suppliers_of_a_measure_follow_what_released_cells_allow() -> None:
    measures = [{"variable": "price"}]
    several: dict[str, tuple[str, ...]] = {**THREE, "r2": ("region",), "r3": ("region",)}

    def suppliers(nodes: dict[str, tuple[str, ...]], *axes: str) -> int:
        return compiled(nodes, axes=axis(*axes), measures=measures).measures[0].bounds[0].suppliers

    assert suppliers(THREE, "age", "stays") == 1
    assert suppliers(several, "age") == 3  # no axis tells how many regions hold the citizen
    assert suppliers(several, "age", "stays") == 2  # more than two are a conflict
    assert suppliers(several, "age", "house") == 1  # a category is one node's


def test_a_filter_requires_presence_on_an_axis_or_a_hidden_one() -> None:
    kept = [{"variable": "house", "banding": "b", "levels": ["1"]}]
    on_axis = compiled(axes=axis("age", "stays"), filter=kept)
    assert len(on_axis.axes) == 2
    assert {c["stays"] for c in on_axis.cells.names()} == {"from0", "from1"}
    hidden = compiled(axes=axis("age"), filter=kept)
    assert [a.name for a in hidden.axes if a.hidden] == ["present:region"]
    assert {c["present:region"] for c in hidden.cells.names()} == {"PRESENT"}


def test_digest_tells_programs_apart() -> None:
    first, same = compiled(axes=axis("age", "stays")), compiled(axes=axis("age", "stays"))
    assert first.digest() == same.digest()
    others = [
        compiled(axes=axis("stays", "age")),
        compiled(axes=axis("age", "stays"), require={"age": ["a"]}),
        compiled(axes=axis("age", "stays"), measures=[{"variable": "price"}]),
        compiled(axes=axis("age", "stays"), privacy={"epsilon": "0.5", "delta": "1e-8"}),
    ]
    assert len({p.digest() for p in (first, *others)}) == 5
