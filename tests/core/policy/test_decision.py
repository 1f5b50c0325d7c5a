"""One permitted request, and every way of asking for more than the policy says."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.core.policy.policy_documents import (
    CODEBOOK,
    MANIFEST,
    POLICY,
    QUERY,
    TODAY,
    changed,
    policy,
    request,
)

from samklang.errors import CATALOGUE, SamklangError
from samklang.model.checks.query import touched_sectors
from samklang.model.query import Query
from samklang.policy import Decision, Enforced, decide
from samklang.policy import decision as decision_module
from samklang.policy.case import PASSED
from samklang.policy.reasons import Reason
from samklang.policy.request import Request
from samklang.privacy.accounting import rho_from_epsilon


def codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.reasons}


def test_the_permitted_request_and_its_obligations() -> None:
    decision = decide(policy(), request())
    assert decision.permitted
    obligations = decision.granted()
    assert (obligations.policy, obligations.version, obligations.grant) == ("odense.care", 7, "plan-care")
    assert obligations.min_count == 8, "the strictest of defaults and grant"
    assert not obligations.secondary_suppression
    strict = changed(POLICY, "defaults", "secondary_suppression", to=True)
    assert decide(policy(strict), request()).granted().secondary_suppression
    assert obligations.consent.registers == ("objection",)
    delta = Decimal("1e-8")
    assert obligations.caps.month == rho_from_epsilon(Decimal(2), delta)
    assert obligations.caps.year == rho_from_epsilon(Decimal(4), delta)
    assert obligations.caps.lifetime == rho_from_epsilon(Decimal(6), delta)
    assert obligations.nano_rho == 17_205_318
    assert (obligations.retention.release, obligations.retention.audit) == ("P2Y", "P5Y")


def test_what_the_node_is_asked_for() -> None:
    asked = request()
    assert {use.name for use in asked.uses} == {
        "age/coarse",
        "home_care/band",
        "minutes as measure",
        "age/fine",  # a clause of the target group
    }
    assert asked.partners == {"ouh-org", "gp1-org", "gp2-org"}
    assert {use.name for use in request(node="gp1").uses} == {"contacts/band"}
    assert asked.unknown == ()


def test_who_is_only_named_by_a_target_groups_total_is_no_partner() -> None:
    """The group asks ``contacts`` of the GPs alone; the region supplies it too, and gives nothing."""
    local = changed(changed(QUERY, "axes", to=QUERY["axes"][:2]), "measures", to=[])
    asked = request(local)
    assert asked.partners == {"gp1-org", "gp2-org"}, "not the region, whom the policy asks to be part of it"
    assert codes(decide(policy(), asked)) == {"policy-joint-with"}
    program = touched_sectors(Query.model_validate(local), CODEBOOK)
    inputs = {n.organisation for n in MANIFEST.nodes if program & {*n.sectors}}
    assert asked.partners == inputs - {"odense-org"}, "as the protocol sees it"


@pytest.mark.parametrize("name", ["gp1-org", "hub-org"])
def test_an_analyst_called_like_an_organisation_is_not_that_organisation(name: str) -> None:
    """Else an organisation that may not have the answer would be its recipient, by the query and the log."""
    asked = request(changed(changed(QUERY, "analyst", "id", to=name), "recipients", to=[name]))
    assert codes(decide(policy(), asked)) == {"policy-recipient"}
    to_own = request(changed(changed(QUERY, "analyst", "id", to=name), "recipients", to=["odense-org"]))
    assert decide(policy(), to_own).permitted


def test_a_margins_banding_is_used_too() -> None:
    """What is never used in an answer isn't in one because it stands in the margin."""
    shut = changed(POLICY, "variables", "age/coarse", to={"release": "never"})
    shut["prohibitions"].append({"id": "no-coarse", "why": "x", "variables": ["age/coarse"]})
    fine = changed(changed(QUERY, "axes", 0, "banding", to="fine"), "measures", to=[])
    assert decide(policy(shut), request(fine)).permitted
    asked = request(fine | {"report_by": [{"axis": "age", "banding": "coarse"}, {"axis": "contacts"}]})
    assert codes(decide(policy(shut), asked)) == {"policy-release", "policy-prohibited"}
    assert request(fine | {"report_by": [{"axis": "age", "banding": "none"}]}).unknown == ("age/none",)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"operation": "evaluate"}, "policy-operation"),
        ({"operation": "return"}, "policy-return"),
        ({"operation": "anything"}, "policy-operation"),
        ({"family": "quality"}, "policy-purpose-family"),
        ({"purpose": "plan"}, "policy-purpose-unknown"),
        ({"role": "clinician"}, "policy-who"),
        ({"organisation": "elsewhere"}, "policy-who"),
        ({"recipients": ("anna", "eve")}, "policy-recipient"),
        ({"recipients": ()}, "policy-recipient"),
        ({"target_group": None}, "policy-target-group"),
        ({"target_group": "whole-population"}, "policy-target-group"),
        ({"target_group": "young"}, "policy-target-group"),
        ({"axes": 4}, "policy-axes"),
        ({"partners": frozenset({"gp1-org"})}, "policy-joint-with"),
        ({"partners": frozenset({"ouh-org"})}, "policy-joint-with"),
        ({"partners": frozenset()}, "policy-release"),
        ({"epsilon": Decimal("2.001")}, "policy-epsilon"),
        ({"delta": Decimal("1e-6"), "epsilon": Decimal(2)}, "policy-epsilon"),
        ({"epsilon": Decimal("1e-9")}, "policy-epsilon"),
        ({"today": date(2026, 12, 31)}, "policy-not-valid"),
        ({"today": date(2028, 1, 1)}, "policy-not-valid"),
        ({"node": "ouh"}, "policy-other-node"),
        ({"unknown": ("shoe_size/eu",)}, "policy-unknown-name"),
        ({"organisation": "ouh-org"}, "policy-prohibited"),
    ],
)
def test_asking_for_more_is_denied_by_name(change: dict[str, Any], code: str) -> None:
    decision = decide(policy(), replace(request(), **change))
    assert decision.outcome == "deny"
    assert code in codes(decision)
    assert decision.obligations is None
    with pytest.raises(SamklangError) as refused:
        decision.granted()
    assert refused.value.code in codes(decision)


