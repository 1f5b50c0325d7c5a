"""What an approver is shown: a document made from the compiled program and the signed query.

It is made once, when the query waits for the first time, kept as its canonical bytes, and named by their
digest in every statement. Nothing in it depends on anybody's data: documents, the date and the ledger alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from pydantic import AwareDatetime

from samklang.errors import SamklangError
from samklang.model.approval import RequestId
from samklang.model.base import Digest, Document, Identifier, Label
from samklang.model.codebook import Codebook, Measure, TargetGroup
from samklang.model.manifest import Manifest
from samklang.model.plain_text import one_line
from samklang.model.policy import Policy
from samklang.model.query import Period, PresenceAxis, Query
from samklang.model.signing import VerifiedQuery
from samklang.policy import Obligations, request_for
from samklang.policy.approving import effective
from samklang.privacy.accounting import epsilon_from_rho
from samklang.protocol.encodings import ABSENT, CONFLICT, MISSING
from samklang.protocol.planning.precision import Z95, threshold
from samklang.protocol.program import Program

__all__ = ["Left", "Shown", "describe", "why_of"]


class Level(Document):
    """``id`` as in the release. Levels the codebook doesn't name: ABSENT, MISSING and the like."""

    id: str
    label: Label
    released: bool = True


class Axis(Document):
    name: str
    label: Label
    sectors: tuple[str, ...]
    levels: tuple[Level, ...]


class Kept(Document):
    """A filter: only citizens with these levels."""

    label: Label
    levels: tuple[Label, ...]


class Summed(Document):
    """A measure: what one citizen can add at most and at least, and the noise on the sum of a cell."""

    name: str
    label: Label
    unit: Label
    how: Literal["sum", "count"]
    low: int
    high: int
    sd: str


class Reported(Document):
    """A margin with numbers of its own, opened beside the table: by these axes alone."""

    axes: tuple[Axis, ...]
    cells: int
    sd: str
    half: str


class Member(Document):
    """One sector's condition for being in the target group."""

    sector: Label
    conditions: tuple[Kept, ...]


class Group(Document):
    """Who is asked about. ``id`` None: everybody whom a sector in the query knows."""

    id: Identifier | None
    label: Label
    at_least: int = 0
    parts: tuple[Member, ...] = ()


class Used(Document):
    """What is used of this node's own records, in the policy's words."""

    name: str
    label: Label


class Left(Document):
    """nano-ρ left in the month, the year and altogether (None: no cap), the least of node and grant."""

    month: int
    year: int
    lifetime: int | None = None


class Why(Document):
    """A reason why a person has to decide, or something to know before."""

    code: str
    en: str
    da: str


