"""A policy asked what a log's questions asked, one after the other, as if it had held from the beginning.

Everything that a node's decision depends on is replayed, by the same functions: the documents, the day, the
budget that earlier questions have used, the questions that were answered before (differencing), and whether a
person has approved a question of this form before. What isn't in a log has to be assumed:

- A question is charged once, however many attempts it took, and on the day on which it was asked.
- One that was permitted and never charged (another partner refused it, it came from the store) isn't charged
  here either. One that wasn't permitted and would be, is charged as if it had run.
- Where people have to decide, they say what they said then. Nobody says anything to what they weren't asked:
  it stays pending, and is charged nothing.
- A question that is lost is charged what it was charged then, under the grant of that time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from samklang.audit.receipt import witnesses_of
from samklang.cli.output import problems_of
from samklang.cli.policy.context import Context
from samklang.cli.policy.history import Past
from samklang.errors import SamklangError
from samklang.model.accession import Accession
from samklang.model.canonical import canonical
from samklang.model.checks import check_query
from samklang.model.problems import place
from samklang.model.query import Query
from samklang.model.signing import VerifiedQuery
from samklang.node.approvals.gate import template_of
from samklang.policy import Caps, Earlier, Period, decide, guard, overlap, request_for
from samklang.policy.differencing import Comparison, Finding, Shape, shape_of
from samklang.protocol.compile import compile_query
from samklang.protocol.program import Program

__all__ = ["Replay", "Said", "UsedUp"]

Read = tuple[Query, Program, Shape] | SamklangError
"""A question under a manifest and a codebook: compiled, or why it isn't one there."""

Decided = Literal["policy", "budget", "differencing", "documents", "nobody"]


@dataclass(frozen=True)
class Said:
    """What is said to a question.

    Attributes:
        by: what decided: the policy's clauses, the budget, what was answered before, the query not fitting
            manifest and codebook, or nobody (the node only computes: its policy isn't asked).
        reasons: each with the clause it comes from, and file and line where there are any.
        charged: nano-ρ.
    """

    outcome: Literal["permit", "pending", "deny"]
    by: Decided = "policy"
    reasons: tuple[SamklangError, ...] = ()
    charged: int = 0

    @property
    def codes(self) -> list[str]:
        return sorted({reason.code for reason in self.reasons})


@dataclass
class UsedUp:
    """A budget that was too small for a question for the first time in its period; then for how many.

    ``grant``: None for the node's own cap over all grants. ``span``: the month, the year, or empty.
    """

    grant: str | None
    period: Period
    span: str
    first: date
    number: int
    refused: int = 1


