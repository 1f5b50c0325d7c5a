"""How exact answers are: ``python -m benchmarks.precision docs/precision.md [--check]``.

Everything is computed for the mechanism as it is: three parties' discrete Gaussians, Δ₂ = √2, the thresholds
of the release, for target groups of two sample federations and tables that their codebooks allow. Sizes of
cells come from the codebooks' public figures, with axes and sectors independent; what the noise does to them
is exact, not drawn. A test draws it with the real mechanism and compares.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from samklang.estimate.counts import threshold
from samklang.estimate.law import law
from samklang.identity.keys import SigningKey
from samklang.model.canonical import digest
from samklang.model.codebook import Category, Codebook
from samklang.model.loading import load, loads
from samklang.model.manifest import Manifest
from samklang.model.query import Draft
from samklang.model.yaml_tree import read_tree
from samklang.protocol.compile import compile_query
from samklang.protocol.planning.expected import expected_table
from samklang.protocol.planning.precision import DEFAULT_MIN_COUNT
from samklang.protocol.program import Program

EPSILONS = (Decimal("0.25"), Decimal("0.5"), Decimal(1), Decimal(2))
WITHIN = (0.1, 0.2)
POLICIES = Path(__file__).resolve().parents[1] / "policies"
GROUP = "elderly-medical"
KNOWN = ("area", "sex")
"""Axes whose citizens the municipality knows."""
NAMED = ("area/part", "sex/two")
"""Of these only the levels that have a name."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """One table of one federation."""

    name: str
    folder: str
    manifest: str
    axes: tuple[str, ...]


TABLES = (
    Table("Odense", "integrated-care", "federation-three.yaml", ("area/district", "need/tiers")),
    Table(
        "Odense",
        "integrated-care",
        "federation-three.yaml",
        ("area/district", "chronic_conditions/three", "need/tiers"),
    ),
    Table(
        "Odense",
        "integrated-care",
        "federation-three.yaml",
        ("area/part", "sex/two", "acute_admissions/three", "chronic_conditions/three", "need/tiers"),
    ),
    Table("Herning and Holstebro", "slip-sundheden-fri", "federation.yaml", ("area/project", "need/tiers")),
    Table(
        "Herning and Holstebro",
        "slip-sundheden-fri",
        "federation.yaml",
        ("area/arm", "acute_admissions/three", "chronic_conditions/three", "need/tiers"),
    ),
    Table(
        "Herning and Holstebro",
        "slip-sundheden-fri",
        "federation.yaml",
        ("area/project", "sex/two", "acute_admissions/three", "chronic_conditions/three", "need/tiers"),
    ),
)


@dataclass(frozen=True)
class Worth:
    """What a table is worth.

    Attributes:
        shown: share of the citizens in cells shown, expected.
        within: share of the citizens in cells whose interval is within ± 10 % and ± 20 % of the count.
    """

    shown: float
    within: tuple[float, ...]


@cache
def documents(folder: str, manifest: str) -> tuple[Manifest, Codebook]:
    """A sample federation's documents, with keys that nobody keeps."""
    codebook = load(POLICIES / folder / "codebook.yaml", Codebook).document
    data = read_tree((POLICIES / folder / manifest).read_bytes(), "federation").data
    data["codebook"] = digest(codebook)
    key = SigningKey.generate().verify_key.text
    for party in (data["coordinator"], *data["nodes"], *data.get("evaluators", ())):
        party["identity"] = key
    return loads(json.dumps(data).encode(), Manifest).document, codebook


def compiled(table: Table, epsilon: Decimal) -> tuple[Program, Floats]:
    """(the program, citizens expected in every released cell)."""
    manifest, codebook = documents(table.folder, table.manifest)
    pairs = [name.split("/") for name in table.axes]
    draft = Draft.model_validate(
        {
            "title": {"en": "x", "da": "x"},
            "federation": manifest.federation.id,
            "codebook": manifest.codebook,
            "operation": "stratify",
            "purpose": {"family": "statistical", "id": "plan-care"},
            "period": {"from": "2025-01-01", "until": "2026-01-01", "as_of": "2026-01-01"},
            "target_group": GROUP,
            "axes": [{"variable": v, "banding": b} for v, b in pairs],
            "require": {
                v: _levels(codebook, v, b) if f"{v}/{b}" in NAMED else ["present"]
                for v, b in pairs
                if v in KNOWN
            },
            "privacy": {"epsilon": str(epsilon)},
        }
    )
    program = compile_query(manifest, codebook, draft)
    expected = expected_table(program, draft, codebook)
    if expected.missing:
        raise ValueError(f"the codebook has no figures of {', '.join(expected.missing)}")
    return program, expected.counts


