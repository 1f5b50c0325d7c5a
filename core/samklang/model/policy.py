"""A node's policy: what its controllers let a joint query use, who may ask, and for which purpose.

The document only *says*; :mod:`samklang.policy` decides. Nothing that isn't granted is allowed. What a
query uses is named by one of four forms, never by a bare variable:

- ``variable/banding``: a category, total or interval in one banding of the codebook, as an axis, a
  filter or a clause of a target group;
- ``variable as measure``: its sum, or the number of citizens who have a value;
- ``presence of sector``: an axis that says whether a citizen is known to the sector;
- ``cpr``, or another bare name with the release ``never``: closes it whatever it is used as.

Months and years of a budget are calendar months and years in Europe/Copenhagen. ``until`` dates are
inclusive.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from samklang.model.base import (
    NAME,
    NAME_LENGTH,
    Delta,
    Digest,
    Document,
    Identifier,
    Number,
    PublicKey,
    Validity,
)
from samklang.model.durations import CALENDAR_FORM, HOURS_FORM
from samklang.model.query import Family

WHOLE_POPULATION = "whole-population"
"""In ``target_groups`` of a grant: a query that names no target group. No codebook may use the name."""

Release = Literal["never", "match", "joint", "local"]
"""In this order, from closed to open. ``match``: only as a pseudonym made for one query; ``joint``: only
in tables that other partners' data are part of; ``local``: may be shown alone."""

RELEASE_ORDER: tuple[Release, ...] = ("never", "match", "joint", "local")

Operation = Literal["stratify", "score", "pathway", "evaluate", "return"]

ConsentModel = Literal["none", "opt-out", "opt-in"]
ApprovalMode = Literal["auto", "manual", "two-person"]
ManualIf = Literal["new-template", "many-cells", "large-budget"]

Overlap = Literal["allow", "approve", "refuse"]

OVERLAP_ORDER: tuple[Overlap, ...] = ("allow", "approve", "refuse")
CONSENT_ORDER: tuple[ConsentModel, ...] = ("none", "opt-out", "opt-in")
APPROVAL_ORDER: tuple[ApprovalMode, ...] = ("auto", "manual", "two-person")
"""All from loose to strict."""

_ID = NAME
_LONGEST = 2 * NAME_LENGTH + 1
UseName = Annotated[
    str,
    StringConstraints(
        pattern=rf"^(?:{_ID}/{_ID}|{_ID} as measure|presence of {_ID}|{_ID})$", max_length=_LONGEST
    ),
]
"""``variable/banding``, ``variable as measure``, ``presence of sector`` or a bare name."""

GrantedName = Annotated[
    str,
    StringConstraints(pattern=rf"^(?:{_ID}/{_ID}|{_ID} as measure|presence of {_ID})$", max_length=_LONGEST),
]
"""A :data:`UseName` that isn't bare: what a grant may list."""

Duration = Annotated[str, StringConstraints(pattern=CALENDAR_FORM, min_length=3)]
"""An ISO 8601 duration in years, months and days: ``P2Y``."""

Hours = Annotated[str, StringConstraints(pattern=HOURS_FORM)]
"""An ISO 8601 duration in hours: ``PT72H``."""


def banding_name(variable: str, banding: str) -> str:
    """The name of a variable's use in one banding."""
    return f"{variable}/{banding}"


def measure_name(variable: str) -> str:
    """The name of a variable's use as a measure (sum or count alike)."""
    return f"{variable} as measure"


def presence_name(sector: str) -> str:
    """The name of a presence axis."""
    return f"presence of {sector}"


class PolicyId(Document):
    """``version`` grows with every change; a node refuses a smaller one than it has seen."""

    id: Annotated[str, StringConstraints(pattern=r"^(?:[0-9][0-9._-]*)?[a-z][a-z0-9._-]*$", max_length=127)]
    version: Annotated[int, Field(ge=1)]
    node: Identifier
    """The node whose policy it is."""
    valid: Validity
    """When it holds; both days included."""


