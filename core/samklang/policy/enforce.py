"""The rules that a node enforces: its policy, narrowed wherever the federation's floor is stricter.

:func:`enforce` makes one object of the two documents. :func:`samklang.policy.decide` takes nothing else, and
what people are told about a policy is generated from it too: no two places can disagree about what holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from samklang.model.floor import Floor
from samklang.model.manifest import Manifest
from samklang.model.policy import Grant, Policy, VariableRule
from samklang.policy import strictest
from samklang.policy.request import Place

__all__ = ["Enforced", "Narrowed", "enforce"]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A clause of the policy that doesn't hold as it is written, because the floor is stricter.

    Attributes:
        place: in the policy.
        floor: the clause of the manifest that holds instead.
        written, holds: both values.
    """

    place: Place
    floor: Place
    written: Any
    holds: Any


@dataclass(frozen=True, slots=True)
class Enforced:
    """What holds at a node. Made by :func:`enforce` alone.

    Attributes:
        policy: the narrowed policy; its own prohibitions come first, then the floor's.
        written: the policy as it was signed.
        floor: of the manifest.
        narrowed: where the two differ.
    """

    policy: Policy
    written: Policy
    floor: Floor
    narrowed: tuple[Narrowed, ...]

    def clause(self, place: Place) -> Place:
        """Where the clause at ``place`` of the narrowed policy is written: there, or in the manifest
        (``floor`` first)."""
        own = len(self.written.prohibitions)
        if len(place) > 1 and place[0] == "prohibitions" and isinstance(place[1], int) and place[1] >= own:
            return ("floor", "prohibitions", place[1] - own, *place[2:])
        for found in self.narrowed:
            if found.place == place:
                return found.floor
        if place[:1] == ("variables",) and place[1:2] and place[1] not in self.written.variables:
            return ("floor", *place)
        return place


def enforce(policy: Policy, manifest: Manifest) -> Enforced:
    """``policy`` under the floor of ``manifest``; both verified, and checked against each other."""
    floor = manifest.floor
    narrowed = policy.model_copy(
        update={
            "defaults": policy.defaults.model_copy(
                update={
                    "min_count": max(policy.defaults.min_count, floor.min_count),
                    "secondary_suppression": policy.defaults.secondary_suppression
                    or floor.secondary_suppression,
                }
            ),
            "variables": _variables(policy, floor),
            "grants": tuple(_grant(grant, floor) for grant in policy.grants),
            "differencing": strictest.differencing(policy.differencing, floor.differencing),
            "prohibitions": (*policy.prohibitions, *floor.prohibitions),
        }
    )
    return Enforced(narrowed, policy, floor, tuple(_differences(policy, narrowed)))


def _variables(policy: Policy, floor: Floor) -> dict[str, VariableRule]:
    rules = {
        name: strictest.variable(rule, floor.variables[name]) if name in floor.variables else rule
        for name, rule in policy.variables.items()
    }
    # A bare name closes a variable whatever it is used as; another name without a rule is closed anyway.
    bare = {n: r for n, r in floor.variables.items() if n not in rules and "/" not in n and " " not in n}
    return {**rules, **bare}


def _grant(grant: Grant, floor: Floor) -> Grant:
    return grant.model_copy(
        update={
            "max_axes": min(grant.max_axes, floor.max_axes),
            "budget": strictest.budget(grant.budget, floor.budget),
            "consent": strictest.consent(grant.consent, floor.consent),
            "approval": strictest.approval(grant.approval, floor),
            "retention": strictest.retention(grant.retention, floor.retention),
        }
    )


def _differences(written: Policy, holds: Policy) -> Iterator[Narrowed]:
    def differ(place: Place, floor: Place, one: Any, other: Any) -> Iterator[Narrowed]:
        if one != other:
            yield Narrowed(place, floor, one, other)

    for key in ("min_count", "secondary_suppression"):
        own, other = getattr(written.defaults, key), getattr(holds.defaults, key)
        yield from differ(("defaults", key), ("floor", key), own, other)
    for name, rule in written.variables.items():
        for key in ("release", "clip"):
            own, other = getattr(rule, key), getattr(holds.variables[name], key)
            yield from differ(("variables", name, key), ("floor", "variables", name, key), own, other)
    for key in ("overlap", "least"):
        own, found = getattr(written.differencing, key), getattr(holds.differencing, key)
        yield from differ(("differencing", key), ("floor", "differencing", key), own, found)
    for index, (one, other) in enumerate(zip(written.grants, holds.grants, strict=True)):
        here: Place = ("grants", index)
        yield from differ((*here, "max_axes"), ("floor", "max_axes"), one.max_axes, other.max_axes)
        yield from differ(
            (*here, "consent", "model"), ("floor", "consent"), one.consent.model, other.consent.model
        )
        for part, keys in (
            ("budget", ("per_query", "month", "year", "lifetime")),
            ("approval", ("mode", "manual_if", "expires")),
            ("retention", ("release", "audit")),
        ):
            for key in keys:
                own, found = getattr(getattr(one, part), key), getattr(getattr(other, part), key)
                yield from differ((*here, part, key), ("floor", part, key), own, found)
