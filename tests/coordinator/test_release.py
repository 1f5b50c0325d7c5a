"""The released document: what is shown, with which interval, what is left out, and whose rule that is."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
import rfc8785
from numpy.typing import NDArray
from tests.support.federation import COORDINATOR, Federation

from samklang.coordinator.release import release_document
from samklang.estimate.counts import threshold
from samklang.estimate.law import law
from samklang.estimate.suppression import determined
from samklang.model.codebook import Codebook
from samklang.model.query import Query
from samklang.protocol.agreement import agree
from samklang.protocol.opening import MarginOutcome, Outcome
from samklang.protocol.table import Table

LABEL = {"en": "colour", "da": "farve"}
COLOURS = ("red", "blue")
TOWNS = tuple(f"town-{i}" for i in range(12))
AGES = {"young": (None, 40), "middle": (40, 65), "older": (65, 80), "oldest": (80, None)}


def codebook() -> Codebook:
    colours = [{"id": i, "label": {"en": i, "da": i + "!"}, "values": [i]} for i in COLOURS]
    ages = [{"id": i, "label": LABEL, "from": low, "until": high} for i, (low, high) in AGES.items()]
    towns = [{"id": i, "label": LABEL, "values": [i]} for i in TOWNS]
    measure = {"kind": "measure", "label": LABEL, "unit": LABEL, "sql": {"b": "x"}}
    return Codebook.model_validate(
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
                "age": {
                    "kind": "category",
                    "label": LABEL,
                    "sector": "b",
                    "sql": "x",
                    "bandings": {"b": {"levels": ages}},
                },
                "town": {
                    "kind": "category",
                    "label": LABEL,
                    "sector": "a",
                    "sql": "x",
                    "bandings": {"b": {"levels": towns}},
                },
                "price": measure | {"clip": (0, 10), "scale": 100},
                "change": measure | {"clip": (-50, 50)},
            },
        }
    )


def body(**changes: Any) -> dict[str, Any]:
    return {
        "title": LABEL,
        "federation": "test",
        "operation": "stratify",
        "purpose": {"family": "statistical", "id": "p", "text": "because anna wants to know"},
        "period": {"from": date(2025, 1, 1), "until": date(2026, 1, 1), "as_of": date(2025, 6, 1)},
        "axes": [{"variable": "colour", "banding": "b"}, {"presence": "b"}],
        "measures": [{"variable": "price"}, {"variable": "price", "as": "count"}],
        "require": {"colour": [*COLOURS], "b": ["present"]},
        "analyst": {"id": "anna", "organisation": "org-n0"},
        "recipients": ["anna"],
        "nonce": "0" * 32,
        "not_after": datetime(2026, 1, 1, tzinfo=UTC),
        **changes,
    }


def federation(**changes: Any) -> Federation:
    return Federation(
        {"n0": ("a",), "n1": ("b",)},
        codebook(),
        lambda d: Query.model_validate(body(**changes) | {"codebook": d}),
    )


def words(table: Table, counts: list[int], sums: list[list[int]]) -> NDArray[np.int64]:
    """Sums of words, for measures whose values have these sums."""
    plain = np.array(sums, np.int64).reshape(len(table.measures), len(counts))
    out = plain.copy()
    for row, read in zip(out, table.measure_cells(), strict=True):
        if read.centred:
            many = plain[read.counted] if read.counted >= 0 else read.values * np.array(counts)
            row[:] = 2 * row - many * (read.low + read.high)
    return out


def released(
    counts: list[int],
    sums: list[list[int]],
    rules: dict[str, dict[str, Any]] | None = None,
    margin: tuple[list[int], list[list[int]]] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A release of these noisy numbers.

    Args:
        sums: of the measures' values, in their integers; the words that the protocol sums are made of them.
        rules: by node, what its acceptance says besides.
        margin: counts and sums of the margin's own opening.
    """
    made = federation(**changes)
    program, query = made.program, made.draft
    assert isinstance(query, Query)
    assert len(program.cells.kept) == len(counts)
    pledges = made.pledges()
    envelopes = {p: pledge.envelope for p, pledge in pledges.items()}
    agreement = agree(pledges[COORDINATOR], COORDINATOR, program, made.manifest, envelopes)
    acceptances = {p: a.model_copy(update=(rules or {}).get(p, {})) for p, a in agreement.acceptances.items()}
    second = None
    if margin is not None:
        assert program.margin_table is not None
        second = MarginOutcome(np.array(margin[0]), words(program.margin_table, *margin))
    outcome = Outcome(
        counts=np.array(counts),
        conflicts=7,
        conflict_sd=3.5,
        sums=words(program.table, counts, sums),
        linkage=np.array([100, -3][: program.largest_group]),
        margin=second,
    )
    data = release_document(
        outcome,
        program=program,
        query=query,
        manifest=made.manifest,
        codebook=made.codebook,
        transcript=b"t" * 32,
        attempt=1,
        acceptances=acceptances,
    )
    document: dict[str, Any] = json.loads(data)
    assert rfc8785.dumps(document) == data
    return document


