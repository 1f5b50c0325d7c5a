"""A small federation with fixed keys: its program's description and digest are vectors, too."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache

from tests.support.federation import COORDINATOR, any_margin, manifest

from samklang.identity.keys import SigningKey
from samklang.model.base import Label
from samklang.model.canonical import digest
from samklang.model.codebook import Codebook
from samklang.model.query import Draft
from samklang.protocol.compile import compile_query
from samklang.protocol.program import Program

NODES = {"amtsgaard": ("region",), "birkelund": ("practice",), "dalby": ("practice", "municipality")}

SQL = "select cpr, value from t"

CODEBOOK = Codebook.model_validate(
    {
        "codebook": {"id": "vectors", "version": 1, "label": {"en": "x", "da": "x"}},
        "sectors": {
            s: {"label": {"en": s, "da": s}, "population": "select cpr from t"}
            for s in ("region", "practice", "municipality")
        },
        "tables": {
            "t": {"sector": "region", "columns": {"cpr": "cpr", "value": "integer"}},
        },
        "variables": {
            "age": {
                "kind": "category",
                "label": {"en": "x", "da": "x"},
                "sector": "municipality",
                "sql": SQL,
                "bandings": {
                    "two": {
                        "levels": [
                            {"id": "65-79", "label": {"en": "x", "da": "x"}, "from": 65, "until": 80},
                            {"id": "80+", "label": {"en": "x", "da": "x"}, "from": 80},
                        ]
                    }
                },
            },
            "visits": {
                "kind": "total",
                "label": {"en": "x", "da": "x"},
                "sql": {"practice": SQL},
                "clip": 3,
                "bandings": {
                    "any": {
                        "levels": [
                            {"id": "0", "label": {"en": "x", "da": "x"}, "from": 0, "until": 1},
                            {"id": "1+", "label": {"en": "x", "da": "x"}, "from": 1},
                        ]
                    },
                    "one": {"levels": [{"id": "all", "label": {"en": "x", "da": "x"}, "from": 0}]},
                },
            },
            "stays": {
                "kind": "total",
                "label": {"en": "x", "da": "x"},
                "sql": {"region": SQL},
                "clip": 9,
                "bandings": {
                    "any": {
                        "levels": [
                            {"id": "0", "label": {"en": "x", "da": "x"}, "from": 0, "until": 1},
                            {"id": "1+", "label": {"en": "x", "da": "x"}, "from": 1},
                        ]
                    }
                },
            },
            "days": {
                "kind": "measure",
                "label": {"en": "x", "da": "x"},
                "unit": {"en": "x", "da": "x"},
                "sql": {"region": SQL},
                "clip": [0, 30],
                "clip_by": {
                    "variable": "stays",
                    "banding": "any",
                    "clip": {"0": [0, 0], "1+": [1, 30]},
                },
            },
        },
        "target_groups": {
            "ill": {
                "label": {"en": "x", "da": "x"},
                "parts": [
                    {"sector": "region"},
                    {
                        "sector": "municipality",
                        "all": [{"variable": "age", "banding": "two", "levels": ["80+"]}],
                    },
                ],
            }
        },
    }
)


def draft() -> Draft:
    return Draft.model_validate(
        {
            "title": Label(en="x", da="x"),
            "federation": "test",
            "codebook": digest(CODEBOOK),
            "operation": "stratify",
            "purpose": {"family": "statistical", "id": "p"},
            "period": {
                "from": date(2026, 1, 1),
                "until": date(2026, 7, 1),
                "as_of": date(2026, 7, 1),
            },
            "target_group": "ill",
            "axes": [
                {"variable": "age", "banding": "two"},
                {"variable": "visits", "banding": "any"},
                {"variable": "stays", "banding": "any"},
            ],
            "measures": [{"variable": "days"}, {"variable": "days", "as": "count"}],
            "report_by": [{"axis": "visits", "banding": "one"}],
            "require": {"age": ["present"]},
        }
    )


@lru_cache
def program() -> Program:
    """Three nodes, a category at one node, totals over one and two, a target group, a measure with bounds by
    level, a margin that merges one axis and leaves out two."""
    keys = {n: SigningKey.from_seed(hashlib.sha256(n.encode()).digest()) for n in [*NODES, COORDINATOR]}
    with any_margin():
        return compile_query(manifest(NODES, keys, CODEBOOK, memberships=1), CODEBOOK, draft())
