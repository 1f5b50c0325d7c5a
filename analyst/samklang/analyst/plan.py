"""A plan: what a question would give and cost, before anything is spent.

Numbers come from the signed documents and the codebook's public figures; what nodes say is a forecast that
they decide again when the query is asked, and that reaches the analyst through the coordinator unsigned.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from samklang.analyst.status import Reason, reasons_from
from samklang.errors import Language
from samklang.estimate.effects import smallest_difference
from samklang.estimate.law import law
from samklang.model.base import Label
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.model.policy import WHOLE_POPULATION
from samklang.model.query import Draft
from samklang.protocol.planning.alternatives import Alternative, alternatives
from samklang.protocol.planning.changes import Change
from samklang.protocol.planning.effort import Effort, effort
from samklang.protocol.planning.expected import expected_table
from samklang.protocol.planning.precision import (
    DEFAULT_MIN_COUNT,
    Z95,
    MeasurePrecision,
    Precision,
    measures,
    precision,
    threshold,
)
from samklang.protocol.program import Program
from samklang.v1 import federation_pb2 as v1

__all__ = ["NodeAnswer", "Plan", "make_plan"]

MOST_SECONDS: Final = 30 * 86_400
"""No longer wait is believed in."""
MANY_CELLS: Final = 200
"""More cells than this, or fewer than ten noise widths of citizens for each, make a poor table."""


@dataclass(frozen=True, slots=True)
class NodeAnswer:
    """What one node would say.

    Attributes:
        decision: ``permit``, ``pending`` (a person would have to approve), ``deny``, ``absent`` (it isn't
            there), ``silent`` (no answer in time).
        reasons: why not, each with the clause of the policy.
        changes: the smallest change of the question that this node would permit.
        contributes: has records in the query; a node that only computes pays nothing.
        grant: under which it permits the question, or would permit the changed one.
        nano_rho: what one attempt is charged.
        left: nano-ρ left by period (month, year, lifetime); empty where the node doesn't say.
        min_count: least count of a cell that it lets be shown.
        approval_hours: how long it would wait for people to approve, if it is pending.
        grants: ids of the grants under which it lets this analyst ask such questions, for this family of
            purposes and by this operation.
    """

    node: str
    decision: str
    reasons: tuple[Reason, ...]
    changes: tuple[Change, ...]
    contributes: bool
    grant: str
    nano_rho: int
    left: dict[str, int]
    min_count: int
    secondary_suppression: bool
    approval_hours: int = 0
    grants: tuple[str, ...] = ()

    def queries_left(self, period: str) -> int | None:
        """How many queries of this kind, of one attempt each, still fit the period; None if unknown."""
        if period not in self.left or not self.nano_rho:
            return None
        return self.left[period] // self.nano_rho


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """What a question would give and cost.

    Attributes:
        opened: cells that two of the partners open, with noise.
        released: cells of the answer.
        sd: standard deviation of a released count.
        half: half-width of its 95 % interval.
        shown_from: least noisy count that is shown.
        min_count: least true count that may be shown often; ``min_count_of``: nodes whose policy asks for it,
            none where it is every table's own rule.
        secondary_of: nodes whose policy asks that no hidden cell follows by subtraction.
        detectable: smallest difference between two counts that is found in 8 of 10.
        margin_cells, margin_half: cells of the margin, and the half-width of a typical count's interval
            there, from both openings; None without ``report_by``.
        epsilon, delta, nano_rho: the cost of one attempt, the same at every node with records.
        precision: of the expected table; None where the codebook lacks figures.
        measures: what would be known of each.
        alternatives: coarser questions that would be known better, the best first.
        effort: time and traffic, estimated; None without figures.
        missing: figures the codebook doesn't have; ``borrowed``: the whole population's, used for a group.
        source: where the figures are from.
        nodes: what each node would say, in the manifest's order.
        stored: when the answer was computed that is in the store and would cost nothing now (UTC); None if
            there is none, or a node's policy doesn't permit the question.
    """

    title: Label
    opened: int
    released: int
    sd: float
    half: float
    shown_from: int
    min_count: int
    min_count_of: tuple[str, ...]
    secondary_of: tuple[str, ...]
    detectable: float
    margin_cells: int | None
    margin_half: float | None
    epsilon: str
    delta: str
    nano_rho: int
    precision: Precision | None
    measures: tuple[MeasurePrecision, ...]
    alternatives: tuple[Alternative, ...]
    effort: Effort | None
    missing: tuple[str, ...]
    borrowed: tuple[str, ...]
    source: str
    nodes: tuple[NodeAnswer, ...]
    stored: datetime | None = None

    @property
    def permitted(self) -> bool:
        """Every node would take part, or the answer is in the store, where an empty budget doesn't matter."""
        return self.stored is not None or all(node.decision == "permit" for node in self.nodes)

    @property
    def crowded(self) -> bool:
        """There are more cells than the noise allows to fill well."""
        room = self.precision.citizens / (10 * self.sd) if self.precision else MANY_CELLS
        return self.released > min(MANY_CELLS, room)

    def detectable_mean(self, measure: MeasurePrecision) -> float | None:
        """Smallest difference between the means of two typical cells that is found in 8 of 10."""
        if measure.mean_half is None:
            return None
        return smallest_difference(measure.mean_half / Z95)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            **asdict(self),
            "title": self.title.model_dump(),
            "stored": self.stored.isoformat() if self.stored else None,
            "permitted": self.permitted,
            "crowded": self.crowded,
            "measures": [
                {**asdict(measure), "mean_detectable": self.detectable_mean(measure)}
                for measure in self.measures
            ],
            "nodes": [
                {**asdict(node), "queries_left": {period: node.queries_left(period) for period in node.left}}
                for node in self.nodes
            ],
        }

    def to_text(self, lang: Language = "en") -> str:
        """The plan for a terminal."""
        from samklang.analyst.plan_text import text

        return text(self, lang)

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(self.to_text())}</pre>"


