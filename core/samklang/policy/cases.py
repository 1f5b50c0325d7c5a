"""Running a policy's test cases, and finding the clauses that none of them would miss.

A mutant is the policy with one clause changed. If it decides about every case as the policy does although it
isn't the same rule (:mod:`samklang.policy.difference` knows), no case covers that clause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from samklang.model.cases import Asked, CaseEntry, Cases, ExpectedObligations
from samklang.model.codebook import Codebook
from samklang.model.policy import Approver
from samklang.policy.decision import Caps, Decision, Obligations, decide
from samklang.policy.enforce import Enforced
from samklang.policy.facts import FromQuestion, merged, request_from
from samklang.policy.request import Request

__all__ = ["Failure", "Trial", "failing", "failures", "trials"]


@dataclass(frozen=True, slots=True)
class Trial:
    """One request with what is expected of it; ``index`` is the case's in the file, from 0."""

    index: int
    entry: CaseEntry
    request: Request


@dataclass(frozen=True, slots=True)
class Failure:
    """What was answered instead.

    Attributes:
        field: ``decision``, ``reasons``, or the obligation that differs.
        expected, found: as they are written in a document.
    """

    trial: Trial
    field: str
    expected: str
    found: str


def trials(cases: Cases, node: str, codebook: Codebook, question: FromQuestion | None = None) -> list[Trial]:
    """Every request that the cases describe.

    Raises:
        SamklangError: ``policy-case-incomplete``, or what reading a question raises.
    """
    found = []
    for index, entry in enumerate(cases.cases):
        for each in entry.each or (Asked(),):
            asked = merged(cases.base, entry.but, each)
            request = request_from(asked, node, codebook, question)
            if not entry.each_use:
                found.append(Trial(index, entry, request))
                continue
            for use in request.uses:
                alone = merged(asked, Asked(uses=(use.name,)))
                found.append(Trial(index, entry, request_from(alone, node, codebook, question)))
    return found


def failing(rules: Enforced, tried: Sequence[Trial]) -> Iterator[Failure]:
    """What isn't as the cases expect it."""
    for trial in tried:
        yield from failures(trial, decide(rules, trial.request), rules.policy.approvers)


def failures(
    trial: Trial, decision: Decision, approvers: Mapping[str, Approver] = MappingProxyType({})
) -> Iterator[Failure]:
    """How ``decision`` differs from what the case expects; ``approvers``: of the policy."""
    entry = trial.entry
    if decision.outcome != entry.decision:
        yield Failure(trial, "decision", entry.decision, decision.outcome)
    codes = sorted({r.code for r in decision.reasons} if decision.outcome == "deny" else ())
    if codes != sorted(set(entry.reasons)):
        yield Failure(trial, "reasons", ", ".join(sorted(set(entry.reasons))), ", ".join(codes))
    if decision.obligations is not None:
        yield from _obligations(trial, entry.obligations, decision.obligations, approvers)


def _obligations(
    trial: Trial, expected: ExpectedObligations, found: Obligations, approvers: Mapping[str, Approver]
) -> Iterator[Failure]:
    wanted: dict[str, tuple[Any, Any]] = {
        name: (value, getattr(found, name))
        for name in ("min_count", "secondary_suppression", "consent", "approval", "retention", "max_persons")
        if (value := getattr(expected, name)) is not None
    }
    if (controllers := expected.controllers) is not None:
        wanted["controllers"] = (frozenset(controllers), found.controllers)
    if expected.approvers is not None:
        counts = {name: one for name, one in approvers.items() if one.role in found.approval.roles}
        wanted["approvers"] = (dict(expected.approvers), counts)
    if budget := expected.budget:
        wanted["budget"] = (Caps.of_grant(budget), found.caps)
    for name, (value, answered) in wanted.items():
        if value != answered:
            yield Failure(trial, name, _written(value), _written(answered))


def _written(value: Any) -> str:
    if isinstance(value, Caps):
        return f"month {value.month}, year {value.year}, lifetime {value.lifetime} nano-ρ"
    if isinstance(value, dict):
        return ", ".join(f"{name} ({one.role}, {one.key})" for name, one in sorted(value.items()))
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return str(value.model_dump(mode="json", by_alias=True)) if hasattr(value, "model_dump") else str(value)