class Shown(Document):
    """The whole document; digests pin what the parties would compute."""

    version: Literal["samklang/approval-request/1"] = "samklang/approval-request/1"
    request: RequestId
    node: Identifier
    query: Digest
    policy: Digest
    manifest: Digest
    codebook: Digest
    program: Digest
    title: Label
    analyst: Identifier
    organisation: Identifier
    role: Identifier
    recipients: tuple[str, ...]
    family: str
    purpose_asked: str
    purpose_granted: str
    grant: Identifier
    policy_id: str
    policy_version: int
    gdpr: tuple[str, ...]
    danish: tuple[str, ...]
    decision: str
    operation: str
    period: Period
    group: Group
    filter: tuple[Kept, ...]
    axes: tuple[Axis, ...]
    measures: tuple[Summed, ...]
    used: tuple[Used, ...]
    partners: tuple[str, ...]
    cells: int
    opened: int
    """Cells that two compute parties see, with noise: also those that are not released."""
    sd: str
    """Standard deviation of the noise on a count."""
    half: str
    """Half-width of a count's 95 % interval."""
    margin: Reported | None = None
    min_count: int
    shown_from: int
    """The least noisy count that is shown under this node's rule; other nodes may be stricter."""
    epsilon: str
    delta: str
    nano_rho: int
    attempts: int
    """Each attempt that sends rows is charged; at most so many."""
    left: Left
    left_after: Left
    """After one attempt."""
    epsilon_left_after: str
    """Of the month, at the grant's delta."""
    consent: str
    registers: tuple[str, ...]
    retention_release: str
    retention_audit: str
    why: tuple[Why, ...]
    notes: tuple[Why, ...] = ()
    mode: Literal["manual", "two-person"]
    roles: tuple[str, ...]
    requested: AwareDatetime
    expires: AwareDatetime
    not_after: AwareDatetime


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be described."""

    verified: VerifiedQuery
    program: Program
    obligations: Obligations
    manifest: Manifest
    codebook: Codebook
    policy: Policy
    node: str
    policy_digest: str
    manifest_digest: str


def describe(
    subject: Subject,
    *,
    request: str,
    left: Left,
    why: Iterable[SamklangError],
    notes: Iterable[SamklangError] = (),
    requested: datetime,
    expires: datetime,
) -> Shown:
    """The document for a query that waits.

    Args:
        left: in the ledger now.
        why: the conditions that hold.
        notes: what else was noticed, by the differencing guard for instance.
    """
    query, program, granted = subject.verified.query, subject.program, subject.obligations
    codebook, noise = subject.codebook, program.noise
    grant = next(g for g in subject.policy.grants if g.id == granted.grant)
    after = _after(left, noise.rho_charged)
    asked = request_for(
        query,
        subject.manifest,
        codebook,
        node=subject.node,
        role=subject.verified.role,
        today=query.period.as_of,
    )
    # One thing may be asked for in several places: as an axis, and by the target group.
    uses = {use.name: use.bare for use in asked.uses}
    return Shown(
        request=request,
        node=subject.node,
        query=subject.verified.digest,
        policy=subject.policy_digest,
        manifest=subject.manifest_digest,
        codebook=query.codebook,
        program=program.digest(),
        title=Label(en=one_line(query.title.en), da=one_line(query.title.da)),
        analyst=query.analyst.id,
        organisation=query.analyst.organisation,
        role=subject.verified.role,
        recipients=query.recipients,
        family=query.purpose.family,
        purpose_asked=one_line(query.purpose.text),
        purpose_granted=granted.purpose,
        grant=granted.grant,
        policy_id=granted.policy,
        policy_version=granted.version,
        gdpr=granted.basis.gdpr,
        danish=granted.basis.danish,
        decision=granted.basis.decision,
        operation=query.operation,
        period=query.period,
        group=_group(query, codebook),
        filter=tuple(_kept(codebook, f.variable, f.banding, f.levels) for f in query.filter),
        axes=tuple(_axes(query, program, codebook)),
        measures=tuple(_measures(query, program, codebook)),
        used=tuple(Used(name=name, label=_label(codebook, bare)) for name, bare in uses.items()),
        partners=tuple(sorted(asked.partners)),
        cells=program.released,
        opened=program.cells.opened,
        sd=_number(noise.released_sd),
        half=_number(Z95 * noise.released_sd),
        margin=_margin(query, program, codebook),
        min_count=granted.min_count,
        shown_from=threshold(granted.min_count, noise.released_sd),
        epsilon=format(query.privacy.epsilon.normalize(), "f"),
        delta=format(query.privacy.delta.normalize(), "e"),
        nano_rho=noise.rho_charged,
        attempts=query.max_attempts,
        left=left,
        left_after=after,
        epsilon_left_after=_epsilon(after.month, grant.budget.delta),
        consent=granted.consent.model,
        registers=granted.consent.registers,
        retention_release=granted.retention.release,
        retention_audit=granted.retention.audit,
        why=tuple(why_of(error) for error in why),
        notes=tuple(why_of(error) for error in notes),
        mode=effective(granted.approval),
        roles=granted.approval.roles,
        requested=requested.astimezone(UTC),
        expires=expires.astimezone(UTC),
        not_after=query.not_after.astimezone(UTC),
    )


def _group(query: Query, codebook: Codebook) -> Group:
    if query.target_group is None:
        return Group(id=None, label=Label(en="everybody", da="alle"))
    found: TargetGroup = codebook.target_groups[query.target_group]
    parts = tuple(
        Member(
            sector=codebook.sectors[part.sector].label,
            conditions=tuple(_kept(codebook, c.variable, c.banding, c.levels) for c in part.all),
        )
        for part in found.parts
    )
    return Group(id=query.target_group, label=found.label, at_least=found.at_least, parts=parts)


def _kept(codebook: Codebook, variable: str, banding: str, levels: Sequence[str]) -> Kept:
    names = _levels(codebook, variable, banding)
    return Kept(
        label=_label(codebook, variable), levels=tuple(names.get(level, _same(level)) for level in levels)
    )


def _levels(codebook: Codebook, variable: str, banding: str) -> dict[str, Label]:
    found = codebook.variables[variable]
    assert not isinstance(found, Measure), "a measure has no bandings"
    return {level.id: level.label for level in found.bandings[banding].levels}


_OWN = {
    ABSENT: Label(en="not known there", da="ikke kendt dér"),
    MISSING: Label(en="no value", da="ingen værdi"),
    CONFLICT: Label(en="partners disagree", da="partnerne er uenige"),
}


def _axes(query: Query, program: Program, codebook: Codebook) -> Iterable[Axis]:
    """The query's axes in its order, with every level that two parties would open."""
    compiled = {axis.name: axis for axis in program.axes if not axis.hidden}
    for axis in query.axes:
        name = axis.presence if isinstance(axis, PresenceAxis) else axis.variable
        known = {} if isinstance(axis, PresenceAxis) else _levels(codebook, axis.variable, axis.banding)
        found = compiled[name]
        yield Axis(
            name=name,
            label=_label(codebook, name),
            sectors=tuple(found.features) or (name,),
            levels=tuple(
                Level(id=level, label=known.get(level) or _OWN.get(level) or _same(level), released=kept)
                for level, kept, conflict in zip(
                    found.levels.names, found.levels.keep, found.levels.conflict, strict=True
                )
                if not conflict
            ),
        )


