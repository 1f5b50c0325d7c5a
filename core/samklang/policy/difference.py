"""What a new policy allows that an old one didn't, and the other way round: exactly.

*Widened*: there is a request that the new rules permit and the old ones didn't, or left to a person; or that
both answer and the new ones bind less (a smaller minimum count, a larger budget, a longer retention ...).
*Narrowed* is the same with old and new exchanged. Compared are the rules as they are enforced, over the
vocabulary of one manifest and codebook; see :mod:`samklang.policy.table` for why bounds are enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal

from samklang.model.durations import hours, mean_days
from samklang.model.policy import (
    APPROVAL_ORDER,
    CONSENT_ORDER,
    OVERLAP_ORDER,
    Approval,
    Consent,
    Differencing,
)
from samklang.policy.decision import Caps
from samklang.policy.enforce import Enforced
from samklang.policy.grant_checks import LARGE
from samklang.policy.table import Atom, Bounds, Days, Regime, Table, atoms
from samklang.policy.vocabulary import Vocabulary

__all__ = ["Change", "Difference", "Direction", "compare"]

Direction = Literal["widened", "narrowed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One bound that differs, and for which atoms it does.

    Attributes:
        what: ``asked`` (somebody may ask at all), or the bound: ``together``, ``alone``, ``uses``,
            ``uses alone``, ``partners``, ``axes``, ``per_query``, ``days``, ``controllers``, ``return``,
            ``max_persons``, ``approval``, ``persons``, ``approvers`` (roles), ``signers`` (persons and their
            keys), ``expires``, ``min_count``, ``secondary_suppression``, ``consent``, ``month``, ``year``,
            ``lifetime``, ``retention.release``, ``retention.audit``, ``differencing``,
            ``differencing.least``.
        old, new: the bound on both sides; for ``uses`` and ``partners`` what is gained or lost.
        atoms: where; those of ``asked`` are gained or lost as a whole.
    """

    direction: Direction
    purpose: str
    what: str
    old: Any
    new: Any
    atoms: frozenset[Atom]


@dataclass(frozen=True, slots=True)
class Difference:
    """``before`` and ``after``: the atoms that each of the two rules says yes to within some bounds."""

    changes: tuple[Change, ...]
    before: frozenset[Atom] = field(repr=False)
    after: frozenset[Atom] = field(repr=False)

    @property
    def widened(self) -> bool:
        return any(change.direction == "widened" for change in self.changes)

    @property
    def narrowed(self) -> bool:
        return any(change.direction == "narrowed" for change in self.changes)


def compare(old: Enforced, new: Enforced, words: Vocabulary, *, attributed: bool = True) -> Difference:
    """Compare two rules over one vocabulary, at a node whose tables say whose their rows are, or don't."""
    found: dict[tuple[Direction, str, str, Any, Any], set[Atom]] = {}
    before, after = set(), set()
    was, is_now = Table(old.policy, words, attributed), Table(new.policy, words, attributed)
    for atom in atoms((old.policy, new.policy), words):
        one, other = was.bounds(atom), is_now.bounds(atom)
        if one:
            before.add(atom)
        if other:
            after.add(atom)
        if one == other:
            continue
        for direction, *bound in _atom(one, other):
            found.setdefault((direction, atom.purpose, *bound), set()).add(atom)
    changes = tuple(Change(*key, atoms=frozenset(where)) for key, where in found.items())
    return Difference(changes, frozenset(before), frozenset(after))


Found = tuple[Direction, str, Any, Any]


def _atom(old: Bounds | None, new: Bounds | None) -> Iterator[Found]:
    if old is None or new is None:
        if old is not new:
            yield ("widened" if old is None else "narrowed", "asked", None, None)
        return
    yield from _regime(old.together, new.together, "together")
    yield from _regime(old.alone, new.alone, "alone")
    yield from _larger("axes", old.axes, new.axes)
    yield from _larger("per_query", old.spend, new.spend)
    yield from _larger("max_persons", old.max_persons or 0, new.max_persons or 0)
    yield from _smaller("min_count", old.min_count, new.min_count)
    yield from _smaller("secondary_suppression", old.secondary_suppression, new.secondary_suppression)
    if old.first != new.first or old.last != new.last:
        if new.first < old.first or new.last > old.last:
            yield "widened", "days", (old.first, old.last), (new.first, new.last)
        if new.first > old.first or new.last < old.last:
            yield "narrowed", "days", (old.first, old.last), (new.first, new.last)
    if old.controllers != new.controllers:
        yield from _controllers(old.controllers, new.controllers)
    if (old.rule, old.return_node) != (new.rule, new.return_node):
        for direction in ("widened", "narrowed"):
            yield direction, "return", (old.rule, old.return_node), (new.rule, new.return_node)
    yield from _differencing(old.differencing, new.differencing)
    yield from _caps(old.caps, new.caps)
    yield from _consent(old.consent, new.consent)
    yield from _approval(old.approval, new.approval, min(old.spend, new.spend))
    yield from _signers(old, new)
    for key in ("release", "audit"):
        was, now = getattr(old.retention, key), getattr(new.retention, key)
        if mean_days(was) != mean_days(now):
            longer = mean_days(now) > mean_days(was)
            yield ("widened" if longer else "narrowed", f"retention.{key}", was, now)


