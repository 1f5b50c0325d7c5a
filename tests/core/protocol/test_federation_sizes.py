"""Two to fifty nodes; several nodes in a sector; the coordinator as compute party where there are two."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.support.federation import COORDINATOR, Federation, Values
from tests.support.quiet import NoNoise

from samklang.model.codebook import Codebook
from samklang.model.query import Draft

LABEL = {"en": "x", "da": "x"}
BANDS = {
    "b": {"levels": [{"id": "low", "label": LABEL, "until": 3}, {"id": "high", "label": LABEL, "from": 3}]}
}


def book(sectors: int) -> Codebook:
    names = [f"s{i}" for i in range(sectors)]
    visits = {"kind": "total", "label": LABEL, "sql": dict.fromkeys(names, "x"), "clip": 3, "default": 0}
    return Codebook.model_validate(
        {
            "codebook": {"id": "t", "version": 1, "label": LABEL},
            "sectors": {s: {"label": LABEL, "population": "x"} for s in names},
            "tables": {"t": {"sector": "s0", "columns": {"cpr": "cpr"}}},
            "variables": {"visits": visits | {"bandings": BANDS}},
        }
    )


def draft(axes: list[dict[str, str]]) -> Any:
    body = {
        "title": LABEL,
        "federation": "test",
        "operation": "stratify",
        "purpose": {"family": "statistical", "id": "p"},
        "period": {"from": date(2025, 1, 1), "until": date(2026, 1, 1), "as_of": date(2025, 6, 1)},
        "axes": axes,
    }
    return lambda digest: Draft.model_validate(body | {"codebook": digest})


@pytest.mark.parametrize(("nodes", "sectors"), [(2, 1), (2, 2), (3, 1), (4, 2), (17, 5), (50, 3)])
def test_table_is_exact(nodes: int, sectors: int) -> None:
    served = {f"n{i:02}": (f"s{i % sectors}",) for i in range(nodes)}
    axes = [{"variable": "visits", "banding": "b"}, *({"presence": f"s{i}"} for i in range(sectors))]
    federation = Federation(served, book(sectors), draft(axes))
    program = federation.program
    rng = np.random.default_rng(nodes)
    people = [b"%010d" % i for i in range(40)]
    values: dict[str, dict[str, Values]] = {}
    for node, (sector,) in served.items():
        known = np.flatnonzero(rng.random(40) < min(0.6, 4 / nodes))
        visits = rng.integers(0, 4, len(known))
        cpr = np.array([people[i] for i in known], "S10")
        named = {"visits/number": visits}
        if nodes == 1:
            named = {"visits/b/level": (visits >= 3).astype(int)}
        values[node] = {sector: Values(cpr, named, {k: np.ones(len(known), bool) for k in named})}
    _at_most(values, program.largest_size)
    outcome = federation.run(values, NoNoise())

    allowed = sum(min(2, sum(s == (f"s{i}",) for s in served.values())) for i in range(sectors))
    expected: Counter[tuple[str, ...]] = Counter()
    conflicts = 0
    for person in people:
        held = {n: v for n, by in values.items() for v in by.values() if person in v.cpr}
        if not held:
            continue
        total = sum(int(v.values["visits/number"][list(v.cpr).index(person)]) for v in held.values())
        if len(held) > min(allowed, program.largest_group):
            conflicts += 1
            continue
        present = [
            "PRESENT" if any(served[n] == (f"s{i}",) for n in held) else "ABSENT" for i in range(sectors)
        ]
        expected["high" if total >= 3 else "low", *present] += 1
    got = {
        tuple(names[a.name] for a in program.axes): int(n)
        for names, n in zip(program.cells.names(), outcome.counts, strict=True)
        if n
    }
    assert got == expected
    assert outcome.conflicts == conflicts
    if nodes == 2:
        assert program.compute[0] == COORDINATOR
        assert COORDINATOR not in program.inputs


def _at_most(values: dict[str, dict[str, Values]], rows: int) -> None:
    """Take citizens off nodes until nobody has more rows than there are group sizes."""
    seen: Counter[bytes] = Counter()
    for by_sector in values.values():
        for known in by_sector.values():
            keep = np.array([seen[c] < rows for c in known.cpr.tolist()], bool)
            seen.update(known.cpr[keep].tolist())
            known.cpr = known.cpr[keep]
            known.values = {k: v[keep] for k, v in known.values.items()}
            known.valid = {k: v[keep] for k, v in known.valid.items()}


@pytest.mark.parametrize("known", [[0, 0, 0], [1, 0, 0], [1, 1, 0]])
def test_no_rows_and_one_citizen(known: list[int]) -> None:
    """A node with no rows takes part with padding alone; a lone citizen is one count."""
    federation = Federation(
        {"n0": ("s0",), "n1": ("s1",), "n2": ("s1",)},
        book(2),
        draft([{"presence": "s0"}, {"presence": "s1"}]),
    )
    values = {
        n: {s: Values(np.array([b"0101011234"] * k, "S10"))}
        for (n, s), k in zip({"n0": "s0", "n1": "s1", "n2": "s1"}.items(), known, strict=True)
    }
    outcome = federation.run(values, NoNoise())
    got = {
        tuple(c.values()): int(n)
        for c, n in zip(federation.program.cells.names(), outcome.counts, strict=True)
    }
    expected = {
        ("PRESENT", "PRESENT"): int(known == [1, 1, 0]),
        ("PRESENT", "ABSENT"): int(known == [1, 0, 0]),
        ("ABSENT", "PRESENT"): 0,
    }
    assert got == expected
