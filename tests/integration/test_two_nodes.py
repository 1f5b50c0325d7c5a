"""Two partners and a coordinator that computes with them, as real processes, on small and dirty tables."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.support.synthea import ROOT

from samklang.cli.sandbox.federation import Sandbox
from samklang.errors import SamklangError
from samklang.model.query import Draft

pytestmark = pytest.mark.processes

FEDERATION = """
federation:
  id: two
  version: 1
  label: {en: Two partners, da: To partnere}
  valid: {from: 2026-01-01, until: 2035-12-31}
coordinator: {id: coordinator, organisation: operator}
nodes:
  - {id: town, organisation: town, label: {en: Town, da: By}, sectors: [kommune]}
  - {id: hospital, organisation: hospital, label: {en: Hospital, da: Sygehus}, sectors: [region]}
compute_parties: [coordinator, town, hospital]
"""

CODEBOOK = """
codebook: {id: two, version: 1, label: {en: Two, da: To}}
sectors:
  kommune:
    label: {en: Town, da: By}
    population: SELECT cpr FROM resident
  region:
    label: {en: Hospital, da: Sygehus}
    population: SELECT DISTINCT cpr FROM stay
tables:
  resident:
    sector: kommune
    columns: {cpr: cpr, area: text, visits: integer}
  stay:
    sector: region
    columns: {cpr: cpr, price: decimal}
variables:
  area:
    kind: category
    label: {en: Area, da: Område}
    sector: kommune
    sql: SELECT cpr, area AS value FROM resident
    bandings:
      area:
        levels:
          - {id: north, label: {en: North, da: Nord}, values: [north]}
          - {id: south, label: {en: South, da: Syd}, values: [south]}
  contacts:
    kind: total
    label: {en: Contacts, da: Kontakter}
    sql:
      kommune: SELECT cpr, visits AS value FROM resident
      region: SELECT cpr, count(*) AS value FROM stay GROUP BY cpr
    clip: 10
    default: 0
    bandings:
      three:
        levels:
          - {id: "0", label: {en: None, da: Ingen}, until: 1}
          - {id: 1-9, label: {en: 1 to 9, da: 1 til 9}, from: 1, until: 10}
          - {id: 10+, label: {en: 10 or more, da: 10 eller flere}, from: 10}
  price:
    kind: measure
    label: {en: Price, da: Pris}
    unit: {en: DKK, da: kr.}
    sql:
      region: SELECT cpr, sum(price) AS value FROM stay GROUP BY cpr
    clip: [0, 1000]
    scale: 100
"""

POLICY = """
policy:
  id: {node}.two
  version: 1
  node: {node}
  valid: {{from: 2026-01-01, until: 2035-12-31}}
controllers:
  - {{name: {node}, dataansvarlig: true, dpia: D-1, record_of_processing: R-1}}
defaults: {{decision: deny, min_count: 5}}
people:
  analyst: {{organisations: [town, hospital], role: analyst}}
variables:
{variables}
grants:
  - id: overview
    who: [analyst]
    purpose: {{family: statistical, text: Overview}}
    basis: {{gdpr: [art6-1-e, art9-2-j], danish: ["DBL § 10"], decision: "1/1"}}
    operations: [stratify]
    target_groups: [whole-population]
    variables: [{names}]
    max_axes: 4
    joint_with: {{}}
    budget: {{per_query: {{epsilon: 1}}, month: {{epsilon: 8}}, year: {{epsilon: 8}}, delta: 1.0e-8}}
    consent: {{model: none}}
    approval: {{mode: auto}}
    retention: {{release: P1Y, audit: P5Y}}
"""

QUERY = """
title: {en: Area by contacts, da: Område efter kontakter}
operation: stratify
purpose: {family: statistical, id: overview}
period: {from: 2025-01-01, until: 2026-01-01, as_of: 2025-12-31}
axes:
  - {variable: area, banding: area}
  - {variable: contacts, banding: three}
measures:
  - {variable: price}