THREE_AXES: dict[str, Any] = {
    "axes": [
        {"variable": "colour", "banding": "b"},
        {"variable": "town", "banding": "b"},
        {"variable": "age", "banding": "b"},
    ],
    "measures": [{"variable": "change"}],
    "require": {"colour": [*COLOURS], "town": [*TOWNS], "age": [*AGES]},
    "report_by": [{"axis": "colour"}],
}
ONE_AXIS: dict[str, Any] = {
    "axes": [{"variable": "age", "banding": "b"}, {"presence": "a"}],
    "measures": [],
    "require": {"age": [*AGES], "a": ["present"]},
}
TWO_AXES: dict[str, Any] = {
    "axes": [{"variable": "colour", "banding": "b"}, {"variable": "age", "banding": "b"}],
    "measures": [],
    "require": {"colour": [*COLOURS], "age": [*AGES]},
}


def test_shown_cells_carry_figures_with_intervals_and_the_rest_a_reason() -> None:
    document = released([500, 3], [[123456, 999], [400, 2]])
    shown, hidden = document["cells"]
    sd = float(document["privacy"]["count_sd"])
    half = int(law(sd).half())
    assert shown["levels"] == {"colour": "red", "b": "PRESENT"}
    assert (shown["count"], shown["count_basis"]) == (500, "noise")
    assert shown["count_interval"] == [500 - half, 500 + half]
    assert document["privacy"]["count_95"] == str(half)
    price, sum_sd = shown["price"], float(document["measures"][0]["sd"])
    assert float(price["sum"]) == 1234.56
    assert document["measures"][0]["over"] == "values"
    # Around the midpoint, 5: of the 400 values the sum's own noise and that of their number.
    values_sd = float(document["measures"][1]["sd"])
    half = 1.96 * np.hypot(sum_sd, 5 * values_sd)
    assert [float(x) for x in price["sum_interval"]] == pytest.approx(
        [max(0, 1234.56 - half), 1234.56 + half], abs=0.01
    )
    assert price["count"] == 400
    assert float(price["mean"]) == pytest.approx(1234.56 / 400, abs=1e-4), "over those who have a value"
    low, high = map(float, price["mean_interval"])
    assert 0 <= low < 3.0864 < high <= 10
    assert hidden == {
        "levels": {"colour": "blue", "b": "PRESENT"},
        "shown": False,
        "reason": "below-threshold",
        "count": None,
    }
    assert document["suppressed"] == {
        "cells": 1,
        "reasons": [{"reason": "below-threshold", "cells": 1, "of": []}],
    }


def test_near_the_threshold_the_interval_is_conditional_on_being_shown() -> None:
    document = released([500, 500], [[0, 0], [400, 400]])
    just = document["threshold"]
    near, far = released([just, just + 60], [[0, 0], [400, 400]])["cells"]
    half = int(document["privacy"]["count_95"])
    assert near["count_basis"] == "given-shown"
    assert near["count_interval"][0] == 0
    assert near["count_interval"][1] < just + half
    assert far["count_basis"] == "noise"
    assert near["price"]["sum"] is not None


