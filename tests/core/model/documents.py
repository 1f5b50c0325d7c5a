"""Small valid documents for the tests of this folder, as text, so that places in them mean something."""

from __future__ import annotations

from samklang.identity.keys import SigningKey
from samklang.model.canonical import digest
from samklang.model.codebook import Codebook
from samklang.model.loading import loads
from samklang.model.manifest import Manifest

KEYS = {
    name: SigningKey.from_seed(bytes([n]) * 32)
    for n, name in enumerate(("coordinator", "north", "south", "gp"), 1)
}

CODEBOOK = """\
codebook: {id: small, version: 1, label: {en: Small, da: Lille}}
sectors:
  kommune: {label: {en: Town, da: Kommune}, population: SELECT cpr FROM citizen}
  gp: {label: {en: Practice, da: Praksis}, population: SELECT cpr FROM visit}
tables:
  citizen: {sector: kommune, columns: {cpr: cpr, area: text, born: date, income: decimal}}
  visit: {sector: gp, columns: {cpr: cpr, day: date}}
variables:
  area:
    kind: category
    label: {en: Area, da: Område}
    sector: kommune
    sql: SELECT cpr, area AS value FROM citizen
    bandings:
      two:
        other: rest
        levels:
          - {id: centre, label: {en: Centre, da: Centrum}, values: [C]}
          - {id: rest, label: {en: Rest, da: Resten}}
  visits:
    kind: total
    label: {en: Visits, da: Besøg}
    sql: {gp: "SELECT cpr, count(*) AS value FROM visit WHERE day >= $from AND day < $until GROUP BY cpr"}
    clip: 10
    default: 0
    bandings:
      two:
        levels:
          - {id: 0-4, label: {en: 0 to 4, da: 0 til 4}, until: 5}
          - {id: 5+, label: {en: 5 or more, da: 5 eller flere}, from: 5}
  gap:
    kind: interval
    label: {en: Birth to visit, da: Fødsel til besøg}
    start: {sector: kommune, sql: "SELECT cpr, born AS value FROM citizen"}
    end: {sector: gp, sql: "SELECT cpr, min(day) AS value FROM visit GROUP BY cpr"}
    unit: week
    bandings:
      one:
        levels:
          - {id: soon, label: {en: Soon, da: Snart}, until: 4}
  income:
    kind: measure
    label: {en: Income, da: Indkomst}
    unit: {en: DKK, da: kr.}
    sql: {kommune: "SELECT cpr, income AS value FROM citizen"}
    clip: [0, 1000]
    scale: 100
target_groups:
  busy:
    label: {en: Busy, da: Travle}
    at_least: 1
    parts:
      - {sector: gp, all: [{variable: visits, banding: two, levels: [5+]}]}
      - {sector: kommune}
"""

MANIFEST = f"""\
federation:
  id: small
  version: 1
  label: {{en: Small, da: Lille}}
  valid: {{from: 2027-01-01, until: 2027-12-31}}
coordinator: {{id: coordinator, organisation: operator, identity: "{KEYS["coordinator"].verify_key.text}"}}
nodes:
  - id: north
    organisation: north-town
    label: {{en: North, da: Nord}}
    sectors: [kommune]
    identity: "{KEYS["north"].verify_key.text}"
  - id: south
    organisation: south-town
    label: {{en: South, da: Syd}}
    sectors: [kommune]
    identity: "{KEYS["south"].verify_key.text}"
  - id: gp
    organisation: practice
    label: {{en: Practice, da: Praksis}}
    sectors: [gp]
    identity: "{KEYS["gp"].verify_key.text}"
compute_parties: [north, south, gp]
codebook: DIGEST
"""

DRAFT = """\
title: {en: Area by visits, da: Område og besøg}
federation: small
codebook: DIGEST
operation: stratify
purpose: {family: statistical, id: plan}
period: {from: 2026-01-01, until: 2027-01-01, as_of: 2026-12-31}
target_group: busy
filter:
  - {variable: area, banding: two, levels: [centre]}
axes:
  - {variable: area, banding: two}
  - {variable: visits, banding: two}
  - {variable: gap, banding: one}
  - {presence: gp}
measures:
  - {variable: income}
  - {variable: income, as: count}
require: {area: [present], visits: [5+, MISSING], gp: [present], gap: [soon, START-ONLY]}
privacy: {epsilon: 1.0, delta: 1e-8}
nodes: [north, gp]
"""

POLICY = """\
policy: {id: north.small, version: 1, node: north, valid: {from: 2027-01-01, until: 2027-12-31}}
controllers: [{name: North, dpia: D-1, record_of_processing: F-1}]
people:
  analyst: {organisations: [north-town, practice], role: analyst}
variables:
  cpr: {release: match}
  area/two: {release: local}
  gap/one: {release: joint}
  income as measure: {release: joint, clip: [0, 2000]}
  presence of kommune: {release: never}
grants:
  - id: plan
    who: [analyst]
    purpose: {family: statistical, text: Planlægning}
    basis: {gdpr: [art6-1-e], decision: "1"}
    operations: [stratify]
    target_groups: [busy, whole-population]
    variables: [area/two, gap/one, income as measure]
    joint_with: {all_of: [practice]}
    budget: {per_query: {epsilon: 1}, month: {epsilon: 2}, year: {epsilon: 4}}
    consent: {model: opt-out, registers: [objections]}
    approval: {mode: auto}
    retention: {release: P2Y, audit: P5Y}
prohibitions:
  - {id: one-way, from_family: statistical, to_family: care, why: "DBL § 10"}
"""


def codebook(text: str = CODEBOOK) -> Codebook:
    return loads(text.encode(), Codebook, "codebook.yaml").document


def with_digest(text: str) -> bytes:
    return text.replace("DIGEST", digest(codebook())).encode()


def manifest(text: str = MANIFEST) -> Manifest:
    return loads(with_digest(text), Manifest, "manifest.yaml").document
