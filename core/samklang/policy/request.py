"""What one node is asked for, read off a *verified* query and the signed manifest and codebook.

Verified means: signature, analyst's credential and expiry have been checked, and manifest and codebook
are the ones this node has pinned. Nothing here comes from the coordinator. Names that the documents don't
have are collected, not looked over: each of them is a reason to deny.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from samklang.model.codebook import Category, Codebook, Interval, Measure, Variable
from samklang.model.manifest import Manifest, Node
from samklang.model.policy import ReturnTo, banding_name, measure_name, presence_name
from samklang.model.query import Family, PresenceAxis, Query

__all__ = ["Place", "Request", "Use", "request_for"]

Place = tuple[str | int, ...]
"""Where something stands in a document: keys and list positions from the top."""


@dataclass(frozen=True, slots=True)
class Use:
    """One thing the query wants from this node.

    Attributes:
        name: in a policy's words: ``variable/banding``, ``variable as measure``, ``presence of sector``.
        bare: the variable or sector alone.
        place: where the query, or the codebook's target group, says so.
        clip: bounds in the codebook, for a measure.
    """

    name: str
    bare: str
    place: Place
    clip: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Everything a decision may depend on. Documents and dates alone: nothing about anybody's data.

    Attributes:
        node: who decides.
        analyst, organisation, role: who asks, as vouched for by the organisation's node.
        recipients: who gets the answer.
        family, purpose: of the query's purpose; the id names the grant.
        target_group: None for the whole population.
        uses: what the query wants from this node; empty for a node that only computes.
        unknown: names that manifest or codebook don't have.
        axes: number of axes of the query (the target group is not counted).
        partners: organisations, other than this node's, that the query wants data from.
        epsilon, delta: the query's cost.
        today: in Europe/Copenhagen.
        cells: size of the table, if known; unknown counts as many.
        template_known: a person at this node has approved a query of this form before.
        treatment_relation: shown for every citizen concerned.
        derived_from: family of the answers that this query builds on, if any.
        rule, return_to: for the operation ``return``.
        attributed: the tables of the node's configuration say whose their rows are, so that rows of
            controllers that haven't joined can be left out.
        called_as_organisation: the analyst's id is an organisation's name too: as a recipient it means that.
    """

    node: str
    analyst: str
    organisation: str
    role: str
    recipients: tuple[str, ...]
    operation: str
    family: Family
    purpose: str
    target_group: str | None
    uses: tuple[Use, ...]
    unknown: tuple[str, ...]
    axes: int
    partners: frozenset[str]
    epsilon: Decimal
    delta: Decimal
    today: date
    cells: int | None = None
    template_known: bool = False
    treatment_relation: bool = False
    derived_from: Family | None = None
    rule: str | None = None
    return_to: ReturnTo | None = None
    called_as_organisation: bool = False
    attributed: bool = False


def request_for(
    query: Query,
    manifest: Manifest,
    codebook: Codebook,
    *,
    node: str,
    role: str,
    today: date,
    cells: int | None = None,
    template_known: bool = False,
    attributed: bool = False,
) -> Request:
    """The request that ``query`` makes to ``node``.

    Args:
        query, manifest, codebook: verified, see above.
        node: id in the manifest.
        role: the analyst's, from the verified credential.
        today: date in Europe/Copenhagen.
        cells, template_known, attributed: see :class:`Request`; left out they count against the query.
    """
    wanted = _Wanted(codebook)
    wanted.read(query)
    known = {n.id: n for n in manifest.nodes}
    chosen = tuple(known) if query.nodes is None else query.nodes
    unknown = [*wanted.unknown, *(n for n in (*chosen, node) if n not in known)]
    sectors = {s for n in manifest.nodes for s in n.sectors}
    unknown += [s for s in wanted.sectors if s not in sectors]
    here = known.get(node)
    return Request(
        node=node,
        analyst=query.analyst.id,
        organisation=query.analyst.organisation,
        role=role,
        recipients=query.recipients,
        operation=query.operation,
        family=query.purpose.family,
        purpose=query.purpose.id,
        target_group=query.target_group,
        uses=tuple(
            use for use, supplied in wanted.uses if here and node in chosen and supplied & {*here.sectors}
        ),
        unknown=tuple(dict.fromkeys(unknown)),
        axes=len(query.axes),
        partners=frozenset(
            n.organisation
            for n in manifest.nodes
            if n.id in chosen
            and _supplies(n, wanted.sectors)
            and here
            and n.organisation != here.organisation
        ),
        epsilon=query.privacy.epsilon,
        delta=query.privacy.delta,
        today=today,
        cells=cells,
        template_known=template_known,
        attributed=attributed,
        called_as_organisation=query.analyst.id
        in {*manifest.organisations, manifest.coordinator.organisation},
    )


def _supplies(node: Node, sectors: set[str]) -> bool:
    return not sectors.isdisjoint(node.sectors)


@dataclass(slots=True)
class _Wanted:
    """Walks a query: uses with the sectors that supply them, all sectors, names that don't exist."""

    codebook: Codebook
    uses: list[tuple[Use, set[str]]] = field(default_factory=list)
    sectors: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)

    def read(self, query: Query) -> None:
        for i, axis in enumerate(query.axes):
            if isinstance(axis, PresenceAxis):
                self._presence(axis.presence, ("axes", i))
            else:
                self._banded(axis.variable, axis.banding, ("axes", i))
        for i, kept in enumerate(query.filter):
            self._banded(kept.variable, kept.banding, ("filter", i))
        for i, use in enumerate(query.measures):
            self._measure(use.variable, ("measures", i))
        # A margin's own bandings are named in the answer like any other.
        for i, margin in enumerate(query.report_by):
            if margin.banding is not None:
                self._banded(margin.axis, margin.banding, ("report_by", i))
        if query.target_group is not None:
            self._target_group(query.target_group)

    def _presence(self, sector: str, place: Place) -> None:
        if sector not in self.codebook.sectors:
            self.unknown.append(sector)
        self._add(Use(presence_name(sector), sector, place), {sector})

    def _banded(self, variable: str, banding: str, place: Place, only: set[str] | None = None) -> None:
        found = self.codebook.variables.get(variable)
        name = banding_name(variable, banding)
        if found is None or isinstance(found, Measure) or banding not in found.bandings:
            self.unknown.append(name)
            return
        self._add(Use(name, variable, place), only or set(_suppliers(found)))

    def _measure(self, variable: str, place: Place) -> None:
        found = self.codebook.variables.get(variable)
        name = measure_name(variable)
        if not isinstance(found, Measure):
            self.unknown.append(name)
            return
        self._add(Use(name, variable, place, found.clip), set(_suppliers(found)))

    def _target_group(self, group: str) -> None:
        found = self.codebook.target_groups.get(group)
        if found is None:
            self.unknown.append(group)
            return
        for i, part in enumerate(found.parts):
            self.sectors.add(part.sector)
            for j, clause in enumerate(part.all):
                place = ("target_groups", group, "parts", i, "all", j)
                # Of a total that several sectors supply, only the part's own sector is asked: the others
                # give no data, so they are nobody's partners.
                self._banded(clause.variable, clause.banding, place, only={part.sector})

    def _add(self, use: Use, supplied: set[str]) -> None:
        self.uses.append((use, supplied))
        self.sectors |= supplied


def _suppliers(variable: Variable) -> Iterator[str]:
    if isinstance(variable, Category):
        yield variable.sector
    elif isinstance(variable, Interval):
        yield from (variable.start.sector, variable.end.sector)
    else:
        yield from variable.sql
