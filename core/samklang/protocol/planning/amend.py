"""The smallest change of a query that a policy would permit: what an analyst who was denied wants to know.

Breadth first over small changes, each suggested by a reason of the denial: so the first query that is
permitted differs in as few places as possible. Documents and dates alone are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from samklang.errors import SamklangError
from samklang.model.checks import check_query
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.model.policy import WHOLE_POPULATION, Grant, Policy, banding_name, measure_name
from samklang.model.query import Filter, PresenceAxis, Privacy, Query
from samklang.policy import Decision, Reason
from samklang.protocol.planning.changes import (
    Change,
    axis_text,
    described,
    reband,
    replace_field,
    without_axis,
)

__all__ = ["Decide", "amend"]

MOST_CHANGES = 4
MOST_TRIED = 120

Decide = Callable[[Query], Decision]
"""What the policy says to a query that passes its checks; raises ``SamklangError`` if it has no program."""


def amend(
    query: Query, decision: Decision, decide: Decide, policy: Policy, manifest: Manifest, codebook: Codebook
) -> tuple[Query, Decision, tuple[Change, ...]] | None:
    """The permitted query that differs least, what is said to it, and the changes; None if none was found.

    Args:
        decision: what is said to ``query`` itself.
    """
    steps = _Steps(policy, codebook)
    seen = {query.model_dump_json()}
    level = [(query, decision)]
    tried = 0
    for _ in range(MOST_CHANGES):
        following: list[tuple[Query, Decision]] = []
        for here, said in level:
            for changed in steps.from_reasons(here, said.reasons):
                key = changed.model_dump_json()
                if key in seen or tried >= MOST_TRIED:
                    continue
                seen.add(key)
                tried += 1
                try:
                    check_query(changed, manifest, codebook)
                    answer = decide(changed)
                except SamklangError:
                    continue
                if answer.permitted:
                    return changed, answer, described(query, changed)
                following.append((changed, answer))
        level = following
    return None


class _Steps:
    """Single changes that might do away with a reason."""

    def __init__(self, policy: Policy, codebook: Codebook) -> None:
        self.policy = policy
        self.codebook = codebook

    def from_reasons(self, query: Query, reasons: tuple[Reason, ...]) -> Iterator[Query]:
        for reason in reasons:
            yield from self._step(query, reason)

    def _step(self, query: Query, reason: Reason) -> Iterator[Query]:
        grant = next((g for g in self.policy.grants if g.id == reason.grant), None)
        params = dict(reason.params)
        match reason.code:
            case "policy-purpose-unknown" | "policy-who" | "policy-operation":
                # Never another family: that is another legal basis, not another way to write the question.
                for other in self.policy.grants:
                    if other.purpose.family == query.purpose.family:
                        yield replace_field(query, purpose=query.purpose.model_copy(update={"id": other.id}))
            case "policy-variable-not-granted" | "policy-variable-closed" | "policy-release" | "policy-clip":
                yield from self._use(query, params["name"], grant)
            case "policy-axes":
                for index in range(len(query.axes)):
                    yield from _maybe(without_axis(query, index))
            case "policy-target-group":
                for group in grant.target_groups if grant else ():
                    yield replace_field(query, target_group=None if group == WHOLE_POPULATION else group)
            case "policy-epsilon" if grant:
                budget = grant.budget
                privacy = Privacy(epsilon=budget.per_query.epsilon, delta=budget.delta)
                yield replace_field(query, privacy=privacy)
            case "policy-joint-with" if query.nodes is not None:
                yield replace_field(query, nodes=None)
            case "policy-recipient":
                yield replace_field(query, recipients=(query.analyst.id,))
            case "policy-approval-needed":
                yield from self._unapproved(query)

    def _use(self, query: Query, name: str, grant: Grant | None) -> Iterator[Query]:
        """Another granted banding of an axis first, then without what is named."""
        granted = grant.variables if grant else ()
        for index, axis in enumerate(query.axes):
            if name not in (axis_text(axis), getattr(axis, "variable", None)):
                continue
            if not isinstance(axis, PresenceAxis):
                for banding in self._bandings(axis.variable, granted):
                    if banding != axis.banding:
                        yield from _maybe(reband(query, index, banding, self.codebook))
            yield from _maybe(without_axis(query, index))
        if any(name in (measure_name(m.variable), m.variable) for m in query.measures):
            kept = tuple(m for m in query.measures if name not in (measure_name(m.variable), m.variable))
            yield replace_field(query, measures=kept)
        if any(_names(f, name) for f in query.filter):
            yield replace_field(query, filter=tuple(f for f in query.filter if not _names(f, name)))
        margin = tuple(m for m in query.report_by if name != banding_name(m.axis, m.banding or ""))
        if margin != query.report_by:
            yield replace_field(query, report_by=margin)
        group = self.codebook.target_groups.get(query.target_group or "")
        clauses = [banding_name(c.variable, c.banding) for p in (group.parts if group else ()) for c in p.all]
        if name in clauses:
            for other in grant.target_groups if grant else ():
                yield replace_field(query, target_group=None if other == WHOLE_POPULATION else other)

    def _bandings(self, variable: str, granted: tuple[str, ...]) -> list[str]:
        return [name.split("/")[1] for name in granted if name.startswith(f"{variable}/")]

    def _unapproved(self, query: Query) -> Iterator[Query]:
        """An ε of 1, or a smaller table, may need nobody's approval."""
        if query.privacy.epsilon > 1:
            privacy = query.privacy.model_copy(update={"epsilon": type(query.privacy.epsilon)(1)})
            yield replace_field(query, privacy=privacy)
        for index, axis in enumerate(query.axes):
            if not isinstance(axis, PresenceAxis):
                for grant in self.policy.grants:
                    for banding in self._bandings(axis.variable, grant.variables):
                        if banding != axis.banding:
                            yield from _maybe(reband(query, index, banding, self.codebook))
            yield from _maybe(without_axis(query, index))


def _names(kept: Filter, name: str) -> bool:
    return name in (banding_name(kept.variable, kept.banding), kept.variable)


def _maybe(query: Query | None) -> Iterator[Query]:
    if query is not None:
        yield query
