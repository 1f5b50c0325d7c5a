"""The differencing guard: a decision once more, in the light of what has been answered before.

It can only take away. What it says depends on documents, dates and which questions were answered, never on
data. The analyst reads that there is such a question, and when it was answered; which variables the two
differ in, only if the earlier question was the analyst's own. The node's log and its DPO see the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from samklang.policy.decision import Decision
from samklang.policy.differencing import Finding, Shape
from samklang.policy.enforce import Enforced
from samklang.policy.reasons import Reason

__all__ = ["Earlier", "Overlap", "guard", "overlap"]

CONDITION = "differencing"
"""What an approval is needed for, as approvals name it."""

OWN, OTHER = "your own question {} (in {})", "an earlier question"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question whose rows have left this node. ``query``: digest of the signed query."""

    query: str
    analyst: str
    day: date
    shape: Shape


@dataclass(frozen=True, slots=True)
class Overlap:
    """An earlier question, and what is between it and the new one."""

    earlier: Earlier
    finding: Finding


def overlap(
    new: Shape, earlier: Iterable[Earlier], compare: Callable[[Shape, Shape], Finding | None]
) -> Overlap | None:
    """The newest of ``earlier`` (oldest first) that differs from ``new`` in few citizens."""
    known: dict[int, Finding | None] = {}
    found: Overlap | None = None
    for one in earlier:
        if one.shape is new or one.shape == new:
            continue
        # Shapes are kept once each: the same object is the same shape.
        if (key := id(one.shape)) not in known:
            known[key] = compare(new, one.shape)
        if (finding := known[key]) is not None:
            found = Overlap(one, finding)
    return found


def guard(decision: Decision, rules: Enforced, found: Overlap | None, analyst: str) -> Decision:
    """``decision``, or what the policy's ``differencing`` makes of it.

    Args:
        found: what :func:`overlap` has found for the request that was decided.
        analyst: who asks.
    """
    said = rules.policy.differencing
    if found is None or said.overlap == "allow" or decision.outcome == "deny":
        return decision
    assert decision.obligations is not None
    grant = decision.obligations.grant
    clause = rules.clause(("differencing", "overlap"))
    if said.overlap == "refuse":
        earlier = OTHER
        if found.earlier.analyst == analyst:
            earlier = OWN.format(found.earlier.query[7:19], ", ".join(found.finding.where))
        params = (("least", str(said.least)), ("earlier", earlier), ("date", found.earlier.day.isoformat()))
        return Decision("deny", (Reason("policy-differencing", clause, grant, params),))
    needed = Reason("policy-approval-needed", clause, grant, (("mode", "manual"), ("conditions", CONDITION)))
    return replace(decision, outcome="pending", reasons=(*decision.reasons, needed))