def _controllers(old: Days, new: Days) -> Iterator[Found]:
    """Whose rows are used on which days; where nobody has a name, ``days`` says it."""
    was, now = ({name: days for name, *days in found if name} for found in (old, new))
    for name in sorted(was.keys() | now.keys()):
        before, after = was.get(name), now.get(name)
        if before == after:
            continue
        between = (name, *before) if before else None, (name, *after) if after else None
        if before is None or (after and (after[0] < before[0] or after[1] > before[1])):
            yield "widened", "controllers", *between
        if after is None or (before and (after[0] > before[0] or after[1] < before[1])):
            yield "narrowed", "controllers", *between


def _larger(what: str, was: int, now: int) -> Iterator[Found]:
    if was != now:
        yield ("widened" if now > was else "narrowed", what, was, now)


def _smaller(what: str, was: int, now: int) -> Iterator[Found]:
    if was != now:
        yield ("widened" if now < was else "narrowed", what, was, now)


def _differencing(old: Differencing, new: Differencing) -> Iterator[Found]:
    was, now = OVERLAP_ORDER.index(old.overlap), OVERLAP_ORDER.index(new.overlap)
    if was != now:
        yield ("widened" if now < was else "narrowed", "differencing", old.overlap, new.overlap)
    elif old.least != new.least and old.overlap != "allow":
        yield from _smaller("differencing.least", old.least, new.least)


def _regime(old: Regime | None, new: Regime | None, name: str) -> Iterator[Found]:
    if old is None or new is None:
        if old is not new:
            yield ("widened" if old is None else "narrowed", name, old is not None, new is not None)
        return
    what = "uses" if name == "together" else "uses alone"
    for use in sorted(new.uses - old.uses):
        yield "widened", what, None, use
    for use in sorted(old.uses - new.uses):
        yield "narrowed", what, use, None
    if _reaches(new.partners, old.partners):
        yield "widened", "partners", old.partners, new.partners
    if _reaches(old.partners, new.partners):
        yield "narrowed", "partners", old.partners, new.partners


def _reaches(some: frozenset[frozenset[str]], others: frozenset[frozenset[str]]) -> bool:
    """Whether a set is enough for ``some`` that isn't enough for ``others``."""
    return any(not any(other <= one for other in others) for one in some)


def _caps(old: Caps, new: Caps) -> Iterator[Found]:
    endless = float("inf")
    for (period, was), (_, now) in zip(old.by_period(), new.by_period(), strict=True):
        if was != now:
            larger = (endless if now is None else now) > (endless if was is None else was)
            yield ("widened" if larger else "narrowed", period, was, now)


def _consent(old: Consent, new: Consent) -> Iterator[Found]:
    """Objections take citizens out, consents let them in; a stricter model is narrower whatever registers."""
    was, now = CONSENT_ORDER.index(old.model), CONSENT_ORDER.index(new.model)
    if was != now:
        yield ("widened" if now < was else "narrowed", "consent", old, new)
        return
    if old.model == "none":  # asks no register
        return
    gained, lost = set(new.registers) - set(old.registers), set(old.registers) - set(new.registers)
    if old.model == "opt-out":
        gained, lost = lost, gained
    if gained:
        yield "widened", "consent", old, new
    if lost:
        yield "narrowed", "consent", old, new


def _approval(old: Approval, new: Approval, spend: int) -> Iterator[Found]:
    """In each situation that both can be in (form known, few cells, small budget): is a person needed, and
    if one is in both, how many, who, and how long is waited."""
    situations = [s for s in product((False, True), repeat=3) if s[2] or spend > LARGE]
    were = {s: _waits(old, *s) for s in situations}
    now = {s: _waits(new, *s) for s in situations}
    if any(were[s] and not now[s] for s in situations):
        yield "widened", "approval", old, new
    if any(now[s] and not were[s] for s in situations):
        yield "narrowed", "approval", old, new
    if not any(were[s] and now[s] for s in situations):
        return
    pairs = (
        ("persons", -_persons(old), -_persons(new)),
        ("expires", hours(old.expires), hours(new.expires)),
    )
    for what, one, other in pairs:
        if one != other:
            yield ("widened" if other > one else "narrowed", what, old, new)
    if set(new.roles) - set(old.roles):
        yield "widened", "approvers", old, new
    if set(old.roles) - set(new.roles):
        yield "narrowed", "approvers", old, new


def _signers(old: Bounds, new: Bounds) -> Iterator[Found]:
    """Whose word counts, by person and key, in the roles that count in both; where both may need one."""
    if not all(
        one.approval.mode != "auto" or one.approval.manual_if or one.differencing.overlap == "approve"
        for one in (old, new)
    ):
        return
    roles = {*old.approval.roles} & {*new.approval.roles}
    was, now = ({who for who in one.approvers if who[1] in roles} for one in (old, new))
    between = tuple(sorted(was)), tuple(sorted(now))
    if now - was:
        yield "widened", "signers", *between
    if was - now:
        yield "narrowed", "signers", *between


def _waits(approval: Approval, known: bool, few: bool, small: bool) -> bool:
    holds = {"new-template": not known, "many-cells": not few, "large-budget": not small}
    return approval.mode != "auto" or any(holds[condition] for condition in approval.manual_if)


def _persons(approval: Approval) -> int:
    return max(1, APPROVAL_ORDER.index(approval.mode))
