"""What the coordinator does with a query's documents: admit it, know who takes part, play its own part.

The coordinator is linker and release in every federation and, with two nodes, compute party A. It sees the
query and, at the end, noisy numbers; it runs the same role classes over the same wire as every node.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from samklang.audit.receipt import verify_receipts, witnesses_of
from samklang.coordinator.documents import Documents
from samklang.coordinator.release import release_document, retention
from samklang.coordinator.rules import Admitted
from samklang.coordinator.store import Store
from samklang.errors import SamklangError
from samklang.model.checks import check_query
from samklang.model.query import Query
from samklang.model.sameness import core_digest
from samklang.model.signing import VerifiedQuery, verify_query
from samklang.privacy.noise import NoiseSource
from samklang.protocol.agreement import Terms, accept, agree
from samklang.protocol.compile import compile_query
from samklang.protocol.participant import Participant
from samklang.protocol.program import Program
from samklang.protocol.release_key import Answered, release_key, shares
from samklang.transport.addresses import AttemptId

_STAGES_OF_COMPUTE_PARTIES = 14
"""Progress that the three compute parties and the linker report in one attempt."""
_STAGES_OF_A_MARGIN = 7
"""What the compute parties report besides if a margin is opened too."""


class DocumentRules:
    """See :class:`samklang.coordinator.rules.Rules`."""

    def __init__(self, documents: Documents, store: Store, noise: NoiseSource) -> None:
        self._documents = documents
        self._store = store
        self._noise = noise
        self._compiled = lru_cache(maxsize=64)(self._compile)

    def admit(self, bundle: bytes) -> Admitted:
        verified, _ = self._compiled(bundle)
        query = verified.query
        # Said now, not when everybody has paid: without witnesses there will be no receipt.
        self.witnesses(bundle)
        not_after_us = round(query.not_after.timestamp() * 1_000_000)
        return Admitted(
            verified.digest, verified.analyst, verified.organisation, not_after_us, query.max_attempts
        )

    def nodes(self, bundle: bytes) -> list[str]:
        _, program = self._compiled(bundle)
        me = self._documents.manifest.document.coordinator.id
        return [party for party in program.participants if party != me]

    def planned(self, bundle: bytes) -> tuple[str, str, list[str]]:
        manifest, codebook = self._documents.manifest.document, self._documents.codebook.document
        verified = verify_query(bundle, manifest, datetime.now(UTC), intent="plan")
        check_query(verified.query, manifest, codebook)
        program = compile_query(manifest, codebook, verified.query)
        nodes = [p for p in program.participants if p != manifest.coordinator.id]
        return verified.analyst, verified.organisation, nodes

    def planned_key(self, bundle: bytes, shares: Mapping[str, str]) -> str | None:
        manifest, codebook = self._documents.manifest.document, self._documents.codebook.document
        query = verify_query(bundle, manifest, datetime.now(UTC), intent="plan").query
        program = compile_query(manifest, codebook, query)
        if shares.keys() != {*program.inputs}:
            return None
        return release_key(asked_for(self._documents, query, program), shares)

    def question(self, bundle: bytes) -> str:
        verified, program = self._compiled(bundle)
        return core_digest(verified.query, program.inputs)

    def prepare(self, bundle: bytes, attempt: AttemptId) -> CoordinatorPart:
        verified, program = self._compiled(bundle)
        return CoordinatorPart(verified, program, attempt, self._documents, self._store, self._noise)

    def witnesses(self, bundle: bytes) -> Mapping[str, tuple[str, ...]]:
        _, program = self._compiled(bundle)
        manifest = self._documents.manifest.document
        return {node: witnesses_of(node, program.inputs, manifest) for node in program.inputs}

    def check_receipts(self, receipts: bytes, release: bytes, query: str) -> None:
        verify_receipts(receipts, release, query, self._documents.manifest.document)

    def per_mille(self, bundle: bytes, passed: int) -> int:
        _, program = self._compiled(bundle)
        stages = _STAGES_OF_COMPUTE_PARTIES + _STAGES_OF_A_MARGIN * (program.margin is not None)
        return min(999, 1000 * passed // (len(program.contributors) + stages))

    def _compile(self, bundle: bytes) -> tuple[VerifiedQuery, Program]:
        manifest, codebook = self._documents.manifest.document, self._documents.codebook.document
        verified = verify_query(bundle, manifest, datetime.now(UTC))
        check_query(verified.query, manifest, codebook)
        return verified, compile_query(manifest, codebook, verified.query)


def asked_for(documents: Documents, query: Query, program: Program) -> Answered:
    """What the name of an answer says of the question."""
    return Answered(
        core=core_digest(query, program.inputs),
        manifest=documents.manifest.digest,
        codebook=documents.codebook.digest,
        program=program.digest(),
    )


class CoordinatorPart:
    """See :class:`samklang.coordinator.rules.Part`."""

    def __init__(
        self,
        verified: VerifiedQuery,
        program: Program,
        attempt: AttemptId,
        documents: Documents,
        store: Store,
        noise: NoiseSource,
    ) -> None:
        self._verified = verified
        self._program = program
        self._attempt = attempt
        self._documents = documents
        self._store = store
        self._noise = noise
        self._role: Participant | None = None
        self._pledge = accept(
            Terms(
                query=verified.digest,
                manifest=documents.manifest.digest,
                codebook=documents.codebook.digest,
                program=program.digest(),
                attempt=attempt.number,
            ),
            documents.manifest.document.coordinator.id,
            documents.identity,
            certificate=documents.certificate.fingerprint,
        )

    @property
    def acceptance(self) -> bytes:
        return self._pledge.envelope

    @property
    def durable(self) -> CoordinatorPart:
        return self

    def close(self) -> None:
        """Nothing is held here."""

    def persist(self, event: str) -> None:
        self._store.record(self._attempt.query, self._attempt.number, event)

    def charge(self, nano_rho: int, delta: float) -> None:
        """The coordinator has no records of citizens, hence no ledger: a charge here is a fault."""
        raise SamklangError(
            "transport-internal", party=self._documents.config.coordinator.id, private="charge"
        )

    def begin(self, acceptances: Mapping[str, bytes]) -> Participant:
        manifest = self._documents.manifest.document
        self._role = Participant(
            manifest.coordinator.id,
            program=self._program,
            manifest=manifest,
            pledge=self._pledge,
            envelopes=acceptances,
            identity=self._documents.identity,
            noise=self._noise,
        )
        return self._role

    @property
    def stored_only(self) -> list[SamklangError]:
        """The coordinator pays nothing."""
        return []

    def key(self, acceptances: Mapping[str, bytes]) -> str:
        documents, manifest = self._documents, self._documents.manifest.document
        agreement = agree(self._pledge, manifest.coordinator.id, self._program, manifest, acceptances)
        asked = asked_for(documents, self._verified.query, self._program)
        return release_key(asked, shares(agreement.acceptances))

    def serve(self, acceptances: Mapping[str, bytes]) -> None:
        """The name of the answer has been looked up; there is nothing to note."""

    @property
    def retention(self) -> str:
        assert self._role is not None
        return retention(self._program, self._role.agreement.acceptances)

    def release(self, result: Any) -> bytes:
        assert self._role is not None
        agreement = self._role.agreement
        return release_document(
            result,
            program=self._program,
            query=self._verified.query,
            manifest=self._documents.manifest.document,
            codebook=self._documents.codebook.document,
            transcript=agreement.transcript,
            attempt=self._attempt.number,
            acceptances=agreement.acceptances,
        )
