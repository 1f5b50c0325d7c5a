"""Decides requests by reading nothing but what ``policy explain --json`` says of a policy.

It is written against the facts' own descriptions (:mod:`samklang.policy.explained`), as somebody would who
hasn't seen the checks: no code of the engine but the conversion of ε is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from samklang.policy import Request
from samklang.privacy.accounting import rho_from_epsilon

Facts = dict[str, Any]
Verdict = Literal["permit", "pending", "deny", "depends"]


@dataclass(frozen=True)
class Reading:
    """``depends``: on the node's configuration, which the facts say they don't know."""

    verdict: Verdict
    permission: Facts | None = None
    conditions: frozenset[str] = frozenset()


DENIED = Reading("deny")


def read(facts: Facts, asked: Request) -> Reading:
    """What the facts say to a request."""
    day = _day(facts, asked)
    if day == "deny" or asked.node != facts["node"] or _always(asked):
        return DENIED
    if any(_met(one, asked) for one in facts["forbidden"]):
        return DENIED
    found = [one for one in facts["permissions"] if one["id"] == asked.purpose and _fits(one, asked)]
    if not found:
        return DENIED
    readings = [Reading("pending" if (c := _waits(one, asked)) else "permit", one, c) for one in found]
    best = min(readings, key=lambda r: r.verdict == "pending")
    return Reading("depends", best.permission, best.conditions) if day == "depends" else best


def joined(facts: Facts, today: date) -> set[str]:
    """Who takes part on a day, by id, or by place in the list where nobody has one."""
    return {
        one["id"] or str(place)
        for place, one in enumerate(facts["controllers"], 1)
        if one["first"] is None or one["first"] <= today.isoformat() <= one["last"]
    }


def _day(facts: Facts, asked: Request) -> str:
    today = asked.today.isoformat()
    if not facts["first"] <= today <= facts["last"]:
        return "deny"
    there, everybody = len(joined(facts, asked.today)), len(facts["controllers"])
    if there == everybody:
        return "permit"
    if there == 0:
        return "deny"
    return {"all": "deny", "together": "deny", "apart": "permit", "unknown": "depends"}[facts["rows"]]


def _always(asked: Request) -> bool:
    """Persons for anything but care; statistics that lead to anything but statistics."""
    returns = asked.operation == "return" and asked.family != "care"
    return returns or (asked.derived_from == "statistical" and asked.family != "statistical")


def _met(one: Facts, asked: Request) -> bool:
    wanted = {name for use in asked.uses for name in (use.name, use.bare)}
    group = asked.target_group or "whole-population"
    names = {key: {part["name"] for part in one[key]} for key in ("groups", "uses")}
    return all(
        (
            one["leads_from"] in (None, asked.derived_from),
            one["leads_to"] in (None, asked.family),
            not one["families"] or asked.family in one["families"],
            not one["organisations"] or {asked.organisation, *asked.recipients} & {*one["organisations"]},
            not one["operations"] or asked.operation in one["operations"],
            not names["groups"] or group in names["groups"],
            not names["uses"] or wanted & names["uses"],
        )
    )


def _fits(one: Facts, asked: Request) -> bool:
    usable = {use["name"]: use for use in one["uses"]}
    wanted = {use.name for use in asked.uses} | {*asked.unknown}
    groups = {group["name"] for group in one["groups"]}
    group = asked.target_group or "whole-population"
    named_so = asked.target_group == "whole-population"  # a group of that name isn't the whole population
    return (
        not one["nothing"]
        and _asks(one, asked)
        and asked.family == one["family"]
        and asked.operation in one["operations"]
        and group in groups
        and not named_so
        and wanted <= usable.keys()
        and (bool(asked.partners) or all(usable[name]["alone"] for name in wanted))
        and {*one["together"]} <= asked.partners
        and (not one["together_any"] or bool(asked.partners & {*one["together_any"]}))
        and asked.axes <= one["answer"]["max_axes"]
        and 0 < _cost(asked) <= _rho(one["costs"]["per_query"], one["costs"]["delta"])
        and (asked.operation != "return" or _returns(one["returned"], asked))
    )


def _asks(one: Facts, asked: Request) -> bool:
    for asker in one["askers"]:
        if asker["role"] == asked.role and asked.organisation in asker["organisations"]:
            to = {*asker["readers"]} | (set() if asked.called_as_organisation else {asked.analyst})
            treated = asked.treatment_relation or not asker["treatment_relation"]
            return treated and bool(asked.recipients) and {*asked.recipients} <= to
    return False


def _returns(to: Facts, asked: Request) -> bool:
    there = asked.return_to
    return (
        there is not None
        and (there.node, asked.rule) == (to["node"], to["rule"])
        and there.max_persons <= to["max_persons"]
    )


def _waits(one: Facts, asked: Request) -> frozenset[str]:
    """Why a person has to approve; whether it differs from an answered question isn't known here."""
    says = one["approves"]
    if says is None:
        return frozenset()
    large = says["epsilon"] is not None and _cost(asked) > _rho(says["epsilon"], says["delta"])
    many = says["cells"] is not None and (asked.cells is None or asked.cells > says["cells"])
    holds = {
        "always": says["always"],
        "new-template": says["new_form"] and not asked.template_known,
        "many-cells": many,
        "large-budget": large,
    }
    return frozenset(name for name, is_so in holds.items() if is_so)


def approved(facts: Facts, one: Facts, yes: set[str]) -> bool:
    """Whether it is enough that these persons have said yes, where people have to."""
    says = one["approves"]
    able = [p for p in facts["approvers"] if p["person"] in yes and p["role"] in says["roles"]]
    if says["persons"] == 1:
        return bool(able)
    return len({p["key"] for p in able}) >= 2 and (
        not says["different"] or len({p["role"] for p in able}) >= 2
    )


def _cost(asked: Request) -> int:
    return rho_from_epsilon(asked.epsilon, asked.delta)


def _rho(epsilon: str, delta: str) -> int:
    return rho_from_epsilon(Decimal(epsilon), Decimal(delta))
