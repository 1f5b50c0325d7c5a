"""The checks of a whole policy: whose it is, when it holds, and what it forbids whatever is granted."""

from __future__ import annotations

from samklang.model.accession import Accession, joined
from samklang.model.policy import WHOLE_POPULATION, Prohibition
from samklang.policy.case import PASSED, Case, Check, Outcome, outcome, texts
from samklang.policy.reasons import Reason
from samklang.policy.request import Request

__all__ = ["DOCUMENT_CHECKS"]


def validity(case: Case) -> Outcome:
    """Dates are inclusive."""
    policy, today = case.policy.policy, case.request.today
    if policy.valid.from_ <= today <= policy.valid.until:
        return PASSED
    params = texts(
        {"policy": policy.id, "first": policy.valid.from_, "last": policy.valid.until, "today": today}
    )
    return (Reason("policy-not-valid", ("policy", "valid"), None, params),)


def accession(case: Case) -> Outcome:
    """A controller has joined that the node can answer for. Where its tables say whose their rows are, one is
    enough: the rows of all others are left out. Where they don't, rows of a controller that hasn't joined
    can't be told from the others', so every one must have joined."""
    today, controllers = case.request.today, case.policy.controllers
    missing = [i for i, one in enumerate(controllers) if not joined(one.joined, today)]
    told_apart = case.request.attributed and Accession.of(case.policy).named
    if not missing or (told_apart and len(missing) < len(controllers)):
        return PASSED
    if told_apart:
        return (Reason("policy-nobody-joined", ("controllers",), None, texts({"today": today})),)
    return outcome(
        Reason(
            "policy-controller-not-joined",
            ("controllers", index, "joined"),
            None,
            texts({"name": one.id or str(index + 1), "first": one.joined.from_, "last": one.joined.until}),
        )
        for index, one in enumerate(controllers)
        if one.joined is not None and index in missing
    )


def own_policy(case: Case) -> Outcome:
    policy, node = case.policy.policy, case.request.node
    if policy.node == node:
        return PASSED
    params = texts({"policy": policy.id, "written_for": policy.node, "node": node})
    return (Reason("policy-other-node", ("policy", "node"), None, params),)


def known_names(case: Case) -> Outcome:
    return outcome(
        Reason("policy-unknown-name", (), None, texts({"name": name})) for name in case.request.unknown
    )


def one_way(case: Case) -> Outcome:
    """Purposes go one way (Databeskyttelsesloven § 10): no policy can allow otherwise.

    Persons are returned for care alone, and what was asked for statistics feeds nothing but statistics.
    """
    request = case.request
    statistical = request.derived_from == "statistical" and request.family != "statistical"
    if not statistical and (request.operation != "return" or request.family == "care"):
        return PASSED
    asked, leads_to = ("statistical", request.family) if statistical else (request.family, request.operation)
    params = texts({"asked": asked, "operation": leads_to})
    return (Reason("policy-one-way", (), None, params),)


def prohibitions(case: Case) -> Outcome:
    return outcome(
        Reason("policy-prohibited", ("prohibitions", i), None, texts({"prohibition": p.id, "why": p.why}))
        for i, p in enumerate(case.policy.prohibitions)
        if _meets(p, case.request)
    )


def _meets(p: Prohibition, request: Request) -> bool:
    """Every condition that is given is met; one without any is met by everything."""
    asking = {request.organisation, *request.recipients}
    names = {name for use in request.uses for name in (use.name, use.bare)}
    return all(
        (
            p.from_family is None or p.from_family == request.derived_from,
            p.to_family is None or p.to_family == request.family,
            not p.families or request.family in p.families,
            not p.organisations or not asking.isdisjoint(p.organisations),
            not p.operations or request.operation in p.operations,
            not p.target_groups or (request.target_group or WHOLE_POPULATION) in p.target_groups,
            not p.variables or not names.isdisjoint(p.variables),
        )
    )


DOCUMENT_CHECKS: tuple[Check, ...] = (validity, accession, own_policy, known_names, one_way, prohibitions)
