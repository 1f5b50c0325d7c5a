"""The codebook: logical tables and the variables every node computes in the same way.

A *logical table* is a name with typed columns that a node maps its own tables to. A *variable* is one
SELECT per supplying sector in the DuckDB dialect, returning (``cpr``, ``value``), at most one row per
citizen. A *sector* says with its ``population`` query who is present in it; a citizen of the population
without a value has the level MISSING unless the variable declares a ``default``. *Figures* are what is
publicly known of the population; a query is planned from them and answered without them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from samklang.model.base import NAME, NAME_LENGTH, Document, Identifier, Label, LevelId, Number

ColumnType = Literal["cpr", "text", "integer", "decimal", "date", "boolean"]


class LogicalTable(Document):
    """``columns`` maps column name to type; exactly one column, ``cpr``, has the type ``cpr``."""

    sector: Identifier
    """Whose data it is."""
    columns: dict[Identifier, ColumnType]


class Sector(Document):
    label: Label
    population: str
    """SELECT returning the column ``cpr``: who has a row in this sector."""


class Level(Document):
    """One level of a banding: the listed ``values``, or the half-open range [``from``, ``until``)."""

    id: LevelId
    label: Label
    values: tuple[str | int | bool, ...] | None = None
    from_: Annotated[int | None, Field(alias="from")] = None
    until: int | None = None


class Banding(Document):
    """Disjoint levels in display order; ``other`` names the level that takes what fits none."""

    levels: Annotated[tuple[Level, ...], Field(min_length=1, max_length=100)]
    other: LevelId | None = None


class Category(Document):
    """A value from one sector, banded at the node."""

    kind: Literal["category"]
    label: Label
    sector: Identifier
    """Which sector supplies the value."""
    sql: str
    """SELECT returning `cpr` and `value`, at most one row per citizen."""
    default: str | int | None = None
    """The value of a citizen of the sector who has no row in the result."""
    bandings: Annotated[dict[Identifier, Banding], Field(min_length=1)]
    """By name: how values become levels."""


class Total(Document):
    """A non-negative integer summed over every node of the sectors in ``sql``, banded after summing.

    Each node clips its own part to [0, ``clip``]; ``default`` is what a citizen of the sector counts who
    has no row in the SQL's result.
    """

    kind: Literal["total"]
    label: Label
    sql: Annotated[dict[Identifier, str], Field(min_length=1)]
    clip: Annotated[int, Field(ge=1, le=4095)]
    default: int | None = None
    bandings: Annotated[dict[Identifier, Banding], Field(min_length=1)]
    """By name: how sums become levels; levels are ranges."""


class Event(Document):
    """The index event on one side of an interval: SELECT (``cpr``, ``value`` DATE)."""

    sector: Identifier
    sql: str
    """SELECT returning `cpr` and `value`, a DATE, at most one row per citizen."""


class Interval(Document):
    """Whole units from ``start`` to ``end``, banded after subtraction (negative: the end came first).

    Only events in the query's period count. Weeks are calendar weeks (Monday first), so a difference in
    weeks is one of week numbers.
    """

    kind: Literal["interval"]
    label: Label
    start: Event
    end: Event
    unit: Literal["day", "week"]
    """What is counted between the two dates."""
    bandings: Annotated[dict[Identifier, Banding], Field(min_length=1)]
    """By name: how differences become levels."""


class ClipBy(Document):
    """Narrower clip bounds by level of another variable, where a query has that variable as an axis in this
    banding: bed days by number of admissions. Noise in a cell is in proportion to its level's bounds.

    The variable is supplied by the measure's own sector alone, so the node that clips knows the level.
    """

    variable: Identifier
    """A category or total that the measure's one sector supplies."""
    banding: Identifier
    """In which banding the levels are named."""
    clip: Annotated[dict[LevelId, tuple[int, int]], Field(min_length=1)]
    """By level, in units and within the measure's own ``clip``, which holds for levels left out."""


class Measure(Document):
    """A number summed per released cell, clipped to ``clip`` (in units) and multiplied by ``scale``.

    ``sum``s are exact in steps of 1/``scale`` (DKK in øre: 100).
    """

    kind: Literal["measure"]
    label: Label
    unit: Label
    """What the number is counted in, for people: DKK, days."""
    sql: Annotated[dict[Identifier, str], Field(min_length=1)]
    """By sector: SELECT returning `cpr` and `value`, at most one row per citizen."""
    clip: tuple[int, int]
    clip_by: ClipBy | None = None
    """Bounds that follow a level of another variable of the same sector."""
    scale: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    default: int | None = None
    """The value of a citizen of the sector who has no row in the result."""


Variable = Annotated[Category | Total | Interval | Measure, Field(discriminator="kind")]


class Clause(Document):
    """The citizen's level of ``variable`` (at this node alone) is one of ``levels``."""

    variable: Identifier
    banding: Identifier
    """In which banding the levels are named."""
    levels: Annotated[tuple[LevelId, ...], Field(min_length=1)]


class Part(Document):
    """What makes one sector say yes: the citizen is present there and every clause holds."""

    sector: Identifier
    """Which sector says yes or no."""
    all: tuple[Clause, ...] = ()
    """Conditions that must all hold; none: whoever the sector knows."""


class TargetGroup(Document):
    """A citizen is a member if at least ``at_least`` different sectors say yes.

    Several parts of one sector are alternatives: the sector says yes if any of them holds.
    """

    label: Label
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    at_least: Annotated[int, Field(ge=1)] = 1


BandingName = Annotated[str, StringConstraints(pattern=rf"^{NAME}/{NAME}$", max_length=2 * NAME_LENGTH + 1)]
"""``variable/banding``."""


class Figures(Document):
    """Public figures of the whole population or of one target group, for planning alone.

    ``citizens``: how many there are. ``sectors``: how many of them each sector knows. ``shares``: the share
    of every level among those whom a sector that supplies the variable knows (a level left out has none;
    what is missing to 1 has no value; an interval's shares may name START-ONLY and END-ONLY). ``means``:
    a measure's mean over the same citizens, in its unit. ``source``: where the figures are from.
    """

    source: Annotated[str, Field(min_length=1)]
    citizens: Annotated[int, Field(ge=1)]
    sectors: dict[Identifier, Annotated[int, Field(ge=0)]] = {}
    shares: dict[BandingName, dict[LevelId, Annotated[Number, Field(ge=0, le=1)]]] = {}
    means: dict[Identifier, Number] = {}


class CodebookId(Document):
    id: Identifier
    version: Annotated[int, Field(ge=1)]
    """Grows with every change."""
    label: Label


class Codebook(Document):
    """``figures``: by target group, or ``whole-population``."""

    codebook: CodebookId
    sectors: Annotated[dict[Identifier, Sector], Field(min_length=1)]
    """Who supplies data, and who is present there."""
    tables: Annotated[dict[Identifier, LogicalTable], Field(min_length=1)]
    """The tables that nodes map their own to, and that the SQL may read."""
    variables: dict[Identifier, Variable]
    """What can be asked, defined once and computed alike at every node."""
    target_groups: dict[Identifier, TargetGroup] = {}
    """Named groups of citizens that a query can be about."""
    figures: dict[Identifier, Figures] = {}