class Controller(Document):
    """Who answers in law for records that the node holds (dataansvarlig); a node may host many.

    Each joins by itself, by being listed here and signing. Where every controller has an ``id`` and the
    tables of the node's configuration say whose their rows are (``files_of`` or ``controller``), the node
    answers from the rows of those that have joined that day, and leaves out all others. Where they don't, it
    answers nothing on a day when one of those listed has not joined, or has left.
    """

    id: Identifier | None = None
    """A short name, where one node hosts several: the node's tables name it for its rows."""
    joined: Validity | None = None
    """When it takes part, both days included; left out: as long as the policy holds."""
    name: Annotated[str, Field(min_length=1, max_length=200)]
    """The authority or practice."""
    dataansvarlig: bool = True
    dpia: str
    """Where the impact assessment (konsekvensanalyse) is filed."""
    record_of_processing: str
    """Where the record of processing activities (fortegnelse) is filed."""


class Defaults(Document):
    """``decision`` can't be anything but deny; it stands there to be read."""

    decision: Literal["deny"] = "deny"
    min_count: Annotated[int, Field(ge=3, le=1000)] = 5
    """Counts below this are not shown, in any table."""
    secondary_suppression: bool = False
    """Also hide cells from which a hidden one would follow by subtraction, where totals are known."""


class People(Document):
    """A kind of asker: organisations whose node vouches for the person, and the vouched-for role."""

    organisations: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Whose analysts; the organisation's node vouches for them."""
    role: Identifier
    """The role in the analyst's credential."""
    treatment_relation: Literal["required", "not-required"] = "not-required"


class VariableRule(Document):
    """The most that any grant may allow for this name. ``clip``: the widest bounds, for a measure."""

    release: Release
    """From closed to open: never, match, joint (only with other partners' data), local."""
    clip: tuple[int, int] | None = None


class GrantPurpose(Document):
    """The purpose as it stands in law; a query names the grant's id as its purpose id."""

    family: Family
    text: Annotated[str, Field(min_length=1)]
    """The purpose (formål) as the controller has decided it."""


class Basis(Document):
    """The legal basis (hjemmel): articles of the GDPR, Danish law, and the decision on file.

    Until somebody with the authority to say so has confirmed it, a basis is an assumption, and everything
    that is made from the policy says so.
    """

    gdpr: Annotated[tuple[str, ...], Field(min_length=1)]
    """Articles of the GDPR: art6-1-e, art9-2-h."""
    danish: tuple[str, ...] = ()
    """Danish law: DBL § 10, SUL § 42 a."""
    decision: Annotated[str, Field(min_length=1)]
    """The decision on file."""
    confirmed_by: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """The lawyer or legal office that has confirmed the basis; none: it is an assumption."""


class JointWith(Document):
    """Organisations that must (``all_of``), or of which one must (``any_of``), contribute as well."""

    all_of: tuple[Identifier, ...] = ()
    any_of: tuple[Identifier, ...] = ()


class Epsilon(Document):
    """A zCDP budget, written as the ε it converts to at the budget's δ."""

    epsilon: Annotated[Number, Field(gt=0, le=64)]


class Budget(Document):
    """What the grant may spend: at most ``per_query`` at once, and in a calendar month, a calendar year
    and altogether. The node's own caps over all grants hold besides."""

    per_query: Epsilon
    month: Epsilon
    """In a calendar month, Europe/Copenhagen."""
    year: Epsilon
    """In a calendar year."""
    lifetime: Epsilon | None = None
    """Altogether; none: no limit besides the node's own."""
    delta: Delta = Decimal("1e-8")
    """At which delta these are meant."""


class Consent(Document):
    """Which citizens take part. ``opt-out``: all who have not objected in one of ``registers``;
    ``opt-in``: only those who are in one; ``none``: the law asks for neither, ``registers`` is empty."""

    model: ConsentModel
    """How citizens' will is heard: all but objectors, only consenters, or neither."""
    registers: tuple[Identifier, ...] = ()
    """Names under `consent` in the node's configuration."""


class Approver(Document):
    """A person who may approve. The private half of ``key`` is the person's own and not the node's; two
    persons never have the same key."""

    role: Identifier
    """What the person is here: `approval.roles` of a grant names roles."""
    key: PublicKey
    """The person's Ed25519 key, from `samklang federation key`."""