def make_plan(
    draft: Draft,
    program: Program,
    manifest: Manifest,
    codebook: Codebook,
    answers: Iterable[v1.NodePlan],
    stored: datetime | None = None,
) -> Plan:
    """Put a plan together.

    Args:
        draft, program: the checked question and what it compiles to.
        answers: what the nodes said; one that is missing counts as silent.
        stored: when the answer in the store was computed, if there is one.
    """
    said = {answer.node: answer for answer in answers}
    # Whom the documents name is asked about, not whom the coordinator lists.
    unsaid = v1.NODE_DECISION_SILENT
    nodes = tuple(
        _answer(said.get(party) or v1.NodePlan(node=party, decision=unsaid))
        for party in program.participants
        if party != manifest.coordinator.id
    )
    sd = program.noise.released_sd
    min_count = max([DEFAULT_MIN_COUNT, *(node.min_count for node in nodes)])
    shown_from = threshold(min_count, sd)
    expected = expected_table(program, draft, codebook)
    found = precision(expected.counts, sd, shown_from)
    coarser: Sequence[Alternative] = ()
    if found is not None:
        coarser = alternatives(draft, manifest, codebook, found, min_count)
    figures = codebook.figures.get(draft.target_group or WHOLE_POPULATION)
    return Plan(
        title=draft.title,
        opened=program.cells.opened,
        released=program.released,
        sd=sd,
        half=law(sd).half(),
        shown_from=shown_from,
        min_count=min_count,
        min_count_of=tuple(node.node for node in nodes if node.min_count == min_count),
        secondary_of=tuple(node.node for node in nodes if node.secondary_suppression),
        detectable=smallest_difference(sd),
        margin_cells=program.margin_table.released if program.margin_table else None,
        margin_half=_margin_half(program),
        epsilon=format(draft.privacy.epsilon.normalize(), "f"),
        delta=str(draft.privacy.delta),
        nano_rho=program.noise.rho_charged,
        precision=found,
        measures=tuple(measures(program, draft, codebook, expected, found)),
        alternatives=tuple(coarser),
        effort=effort(program, codebook),
        missing=expected.missing,
        borrowed=expected.borrowed,
        source=figures.source if figures else "",
        nodes=nodes,
        stored=stored,
    )


def _margin_half(program: Program) -> float | None:
    """Of a margin that merges as many cells as the average one."""
    table = program.margin_table
    if table is None:
        return None
    merged = program.released / table.released * program.noise.released_sd**2
    return Z95 * math.sqrt(1 / (1 / table.noise.released_sd**2 + 1 / merged))


def _answer(message: v1.NodePlan) -> NodeAnswer:
    left = {}
    if message.HasField("left"):
        left = {"month": message.left.month, "year": message.left.year}
        if message.left.HasField("lifetime"):
            left["lifetime"] = message.left.lifetime
    return NodeAnswer(
        node=message.node,
        decision=v1.NodeDecision.Name(message.decision).removeprefix("NODE_DECISION_").lower(),
        reasons=reasons_from(message.reasons),
        changes=tuple(Change(c.place, c.old, c.new) for c in message.changes),
        contributes=message.contributes,
        grant=message.grant,
        nano_rho=message.nano_rho,
        left=left,
        min_count=message.min_count,
        secondary_suppression=message.secondary_suppression,
        approval_hours=min(message.approval_seconds, MOST_SECONDS) // 3600,
        grants=tuple(message.grants),
    )
