"""A plan as the client puts it together, and as an analyst reads it."""

from __future__ import annotations

import json
import re
import string
from typing import Any

import pytest
from tests.core.protocol.test_planning import CODEBOOK, MANIFEST, axis, question

from samklang.analyst.plan import Plan, make_plan
from samklang.analyst.plan_text import WIDTH
from samklang.analyst.plan_words import WORDS
from samklang.estimate.effects import smallest_difference
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.model.query import Draft
from samklang.protocol.compile import compile_query
from samklang.v1 import federation_pb2 as v1

NODES = ("odense-kommune", "region-syddanmark", "almen-praksis")
DRAFT = question(
    [axis("area/district"), axis("acute_admissions/three")],
    target_group="elderly-medical",
    measures=[{"variable": "bed_days"}],
    require={"area": ["present"]},
)


def permit(node: str, **more: Any) -> v1.NodePlan:
    left = v1.BudgetLeft(month=50_000_000, year=230_000_000)
    known = {"contributes": True, "nano_rho": 17_000_000, "left": left, "min_count": 5, "grant": "plan-care"}
    return v1.NodePlan(node=node, decision=v1.NODE_DECISION_PERMIT, **{**known, **more})


def denied(node: str) -> v1.NodePlan:
    reason = v1.Reason(
        code="policy-axes",
        what="The query has 2 axes; the grant allows 1.",
        fix="Leave axes out or ask two queries.",
        node=node,
        what_da="Forespørgslen har 2 akser; tilladelsen giver 1.",
        fix_da="Udelad akser, eller stil to spørgsmål.",
        clause="grants[0].max_axes",
    )
    change = v1.Change(place="axes[1]", old="acute_admissions/three")
    return v1.NodePlan(
        node=node, decision=v1.NODE_DECISION_DENY, reasons=[reason], changes=[change], contributes=True
    )


def plan(
    *answers: v1.NodePlan, draft: Draft = DRAFT, codebook: Codebook = CODEBOOK, manifest: Manifest = MANIFEST
) -> Plan:
    return make_plan(draft, compile_query(manifest, codebook, draft), manifest, codebook, answers)


def test_a_permitted_plan_says_what_it_gives_and_costs() -> None:
    found = plan(*(permit(node) for node in NODES))
    assert found.permitted
    assert found.released == 48
    assert found.nodes[0].queries_left("month") == 2
    assert found.nodes[0].queries_left("year") == 13
    assert found.nodes[0].queries_left("lifetime") is None
    text = found.to_text()
    assert text.splitlines()[1] == "Can be asked: all 3 nodes would take part."
    for shown in ("48 cells", "bed_days: a cell's sum ±", "area/part instead of area/district", "epsilon 1 "):
        assert shown in text
    assert re.search(r"almen-praksis +yes +2 +13 +–", text)


def test_a_denial_stands_first_with_its_clause_and_what_would_be_permitted() -> None:
    found = plan(permit(NODES[0]), denied(NODES[1]), denied(NODES[2]))
    assert not found.permitted
    text = found.to_text()
    verdict = text.splitlines()[1]
    assert verdict == "Can't be asked as it is: region-syddanmark (no), almen-praksis (no)."
    assert "region-syddanmark: policy-axes (grants[0].max_axes): The query has 2 axes" in text
    folded = " ".join(text.split())
    assert "region-syddanmark, almen-praksis would permit: without acute_admissions/three (axes[1])" in folded
    danish = found.to_text("da")
    assert "Forespørgslen har 2 akser" in danish
    assert "Leave axes out" not in danish


def test_absent_silent_and_computing_nodes_are_told_apart() -> None:
    found = plan(
        v1.NodePlan(node=NODES[0], decision=v1.NODE_DECISION_ABSENT),
        v1.NodePlan(node=NODES[1], decision=v1.NODE_DECISION_SILENT),
        v1.NodePlan(node=NODES[2], decision=v1.NODE_DECISION_PERMIT),
    )
    lines = found.to_text().splitlines()
    assert "Can't be asked as it is: odense-kommune (not there), region-syddanmark (no answer)." in lines
    assert any(re.fullmatch(r"  almen-praksis +yes +computes only, pays nothing", line) for line in lines)


def test_a_node_that_the_coordinator_leaves_out_is_not_taken_to_agree() -> None:
    found = plan(permit(NODES[0]), permit(NODES[2]), permit("stranger"))
    assert [node.node for node in found.nodes] == [*NODES]
    assert found.nodes[1].decision == "silent"
    assert not found.permitted


