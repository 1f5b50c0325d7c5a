"""A policy as a decision table: for every who, why and what, the bounds within which it says yes.

A request is an :class:`Atom` (who asks, for whom, under which purpose, what operation, about whom) and, with
it, uses, partners, axes, budget and a day. For one atom the permitted requests are a product: any subset of
some uses, any superset of some partners, up to so many axes and so much budget, between two days. Nothing is
lost by writing down these bounds alone, because every rule is of one of these forms: a prohibition that names
variables takes single names away, and one that names organisations is met by single recipients. So two
policies can be compared exactly by comparing bounds, without listing subsets
(tests/core/policy/test_difference.py lists them, on small vocabularies, and compares).

Policies must have passed :func:`samklang.model.checks.check_policy`: a grant's id is unique.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import TypeAlias

from samklang.model.accession import Accession
from samklang.model.policy import (
    RELEASE_ORDER,
    Approval,
    Consent,
    Differencing,
    Grant,
    Policy,
    Prohibition,
    Release,
    Retention,
)
from samklang.model.query import Family
from samklang.policy.decision import Caps
from samklang.policy.vocabulary import Vocabulary, bare
from samklang.privacy.accounting import rho_from_epsilon

__all__ = ["SELF", "Atom", "Bounds", "Regime", "Table", "atoms"]

SELF = "(whoever asks)"
"""A recipient: the analyst; no organisation can be called so."""

FAMILIES: tuple[Family, ...] = ("statistical", "care", "quality")


@dataclass(frozen=True, slots=True, order=True)
class Atom:
    """``derived_from`` is empty for a query that builds on no earlier answer; ``treated``: a treatment
    relation is shown for every citizen."""

    purpose: str
    family: str
    organisation: str
    role: str
    recipient: str
    operation: str
    group: str
    derived_from: str
    treated: bool


@dataclass(frozen=True, slots=True)
class Regime:
    """Tables of this node alone, or together with others: any of ``uses``, and at least one of ``partners``
    (sets of organisations, each smallest; the empty set where the node may stand alone)."""

    uses: frozenset[str]
    partners: frozenset[frozenset[str]]


Days: TypeAlias = tuple[tuple[str, date, date], ...]
"""(controller, first and last day on which its rows are used), by name."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is permitted for one atom, and what a permit binds the node to.

    ``controllers``: where rows can be told apart, those that take part at all and when, within the policy's
    validity; else one without a name, since no rows can be told apart. ``approvers``: (person, role, key) of
    those whose word counts if people have to approve.
    """

    alone: Regime | None
    together: Regime | None
    axes: int
    spend: int
    first: date
    last: date
    rule: str | None
    return_node: str | None
    max_persons: int | None
    approval: Approval
    approvers: frozenset[tuple[str, str, str]]
    min_count: int
    secondary_suppression: bool
    consent: Consent
    caps: Caps
    retention: Retention
    differencing: Differencing
    controllers: Days


def atoms(policies: tuple[Policy, ...], words: Vocabulary) -> Iterator[Atom]:
    """Every atom that any of ``policies`` could say yes to."""
    grants = [g for p in policies for g in p.grants]
    roles = sorted({people.role for p in policies for people in p.people.values()})
    askers = {
        (organisation, people.role)
        for p in policies
        for people in p.people.values()
        for organisation in people.organisations
        if organisation in words.organisations
    }
    derived = ["", *FAMILIES]
    for purpose in dict.fromkeys(g.id for g in grants):
        own = [g for g in grants if g.id == purpose]
        yield from (
            Atom(purpose, *rest)
            for rest in product(
                sorted({g.purpose.family for g in own}),
                sorted(words.organisations),
                roles,
                [SELF, *sorted(words.organisations)],
                sorted({o for g in own for o in g.operations}),
                sorted({t for g in own for t in g.target_groups} & words.groups.keys()),
                derived,
                (False, True),
            )
            if (rest[1], rest[2]) in askers
        )


def _members(policy: Policy, attributed: bool) -> tuple[Days, date, date]:
    """Who takes part and when, and the first and last day on which anybody does.

    Where controllers have ids and the node's tables say whose their rows are (``attributed``), each
    controller has days of its own. Else all of them must have joined for anything to be answered.
    """
    valid, accession = policy.policy.valid, Accession.of(policy)
    periods = [valid if period is None else period for _, period in accession.periods]
    clipped = [(max(p.from_, valid.from_), min(p.until, valid.until)) for p in periods]
    if not (attributed and accession.named):
        first, last = max(one for one, _ in clipped), min(one for _, one in clipped)
        return ((("", first, last),) if first <= last else ()), first, last
    names = [name for name, _ in accession.periods]
    days = sorted((name, *between) for name, between in zip(names, clipped, strict=True))
    members = tuple(one for one in days if one[1] <= one[2])
    if not members:
        return (), valid.from_, valid.until
    return members, min(first for _, first, _ in members), max(last for *_, last in members)


class Table:
    """The bounds of one narrowed policy; uses and partners are worked out once per grant and prohibitions.

    Args:
        attributed: the tables of the node's configuration say whose their rows are.
    """

    def __init__(self, policy: Policy, words: Vocabulary, attributed: bool = True) -> None:
        self._policy = policy
        self._words = words
        self._grants = {grant.id: grant for grant in policy.grants}
        self._regimes: dict[tuple[str, frozenset[str], Release], Regime | None] = {}
        self._spend = {
            grant.id: rho_from_epsilon(grant.budget.per_query.epsilon, grant.budget.delta)
            for grant in policy.grants
        }
        self._controllers, self._first, self._last = _members(policy, attributed)
        self._holds = policy.policy.node == words.node and bool(self._controllers)

    def bounds(self, atom: Atom) -> Bounds | None:
        """The bounds for ``atom``; None where the policy says no to everything."""
        policy, grant = self._policy, self._grants.get(atom.purpose)
        if not self._holds or grant is None or not _fits(policy, grant, atom):
            return None
        banned = _banned(policy.prohibitions, atom)
        returns = atom.operation == "return"
        if banned is None or (returns and (grant.rule is None or grant.return_to is None)):
            return None
        needed = self._words.groups[atom.group]
        alone = self._regime(grant, banned, "local", needed)
        together = self._regime(grant, banned, "joint", needed)
        if not (alone or together) or self._spend[grant.id] <= 0:
            return None
        to = grant.return_to if returns else None
        return Bounds(
            alone=alone,
            together=together,
            axes=grant.max_axes,
            spend=self._spend[grant.id],
            first=self._first,
            last=self._last,
            rule=grant.rule if returns else None,
            return_node=to.node if to else None,
            max_persons=to.max_persons if to else None,
            approval=grant.approval,
            approvers=frozenset(
                (person, one.role, one.key)
                for person, one in policy.approvers.items()
                if one.role in grant.approval.roles
            ),
            min_count=max(policy.defaults.min_count, grant.min_count or 0),
            secondary_suppression=policy.defaults.secondary_suppression,
            consent=grant.consent,
            caps=Caps.of_grant(grant.budget),
            retention=grant.retention,
            differencing=policy.differencing,
            controllers=self._controllers,
        )

    def _regime(
        self, grant: Grant, banned: frozenset[str], level: Release, needed: frozenset[str]
    ) -> Regime | None:
        key = (grant.id, banned, level)
        if key not in self._regimes:
            self._regimes[key] = self._open(grant, banned, level)
        found = self._regimes[key]
        return found if found and needed <= found.uses else None

    def _open(self, grant: Grant, banned: frozenset[str], level: Release) -> Regime | None:
        partners = _partners(grant, self._words) if level == "joint" else _nobody(grant)
        if not partners:
            return None
        uses = frozenset(
            name
            for name in grant.variables
            if name in self._words.uses
            and banned.isdisjoint((name, bare(name)))
            and _released(self._policy, name, level, self._words)
        )
        return Regime(uses, partners)


def _fits(policy: Policy, grant: Grant, atom: Atom) -> bool:
    kinds = [
        people
        for name in grant.who
        if (people := policy.people.get(name))
        and atom.organisation in people.organisations
        and atom.role == people.role
    ]
    readers = {SELF, *(o for people in kinds for o in people.organisations)}
    one_way = atom.derived_from == "statistical" and atom.family != "statistical"
    return (
        any(atom.treated or people.treatment_relation == "not-required" for people in kinds)
        and atom.recipient in readers
        and atom.family == grant.purpose.family
        and atom.operation in grant.operations
        and atom.group in grant.target_groups
        and not one_way
        and (atom.operation != "return" or atom.family == "care")
    )


def _banned(prohibitions: tuple[Prohibition, ...], atom: Atom) -> frozenset[str] | None:
    """Names that prohibitions take away; None if one forbids everything."""
    taken: set[str] = set()
    for p in prohibitions:
        met = (
            (p.from_family is None or p.from_family == atom.derived_from)
            and (p.to_family is None or p.to_family == atom.family)
            and (not p.families or atom.family in p.families)
            and (not p.organisations or not {atom.organisation, atom.recipient}.isdisjoint(p.organisations))
            and (not p.operations or atom.operation in p.operations)
            and (not p.target_groups or atom.group in p.target_groups)
        )
        if met and not p.variables:
            return None
        if met:
            taken.update(p.variables)
    return frozenset(taken)


def _released(policy: Policy, name: str, level: Release, words: Vocabulary) -> bool:
    rule, closed = policy.variables.get(name), policy.variables.get(bare(name))
    if rule is None:
        return False
    allowed = min((r.release for r in (rule, closed) if r), key=RELEASE_ORDER.index)
    clip = words.uses[name]
    inside = clip is None or rule.clip is None or rule.clip[0] <= clip[0] <= clip[1] <= rule.clip[1]
    return inside and RELEASE_ORDER.index(allowed) >= RELEASE_ORDER.index(level)


def _nobody(grant: Grant) -> frozenset[frozenset[str]]:
    needs = grant.joint_with.all_of or grant.joint_with.any_of
    return frozenset() if needs else frozenset([frozenset()])


def _partners(grant: Grant, words: Vocabulary) -> frozenset[frozenset[str]]:
    """The smallest sets of other organisations that are enough; none if there is no such set."""
    rule = grant.joint_with
    every, some = frozenset(rule.all_of), frozenset(rule.any_of)
    if not every <= words.partners:
        return frozenset()
    if some and some.isdisjoint(every):
        return frozenset(every | {one} for one in some & words.partners)
    return frozenset([every]) if every else frozenset(frozenset([one]) for one in words.partners)