def test_a_mean_whose_count_may_be_zero_is_not_estimable() -> None:
    just = released([500, 500], [[0, 0], [400, 400]])["threshold"]
    changes: dict[str, Any] = {"measures": [{"variable": "change"}]}
    near, far = released([just, 600], [[40, -9000]], **changes)["cells"]
    assert (near["change"]["mean"], near["change"]["mean_reason"]) == (None, "not-estimable")
    assert "mean_interval" not in near["change"]
    assert float(far["change"]["mean"]) == -15
    low, high = map(float, far["change"]["mean_interval"])
    assert -50 <= low < -15 < high
    assert float(far["change"]["sum_interval"][0]) < -9000, "a measure that can be negative isn't clipped"
    assert released([600, 600], [[0, 0]], **changes)["measures"][0]["over"] == "citizens"


def test_few_values_in_a_large_cell_are_hidden_as_few_citizens_are() -> None:
    document = released([500, 500], [[100, 100], [400, 3]])
    many, few = (cell["price"] for cell in document["cells"])
    assert many["count"] == 400
    assert few["count"] is few["sum"] is few["mean"] is None
    assert few["count_reason"] == few["sum_reason"] == few["mean_reason"] == "below-threshold"


def test_strictest_minimum_count_of_all_policies_holds_and_is_named() -> None:
    made = federation()
    sd = made.program.noise.released_sd
    just = threshold(5, sd)
    plain = released([just, just - 1], [[0, 0], [400, 400]])
    assert [cell["shown"] for cell in plain["cells"]] == [True, False]
    assert plain["rules"]["min_count"] == {"value": 5, "of": []}
    rules = {"n0": {"min_count": 9}, "n1": {"min_count": 50}}
    stricter = released([just, just], [[0, 0], [400, 400]], rules)
    assert stricter["rules"]["min_count"] == {"value": 50, "of": ["n1"]}
    assert stricter["threshold"] == stricter["rules"]["threshold"]["value"] == threshold(50, sd)
    assert not any(c["shown"] for c in stricter["cells"])
    assert stricter["suppressed"]["reasons"] == [{"reason": "below-threshold", "cells": 2, "of": ["n1"]}]
    both = released([just, just], [[0, 0], [400, 400]], {"n0": {"min_count": 7}, "n1": {"min_count": 7}})
    assert both["rules"]["min_count"] == {"value": 7, "of": ["n0", "n1"]}


def test_secondary_suppression_is_a_policys_switch() -> None:
    counts = [400, 300, 2, 60, 90, 500, 80, 70]
    off = released(counts, [], **TWO_AXES)
    assert [cell["shown"] for cell in off["cells"]].count(False) == 1
    assert off["rules"]["secondary_suppression"] == {"on": False, "of": [], "margins": False}
    on = released(counts, [], {"n0": {"secondary_suppression": True}}, **TWO_AXES)
    assert on["rules"]["secondary_suppression"] == {"on": True, "of": ["n0"], "margins": False}
    hidden = np.array([not cell["shown"] for cell in on["cells"]])
    reasons = {cell["reason"] for cell in on["cells"] if not cell["shown"]}
    assert reasons == {"below-threshold", "secondary"}
    rows, columns = np.repeat([0, 1], 4), np.tile(np.arange(4), 2)
    assert not determined(hidden, [np.zeros(8, np.int64), rows, columns]).any()
    (secondary,) = [r for r in on["suppressed"]["reasons"] if r["reason"] == "secondary"]
    assert secondary == {"reason": "secondary", "cells": 3, "of": ["n0"]}
    assert released(counts, [], {"n0": {"secondary_suppression": True}}, **TWO_AXES) == on


def three_axes(small: dict[int, int], **more: Any) -> dict[str, Any]:
    """96 cells of 60 citizens, ``small`` ones by place, each citizen's change 2, and their margin."""
    counts = np.full(96, 90)
    counts[[*small]] = [*small.values()]
    margin = counts.reshape(2, 48).sum(axis=1)
    return released(
        counts.tolist(),
        [(2 * counts).tolist()],
        margin=(margin.tolist(), [(2 * margin).tolist()]),
        **(THREE_AXES | more),
    )


