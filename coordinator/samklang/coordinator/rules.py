"""What the life cycle of queries needs to know about documents and roles, and nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from samklang.errors import SamklangError
from samklang.transport.addresses import AttemptId
from samklang.transport.participation import Participation


class Part(Participation, Protocol):
    """The coordinator's part in an attempt; ``release`` makes the document out of its role's result."""

    def release(self, result: Any) -> bytes: ...

    @property
    def retention(self) -> str:
        """How long the release may be kept (``P2Y``), by the shortest of the nodes' signed words, when
        :meth:`release` can be called; empty: nobody says."""
        ...

    def key(self, acceptances: Mapping[str, bytes]) -> str:
        """The name of the answer, from everybody's verified acceptances; raises what is wrong with them."""
        ...


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the rules say about a query that was handed in."""

    digest: str
    analyst: str
    organisation: str
    not_after_us: int
    max_attempts: int


def check_own(signed: tuple[str, str], caller: tuple[str, str]) -> None:
    """Return if who signed is who hands it in, (name, organisation) each; raises
    ``coordinator-not-your-query``."""
    if signed != caller:
        (analyst, whose), (name, organisation) = signed, caller
        raise SamklangError(
            "coordinator-not-your-query", analyst=f"{analyst} ({whose})", caller=f"{name} ({organisation})"
        )


class Rules(Protocol):
    """What the coordinator knows about documents; its functions run in a thread."""

    def admit(self, bundle: bytes) -> Admitted:
        """Verify and check a bundle; raises what is wrong with it."""
        ...

    def nodes(self, bundle: bytes) -> list[str]:
        """The nodes that take part in the query."""
        ...

    def planned(self, bundle: bytes) -> tuple[str, str, list[str]]:
        """Of a bundle that is signed as a plan: its analyst, whose that is, and the nodes that would take
        part."""
        ...

    def planned_key(self, bundle: bytes, shares: Mapping[str, str]) -> str | None:
        """Of such a bundle: the name of its answer, given the contributing nodes' shares in it; None if one
        of them is missing."""
        ...

    def question(self, bundle: bytes) -> str:
        """What is the same for all queries with the same question."""
        ...

    def prepare(self, bundle: bytes, attempt: AttemptId) -> Part:
        """Make the coordinator's own part in an attempt."""
        ...

    def witnesses(self, bundle: bytes) -> Mapping[str, tuple[str, ...]]:
        """Contributing node to those who must cosign its checkpoint in the release's receipts."""
        ...

    def check_receipts(self, receipts: bytes, release: bytes, query: str) -> None:
        """Verify receipts as an analyst will; ``query`` is the digest of the query that is answered."""
        ...

    def per_mille(self, bundle: bytes, passed: int) -> int:
        """Share of an attempt that is over when parties have reported ``passed`` stages."""
        ...
