"""What a node's rules mean, as facts: everything that is told about them, and all that is needed to decide.

:func:`samklang.policy.explaining.explained` reads these off the object that decides, and
:mod:`samklang.policy.explain` makes the text of nothing else. A test decides requests by these facts alone,
with a reader of its own, and compares with :func:`samklang.policy.decide`: what isn't said here is refused.

Lists are alternatives (*one of*) unless it says otherwise. Days are Europe/Copenhagen's, both of a pair
included.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from samklang.model.base import Document, Label
from samklang.model.policy import ConsentModel, Duration, Hours, Operation, Overlap
from samklang.model.query import Family
from samklang.policy.rows import Rows

__all__ = [
    "Answer",
    "Approves",
    "Asker",
    "Closed",
    "Costs",
    "Explained",
    "Forbidden",
    "Group",
    "Holder",
    "Legal",
    "Member",
    "Named",
    "Narrow",
    "Near",
    "Permission",
    "Refused",
    "Returned",
    "Usable",
    "Whose",
]


class Named(Document):
    """A name in documents, with the codebook's label where it has one."""

    name: str
    label: Label | None = None


class Usable(Named):
    """What may be used of a record, in tables that others' data are part of; ``alone``: also in the node's
    own.

    ``levels``: of a banding; ``bounds``, ``unit``: of a measure; neither: whether a citizen is known there.
    """

    levels: tuple[Label, ...] = ()
    bounds: tuple[int, int] | None = None
    unit: Label | None = None
    alone: bool


class Group(Named):
    """About whom may be asked. ``needs``: what every question about the group uses of this node, all of
    it."""

    needs: tuple[str, ...] = ()


class Asker(Document):
    """Analysts with this role at one of ``organisations``. Answers go to whoever asks or to ``readers``."""

    role: str
    organisations: tuple[str, ...]
    treatment_relation: bool
    readers: tuple[str, ...]


class Legal(Document):
    """``confirmed_by``: none if it is an assumption. ``gdpr``, ``danish``: all of them."""

    gdpr: tuple[str, ...]
    danish: tuple[str, ...]
    decision: str
    confirmed_by: str | None


class Costs(Document):
    """The most that may be spent, as the ε that it converts to at ``delta``; a question at another delta is
    compared as zCDP. ``questions``: how many at the full price fit into a month, a year, altogether."""

    per_query: Decimal
    month: Decimal
    year: Decimal
    lifetime: Decimal | None
    delta: Decimal
    questions: tuple[int, int, int | None]


class Answer(Document):
    """``subtraction``: also hidden is what could be found by subtraction."""

    max_axes: int
    min_count: int
    subtraction: bool
    release_kept: Duration
    audit_kept: Duration


class Whose(Document):
    """Whoever has objected is out of everything, whatever the model. ``opt-in``: only who is in one of
    ``registers`` takes part; ``none``: none is asked, so there is none."""

    model: ConsentModel
    registers: tuple[str, ...]


class Approves(Document):
    """Who must say yes.

    Attributes:
        persons: how many.
        always: to every question; else if one of these holds: nobody here has approved its form
            (``new_form``), its table has more than ``cells`` or an unknown number of cells, it costs more
            than ``epsilon`` at ``delta``, or it differs in few citizens from an answered one (``near``).
        roles: theirs; ``different``: the persons have different ones.
        enough: there are so many persons in these roles.
        waits: for so long at most.
    """

    persons: Literal[1, 2]
    always: bool
    new_form: bool
    cells: int | None
    epsilon: Decimal | None
    delta: Decimal | None
    near: bool
    roles: tuple[str, ...]
    different: bool
    enough: bool
    waits: Hours


class Returned(Document):
    """Persons are named to ``node`` alone, by the rule with this digest alone."""

    node: str
    max_persons: int
    rule: str


class Refused(Named):
    """Stands in the grant and is never permitted."""

    what: Literal["use", "group", "people", "operation"]
    why: Literal["closed", "bounds", "unknown", "needs", "return"]


class Permission(Document):
    """One grant: a question has to fit all of it.

    Attributes:
        nothing: why nothing at all can be asked; empty if something can.
        approves: none: nobody has to, the policy decides.
        together: organisations whose data must be part of the table, all of them; ``together_any``: and one
        of
            these, if there are any.
    """

    id: str
    purpose: str
    family: Family
    askers: tuple[Asker, ...]
    operations: tuple[Operation, ...]
    groups: tuple[Group, ...]
    legal: Legal
    uses: tuple[Usable, ...]
    together: tuple[str, ...]
    together_any: tuple[str, ...]
    answer: Answer
    costs: Costs
    whose: Whose
    approves: Approves | None
    returned: Returned | None
    refused: tuple[Refused, ...]
    nothing: tuple[Literal["askers", "operations", "groups", "together", "costs"], ...]


class Forbidden(Document):
    """Refused, whatever is granted: a question that meets all the conditions which are given.

    ``leads_from``: it builds on answers for this kind of purpose; ``leads_to``, ``families``: it is for this
    kind; ``organisations``: one asks or gets the answer; ``uses``: a bare name is any use of it. ``floor``:
    of all partners' manifest.
    """

    id: str
    why: str
    leads_from: Family | None
    leads_to: Family | None
    families: tuple[Family, ...]
    organisations: tuple[str, ...]
    operations: tuple[Operation, ...]
    groups: tuple[Named, ...]
    uses: tuple[Named, ...]
    floor: bool


class Closed(Named):
    """Never part of an answer. ``pseudonym``: only ever in a pseudonym that is made for one question."""

    pseudonym: bool


class Member(Document):
    """Who answers in law. ``id``: where the node's tables can name it; days: when it takes part."""

    id: str | None
    name: str
    first: date | None
    last: date | None


class Holder(Document):
    """A person who may approve, with the beginning of the key that speaks for them."""

    person: str
    role: str
    key: str


class Near(Document):
    """What becomes of a question that differs in fewer than ``least`` citizens from an answered one."""

    overlap: Overlap
    least: int


class Narrow(Document):
    """Where all partners' floor is stricter than the policy; what holds stands in its place.

    ``grant``: empty for the whole policy; ``name``: of a use; ``written``: what the policy says.
    """

    grant: str
    name: str
    what: Literal[
        "min_count",
        "secondary_suppression",
        "release",
        "clip",
        "max_axes",
        "per_query",
        "month",
        "year",
        "lifetime",
        "model",
        "mode",
        "manual_if",
        "expires",
        "retention.release",
        "retention.audit",
        "differencing",
        "differencing.least",
    ]
    written: str


class Explained(Document):
    """The whole of it. ``rows``: see :data:`~samklang.policy.rows.Rows`."""

    policy: str
    version: int
    node: str
    label: Label | None
    first: date
    last: date
    controllers: tuple[Member, ...]
    rows: Rows
    permissions: tuple[Permission, ...]
    approvers: tuple[Holder, ...]
    forbidden: tuple[Forbidden, ...]
    closed: tuple[Closed, ...]
    near: Near
    narrowed: tuple[Narrow, ...]