def _margin(query: Query, program: Program, codebook: Codebook) -> Reported | None:
    table = program.margin_table
    if table is None:
        return None
    own = {axis.name: axis for axis in _axes(query, program, codebook)}
    axes = []
    shown = [table.axes[place] for place in table.shown]
    for asked, found in zip(query.report_by, shown, strict=True):
        whole = own[asked.axis]
        known = _levels(codebook, asked.axis, asked.banding) if asked.banding else {}
        labels = {level.id: level.label for level in whole.levels} | known | _OWN
        levels = zip(found.levels.names, found.levels.keep, found.levels.conflict, strict=True)
        kept = tuple(
            Level(id=level, label=labels.get(level) or _same(level), released=released)
            for level, released, conflict in levels
            if not conflict
        )
        axes.append(whole.model_copy(update={"levels": kept}))
    sd = program.noise.margin.released_sd if program.noise.margin else 0.0
    return Reported(axes=tuple(axes), cells=len(table.cells.kept), sd=_number(sd), half=_number(Z95 * sd))


def _measures(query: Query, program: Program, codebook: Codebook) -> Iterable[Summed]:
    sds = program.table.plain_sd().max(axis=1, initial=0.0).tolist()
    for use, compiled, sd in zip(query.measures, program.measures, sds, strict=True):
        found = codebook.variables[use.variable]
        assert isinstance(found, Measure), "checked with the query"
        yield Summed(
            name=use.variable,
            label=found.label,
            unit=found.unit,
            how=use.as_,
            low=0 if use.as_ == "count" else found.clip[0],
            high=1 if use.as_ == "count" else found.clip[1],
            sd=_number(sd / compiled.scale),
        )


def _label(codebook: Codebook, name: str) -> Label:
    if name in codebook.variables:
        return codebook.variables[name].label
    return codebook.sectors[name].label if name in codebook.sectors else _same(name)


def _same(text: str) -> Label:
    return Label(en=text, da=text)


def why_of(error: SamklangError) -> Why:
    """As it is shown."""
    return Why(code=error.code, en=error.text("en")[0], da=error.text("da")[0])


def _after(left: Left, cost: int) -> Left:
    lifetime = None if left.lifetime is None else max(0, left.lifetime - cost)
    return Left(month=max(0, left.month - cost), year=max(0, left.year - cost), lifetime=lifetime)


def _epsilon(nano_rho: int, delta: Decimal) -> str:
    return format(epsilon_from_rho(nano_rho, delta).quantize(Decimal("0.01")), "f")


def _number(value: float) -> str:
    """Two digits that mean something; no float goes into a signed document."""
    return f"{value:.{0 if value >= 100 else 1 if value >= 1 else 2}f}"
