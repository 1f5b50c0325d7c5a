"""A node's part in one attempt: its acceptance, its charge, its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from samklang.audit.entry import Event
from samklang.errors import SamklangError
from samklang.model.sameness import core_digest
from samklang.model.signing import VerifiedQuery
from samklang.node.accession import Bound, Membership
from samklang.node.approvals.gate import Pass
from samklang.node.audit import events
from samklang.node.audit.anchor import catch_up
from samklang.node.documents import Documents
from samklang.policy import Obligations, Overlap
from samklang.protocol.agreement import Acceptance, Terms, accept, agree
from samklang.protocol.participant import Participant
from samklang.protocol.program import Program
from samklang.protocol.release_key import Answered, release_key, share, shares

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from samklang.node.attempt import Partner
    from samklang.node.data.features import SectorFeatures
    from samklang.node.data.snapshot import Hold, Snapshot

__all__ = ["NodePart", "computed_before", "said"]


def said(documents: Documents, obligations: Obligations, snapshot: Snapshot) -> dict[str, Any]:
    """What a node with records says of itself in its acceptance."""
    return {
        "policy": documents.policy.digest,
        "snapshot": snapshot.id,
        "min_count": obligations.min_count,
        "secondary_suppression": obligations.secondary_suppression,
        "retention": obligations.retention.release,
    }


def computed_before(partner: Partner, own: str) -> bool:
    """Whether an answer was released to this question, with this node's part as it is now."""
    find = partner.trail.find
    return any(find("released", query, attempt) for query, attempt in partner.keys.computed(own))


