"""The public synthetic tables with known answers, where they are at hand, and how to compare with them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "synthea"
FOLDER = ROOT / "policies" / "synthea"
QUERIES = ("S1", "S2", "S3", "S4", "S6")

needs_synthea = pytest.mark.skipif(
    not (DATA / "truth.json").is_file(), reason="the synthetic tables are not beside the project (../shared)"
)

Cell = tuple[str, ...]
Figures = dict[str, Decimal]


def truth(query: str) -> dict[str, Any]:
    """The entry of one query in ``truth.json``."""
    found = json.loads((DATA / "truth.json").read_text(encoding="utf-8"))
    (entry,) = (q for q in found["queries"] if q["spec"]["id"] == query)
    return dict(entry)


def expected(query: str) -> tuple[list[str], dict[Cell, Figures]]:
    """(axes, cell → figures): ``n`` and, where asked for, ``pris_n`` and ``pris_sum``."""
    entry = truth(query)
    if query == "S6":
        axes = ["kommune", "region", "gp", "medicin", "kronikere"]
        cells = {}
        for cell in entry["answer"]["cells"]:
            known = set(cell["present_at"].split("+"))
            levels = tuple("PRESENT" if a in known else "ABSENT" for a in axes)
            cells[levels] = {"n": Decimal(cell["n"])}
        return axes, cells
    axes = [dim["name"] for dim in entry["spec"]["dims"]]
    cells = {}
    for cell in entry["answer"]["cells"]:
        figures = {k: Decimal(str(v)) for k, v in cell.items() if k in ("n", "pris_n", "pris_sum")}
        cells[tuple(cell[a] for a in axes)] = figures
    return axes, cells


def nonzero(cells: Iterable[tuple[Cell, Mapping[str, Decimal]]]) -> dict[Cell, Figures]:
    """Cells that hold anybody; figures without their zeros, since an empty cell isn't listed."""
    out: dict[Cell, Figures] = {}
    for cell, figures in cells:
        kept = {k: Decimal(v) for k, v in figures.items() if v}
        if kept:
            out[cell] = kept
    return out


def total(cells: Mapping[Cell, Figures]) -> Counter[str]:
    """Each figure over all cells."""
    out: Counter[str] = Counter()
    for figures in cells.values():
        for name, value in figures.items():
            out[name] += value  # type: ignore[assignment]
    return out
