"""Test cases of a policy: requests with what the policy should say to each (``NODE.cases.yaml`` beside it).

``base`` is one whole request, in a policy's words; each case changes some of it, or asks with a question of
its own, and says what is expected. A case holds only if the decision, *all* its reasons, and every obligation
that is written here are exactly what the policy answers.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from samklang.model.base import Delta, Digest, Document, Identifier, Number
from samklang.model.policy import (
    Approval,
    Approver,
    Budget,
    Consent,
    Operation,
    Retention,
    ReturnTo,
    UseName,
)
from samklang.model.query import Family

__all__ = ["Asked", "CaseEntry", "Cases", "ExpectedObligations"]

Code = Annotated[str, StringConstraints(pattern=r"^policy-[a-z-]{1,60}$")]
"""The code of a reason, as docs/errors.md lists them."""


class Asked(Document):
    """What is asked of the node. In ``base`` everything but what has a default is needed, or a ``question``
    that says it; in a case, what differs from ``base``."""

    question: Path | None = None
    """A question's file, relative to this one: says operation, purpose, group, uses, partners, axes, cost."""
    analyst: Identifier | None = None
    """Who asks; `analyst` by default."""
    organisation: Identifier | None = None
    """Whose analyst it is."""
    role: Identifier | None = None
    """The role that the organisation vouches for."""
    recipients: tuple[Identifier, ...] | None = None
    """Who gets the answer; whoever asks by default."""
    purpose: Identifier | None = None
    """The id of the grant that is asked under."""
    family: Family | None = None
    """The purpose's family."""
    operation: Operation | None = None
    target_group: Identifier | None = None
    """`whole-population` for none."""
    uses: tuple[UseName, ...] | None = None
    """Everything that is wanted from this node, clauses of the target group included."""
    joint_with: tuple[Identifier, ...] | None = None
    """Other organisations whose data are part of the table."""
    axes: Annotated[int | None, Field(ge=1, le=8)] = None
    epsilon: Annotated[Number | None, Field(gt=0, le=8)] = None
    delta: Delta | None = None
    """1e-8 by default."""
    today: date | None = None
    cells: Annotated[int | None, Field(ge=1)] = None
    """Cells of the table; left out they count as many."""
    template_known: bool | None = None
    """Somebody at the node has approved a query of this form before; false by default."""
    treatment_relation: bool | None = None
    """Shown for every citizen; false by default."""
    derived_from: Family | None = None
    """The family of the answers that this builds on; none by default."""
    rule: Digest | None = None
    return_to: ReturnTo | None = None
    attributed: bool | None = None
    """The tables of the node's configuration say whose their rows are; false by default."""


class ExpectedObligations(Document):
    """Only what is written is compared. A ``budget`` is that of month, year and altogether."""

    min_count: int | None = None
    secondary_suppression: bool | None = None
    consent: Consent | None = None
    budget: Budget | None = None
    approval: Approval | None = None
    """What this request needs: mode auto if nothing makes a person necessary."""
    approvers: dict[Identifier, Approver] | None = None
    """By person: everybody whose yes can count for this grant, by role and key."""
    retention: Retention | None = None
    max_persons: int | None = None
    controllers: tuple[Identifier, ...] | None = None
    """Whose rows may be used: the controllers that have joined, in any order."""


class CaseEntry(Document):
    """One case, or several that are decided alike."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    """What it shows, in words."""
    but: Asked = Asked()
    """What is asked otherwise than in `base`."""
    each: tuple[Asked, ...] = ()
    """Further changes: every one of them is tried by itself, and decided alike."""
    each_use: bool = False
    """Every one of the uses is tried alone, and decided alike."""
    decision: Literal["permit", "pending", "deny"]
    reasons: tuple[Code, ...] = ()
    """All reasons of a denial, each code once."""
    obligations: ExpectedObligations = ExpectedObligations()
    """What a permit or pending approval binds the node to."""


class Cases(Document):
    """The whole file; ``policy``, ``federation`` and ``codebook`` are relative to it."""

    policy: Path
    federation: Path
    """The manifest; one whose keys aren't filled in yet will do."""
    codebook: Path
    base: Asked
    cases: Annotated[tuple[CaseEntry, ...], Field(min_length=1, max_length=500)]