@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2027, 12, 31)])
def test_validity_is_inclusive(day: date) -> None:
    assert decide(policy(), replace(request(), today=day)).permitted


@pytest.mark.parametrize(
    ("path", "to", "code"),
    [
        (("axes", 0), {"variable": "age", "banding": "finest"}, "policy-unknown-name"),
        (("axes", 0), {"variable": "shoe_size", "banding": "eu"}, "policy-unknown-name"),
        (("axes", 0), {"presence": "elsewhere"}, "policy-unknown-name"),
        (("axes", 0), {"variable": "minutes", "banding": "all"}, "policy-unknown-name"),
        (("measures", 0), {"variable": "age"}, "policy-unknown-name"),
        (("axes", 0), {"variable": "discharge", "banding": "week"}, "policy-variable-not-granted"),
        (
            ("filter",),
            [{"variable": "discharge", "banding": "week", "levels": ["all"]}],
            "policy-variable-closed",
        ),
        (("nodes",), ["odense", "gp1"], "policy-joint-with"),
        (("nodes",), ["odense", "ouh", "nobody"], "policy-unknown-name"),
        (("recipients",), ["eve"], "policy-recipient"),
    ],
)
def test_other_queries_are_denied(path: tuple[str | int, ...], to: Any, code: str) -> None:
    decision = decide(policy(), request(changed(QUERY, *path, to=to)))
    assert decision.outcome == "deny"
    assert code in codes(decision)


def test_recipients_may_be_the_analyst_or_an_organisation_of_the_grant() -> None:
    assert (
        decide(policy(), replace(request(), recipients=("anna", "ouh-org"))).outcome == "deny"
    )  # prohibited
    assert decide(policy(), replace(request(), recipients=("anna", "odense-org"))).permitted


