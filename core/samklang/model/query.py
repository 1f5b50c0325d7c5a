"""The query: what an analyst writes (:class:`Draft`) and what is signed (:class:`Query`)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Discriminator, Field, StringConstraints, Tag

from samklang.model.base import Digest, Document, Identifier, Label, LevelId

Family = Literal["statistical", "care", "quality"]


class Purpose(Document):
    """Why: the family decides what may follow from the answer (one-way), the id is the grant's."""

    family: Family
    id: Identifier
    text: str = ""


class Period(Document):
    """Half-open [``from``, ``until``) in Europe/Copenhagen dates; ``as_of`` is the day states are read."""

    from_: Annotated[date, Field(alias="from")]
    until: date
    as_of: date


class Filter(Document):
    """Keeps, at the variable's own sector, the citizens in ``levels``; implies presence there."""

    variable: Identifier
    banding: Identifier
    levels: Annotated[tuple[LevelId, ...], Field(min_length=1)]


class VariableAxis(Document):
    """An axis over a category, total or interval, in a banding that the codebook names."""

    variable: Identifier
    banding: Identifier


class PresenceAxis(Document):
    """An axis with the levels ABSENT and present: does any node of this sector hold the citizen?"""

    presence: Identifier


def _axis_kind(axis: Any) -> str:
    is_presence = isinstance(axis, PresenceAxis) or (isinstance(axis, dict) and "presence" in axis)
    return "presence-axis" if is_presence else "variable-axis"


Axis = Annotated[
    Annotated[VariableAxis, Tag("variable-axis")] | Annotated[PresenceAxis, Tag("presence-axis")],
    Discriminator(_axis_kind),
]


class MeasureUse(Document):
    """The sum of a measure, or the count of citizens who have a value for it."""

    variable: Identifier
    as_: Annotated[Literal["sum", "count"], Field(alias="as")] = "sum"


class Privacy(Document):
    """zCDP budget given as the (ε, δ) it converts to."""

    epsilon: Annotated[Decimal, Field(gt=0, le=8)] = Decimal(1)
    delta: Annotated[Decimal, Field(gt=0, le=Decimal("1e-6"))] = Decimal("1e-8")


class Draft(Document):
    """A question, before it is signed.

    ``require`` lists, by axis name (the variable's, or the sector's for a presence axis), the levels
    that are released; ``present`` stands for every level but ABSENT. ``nodes`` is every node of the
    sectors in question unless it is given; another choice of nodes is another query.
    """

    title: Label
    federation: Identifier
    codebook: Digest
    operation: Literal["stratify"]
    purpose: Purpose
    period: Period
    target_group: Identifier | None = None
    filter: tuple[Filter, ...] = ()
    axes: Annotated[tuple[Axis, ...], Field(min_length=1, max_length=8)]
    measures: Annotated[tuple[MeasureUse, ...], Field(max_length=8)] = ()
    require: dict[Identifier, tuple[LevelId, ...]] = {}
    privacy: Privacy = Privacy()
    nodes: tuple[Identifier, ...] | None = None


class Analyst(Document):
    id: Identifier
    organisation: Identifier


class Query(Draft):
    """What the analyst signs: the question with who asks, who gets the answer, and its limits."""

    analyst: Analyst
    recipients: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    nonce: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    not_after: AwareDatetime
    max_attempts: Annotated[int, Field(ge=1, le=3)] = 3
