"""The differencing guard at work: what has been answered here, and what the policy makes of an overlap."""

from __future__ import annotations

from datetime import UTC, datetime

from samklang.errors import SamklangError
from samklang.model.query import Query
from samklang.model.sameness import core_digest
from samklang.model.signing import VerifiedQuery
from samklang.node.answers import Answers
from samklang.node.documents import Documents
from samklang.policy import Decision, Earlier, Overlap, guard, overlap
from samklang.policy.differencing import Comparison, Shape, shape_of
from samklang.protocol.program import Program

__all__ = ["Guard", "details_of", "note_of"]


class Guard:
    """Called between the policy's decision and the approval that it may ask for.

    Args:
        documents: pinned.
        answers: what has been answered; every question is recorded there before it is charged.
    """

    def __init__(self, documents: Documents, answers: Answers) -> None:
        self._documents = documents
        self._answers = answers
        self._rules = documents.rules
        least = self._rules.policy.differencing.least
        self._compare = Comparison(documents.codebook.document, least)

    def overlap(self, query: Query, digest: str = "") -> Overlap | None:
        """The newest answered question that ``query`` differs from in few citizens."""
        return overlap(self._shape(query), self._answers.earlier(digest), self._compare)

    def decide(self, decision: Decision, found: Overlap | None, analyst: str) -> Decision:
        """``decision`` in the light of an overlap."""
        return guard(decision, self._rules, found, analyst)

    def record(
        self, verified: VerifiedQuery, program: Program, snapshot: str, agreed: Overlap | None
    ) -> None:
        """Before the charge: on record, unless a question that was answered meanwhile stands against it.

        Args:
            agreed: the overlap that the decision knew of; nothing newer may have come up.

        Raises:
            SamklangError: ``policy-differencing``, and what :meth:`Answers.record` raises.
        """
        shape = self._shape(verified.query)

        def check(others: list[Earlier]) -> None:
            found = overlap(shape, others, self._compare)
            if found is None or (agreed is not None and found.earlier.query == agreed.earlier.query):
                return
            if self._rules.policy.differencing.overlap != "allow":
                said = self._rules.policy.differencing.least
                day = found.earlier.day.isoformat()
                raise SamklangError(
                    "policy-differencing", least=said, earlier="an earlier question", date=day
                )

        self._answers.record(
            query=verified.digest,
            analyst=verified.analyst,
            core=core_digest(verified.query, program.inputs),
            shape=shape,
            snapshot=snapshot,
            now=datetime.now(UTC),
            check=check,
        )

    def settled(self, verified: VerifiedQuery) -> None:
        """The charge has been made, or has failed."""
        self._answers.settled(verified.digest)

    def _shape(self, query: Query) -> Shape:
        return shape_of(query, self._documents.manifest.document, self._documents.codebook.document)


def details_of(found: Overlap) -> dict[str, str]:
    """For the log: the earlier question and what is between, which the analyst isn't told."""
    return {
        "overlaps": found.earlier.query,
        "differs_in": ", ".join(found.finding.where),
        "citizens_expected": _citizens(found),
    }


def note_of(found: Overlap) -> SamklangError:
    """For whoever approves."""
    return SamklangError(
        "node-overlap-noted",
        query=found.earlier.query,
        date=found.earlier.day.isoformat(),
        where=", ".join(found.finding.where),
        citizens=_citizens(found),
    )


def _citizens(found: Overlap) -> str:
    citizens = found.finding.citizens
    return "unknown" if citizens is None else str(citizens)
