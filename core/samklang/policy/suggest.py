"""The smallest change of a *policy* that would permit a request: for its controller, never for the analyst.

Each reason names one edit of one clause; the edits are made together and the changed policy is asked again,
under the same floor. What another purpose, a person's consent or the federation's floor would have to allow
isn't proposed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from samklang.model.manifest import Manifest
from samklang.model.policy import WHOLE_POPULATION, Policy
from samklang.policy.decision import Decision, decide
from samklang.policy.enforce import Enforced, enforce
from samklang.policy.reasons import Reason
from samklang.policy.request import Place, Request

__all__ = ["Edit", "suggest"]

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Edit:
    """``place``: the clause; ``old``, ``new``: its values, None where it isn't there."""

    place: Place
    old: Any
    new: Any


def suggest(
    rules: Enforced, request: Request, manifest: Manifest
) -> tuple[tuple[Edit, ...], Decision] | None:
    """Edits of the written policy after which ``request`` isn't denied, and what is said then; else None."""
    document = rules.written.model_dump(mode="json", by_alias=True)
    edits: list[Edit] = []
    said = decide(rules, request)
    for _ in range(ROUNDS):
        made = [edit for reason in said.reasons for edit in _edits(document, reason, request)]
        if said.outcome != "deny" or not made:
            break
        for edit in dict.fromkeys(map(_key, made)):
            chosen = next(one for one in made if _key(one) == edit)
            _apply(document, chosen)
            edits.append(chosen)
        try:
            changed = Policy.model_validate(document)
        except ValidationError:
            return None
        said = decide(enforce(changed, manifest), request)
    return (tuple(edits), said) if edits and said.outcome != "deny" else None


def _key(edit: Edit) -> str:
    return f"{edit.place} {edit.new}"


def _apply(document: dict[str, Any], edit: Edit) -> None:
    here: Any = document
    for part in edit.place[:-1]:
        here = here.setdefault(part, {}) if isinstance(here, dict) else here[part]
    here[edit.place[-1]] = copy.deepcopy(edit.new)


def _edits(document: dict[str, Any], reason: Reason, request: Request) -> Iterator[Edit]:
    """What would do away with ``reason``; nothing where no edit of this policy should."""
    if reason.clause[:1] == ("floor",):
        return
    index = next((i for i, g in enumerate(document["grants"]) if g["id"] == reason.grant), None)
    grant = None if index is None else document["grants"][index]
    params = dict(reason.params)

    def to(value: Any, *path: str | int) -> Iterator[Edit]:
        here: Any = document
        for part in path:
            here = here.get(part) if isinstance(here, dict) else here[part]
        if here != value:
            yield Edit(path, here, value)

    match reason.code:
        case "policy-not-valid":
            for key, wrong in (("from", min), ("until", max)):
                day = date.fromisoformat(document["policy"]["valid"][key])
                yield from to(wrong(day, request.today).isoformat(), "policy", "valid", key)
        case "policy-who" if grant:
            for name in grant["who"]:
                people = document["people"].get(name)
                if people and people["role"] == request.role:
                    added = [*people["organisations"], request.organisation]
                    yield from to(added, "people", name, "organisations")
                    return
        case "policy-operation" if grant and request.operation != "return":
            yield from to([*grant["operations"], request.operation], "grants", _n(index), "operations")
        case "policy-target-group" if grant:
            group = request.target_group or WHOLE_POPULATION
            yield from to([*grant["target_groups"], group], "grants", _n(index), "target_groups")
        case "policy-variable-not-granted" if grant:
            wanted = [use.name for use in request.uses if use.name not in grant["variables"]]
            names = list(dict.fromkeys([*grant["variables"], *wanted]))
            yield from to(names, "grants", _n(index), "variables")
        case "policy-variable-closed":
            needed = "joint" if request.partners else "local"
            yield from to({"release": needed, "clip": None}, "variables", params["name"])
        case "policy-release":
            yield from to(params["needed"], *reason.clause)
        case "policy-clip":
            low, high = int(params["low"]), int(params["high"])
            bounds = [min(low, int(params["allowed_low"])), max(high, int(params["allowed_high"]))]
            yield from to(bounds, *reason.clause)
        case "policy-axes":
            yield from to(request.axes, "grants", _n(index), "max_axes")
        case "policy-joint-with" if grant:
            key = str(reason.clause[-1])
            names = [n for n in grant["joint_with"][key] if key == "all_of" and n in request.partners]
            yield from to(names, "grants", _n(index), "joint_with", key)
        case "policy-epsilon" if grant and request.delta == type(request.delta)(
            str(grant["budget"]["delta"])
        ):
            for key in ("per_query", "month", "year", "lifetime"):
                own = grant["budget"][key]
                if own and type(request.epsilon)(str(own["epsilon"])) < request.epsilon:
                    yield from to(str(request.epsilon), "grants", _n(index), "budget", key, "epsilon")


def _n(index: int | None) -> int:
    assert index is not None
    return index
