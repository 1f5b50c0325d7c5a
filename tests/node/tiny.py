"""The smallest federation: two nodes, so that the coordinator is a compute party; some hundred citizens."""

from __future__ import annotations

import hashlib
import textwrap
from pathlib import Path
from typing import Any

_FEDERATION = """
federation:
  id: tiny
  version: 1
  label: {en: Tiny, da: Lille}
  valid: {from: 2026-01-01, until: 2035-12-31}
coordinator: {id: coordinator, organisation: operator}
nodes:
  - {id: kommune, organisation: kommune, label: {en: Municipality, da: Kommune}, sectors: [kommune]}
  - {id: region, organisation: region, label: {en: Region, da: Region}, sectors: [region]}
compute_parties: [coordinator, kommune, region]
memberships_per_sector: 1
"""

_CODEBOOK = """
codebook: {id: tiny, version: 1, label: {en: Tiny, da: Lille}}
sectors:
  kommune: {label: {en: Municipality, da: Kommune}, population: SELECT cpr FROM citizen}
  region: {label: {en: Region, da: Region}, population: SELECT DISTINCT cpr FROM contact}
tables:
  citizen: {sector: kommune, columns: {cpr: cpr, area: text}}
  contact: {sector: region, columns: {cpr: cpr, days: integer}}
variables:
  area:
    kind: category
    label: {en: Area, da: Område}
    sector: kommune
    sql: SELECT cpr, area AS value FROM citizen
    bandings:
      area:
        levels:
          - {id: north, label: {en: North, da: Nord}, values: [north]}
          - {id: south, label: {en: South, da: Syd}, values: [south]}
  contacts:
    kind: total
    label: {en: Contacts, da: Kontakter}
    sql: {region: "SELECT cpr, CAST(count(*) AS BIGINT) AS value FROM contact GROUP BY cpr"}
    clip: 10
    bandings:
      contacts:
        levels:
          - {id: "1", label: {en: One, da: En}, from: 1, until: 2}
          - {id: 2+, label: {en: More, da: Flere}, from: 2}
  days:
    kind: measure
    label: {en: Days, da: Dage}
    unit: {en: days, da: dage}
    sql: {region: "SELECT cpr, CAST(sum(days) AS BIGINT) AS value FROM contact GROUP BY cpr"}
    clip: [0, 100]
"""

_POLICY = """
policy: {{id: {node}.tiny, version: 1, node: {node}, valid: {{from: 2026-01-01, until: 2035-12-31}}}}
controllers:
  - {{name: {node}, dpia: none, record_of_processing: none}}
defaults: {{decision: deny, min_count: 5}}
people:
  analyst: {{organisations: [kommune, region], role: analyst}}
variables:
  cpr: {{release: match}}
  {variables}
grants:
  - id: overview
    who: [analyst]
    purpose: {{family: statistical, text: Overblik}}
    basis: {{gdpr: [art6-1-e, art9-2-j], danish: ["DBL § 10"], decision: synthetic data}}
    operations: [stratify]
    target_groups: [whole-population]
    variables: [{granted}]
    max_axes: 3
    budget: {{per_query: {{epsilon: 2}}, month: {{epsilon: 16}}, year: {{epsilon: 32}}}}
    consent: {{model: none}}
    approval: {{mode: auto}}
    retention: {{release: P2Y, audit: P5Y}}
"""

_QUERY = """
title: {en: Areas, da: Områder}
operation: stratify
purpose: {family: statistical, id: overview}
period: {from: 2020-01-01, until: 2021-01-01, as_of: 2020-12-31}
axes:
  - {variable: area, banding: area}
  - {variable: contacts, banding: contacts}
measures:
  - {variable: days}
"""


def cpr(number: int) -> str:
    """A number in the form of a CPR number: a day that exists, then four digits."""
    return f"{number % 28 + 1:02}{number // 28 % 12 + 1:02}{number // 336 % 90 + 10:02}{number % 9000 + 1000}"


def people(count: int) -> list[tuple[str, str, list[int]]]:
    """(cpr, area, days of each contact) of citizens, the same in every run."""
    found = []
    for number in range(count):
        seed = hashlib.sha256(str(number).encode()).digest()
        area = "north" if seed[0] < 160 else "south"
        found.append((cpr(number), area, [seed[2] % 30] * (seed[1] % 4)))
    return found


def expected(count: int) -> dict[tuple[str, str], tuple[int, int]]:
    """(area, contacts) → (citizens, sum of days), by counting."""
    cells: dict[tuple[str, str], tuple[int, int]] = {}
    for _, area, days in people(count):
        level = "ABSENT" if not days else "1" if len(days) == 1 else "2+"
        n, total = cells.get((area, level), (0, 0))
        cells[area, level] = (n + 1, total + min(sum(days), 100))
    return cells


def write_folder(folder: Path, count: int = 400, **own: Any) -> Path:
    """Write documents and data; ``own`` is added to both nodes' part of the configuration (as YAML)."""
    for name in ("policies", "nodes", "queries", "data"):
        (folder / name).mkdir(parents=True)
    (folder / "federation.yaml").write_text(_FEDERATION)
    (folder / "codebook.yaml").write_text(_CODEBOOK)
    (folder / "queries" / "areas.yaml").write_text(_QUERY)
    tables = {
        "kommune": ("citizen", ["area/area", "presence of kommune"]),
        "region": ("contact", ["contacts/contacts", "days as measure", "presence of region"]),
    }
    for node, (table, names) in tables.items():
        released = [
            "{release: joint, clip: [0, 100]}" if "measure" in n else "{release: joint}" for n in names
        ]
        variables = "\n  ".join(f"{n}: {r}" for n, r in zip(names, released, strict=True))
        policy = _POLICY.format(node=node, variables=variables, granted=", ".join(names))
        (folder / "policies" / f"{node}.yaml").write_text(policy)
        part = f"tables:\n  {table}: {{file: {table}.csv}}\n" + textwrap.dedent(str(own.get("part", "")))
        (folder / "nodes" / f"{node}.yaml").write_text(part)
    citizens = [f"{number},{area}" for number, area, _ in people(count)]
    contacts = [f"{number},{d}" for number, _, days in people(count) for d in days]
    (folder / "data" / "citizen.csv").write_text("\n".join(["cpr,area", *citizens, ""]))
    (folder / "data" / "contact.csv").write_text("\n".join(["cpr,days", *contacts, ""]))
    return folder
