"""A small federation in memory, and the one request that its policy permits."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

from samklang.model.codebook import Codebook
from samklang.model.floor import Floor
from samklang.model.manifest import Manifest
from samklang.model.policy import Policy
from samklang.model.query import Query
from samklang.policy import Enforced, Request, enforce, request_for

TODAY = date(2027, 3, 1)
_KEY = "ed25519:" + "A" * 43 + "="
_LABEL = {"en": "x", "da": "x"}


def _level(name: str, **bounds: int) -> dict[str, Any]:
    return {"id": name, "label": _LABEL, **bounds}


CODEBOOK = Codebook.model_validate(
    {
        "codebook": {"id": "book", "version": 1, "label": _LABEL},
        "sectors": {
            s: {"label": _LABEL, "population": "SELECT cpr FROM t"} for s in ("kommune", "region", "gp")
        },
        "tables": {"t": {"sector": "kommune", "columns": {"cpr": "cpr"}}},
        "variables": {
            "age": {
                "kind": "category",
                "label": _LABEL,
                "sector": "kommune",
                "sql": "SELECT",
                "bandings": {b: {"levels": [_level("all", **{"from": 0})]} for b in ("coarse", "fine")},
            },
            "home_care": {
                "kind": "category",
                "label": _LABEL,
                "sector": "kommune",
                "sql": "SELECT",
                "bandings": {"band": {"levels": [_level("all", **{"from": 0})]}},
            },
            "contacts": {
                "kind": "total",
                "label": _LABEL,
                "sql": {"region": "SELECT", "gp": "SELECT"},
                "clip": 10,
                "bandings": {"band": {"levels": [_level("all", **{"from": 0})]}},
            },
            "minutes": {
                "kind": "measure",
                "label": _LABEL,
                "unit": _LABEL,
                "sql": {"kommune": "SELECT"},
                "clip": [0, 3000],
            },
            "discharge": {
                "kind": "interval",
                "label": _LABEL,
                "start": {"sector": "region", "sql": "SELECT"},
                "end": {"sector": "kommune", "sql": "SELECT"},
                "unit": "day",
                "bandings": {"week": {"levels": [_level("all", **{"from": 0})]}},
            },
        },
        "target_groups": {
            "elderly": {
                "label": _LABEL,
                "parts": [
                    {
                        "sector": "kommune",
                        "all": [{"variable": "age", "banding": "fine", "levels": ["all"]}],
                    },
                    {"sector": "gp", "all": [{"variable": "contacts", "banding": "band", "levels": ["all"]}]},
                ],
            }
        },
    }
)

MANIFEST = Manifest.model_validate(
    {
        "federation": {
            "id": "fed",
            "version": 1,
            "label": _LABEL,
            "valid": {"from": "2027-01-01", "until": "2027-12-31"},
        },
        "coordinator": {"id": "hub", "organisation": "hub-org", "identity": _KEY},
        "nodes": [
            {"id": n, "organisation": f"{n}-org", "label": _LABEL, "sectors": [s], "identity": _KEY}
            for n, s in (("odense", "kommune"), ("ouh", "region"), ("gp1", "gp"), ("gp2", "gp"))
        ],
        "compute_parties": ["odense", "ouh", "gp1"],
        "codebook": "sha256:" + "0" * 64,
    }
)

POLICY: dict[str, Any] = {
    "policy": {
        "id": "odense.care",
        "version": 7,
        "node": "odense",
        "valid": {"from": "2027-01-01", "until": "2027-12-31"},
    },
    "controllers": [{"name": "Odense", "dpia": "DPIA-1", "record_of_processing": "F-118"}],
    "defaults": {"min_count": 5},
    "people": {"analyst": {"organisations": ["odense-org", "ouh-org"], "role": "analyst"}},
    "variables": {
        "cpr": {"release": "match"},
        "age/coarse": {"release": "local"},
        "age/fine": {"release": "joint"},
        "home_care/band": {"release": "joint"},
        "minutes as measure": {"release": "joint", "clip": [0, 3000]},
        "presence of kommune": {"release": "joint"},
    },
    "grants": [
        {
            "id": "plan-care",
            "who": ["analyst"],
            "purpose": {"family": "statistical", "text": "Planlægning"},
            "basis": {"gdpr": ["art6-1-e"], "danish": ["DBL § 10"], "decision": "26/1"},
            "operations": ["stratify"],
            "target_groups": ["elderly"],
            "variables": [
                "age/coarse",
                "age/fine",
                "home_care/band",
                "minutes as measure",
                "presence of kommune",
            ],
            "max_axes": 3,
            "min_count": 8,
            "joint_with": {"all_of": ["ouh-org"], "any_of": ["gp1-org", "gp2-org"]},
            "budget": {
                "per_query": {"epsilon": 2},
                "month": {"epsilon": 2},
                "year": {"epsilon": 4},
                "lifetime": {"epsilon": 6},
                "delta": "1e-8",
            },
            "consent": {"model": "opt-out", "registers": ["objection"]},
            "approval": {"mode": "auto", "manual_if": ["many-cells", "large-budget"]},
            "retention": {"release": "P2Y", "audit": "P5Y"},
        }
    ],
    "prohibitions": [
        {
            "id": "no-outsiders",
            "why": "DBL § 10",
            "families": ["statistical"],
            "organisations": ["ouh-org"],
            "operations": ["stratify"],
            "target_groups": ["elderly"],
            "variables": ["minutes as measure"],
        },
        {"id": "one-way", "why": "DBL § 10", "from_family": "statistical", "to_family": "care"},
    ],
}

QUERY: dict[str, Any] = {
    "title": _LABEL,
    "federation": "fed",
    "codebook": "sha256:" + "0" * 64,
    "operation": "stratify",
    "purpose": {"family": "statistical", "id": "plan-care"},
    "period": {"from": "2026-01-01", "until": "2027-01-01", "as_of": "2027-01-01"},
    "target_group": "elderly",
    "axes": [
        {"variable": "age", "banding": "coarse"},
        {"variable": "home_care", "banding": "band"},
        {"variable": "contacts", "banding": "band"},
    ],
    "measures": [{"variable": "minutes", "as": "sum"}],
    "privacy": {"epsilon": "1", "delta": "1e-8"},
    "analyst": {"id": "anna", "organisation": "odense-org"},
    "recipients": ["anna"],
    "nonce": "0" * 32,
    "not_after": "2027-03-02T12:00:00Z",
}


def written(changed: dict[str, Any] | None = None) -> Policy:
    return Policy.model_validate(changed if changed is not None else POLICY)


def policy(changed: dict[str, Any] | None = None, floor: dict[str, Any] | None = None) -> Enforced:
    """A policy as it is enforced, under the test federation's floor (none) or another one."""
    return enforce(written(changed), MANIFEST.model_copy(update={"floor": Floor.model_validate(floor or {})}))


def changed(document: dict[str, Any], *path: str | int, to: Any) -> dict[str, Any]:
    """A deep copy with one place changed."""
    copied = copy.deepcopy(document)
    here: Any = copied
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = to
    return copied


def request(
    query: dict[str, Any] | None = None,
    *,
    role: str = "analyst",
    node: str = "odense",
    cells: int | None = 60,
) -> Request:
    return request_for(
        Query.model_validate(QUERY if query is None else query),
        MANIFEST,
        CODEBOOK,
        node=node,
        role=role,
        today=TODAY,
        cells=cells,
    )