def test_all_reasons_come_back_at_once_with_their_clauses() -> None:
    asked = replace(
        request(), operation="score", axes=9, role="nobody", today=date(2030, 1, 1), epsilon=Decimal(8)
    )
    decision = decide(policy(), asked)
    assert codes(decision) == {
        "policy-not-valid",
        "policy-who",
        "policy-operation",
        "policy-axes",
        "policy-epsilon",
    }
    clauses = {reason.code: reason.clause for reason in decision.reasons}
    assert clauses["policy-axes"] == ("grants", 0, "max_axes")
    assert clauses["policy-epsilon"] == ("grants", 0, "budget", "per_query")
    assert clauses["policy-not-valid"] == ("policy", "valid")
    for reason in decision.reasons:
        here: Any = POLICY
        for part in reason.clause:
            here = here[part]
        for text in (*reason.english, *reason.danish):
            assert text
            assert "{" not in text


def test_a_variable_without_a_release_level_or_closed_by_its_bare_name() -> None:
    without = {k: v for k, v in POLICY["variables"].items() if k != "home_care/band"}
    assert codes(decide(policy(changed(POLICY, "variables", to=without)), request())) == {
        "policy-variable-closed"
    }
    for release in ("never", "match"):
        closed = {**POLICY["variables"], "home_care": {"release": release}}
        assert codes(decide(policy(changed(POLICY, "variables", to=closed)), request())) == {"policy-release"}
    harmless = {**POLICY["variables"], "home_care": {"release": "local"}}
    assert decide(policy(changed(POLICY, "variables", to=harmless)), request()).permitted


def test_joint_data_are_never_shown_alone() -> None:
    free = changed(POLICY, "grants", 0, "joint_with", to={})
    alone = changed(QUERY, "axes", to=[{"variable": "age", "banding": "coarse"}])
    alone = changed(changed(alone, "target_group", to=None), "measures", to=[])
    free["grants"][0]["target_groups"] = ["whole-population"]
    asked = request(alone)
    assert asked.partners == frozenset()
    assert decide(policy(free), asked).permitted, "age/coarse is local"
    finer = changed(alone, "axes", 0, "banding", to="fine")
    assert codes(decide(policy(free), request(finer))) == {"policy-release"}


def test_clip_bounds_wider_than_the_policys() -> None:
    narrow = changed(POLICY, "variables", "minutes as measure", "clip", to=[0, 2999])
    assert codes(decide(policy(narrow), request())) == {"policy-clip"}


def test_one_whole_grant() -> None:
    """Variables from one grant and the purpose from another don't add up to a permit."""
    first = changed(POLICY["grants"][0], "variables", to=["age/coarse", "age/fine"])
    second = changed(changed(POLICY["grants"][0], "id", to="other"), "operations", to=["evaluate"])
    decision = decide(policy(changed(POLICY, "grants", to=[first, second])), request())
    assert codes(decision) == {"policy-variable-not-granted"}


def test_treatment_relation() -> None:
    strict = changed(POLICY, "people", "analyst", "treatment_relation", to="required")
    assert codes(decide(policy(strict), request())) == {"policy-treatment-relation"}
    assert decide(policy(strict), replace(request(), treatment_relation=True)).permitted


@pytest.mark.parametrize(
    ("approval", "change", "condition"),
    [
        ({"mode": "manual", "roles": ["steward"]}, {}, "mode: manual"),
        ({"mode": "two-person", "roles": ["a", "b"]}, {}, "mode: two-person"),
        ({"mode": "auto", "manual_if": ["new-template"]}, {}, "new-template"),
        ({"mode": "auto", "manual_if": ["many-cells"]}, {"cells": 201}, "many-cells"),
        ({"mode": "auto", "manual_if": ["many-cells"]}, {"cells": None}, "many-cells"),
        ({"mode": "auto", "manual_if": ["large-budget"]}, {"epsilon": Decimal("1.5")}, "large-budget"),
    ],
)
def test_missing_approval_is_pending_and_nothing_happens(
    approval: dict[str, Any], change: dict[str, Any], condition: str
) -> None:
    decision = decide(
        policy(changed(POLICY, "grants", 0, "approval", to=approval)), replace(request(), **change)
    )
    assert decision.outcome == "pending"
    assert not decision.permitted
    assert codes(decision) == {"policy-approval-needed"}
    assert condition in dict(decision.reasons[0].params)["conditions"]
    with pytest.raises(SamklangError, match="policy-approval-needed"):
        decision.granted()