"""

NODES = {
    "town": "tables: {resident: {file: town.csv, columns: {cpr: CPR, area: OMR, visits: BES}}}\n",
    "hospital": "tables: {stay: {file: hospital.csv, columns: {cpr: cpr, price: pris}}}\n",
}
USES = {
    "town": ["area/area", "contacts/three"],
    "hospital": ["contacts/three", "price as measure"],
}

TOWN = """CPR;OMR;BES
010150-1234;north;2
202501235;south;3
030303 4444;north;99
0404045555;;1
0505056666;west;1
not a number;north;1
3113113333;north;1
"""
"""Hyphen, lost zero, blank, no area, unknown area, no number, no day 31 of month 13; 99 is above the clip."""

HOSPITAL = """cpr,pris
0101501234,129.16
0101501234,77.49
0303034444,5000.00
0909099999,1.00
"""


def folder(base: Path, tables: Mapping[str, str]) -> Path:
    for name in ("nodes", "policies", "queries", "data"):
        (base / name).mkdir(parents=True)
    (base / "federation.yaml").write_text(FEDERATION, encoding="utf-8")
    (base / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    (base / "queries" / "q.yaml").write_text(QUERY, encoding="utf-8")
    for node, text in NODES.items():
        (base / "nodes" / f"{node}.yaml").write_text(text, encoding="utf-8")
        (base / "data" / f"{node}.csv").write_text(tables[node], encoding="utf-8")
        release = "\n".join(f"  {use}: {{release: joint}}" for use in USES[node])
        names = ", ".join(USES[node])
        policy = POLICY.format(node=node, variables=release, names=names)
        (base / "policies" / f"{node}.yaml").write_text(policy, encoding="utf-8")
    return base


def run(base: Path, tables: Mapping[str, str], work: Path) -> Iterator[Sandbox]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    entry = ("-m", "tests.support.quiet_main")
    with Sandbox(folder(base, tables), work, entry=entry, environment=environment) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    base = tmp_path_factory.mktemp("dirty")
    yield from run(base / "folder", {"town": TOWN, "hospital": HOSPITAL}, base / "work")


def cells(sandbox: Sandbox) -> dict[tuple[str, str], tuple[int, str]]:
    release = sandbox.ask("q")
    return {
        (c["levels"]["area"], c["levels"]["contacts"]): (c["count"], c["price"]["sum"])
        for c in release.document["cells"]
        if c["count"]
    }


def test_every_readable_citizen_counts_once_and_clips_hold(dirty: Sandbox) -> None:
    assert cells(dirty) == {
        ("north", "1-9"): (1, "206.65"),  # 2 visits and 2 stays, linked through hyphen and blank
        ("south", "1-9"): (1, "0.00"),  # a lost leading zero
        ("north", "10+"): (1, "1000.00"),  # 99 visits count as 10, 5000 kr. as 1000
        ("MISSING", "1-9"): (2, "0.00"),  # no area; an area the codebook doesn't know
        ("ABSENT", "1-9"): (1, "1.00"),
    }


def test_nothing_of_anybody_is_in_what_the_processes_wrote(dirty: Sandbox) -> None:
    cells(dirty)
    numbers = [b"0101501234", b"010150-1234", b"0202501235", b"0303034444", b"not a number"]
    files = [p for p in dirty.workdir.rglob("*") if p.is_file() and "snapshots" not in p.parts]
    assert len(files) > 10
    for file in files:
        found = [n for n in numbers if n in file.read_bytes()]
        assert not found, file.name


@pytest.mark.parametrize(
    "town", ["CPR;OMR;BES\n", "CPR;OMR;BES\n0101501234;north;0\n"], ids=["nobody", "one"]
)
def test_a_node_with_no_rows_or_one_citizen_takes_part(tmp_path: Path, town: str) -> None:
    tables = {"town": town, "hospital": "cpr,pris\n"}
    for sandbox in run(tmp_path / "folder", tables, tmp_path / "work"):
        assert cells(sandbox) == ({("north", "0"): (1, "0.00")} if "north" in town else {})


def test_questions_that_cannot_be_asked_are_named(dirty: Sandbox) -> None:
    draft = dirty.client.draft(dirty.blueprint.query("q"))

    def codes(**changes: object) -> list[str]:
        body = draft.model_dump(by_alias=True) | changes
        with pytest.raises(SamklangError) as caught:
            dirty.ask(Draft.model_validate(body))
        return [problem.code for problem in getattr(caught.value, "problems", [caught.value])]

    assert codes(axes=[{"variable": "aera", "banding": "area"}]) == ["document-unknown-name"]
    assert codes(codebook="sha256:" + "0" * 64) == ["client-other-codebook"]
    assert codes(privacy={"epsilon": "2", "delta": "1e-8"}) == ["policy-epsilon"]
    assert codes(target_group="anybody") == ["document-unknown-name"]
    assert "document-query-measure-axis" in codes(axes=[{"variable": "price", "banding": "area"}])
    assert "document-query-one-node" in codes(nodes=["town"])