class Replay:
    """One policy over one history; ask in order.

    Args:
        context: the policy with the manifest and codebook that it is asked under.
        node: whose log it is.
        caps: of the node's data over all grants; None: without.
        read: questions that were read under the same manifest and codebook, by another replay.
        attributed: the node's tables say whose their rows are; None: not known, so it is
            assumed.
    """

    def __init__(
        self,
        context: Context,
        node: str,
        caps: Caps | None,
        read: dict[str, Read] | None = None,
        *,
        attributed: bool | None = None,
    ) -> None:
        self._node = node
        # What was read from its signed form has no lines.
        self._source = context.policy if context.policy.source else None
        self._caps = caps
        self._manifest, self._codebook = context.manifest, context.codebook
        self._rules = context.rules
        policy = self._rules.policy
        self._attributed = Accession.of(policy).named if attributed is None else attributed
        self._places = {grant.id: i for i, grant in enumerate(self._rules.policy.grants)}
        self._spent: dict[tuple[str | None, str], int] = {}
        self._answered: list[Earlier] = []
        self._shapes: dict[bytes, Shape] = {}
        self.read: dict[str, Read] = {} if read is None else read
        self._templates: set[str] = set()
        self._compare = _Remembered(Comparison(self._codebook, self._rules.policy.differencing.least))
        self.used_up: dict[tuple[str | None, str, str], UsedUp] = {}

    def ask(self, past: Past, day: date) -> Said:
        """What is said to a question on ``day``; raises ``ValueError`` if it is lost."""
        if past.verified is None:
            raise ValueError("it is lost")
        verified = past.verified
        if verified.digest not in self.read:
            self.read[verified.digest] = self._read(verified)
        read = self.read[verified.digest]
        if isinstance(read, SamklangError):
            return Said("deny", "documents", (*problems_of(read),))
        query, program, shape = read
        shape = self._shapes.setdefault(canonical(shape), shape)
        if self._node not in program.inputs:
            return Said("permit", "nobody")
        template = template_of(query)
        request = request_for(
            query,
            self._manifest,
            self._codebook,
            node=self._node,
            role=verified.role,
            today=day,
            cells=program.released,
            template_known=template in self._templates,
            attributed=self._attributed,
        )
        found = overlap(shape, self._answered, self._compare)
        policy = decide(self._rules, request)
        decision = guard(policy, self._rules, found, verified.analyst)
        by: Decided = "policy" if decision == policy else "differencing"
        reasons = tuple(reason.error(self._source) for reason in decision.reasons)
        if decision.outcome == "deny" or decision.obligations is None:
            return Said("deny", by, reasons)
        cost, grant = program.noise.rho_charged, decision.obligations.grant
        over = (
            None if past.asked.of("served") else self._over(grant, decision.obligations.caps, day, cost, past)
        )
        if over is not None:
            return Said("deny", "budget", (over,))
        if decision.outcome == "pending" and not past.approved:
            return Said("pending", by, reasons)
        if past.then == "permit" and not past.charges:
            return Said(decision.outcome, by, reasons)
        self._charge(grant, day, cost)
        self._answer(verified, shape, day)
        if decision.outcome == "pending":
            self._templates.add(template)
        return Said(decision.outcome, by, reasons, cost)

    def count(self, past: Past, day: date) -> None:
        """A lost question's charge: whatever it was, it has used this much."""
        charged = past.asked.of("charged")
        grant = str(charged[0].value("grant") or "") if charged else ""
        for amount in past.charges[:1]:
            self._charge(grant, day, amount)

    def _read(self, verified: VerifiedQuery) -> Read:
        query = verified.query.model_copy(update={"codebook": self._manifest.codebook})
        try:
            return query, self._compile(query), shape_of(query, self._manifest, self._codebook)
        except SamklangError as error:
            return error

    def _compile(self, query: Query) -> Program:
        """As a node does before it decides."""
        check_query(query, self._manifest, self._codebook)
        program = compile_query(self._manifest, self._codebook, query)
        if self._node not in program.participants:
            raise SamklangError("transport-not-asked", node=self._node)
        for node in program.inputs:
            witnesses_of(node, program.inputs, self._manifest)
        return program

    def _answer(self, verified: VerifiedQuery, shape: Shape, day: date) -> None:
        self._answered.append(Earlier(verified.digest, verified.analyst, day, shape))

    def _charge(self, grant: str, day: date, cost: int) -> None:
        for scope in (None, grant):
            for span in (f"{day:%Y-%m}", f"{day:%Y}", ""):
                self._spent[scope, span] = self._spent.get((scope, span), 0) + cost

    def _over(self, grant: str, caps: Caps, day: date, cost: int, past: Past) -> SamklangError | None:
        """The first cap that the charge would go beyond, in the order in which the ledger looks."""
        spans: dict[Period, str] = {"month": f"{day:%Y-%m}", "year": f"{day:%Y}", "lifetime": ""}
        for scope, limits in ((None, self._caps), (grant, caps)):
            for period, cap in limits.by_period() if limits else ():
                left = None if cap is None else cap - self._spent.get((scope, spans[period]), 0)
                if left is None or cost <= left:
                    continue
                known = self.used_up.get((scope, period, spans[period]))
                if known:
                    known.refused += 1
                else:
                    made = UsedUp(scope, period, spans[period], day, past.number)
                    self.used_up[scope, period, spans[period]] = made
                name = "the data set" if scope is None else f"the grant '{grant}'"
                error = SamklangError("ledger-cap", scope=name, period=period, needed=cost, left=max(0, left))
                return error if scope is None else self._placed(error, grant, period)
        return None

    def _placed(self, error: SamklangError, grant: str, period: Period) -> SamklangError:
        """Where the policy, or the federation's floor, says how large the grant's budget is."""
        clause = self._rules.clause(("grants", self._places[grant], "budget", period))
        error.clause = place(clause)
        if self._source and clause[:1] != ("floor",):
            error.at = self._source.position(clause)
        return error


class _Remembered:
    """Compares two shapes once; shapes are kept once each."""

    def __init__(self, compare: Comparison) -> None:
        self._compare = compare
        self._known: dict[tuple[int, int], Finding | None] = {}

    def __call__(self, new: Shape, earlier: Shape) -> Finding | None:
        key = id(new), id(earlier)
        if key not in self._known:
            self._known[key] = self._compare(new, earlier)
        return self._known[key]