def test_a_known_template_within_bounds_needs_no_approval() -> None:
    strict = changed(
        POLICY, "grants", 0, "approval", "manual_if", to=["new-template", "many-cells", "large-budget"]
    )
    assert decide(policy(strict), replace(request(), template_known=True)).permitted


def test_prohibitions_beat_grants_and_need_every_condition() -> None:
    asked = replace(request(), organisation="ouh-org")
    assert codes(decide(policy(), asked)) == {"policy-prohibited"}
    without = tuple(use for use in asked.uses if use.bare != "minutes")
    assert decide(policy(), replace(asked, uses=without)).permitted
    everything = changed(POLICY, "prohibitions", to=[{"id": "stop", "why": "no"}])
    assert codes(decide(policy(everything), request())) == {"policy-prohibited"}, "no condition: always met"
    bare = changed(POLICY, "prohibitions", to=[{"id": "stop", "why": "no", "variables": ["home_care"]}])
    assert codes(decide(policy(bare), request())) == {"policy-prohibited"}


def test_answers_go_one_way() -> None:
    grants = changed(POLICY, "grants", 0, "purpose", "family", to="care")
    asked = replace(request(), family="care")
    assert decide(policy(grants), asked).permitted
    fed = replace(asked, derived_from="statistical")
    assert codes(decide(policy(grants), fed)) == {"policy-one-way", "policy-prohibited"}
    without = policy(changed(grants, "prohibitions", to=[]))
    assert codes(decide(without, fed)) == {"policy-one-way"}, "no policy can switch it off"
    for family in ("statistical", "quality"):
        returned = decide(without, replace(asked, family=family, operation="return"))
        assert "policy-one-way" in codes(returned)


def test_return_needs_a_care_grant_of_its_own() -> None:
    rule = "sha256:" + "1" * 64
    there = {"node": "odense", "max_persons": 10}
    grant = changed(POLICY["grants"][0], "operations", to=["return"])
    grant |= {"purpose": {"family": "care", "text": "x"}, "rule": rule, "return_to": there}
    fits = policy(changed(POLICY, "grants", to=[grant]))
    to = fits.policy.grants[0].return_to
    assert to is not None
    asked = replace(request(), operation="return", family="care", rule=rule, return_to=to)
    assert decide(fits, asked).granted().max_persons == 10
    refused: list[tuple[Enforced, Request]] = [
        (fits, replace(asked, rule=None)),
        (fits, replace(asked, rule="sha256:" + "2" * 64)),
        (fits, replace(asked, return_to=None)),
        (fits, replace(asked, return_to=to.model_copy(update={"max_persons": 11}))),
        (fits, replace(asked, return_to=to.model_copy(update={"node": "gp1"}))),
        (policy(changed(POLICY, "grants", to=[changed(grant, "rule", to=None)])), asked),
        (policy(changed(POLICY, "grants", to=[changed(grant, "return_to", to=None)])), asked),
        (
            policy(changed(POLICY, "grants", to=[changed(grant, "purpose", "family", to="statistical")])),
            replace(asked, family="statistical"),
        ),
    ]
    for document, ask in refused:
        assert "policy-return" in codes(decide(document, ask))


