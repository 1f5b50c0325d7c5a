"""Phrases for a policy's own words that several texts have: operations, conditions, clauses."""

from __future__ import annotations

from typing import Final

from samklang.model.policy import Operation

__all__ = ["CONDITIONS", "OPERATIONS", "WHAT"]

OPERATIONS: Final[dict[Operation, str]] = {
    "stratify": "tables by several characteristics",
    "score": "points summed over partners",
    "pathway": "time between events in different sectors",
    "evaluate": "a comparison of periods and areas",
    "return": "return of persons for treatment",
}
CONDITIONS: Final = {
    "new-template": "nobody here has approved the form of the question before",
    "many-cells": "the table has more than 200 cells",
    "large-budget": "it costs more than epsilon 1 at delta 1e-8",
}
WHAT: Final = {
    "axes": "most axes",
    "max_axes": "most axes",
    "per_query": "privacy budget of one question, epsilon",
    "month": "privacy budget of a month, epsilon",
    "year": "privacy budget of a year, epsilon",
    "lifetime": "privacy budget altogether, epsilon",
    "days": "days",
    "return": "rule and receiver of persons",
    "max_persons": "most persons",
    "approval": "when a person has to approve",
    "mode": "when a person has to approve",
    "manual_if": "when a person has to approve",
    "persons": "how many persons approve",
    "approvers": "who approves",
    "signers": "the persons who may approve, with the beginning of their keys",
    "expires": "how long an approval is waited for",
    "min_count": "smallest count shown",
    "secondary_suppression": "hidden cells protected from subtraction",
    "release": "in which tables it may be used",
    "clip": "bounds of a citizen's value",
    "consent": "consent",
    "model": "consent",
    "differencing": "a question that differs in few citizens from an answered one",
    "differencing.least": "how few citizens are too few for a difference",
    "retention.release": "releases are kept",
    "retention.audit": "audit entries are kept",
}
"""What a clause, or a bound of it, is about."""