class Approval(Document):
    """``auto``: the policy's word is enough unless a condition of ``manual_if`` holds; ``manual``: one
    person of ``roles``; ``two-person``: two of different ``roles``, within ``expires``."""

    mode: ApprovalMode
    """Who must say yes to each query."""
    manual_if: tuple[ManualIf, ...] = ()
    """What makes a person necessary although the mode is auto."""
    roles: tuple[Identifier, ...] = ()
    """Who may approve."""
    expires: Hours = "PT72H"
    """How long an approval is waited for, and how long it counts, both from the request."""


class Retention(Document):
    """How long the release and the audit entry are kept."""

    release: Duration
    audit: Duration


class ReturnTo(Document):
    """For ``return`` alone: the treating node that learns, and for how many persons at most."""

    node: Identifier
    """The node of those who treat the citizen."""
    max_persons: Annotated[int, Field(ge=1)]


class Grant(Document):
    """One permission. A request must fit one whole grant: nothing is combined from two."""

    id: Identifier
    """A query names it as its purpose."""
    who: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Names under `people`."""
    purpose: GrantPurpose
    basis: Basis
    operations: Annotated[tuple[Operation, ...], Field(min_length=1)]
    """What may be done."""
    target_groups: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Of the codebook; `whole-population` for queries without one."""
    variables: tuple[GrantedName, ...] = ()
    """Everything that may be used: `variable/banding`, `variable as measure`, `presence of sector`."""
    max_axes: Annotated[int, Field(ge=1, le=8)] = 4
    """The most axes that a table may have."""
    min_count: Annotated[int | None, Field(ge=3, le=1000)] = None
    """Counts below this are not shown; at least that of `defaults`."""
    joint_with: JointWith = JointWith()
    """Other partners whose data must be part of the table."""
    budget: Budget
    consent: Consent
    approval: Approval
    retention: Retention
    rule: Digest | None = None
    """For `return`: the digest of the exact rule."""
    return_to: ReturnTo | None = None
    """For `return`: who learns of the persons."""


class Prohibition(Document):
    """Beats every grant. A request that meets *every* condition given here is denied.

    ``from_family`` and ``to_family`` together forbid that an answer obtained for the one is used for the
    other (one-way purposes). ``variables`` is met if the request uses one of the names.
    """

    id: Identifier
    why: Annotated[str, Field(min_length=1)]
    """Shown to whoever is refused."""
    from_family: Family | None = None
    to_family: Family | None = None
    families: tuple[Family, ...] = ()
    """Purposes it is about."""
    organisations: tuple[Identifier, ...] = ()
    """Askers it is about."""
    operations: tuple[Operation, ...] = ()
    """Operations it is about."""
    target_groups: tuple[Identifier, ...] = ()
    """Target groups it is about."""
    variables: tuple[UseName, ...] = ()


class Differencing(Document):
    """What a question gets that differs in few citizens from one whose answer has left: subtracting the two
    answers would tell of these few. It is told from the documents and the codebook's public figures alone; an
    unknown figure counts as small. (The same question over the same snapshots is answered from the store
    and never is such a one.) The noise and the budget protect whatever this says."""

    overlap: Overlap = "refuse"
    """refuse: denied; approve: a person must say yes, as the grant's `approval` names them; allow."""
    least: Annotated[int, Field(ge=3, le=100_000)] = 5
    """By public figures, the fewest citizens that two questions may differ in which share as many."""


class Policy(Document):
    """The whole document; one per node."""

    policy: PolicyId
    controllers: Annotated[tuple[Controller, ...], Field(min_length=1)]
    """Who answers in law for the data (dataansvarlige)."""
    defaults: Defaults = Defaults()
    people: dict[Identifier, People]
    """Kinds of askers, by a name that grants use."""
    approvers: dict[Identifier, Approver] = {}
    """By person: who may approve what this policy leaves to people."""
    variables: dict[UseName, VariableRule]
    """By use, the most that any grant may allow; what is not here is closed."""
    grants: tuple[Grant, ...]
    """What is allowed, each by itself."""
    prohibitions: tuple[Prohibition, ...] = ()
    """What no grant can allow."""
    differencing: Differencing = Differencing()
    """About questions that differ in few citizens from one that was answered."""