@pytest.mark.parametrize("returned", [None, True, (), [], "no", 0])
@pytest.mark.parametrize("kind", ["DOCUMENT_CHECKS", "GRANT_CHECKS"])
def test_only_a_positive_pass_counts(kind: str, returned: object, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(case: object) -> object:
        return returned

    monkeypatch.setattr(decision_module, kind, (*getattr(decision_module, kind), broken))
    assert codes(decide(policy(), request())) == {"policy-check-failed"}


@pytest.mark.parametrize("position", range(18))
def test_a_check_that_raises_denies(position: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(case: object) -> object:
        raise KeyError("field")

    checks = [*decision_module.DOCUMENT_CHECKS, *decision_module.GRANT_CHECKS]
    assert len(checks) == 18
    checks[position] = broken  # type: ignore[assignment]
    monkeypatch.setattr(decision_module, "DOCUMENT_CHECKS", tuple(checks[:6]))
    monkeypatch.setattr(decision_module, "GRANT_CHECKS", tuple(checks[6:]))
    assert codes(decide(policy(), request())) == {"policy-check-failed"}


@pytest.mark.parametrize("position", range(18))
def test_every_check_is_needed(position: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any one check, some request that is denied would be let through."""
    asked = request()
    checks: list[Callable[[Any], Any]] = [*decision_module.DOCUMENT_CHECKS, *decision_module.GRANT_CHECKS]
    narrow = policy(changed(POLICY, "variables", "minutes as measure", "clip", to=[0, 1]))
    closed = policy(changed(POLICY, "variables", "home_care/band", "release", to="never"))
    care = changed(POLICY, "grants", 0, "purpose", "family", to="care")
    returning = policy(changed(care, "grants", 0, "operations", to=["return"]))
    left = changed(POLICY, "controllers", 0, "joined", to={"from": "2027-01-01", "until": "2027-02-01"})
    fed = changed(care, "prohibitions", to=[])
    one_reason: dict[str, tuple[Enforced, Request]] = {
        "validity": (policy(), replace(asked, today=date(2030, 1, 1))),
        "accession": (policy(left), asked),
        "own_policy": (policy(), replace(asked, node="ouh")),
        "known_names": (policy(), replace(asked, unknown=("x",))),
        "prohibitions": (policy(), replace(asked, organisation="ouh-org")),
        "who": (policy(), replace(asked, role="x")),
        "recipients": (policy(), replace(asked, recipients=("eve",))),
        "family": (policy(), replace(asked, family="care")),
        "operation": (policy(), replace(asked, operation="score")),
        "target_group": (policy(), replace(asked, target_group=None)),
        "variables": (policy(changed(POLICY, "grants", 0, "variables", to=["age/fine"])), asked),
        "releases": (closed, asked),
        "clips": (narrow, asked),
        "axes": (policy(), replace(asked, axes=9)),
        "joint_with": (policy(), replace(asked, partners=frozenset({"ouh-org"}))),
        "per_query": (policy(), replace(asked, epsilon=Decimal("2.5"))),
        "persons": (returning, replace(asked, operation="return", family="care")),
        "one_way": (policy(fed), replace(asked, family="care", derived_from="statistical")),
    }
    assert {c.__name__ for c in checks} == one_reason.keys()
    document, ask = one_reason[checks[position].__name__]
    assert decide(document, ask).outcome == "deny"
    checks[position] = lambda case: PASSED
    monkeypatch.setattr(decision_module, "DOCUMENT_CHECKS", tuple(checks[:6]))
    monkeypatch.setattr(decision_module, "GRANT_CHECKS", tuple(checks[6:]))
    assert decide(document, ask).outcome != "deny"


def test_danish_and_english_say_the_same_with_the_same_parameters() -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    ours = {code for code in CATALOGUE if code.startswith("policy-")}
    assert ours
    for code in ours:
        entry = CATALOGUE[code]
        assert entry.public
        params = fields(entry.what + entry.fix)
        reason = Reason(code, (), None, tuple((f, "x") for f in params))
        assert reason.english != reason.danish
        assert reason.error().code == code


def test_nothing_here_moves_with_the_clock() -> None:
    assert decide(policy(), request()) == decide(policy(), request())
    assert request().today == TODAY