class NodePart:
    """This node's part in one attempt; see :class:`samklang.transport.participation.Participation`."""

    permitted: Event
    """The decision, as it is on record."""

    def __init__(
        self,
        partner: Partner,
        verified: VerifiedQuery,
        program: Program,
        obligations: Obligations | None,
        attempt: int,
        hold: Hold | None,
        overlap: Overlap | None = None,
    ) -> None:
        documents = partner.documents
        self._overlap = overlap
        self._hold = hold
        self._partner = partner
        self._verified = verified
        self._program = program
        self._obligations = obligations
        self._attempt = attempt
        self.approval: Pass | None = None
        self._rows_of: list[NDArray[np.bytes_]] = []
        self._said: dict[str, Any] = {}
        self._membership: Membership | None = None
        if obligations and hold:
            policy = documents.policy.document
            self._membership = Membership(policy, obligations.controllers, partner.clock)
            self._membership.agrees(hold.snapshot.controllers)
            self._said = said(documents, obligations, hold.snapshot)
        self._asked = Answered(
            core=core_digest(verified.query, program.inputs),
            manifest=documents.manifest.digest,
            codebook=documents.codebook.digest,
            program=program.digest(),
        )
        self.unaffordable = self._unaffordable()
        self._pledge = accept(
            Terms(
                query=verified.digest,
                manifest=documents.manifest.digest,
                codebook=documents.codebook.digest,
                program=self._asked.program,
                attempt=attempt,
            ),
            documents.node.id,
            documents.identity,
            certificate=documents.certificate.fingerprint,
            stored_only=self.unaffordable is not None,
            **self._said,
        )

    @property
    def acceptance(self) -> bytes:
        return self._pledge.envelope

    @property
    def durable(self) -> NodePart:
        return self

    def check(self) -> None:
        """Refuse now what would fail later, when others have been charged: an empty budget, a clock that is
        behind the ledger, a consent register that isn't there.

        An empty budget refuses nothing that may be in the store: what this node has computed before, for this
        very question with its own policy and snapshot as they are now. Whether it is there depends on the
        other nodes too, so the acceptance says that it holds for an answer from the store alone.

        Raises:
            SamklangError: ``ledger-cap``, ``ledger-clock``, ``node-register-unknown``.
        """
        if self._obligations is None:
            return
        self._consenting(self._obligations)
        self._partner.ledger.check_clock(datetime.now(UTC))
        if self.unaffordable and not computed_before(self._partner, self._own):
            raise self.unaffordable

    def _unaffordable(self) -> SamklangError | None:
        """The cap that one attempt would go beyond."""
        if self._obligations is None:
            return None
        now, needed = datetime.now(UTC), self._program.noise.rho_charged
        left = self._partner.ledger.remaining(
            now=now, grant=self._obligations.grant, caps=self._obligations.caps
        )
        periods = {"month": left.month, "year": left.year, "lifetime": left.lifetime}
        for period, amount in periods.items():
            if amount is not None and needed > amount:
                scope = "this data set or grant"
                return SamklangError("ledger-cap", scope=scope, period=period, needed=needed, left=amount)
        return None

    @property
    def stored_only(self) -> list[SamklangError]:
        """Why this node takes part in an answer from the store alone."""
        return [self.unaffordable] if self.unaffordable else []

    @property
    def _own(self) -> str:
        """Names the question and this node's own part in the key."""
        return release_key(self._asked, {self._partner.documents.node.id: share(self._said)})

    def _note(self, acceptances: Mapping[str, Acceptance], *, served: bool) -> None:
        """Put the name of the attempt's answer on disk."""
        if self._obligations is not None:
            key = release_key(self._asked, shares(acceptances))
            self._partner.keys.record(self._verified.digest, self._attempt, key, self._own, served=served)

    def serve(self, acceptances: Mapping[str, bytes]) -> None:
        """The answer is to come from the store: note which one it has to be. Nothing is charged."""
        partner = self._partner
        manifest = partner.documents.manifest.document
        agreement = agree(self._pledge, partner.documents.node.id, self._program, manifest, acceptances)
        self._note(agreement.acceptances, served=True)

    def begin(self, acceptances: Mapping[str, bytes]) -> Participant | Bound:
        role = self._role(acceptances)
        for party, said in role.agreement.acceptances.items():
            if said.stored_only:
                reason = f"{party} takes part only in an answer from the store"
                raise SamklangError("protocol-agreement", reason=reason)
        self._note(role.agreement.acceptances, served=False)
        return Bound(role, self._membership) if self._membership else role

    def _role(self, acceptances: Mapping[str, bytes]) -> Participant:
        partner = self._partner
        return Participant(
            partner.documents.node.id,
            program=self._program,
            manifest=partner.documents.manifest.document,
            pledge=self._pledge,
            envelopes=acceptances,
            identity=partner.documents.identity,
            noise=partner.noise,
            prepare=self._prepare if self._obligations else None,
        )

    def close(self) -> None:
        """The attempt is over: its snapshot may go."""
        if self._hold:
            self._hold.let_go()

    @property
    def snapshot(self) -> Snapshot:
        """What this node has pledged to answer from."""
        assert self._hold is not None, "only who has rows has a snapshot"
        return self._hold.snapshot

    def persist(self, event: str) -> None:
        self._partner.journal.record(self._verified.digest, self._attempt, event)

    def charge(self, nano_rho: int, delta: float) -> None:
        obligations = self._obligations
        assert obligations is not None, "who has no rows has nothing to charge"
        self._still_joined()
        ledger, trail = self._partner.ledger, self._partner.trail
        approved = self.approval.used(self._attempt) if self.approval else nullcontext()
        # One charge at a time is between ledger and log, and the next one waits for its entry: see anchor.
        with approved, self._on_record(), self._partner.charging:
            catch_up(trail, ledger)
            head = ledger.charge(
                query=self._verified.digest,
                attempt=self._attempt,
                grant=obligations.grant,
                nano_rho=nano_rho,
                delta=delta,
                granted=obligations.nano_rho,
                caps=obligations.caps,
                now=datetime.now(UTC),
            )
            spent = ledger.spent(head.entries)
            event = events.charged(self.permitted, head, spent=spent, nano_rho=nano_rho)
            trail.append(event, keep=obligations.retention.audit)
        if self._partner.citizens is not None:
            self._partner.citizens.record(
                self._rows_of,
                query=self._verified.digest,
                attempt=self._attempt,
                at=datetime.now(UTC),
                organisation=event.organisation,
                purpose=event.purpose,
                purpose_text=event.purpose_text,
                basis=event.basis,
                keep=obligations.retention.audit,
            )
            self._rows_of = []

    def _still_joined(self) -> None:
        """Rows aren't made, or paid for, that may not leave any more."""
        assert self._membership is not None, "only who has rows has controllers"
        self._membership.check()

    @contextmanager
    def _on_record(self) -> Iterator[None]:
        """Around the charge: the question is on record before it, for those that come after."""
        guard = self._partner.guard
        try:
            guard.record(self._verified, self._program, self.snapshot.id, self._overlap)
            yield
        finally:
            guard.settled(self._verified)

    def _prepare(self) -> dict[str, SectorFeatures]:
        """What each of this node's sectors knows; consent first, then the query's filter."""
        from samklang.node.data.features import compute

        assert self._obligations is not None
        self._still_joined()
        partner, program = self._partner, self._program
        prepared = {
            sector: compute(
                self.snapshot,
                partner.documents.codebook.document,
                sector,
                program.features(sector),
                self._verified.query.period,
                only=self._consenting(self._obligations),
                filters=program.filters.get(sector, ()),
            )
            for sector in program.sectors[partner.documents.node.id]
        }
        self._rows_of = [features.cpr for features in prepared.values()]
        return prepared

    def _consenting(self, obligations: Obligations) -> NDArray[np.bytes_] | None:
        """Citizens who have opted in; None where objections, which always count, are all there is."""
        snapshot, consent = self.snapshot, obligations.consent
        if consent.model == "opt-in":
            return snapshot.consenting(consent.registers)
        for name in consent.registers:
            register = snapshot.registers.get(name)
            if register is None or register.kind != "objection":
                raise SamklangError("node-register-unknown", register=name)
        return None