def test_the_strictest_minimum_count_decides_what_is_shown() -> None:
    relaxed = plan(*(permit(node) for node in NODES))
    strict = plan(permit(NODES[0], min_count=50), *(permit(node) for node in NODES[1:]))
    assert strict.shown_from == relaxed.shown_from + 45
    assert (strict.min_count, strict.min_count_of) == (50, (NODES[0],))
    assert f"fewer than 50 citizens are seldom shown: the rule of {NODES[0]}" in strict.to_text()
    assert "every table's rule" in plan(*(permit(node, min_count=3) for node in NODES)).to_text()
    assert not relaxed.secondary_of
    hiding = plan(permit(NODES[0], secondary_suppression=True), *(permit(node) for node in NODES[1:]))
    assert hiding.secondary_of == (NODES[0],)
    assert f"by subtraction: the rule of {NODES[0]}" in hiding.to_text()
    assert relaxed.precision is not None
    assert strict.precision is not None
    assert strict.precision.shown_cells < relaxed.precision.shown_cells


def test_what_is_found_stands_beside_what_is_expected() -> None:
    found = plan(*(permit(node) for node in NODES))
    assert found.detectable == pytest.approx(smallest_difference(found.sd))
    (days,) = found.as_dict()["measures"]
    assert days["mean_detectable"] == pytest.approx(2.02 * days["mean_half"], rel=0.01)
    assert f"8 times in 10 from {found.detectable:.0f} citizens on" in found.to_text()
    assert "forskelle mellem to celler findes i 8 af 10" in found.to_text("da")


def test_a_margin_is_known_better_than_its_cells_added_up() -> None:
    axes = [axis("area/district"), axis("need/tiers"), axis("acute_admissions/three")]
    found = plan(draft=question(axes, target_group="elderly-medical", report_by=[{"axis": "need"}]))
    assert found.margin_cells is not None
    assert found.margin_half is not None
    assert found.margin_half < found.half * (found.released / found.margin_cells) ** 0.5
    assert f"margin: {found.margin_cells} cells, counts ± {found.margin_half:.0f}" in found.to_text()
    assert f"marginaltabel: {found.margin_cells} celler" in found.to_text("da")
    assert "margin:" not in plan().to_text()


def test_too_many_cells_are_warned_of() -> None:
    axes = [axis("area/district"), axis("need/tiers"), axis("acute_admissions/three")]
    crowded = plan(draft=question(axes, target_group="elderly-medical"))
    assert crowded.crowded
    assert WORDS["en"]["crowded"] in crowded.to_text()
    assert not plan(*(permit(node) for node in NODES)).crowded


def test_without_figures_the_rest_is_said_and_what_is_missing() -> None:
    found = plan(*(permit(n) for n in NODES), codebook=CODEBOOK.model_copy(update={"figures": {}}))
    text = found.to_text()
    assert "Not estimated: the codebook has no figures of elderly-medical." in text
    assert "through the coordinator" not in text
    assert "48 cells" in text
    assert found.alternatives == ()


@pytest.mark.parametrize("lang", ["en", "da"])
def test_a_plan_fits_a_terminal_and_json(lang: Any) -> None:
    found = plan(permit(NODES[0]), denied(NODES[1]), permit(NODES[2]))
    for line in found.to_text(lang).splitlines():
        assert len(line) <= WIDTH + 10, line
    document = json.loads(json.dumps(found.as_dict()))
    assert document["nodes"][0]["queries_left"] == {"month": 2, "year": 13}
    assert document["nodes"][1]["reasons"][0]["clause"] == "grants[0].max_axes"
    assert document["permitted"] is False
    assert "<pre>" in found._repr_html_()
    assert repr(found) == found.to_text()


def test_both_languages_have_the_same_words_with_the_same_fields() -> None:
    def fields(text: str) -> set[str | None]:
        return {field for _, field, _, _ in string.Formatter().parse(text) if field}

    assert WORDS["en"].keys() == WORDS["da"].keys()
    for key, text in WORDS["en"].items():
        assert fields(text) == fields(WORDS["da"][key]), key


def test_numbers_read_as_the_language_writes_them() -> None:
    found = plan(*(permit(node) for node in NODES))
    assert "15,400 citizens" in found.to_text()
    assert "15.400 borgere" in found.to_text("da")
    assert "0,01721 rho" in found.to_text("da")
