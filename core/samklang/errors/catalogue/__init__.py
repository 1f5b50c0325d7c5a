"""All error codes, one file per area; a code stands in exactly one of them."""

from __future__ import annotations

from samklang.errors.catalogue import (
    approval,
    audit,
    backup,
    budget,
    client,
    controllers,
    coordinator,
    demo,
    derived,
    differencing,
    documents,
    enrolment,
    node,
    picture,
    policy,
    policy_lint,
    protocol,
    sandbox,
    snapshots,
    transport,
)
from samklang.errors.catalogue.entry import Entry, Language

__all__ = ["CATALOGUE", "Entry", "Language"]

_AREAS = (
    documents.CODES,
    policy.CODES,
    policy_lint.CODES,
    approval.CODES,
    differencing.CODES,
    budget.CODES,
    protocol.CODES,
    node.CODES,
    snapshots.CODES,
    controllers.CODES,
    transport.CODES,
    coordinator.CODES,
    client.CODES,
    picture.CODES,
    derived.CODES,
    sandbox.CODES,
    demo.CODES,
    enrolment.CODES,
    backup.CODES,
    audit.CODES,
)

CATALOGUE: dict[str, Entry] = {}
for _codes in _AREAS:
    if twice := CATALOGUE.keys() & _codes.keys():
        raise RuntimeError(f"error codes defined twice: {sorted(twice)}")
    CATALOGUE.update(_codes)