def _levels(codebook: Codebook, variable: str, banding: str) -> list[str]:
    """The levels that the banding names, without the one for everything else."""
    found = codebook.variables[variable]
    assert isinstance(found, Category)
    return [level.id for level in found.bandings[banding].levels if level.id != found.bandings[banding].other]


def worth(counts: Floats, sd: float) -> Worth:
    """What noise of ``sd`` leaves of cells of ``counts`` citizens, by the exact law."""
    noise, shown_from = law(sd), threshold(DEFAULT_MIN_COUNT, sd)
    whole = np.rint(counts).astype(np.int64)
    passes = np.exp(noise.log_tail(shown_from - whole))
    citizens = max(1, int(whole.sum()))
    within = tuple(float(whole[whole * share >= noise.half()].sum() / citizens) for share in WITHIN)
    return Worth(float((whole * passes).sum() / citizens), within)


def lines() -> Iterator[str]:
    """The document."""
    yield from _BEGIN.splitlines()
    for epsilon in EPSILONS:
        plan = compiled(TABLES[1], epsilon)[0].noise
        sd = plan.released_sd
        half, shown_from = law(sd).half(), threshold(DEFAULT_MIN_COUNT, sd)
        known = " | ".join(f"{int(np.ceil(half / share))}" for share in WITHIN)
        rho = plan.rho_given / 1e9
        yield f"| {epsilon} | {rho:.5f} | {sd:.1f} | {half:.0f} | {shown_from} | {known} |"
    yield from _TABLES.splitlines()
    yield "| federation | citizens | cells | axes | " + " | ".join(f"ε = {e}" for e in EPSILONS) + " |"
    yield "|---|---|---|---|" + "---|" * len(EPSILONS)
    for table in TABLES:
        found = [compiled(table, epsilon) for epsilon in EPSILONS]
        program, counts = found[0]
        worths = [worth(counts, program.noise.released_sd) for program, _ in found]
        figures = " | ".join(f"{w.shown:.0%} / {w.within[1]:.0%}" for w in worths)
        axes = " × ".join(name.split("/")[0] for name in table.axes).replace("_", " ")
        yield f"| {table.name} | {counts.sum():,.0f} | {program.released} | {axes} | {figures} |"
    yield from _END.splitlines()


_BEGIN = """\
# How exact answers are

Written by `python -m benchmarks.precision docs/precision.md`; a test fails while it is out of date.

Noise is what three compute parties add together: discrete Gaussians, Δ₂ = √2, δ = 1e-8; the
[specification](spec/blind-stratification.md) has the accounting. These are counts alone; a measure takes its
share of ρ. ± is the least whole number that covers in 95 of 100 by the exact law, T the least noisy count
that is shown: a cell of 4 citizens reaches it with probability 1 % at most.

| ε | ρ | released sd | ±95 % of a cell | T | count known within ±10 % | within ±20 % |
|---|---|---|---|---|---|---|"""

_TABLES = """
## What a table keeps of its citizens

Older medical patients, from the public figures of the sample federations' codebooks (Odense has 211,000
citizens, Herning and Holstebro 148,000), with axes and sectors taken as independent of each other. In truth
citizens gather in fewer cells than that, and more of them are shown. For every ε: share of the citizens who
stand in cells shown / in cells known within ±20 %.
"""

_END = """
## What follows

- Few axes with few levels: need by area is known well at ε = 1. A table of several hundred cells spends the
  same and leaves most of its cells uncertain.
- Half of ε costs a factor of about 2 in noise; the budget counts ρ, of which it costs a quarter.
- `samklang query plan` says all of this about a question of your own, before anything is spent."""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.precision", description=__doc__)
    parser.add_argument("document", type=Path)
    parser.add_argument("--check", action="store_true", help="fail if the document is out of date")
    arguments = parser.parse_args(argv)
    text = "\n".join(lines()) + "\n"
    if arguments.check:
        return int(arguments.document.read_text(encoding="utf-8") != text)
    arguments.document.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
