"""The Synthea sample: 17 files of five sectors, against the published truth and a second reader."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.node.data.builders import LABEL, levels

from samklang.model.codebook import Codebook
from samklang.model.query import Period
from samklang.node.data.check import check_report
from samklang.node.data.features import compute
from samklang.node.data.snapshot import Snapshot, load_snapshot
from samklang.node.data.sources import TableSource
from samklang.protocol.program import Feature, LevelFilter

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "synthea"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the Synthea sample isn't there (optional data)")

PERIOD = Period.model_validate(
    {"from": date(1900, 1, 1), "until": date(2100, 1, 1), "as_of": date(2026, 1, 1)}
)
TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "kommune": (
        "kommune_*.csv",
        {"kommune": "text", "bydel": "text", "koen": "text", "foedselsdato": "date"},
    ),
    "region": ("region.csv", {"start": "date", "slut": "date", "type": "text", "pris": "decimal"}),
    "gp": ("gp/yder_*.csv", {}),
    "medicin": ("medicin.csv", {"laegemiddel": "text", "startdato": "date"}),
    "kronikere": ("kronikerregister.csv", {"diagnose": "text", "fra": "date"}),
}


def _rows(sector: str) -> dict[str, str]:
    return {sector: f"SELECT cpr, count(*) AS value FROM {sector}_rows GROUP BY cpr"}


def _text(sector: str, column: str, *values: str) -> dict[str, Any]:
    return {
        "kind": "category",
        "label": LABEL,
        "sector": sector,
        "sql": f"SELECT cpr, {column} AS value FROM {sector}_rows",
        "bandings": levels(*({"id": v, "values": [v]} for v in values)),
    }


BOOK = Codebook.model_validate(
    {
        "codebook": {"id": "synthea", "version": 1, "label": LABEL},
        "sectors": {s: {"label": LABEL, "population": f"SELECT DISTINCT cpr FROM {s}_rows"} for s in TABLES},
        "tables": {
            f"{s}_rows": {"sector": s, "columns": {"cpr": "cpr", **columns}}
            for s, (_, columns) in TABLES.items()
        },
        "variables": {
            "kommune": _text("kommune", "kommune", "A", "B"),
            "koen": _text("kommune", "koen", "K", "M"),
            "bydel": _text("kommune", "bydel", "Boston"),
            "rows": {
                "kind": "total",
                "label": LABEL,
                "clip": 1000,
                "sql": {k: v for s in TABLES for k, v in _rows(s).items()},
                "bandings": levels({"id": "1", "from": 1, "until": 2}, {"id": "2+", "from": 2}),
            },
            "pris": {
                "kind": "measure",
                "label": LABEL,
                "unit": LABEL,
                "clip": [0, 100_000],
                "scale": 100,
                "sql": {"region": "SELECT cpr, sum(pris) AS value FROM region_rows GROUP BY cpr"},
            },
        },
    }
)


@pytest.fixture(scope="module")
def truth() -> Any:
    return json.loads((DATA / "truth.json").read_text())


@pytest.fixture(scope="module")
def snap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    sources = {f"{s}_rows": TableSource((files,), DATA) for s, (files, _) in TABLES.items()}
    spill = tmp_path_factory.mktemp("spill")
    with load_snapshot(sources, BOOK, list(TABLES), spill_dir=spill, threads=1, memory_mb=512) as loaded:
        yield loaded


def level(snap: Snapshot, sector: str, name: str) -> tuple[dict[bytes, str | None], int]:
    """Citizen → level's name, by the module under test."""
    found = compute(snap, BOOK, sector, [Feature(name, "level", "b")], PERIOD)
    variable = BOOK.variables[name]
    names = [each.id for each in variable.bandings["b"].levels]  # type: ignore[union-attr]
    key = f"{name}/b/level"
    return {
        c: names[v] if ok else None
        for c, v, ok in zip(found.cpr, found.values[key], found.valid[key], strict=True)
    }, len(found.cpr)


def test_nothing_is_lost_and_every_sector_has_its_rows_and_persons(snap: Snapshot, truth: Any) -> None:
    files = sum(len(intake.files) for intake in snap.intake.values())
    assert files == 17
    everybody: set[bytes] = set()
    for sector in TABLES:
        intake = snap.intake[f"{sector}_rows"]
        assert intake.quarantined == {}
        assert intake.rows_read == intake.rows_kept == truth["rows"][sector]
        found = compute(snap, BOOK, sector, [Feature("rows", "number")], PERIOD)
        assert len(found.cpr) == truth["persons"][sector]
        assert int(found.values["rows/number"].sum()) == truth["rows"][sector]
        assert found.counted == {}
        everybody |= set(found.cpr.tolist())
    assert len(everybody) == truth["persons_union"]


def test_municipality_sex_and_hospital_contacts_as_published(snap: Snapshot, truth: Any) -> None:
    """S1, joined here in plain Python: municipality × sex × hospital contacts."""
    kommune, _ = level(snap, "kommune", "kommune")
    koen, _ = level(snap, "kommune", "koen")
    contacts, _ = level(snap, "region", "rows")
    cells = Counter((kommune[c], koen[c], contacts.get(c, "ABSENT")) for c in kommune)
    published = next(q for q in truth["queries"] if q["spec"]["id"] == "S1")["answer"]["cells"]
    assert cells == {(c["kommune"], c["koen"], c["hospitalskontakter"]): c["n"] for c in published}


def test_prices_are_exact_to_the_oere(snap: Snapshot, truth: Any) -> None:
    """S3's sums over its base, and the whole file read a second way."""
    found = compute(snap, BOOK, "region", [Feature("pris", "measure")], PERIOD)
    oere = found.values["pris/measure"]
    with (DATA / "region.csv").open(encoding="utf-8", newline="") as f:
        assert int(oere.sum()) == sum(
            int(Decimal(row["pris"]) * 100) for row in csv.DictReader(f) if row["pris"]
        )
    people = compute(snap, BOOK, "kommune", [], PERIOD).cpr
    published = next(q for q in truth["queries"] if q["spec"]["id"] == "S3")["answer"]["cells"]
    in_base = np.isin(found.cpr, people)
    assert int(oere[in_base].sum()) == sum(int(Decimal(c["pris_sum"]) * 100) for c in published)
    assert int((in_base & found.valid["pris/measure"]).sum()) == sum(c["pris_n"] for c in published)


def test_the_area_filter_keeps_the_published_citizens(snap: Snapshot, truth: Any) -> None:
    """S4's base: citizens of Boston."""
    boston = LevelFilter(Feature("bydel", "level", "b"), (0,))
    found = compute(snap, BOOK, "kommune", [], PERIOD, filters=[boston])
    answer = next(q for q in truth["queries"] if q["spec"]["id"] == "S4")["answer"]
    assert len(found.cpr) == answer["n_total"]


def test_the_report_covers_every_sector_and_names_nobody(snap: Snapshot) -> None:
    report = check_report(snap, BOOK, PERIOD)
    assert set(report["sectors"]) == set(TABLES)
    text = json.dumps(report)
    for sector in TABLES:
        for cpr in compute(snap, BOOK, sector, [], PERIOD).cpr[:50]:
            assert cpr.decode() not in text
