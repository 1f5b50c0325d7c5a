"""Who asks in a sandbox: an analyst for every purpose that the policies share.

Policies say which organisations' people may ask under a grant, and in which role. A sandbox makes the
fewest analysts that can ask under every grant: one for most federations; one more for an evaluator whose
purpose is its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from samklang.errors import SamklangError
from samklang.model.policy import Policy
from samklang.model.query import Draft
from samklang.model.yaml_tree import read_tree

__all__ = ["Asker", "askers", "purpose_of"]


@dataclass(frozen=True, slots=True)
class Asker:
    """An analyst's organisation, and the role that it vouches for."""

    organisation: str
    role: str


def askers(policies: Mapping[str, Policy], organisations: Sequence[str]) -> tuple[Asker, dict[str, Asker]]:
    """(who asks by default, who asks under which grant if it must be somebody else).

    By default: the first of ``organisations``, with the first role, that every policy names somewhere; if
    there is none, the first organisation's ``analyst``. For a grant's id: the same among those whom every
    policy that has the grant names in it.
    """
    everywhere = [
        {Asker(org, people.role) for people in policy.people.values() for org in people.organisations}
        for policy in policies.values()
    ]
    usual = _first(everywhere, organisations) or Asker(organisations[0], "analyst")
    by_grant: dict[str, list[set[Asker]]] = {}
    for policy in policies.values():
        for grant in policy.grants:
            kinds = [policy.people[name] for name in grant.who if name in policy.people]
            may = {Asker(org, kind.role) for kind in kinds for org in kind.organisations}
            by_grant.setdefault(grant.id, []).append(may)
    others = {}
    for grant_id, may_each in by_grant.items():
        if all(usual in may for may in may_each):
            continue
        if found := _first(may_each, organisations):
            others[grant_id] = found
    return usual, others


def _first(each: Sequence[set[Asker]], organisations: Sequence[str]) -> Asker | None:
    common = set.intersection(*each) if each else set()
    for organisation in organisations:
        if roles := sorted(asker.role for asker in common if asker.organisation == organisation):
            return Asker(organisation, "analyst" if "analyst" in roles else roles[0])
    return None


def purpose_of(question: Draft | Path) -> str:
    """The id of a question's purpose; empty if the file has none, which whoever reads it will say."""
    if isinstance(question, Draft):
        return question.purpose.id
    try:
        tree = read_tree(question.read_bytes(), str(question)).data
        return str(tree["purpose"]["id"])
    except (OSError, SamklangError, KeyError, TypeError):
        return ""
