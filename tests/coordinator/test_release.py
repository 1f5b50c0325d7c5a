"""The released document: what is shown, with which interval, and what is left out."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
import rfc8785
from tests.support.federation import COORDINATOR, Federation

from samklang.coordinator.release import release_document, threshold
from samklang.model.codebook import Codebook
from samklang.model.query import Query
from samklang.protocol.agreement import agree
from samklang.protocol.opening import Outcome

LABEL = {"en": "colour", "da": "farve"}


def asked(min_count: int = 0) -> tuple[Federation, Any]:
    colours = [{"id": i, "label": {"en": i, "da": i + "!"}, "values": [i]} for i in ("red", "blue")]
    book = Codebook.model_validate(
        {
            "codebook": {"id": "t", "version": 1, "label": LABEL},
            "sectors": {s: {"label": LABEL, "population": "x"} for s in ("a", "b")},
            "tables": {"t": {"sector": "a", "columns": {"cpr": "cpr"}}},
            "variables": {
                "colour": {
                    "kind": "category",
                    "label": LABEL,
                    "sector": "a",
                    "sql": "x",
                    "bandings": {"b": {"levels": colours}},
                },
                "price": {
                    "kind": "measure",
                    "label": LABEL,
                    "unit": LABEL,
                    "sql": {"b": "x"},
                    "clip": (0, 10),
                    "scale": 100,
                },
            },
        }
    )
    body: dict[str, Any] = {
        "title": LABEL,
        "federation": "test",
        "operation": "stratify",
        "purpose": {"family": "statistical", "id": "p"},
        "period": {"from": date(2025, 1, 1), "until": date(2026, 1, 1), "as_of": date(2025, 6, 1)},
        "axes": [{"variable": "colour", "banding": "b"}, {"presence": "b"}],
        "measures": [{"variable": "price"}, {"variable": "price", "as": "count"}],
        "require": {"colour": ["red", "blue"], "b": ["present"]},
        "analyst": {"id": "anna", "organisation": "org-n0"},
        "recipients": ["anna"],
        "nonce": "0" * 32,
        "not_after": datetime(2026, 1, 1, tzinfo=UTC),
    }
    federation = Federation(
        {"n0": ("a",), "n1": ("b",)}, book, lambda d: Query.model_validate(body | {"codebook": d})
    )
    pledges = federation.pledges()
    envelopes = {p: pledge.envelope for p, pledge in pledges.items()}
    agreement = agree(pledges[COORDINATOR], COORDINATOR, federation.program, federation.manifest, envelopes)
    acceptances = {
        p: a.model_copy(update={"min_count": min_count if p == "n1" else 0})
        for p, a in agreement.acceptances.items()
    }
    return federation, (agreement.transcript, acceptances)


def released(counts: list[int], sums: list[list[int]], min_count: int = 0) -> dict[str, Any]:
    federation, (transcript, acceptances) = asked(min_count)
    program = federation.program
    query = federation.draft
    assert isinstance(query, Query)
    assert len(program.cells.kept) == len(counts)
    outcome = Outcome(
        np.array(counts), 7, 3.5, np.array(sums, np.int64), np.array([100, -3][: program.largest_group])
    )
    data = release_document(
        outcome,
        program=program,
        query=query,
        manifest=federation.manifest,
        codebook=federation.codebook,
        transcript=transcript,
        attempt=1,
        acceptances=acceptances,
    )
    document: dict[str, Any] = json.loads(data)
    assert rfc8785.dumps(document) == data
    return document


def test_shown_cells_carry_figures_with_intervals_and_the_rest_nothing() -> None:
    document = released([500, 3], [[123456, 999], [400, 2]])
    shown, hidden = document["cells"]
    assert shown["levels"] == {"colour": "red", "b": "PRESENT"}
    assert shown["count"] == 500
    low, high = map(float, shown["count_interval"])
    half = 1.96 * float(document["privacy"]["count_sd"])
    assert (high - low) / 2 == pytest.approx(half, abs=0.1)
    assert shown["price"]["sum"] == "1234.56"
    assert [float(x) for x in shown["price"]["sum_interval"]] == pytest.approx(
        [
            1234.56 - 1.96 * float(document["measures"][0]["sd"]),
            1234.56 + 1.96 * float(document["measures"][0]["sd"]),
        ],
        abs=0.01,
    )
    assert shown["price"]["count"] == "400"
    assert hidden == {
        "levels": {"colour": "blue", "b": "PRESENT"},
        "shown": False,
        "count": None,
        "count_interval": [None, None],
    }
    assert document["suppressed"]["cells"] == 1


def test_strictest_minimum_count_of_all_policies_holds() -> None:
    federation, _ = asked()
    just = threshold(5, federation.program.noise.released_sd)
    assert released([just, just - 1], [[0, 0], [0, 0]])["cells"][0]["shown"]
    assert not released([just, just - 1], [[0, 0], [0, 0]])["cells"][1]["shown"]
    stricter = released([just, just], [[0, 0], [0, 0]], min_count=50)
    assert stricter["min_count"] == 50
    assert not any(c["shown"] for c in stricter["cells"])


def test_header_says_what_the_numbers_mean() -> None:
    document = released([500, 300], [[0, 0], [0, 0]])
    assert document["axes"][0] == {
        "name": "colour",
        "label": LABEL,
        "levels": [
            {"id": "red", "label": {"en": "red", "da": "red!"}},
            {"id": "blue", "label": {"en": "blue", "da": "blue!"}},
        ],
    }
    assert document["axes"][1]["levels"] == [
        {"id": "PRESENT", "label": {"en": "known there", "da": "kendt der"}}
    ]
    assert document["conflicts"]["count"] == 7
    assert [e["nodes"] for e in document["linkage"]] == [1, 2]
    assert {p["node"] for p in document["participants"]} == {"n0", "n1"}
    assert document["privacy"]["epsilon"] == "1"
