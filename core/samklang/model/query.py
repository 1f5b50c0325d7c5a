"""The query: what an analyst writes (:class:`Draft`) and what is signed (:class:`Query`)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Discriminator, Field, StringConstraints, Tag

from samklang.model.base import Delta, Digest, Document, Identifier, Label, LevelId, Number

Family = Literal["statistical", "care", "quality"]


class Purpose(Document):
    """Why: the family decides what may follow from the answer (one-way), the id is the grant's."""

    family: Family
    """statistical: tables only; care: may lead to the citizen; quality: evaluation of care."""
    id: Identifier
    """The id of the grant that is asked under."""
    text: str = ""
    """The purpose in words, for those who read the log."""


class Period(Document):
    """Half-open [``from``, ``until``) in Europe/Copenhagen dates; ``as_of`` is the day states are read."""

    from_: Annotated[date, Field(alias="from")]
    until: date
    as_of: date

    def in_future(self, today: date) -> str | None:
        """The first of its keys that lies after ``today``, as it is written; None if all is past."""
        if self.from_ > today:
            return "from"
        if self.until > today + timedelta(days=1):
            return "until"
        return "as_of" if self.as_of > today else None


class Filter(Document):
    """Keeps, at the variable's own sector, the citizens in ``levels``; implies presence there."""

    variable: Identifier
    banding: Identifier
    """In which banding the levels are named."""
    levels: Annotated[tuple[LevelId, ...], Field(min_length=1)]


class VariableAxis(Document):
    """An axis over a category, total or interval, in a banding that the codebook names."""

    variable: Identifier
    """A category, total or interval of the codebook."""
    banding: Identifier
    """One of its bandings; a coarser one gives fewer cells."""


class PresenceAxis(Document):
    """An axis with the levels ABSENT and present: does any node of this sector hold the citizen?"""

    presence: Identifier
    """The sector."""


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
    """A measure of the codebook."""
    as_: Annotated[Literal["sum", "count"], Field(alias="as")] = "sum"
    """The sum over the citizens of a cell, or how many of them have a value."""


class MarginAxis(Document):
    """An axis of the margin: one of the query's, as it is or in a banding that merges its levels."""

    axis: Identifier
    """The axis's name: the variable's, or the sector's for a presence axis."""
    banding: Identifier | None = None
    """A coarser banding of the same variable; none: the axis's own."""


class Privacy(Document):
    """zCDP budget given as the (ε, δ) it converts to."""

    epsilon: Annotated[Number, Field(gt=0, le=8)] = Decimal(1)
    """The whole cost of the answer; more is more exact, and more of the budget."""
    delta: Delta = Decimal("1e-8")
    """At which delta epsilon is meant."""


class Draft(Document):
    """A question, before it is signed.

    ``require`` lists, by axis name (the variable's, or the sector's for a presence axis), the levels
    that are released; ``present`` stands for every level but ABSENT. ``nodes`` is every node of the
    sectors in question unless it is given; another choice of nodes is another query.
    """

    title: Label
    """What the answer is called."""
    federation: Identifier
    """The id of the federation that is asked."""
    codebook: Digest
    """Digest of the codebook that the question was written for."""
    operation: Literal["stratify"]
    purpose: Purpose
    """Why, and under which grant."""
    period: Period
    """The days that are looked at."""
    target_group: Identifier | None = None
    """A target group of the codebook; none: everybody."""
    filter: tuple[Filter, ...] = ()
    """Keep only citizens with these levels, at the sector that supplies the variable."""
    axes: Annotated[tuple[Axis, ...], Field(min_length=1, max_length=8)]
    """What the table is broken down by."""
    measures: Annotated[tuple[MeasureUse, ...], Field(max_length=8)] = ()
    """What is summed in every cell besides the count."""
    report_by: Annotated[tuple[MarginAxis, ...], Field(max_length=8)] = ()
    """A margin of the table with numbers of its own: these axes alone, the others summed over."""
    require: dict[Identifier, tuple[LevelId, ...]] = {}
    privacy: Privacy = Privacy()
    """The privacy budget that the answer may cost."""
    nodes: tuple[Identifier, ...] | None = None


class Analyst(Document):
    id: Identifier
    organisation: Identifier


class Query(Draft):
    """What the analyst signs: the question with who asks, who gets the answer, and its limits."""

    analyst: Analyst
    """Who asks; as in the credential."""
    recipients: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Who may get the answer."""
    nonce: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    """16 random bytes in hex: no two queries are the same."""
    not_after: AwareDatetime
    """Nothing is computed after this instant."""
    max_attempts: Annotated[int, Field(ge=1, le=3)] = 3
    """How often the nodes may be charged for another try."""