def test_a_margin_is_known_from_both_openings() -> None:
    document = three_axes({})
    margin = document["margin"]
    assert [axis["name"] for axis in margin["axes"]] == ["colour"]
    assert [cell["levels"] for cell in margin["cells"]] == [{"colour": "red"}, {"colour": "blue"}]
    red = margin["cells"][0]
    assert (red["shown"], red["merged"], red["count"]) == (True, 48, 48 * 90)
    made = federation(**THREE_AXES).program
    assert made.margin_table is not None
    direct, adding = made.margin_table.noise.released_sd, np.sqrt(48) * made.noise.released_sd
    both = 1 / np.sqrt(direct**-2 + adding**-2)
    assert float(margin["count_sd"]) == pytest.approx(both, abs=1e-3)
    assert both < min(direct, adding)
    low, high = red["count_interval"]
    assert (high - low) / 2 == pytest.approx(1.96 * both, abs=2)
    assert float(red["change"]["mean"]) == pytest.approx(2)
    low, high = map(float, red["change"]["mean_interval"])
    assert -50 < low < 2 < high < 50
    assert red["change"]["sum"] == "8640.0"


def test_beside_a_margin_no_cell_is_hidden_alone() -> None:
    """The switch is on by itself; the least of the margin's other cells joins the one below the threshold."""
    document = three_axes({0: 3, 7: 70})
    assert document["rules"]["secondary_suppression"] == {"on": True, "of": [], "margins": True}
    hidden = {i: cell["reason"] for i, cell in enumerate(document["cells"]) if not cell["shown"]}
    assert hidden == {0: "below-threshold", 7: "secondary"}
    assert all(cell["shown"] for cell in document["margin"]["cells"])
    secondary = document["suppressed"]["reasons"][1]
    assert secondary == {"reason": "secondary", "cells": 1, "of": []}


def test_a_question_without_a_margin_has_none() -> None:
    assert released([500, 300], [[0, 0], [400, 400]])["margin"] is None


def test_nothing_is_hidden_beside_where_nothing_is_hidden() -> None:
    on = released([400, 300, 200, 60], [], {"n0": {"secondary_suppression": True}}, **ONE_AXIS)
    assert all(cell["shown"] for cell in on["cells"])


def test_quartiles_of_an_axis_of_ranges() -> None:
    document = released([4_000, 300, 200, 600], [], **ONE_AXIS)
    found = {entry["p"]: entry for entry in document["quantiles"]}
    assert [*found] == ["0.25", "0.5", "0.75"]
    assert found["0.5"] == {
        "axis": "age",
        "levels": {"a": "PRESENT"},
        "p": "0.5",
        "band": "young",
        "interval": ["young", "young"],
    }
    tight = released([250, 252, 300, 200], [], **ONE_AXIS)["quantiles"][1]
    assert tight["band"] == "middle"
    assert tight["interval"] == ["middle", "older"], "it isn't certain on which side of 65 the middle is"


def test_quartiles_by_stratum_and_none_for_few_citizens() -> None:
    document = released([100, 400, 300, 100, 1, 2, 0, -3], [], **TWO_AXES)
    strata = {(e["levels"]["colour"], e["p"]): e for e in document["quantiles"] if e["axis"] == "age"}
    assert strata["red", "0.5"]["band"] == "middle"
    few = strata["blue", "0.5"]
    assert (few["band"], few["reason"]) == (None, "below-threshold")
    assert "interval" not in few
    assert not [e for e in document["quantiles"] if e["axis"] == "colour"], "colours are in no order"


def test_header_says_what_the_numbers_mean() -> None:
    document = released([500, 300], [[0, 0], [400, 400]])
    assert document["version"] == "samklang/release/2"
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
    assert document["rules"]["threshold"]["passing"] == "0.01"


def test_who_asks_the_same_gets_the_same_bytes() -> None:
    """Title, words of the purpose, asker and nonce are in no part of the document."""
    other = {
        "title": {"en": "mine", "da": "min"},
        "purpose": {"family": "statistical", "id": "p", "text": "for bo"},
        "analyst": {"id": "bo", "organisation": "org-n1"},
        "recipients": ["bo"],
        "nonce": "f" * 32,
        "not_after": datetime(2027, 1, 1, tzinfo=UTC),
        "max_attempts": 1,
    }
    figures: tuple[list[int], list[list[int]]] = ([500, 300], [[0, 0], [400, 400]])
    assert released(*figures) == released(*figures, **other)
    assert "anna" not in json.dumps(released(*figures))
