"""What a node says for a receipt: only of results that it took part in, and of one result per attempt.

That it took part is what its own records say: the ledger's charge and the entry of the audit log about it.
The coordinator's word alone moves nothing; it can't make a node record another result for the same attempt
either.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from samklang.audit.entry import Event, disclosed
from samklang.audit.receipt import SHOWN, Receipt
from samklang.audit.witness import write_request
from samklang.errors import SamklangError
from samklang.node.audit.trail import Logged
from samklang.transport.log import Log

if TYPE_CHECKING:
    from collections.abc import Mapping

    from samklang.node.audit.heads import Heads
    from samklang.node.audit.trail import Trail
    from samklang.node.ledger import Ledger
    from samklang.node.release_keys import ReleaseKeys

__all__ = ["Results"]

log = Log(__name__)


class Results:
    """Records results and proves that they are on record."""

    def __init__(self, trail: Trail, heads: Heads, ledger: Ledger, keys: ReleaseKeys) -> None:
        self._trail = trail
        self._keys = keys
        self._heads = heads
        self._ledger = ledger

    def record(self, query: str, computed: str, attempt: int, result: str) -> int:
        """Write that ``result`` answers ``query``; the number of the entry, the same every time.

        Args:
            query: digest of the query that is answered.
            computed: digest of the query whose rows are in the result; another one where a stored release is
                handed out again.
            attempt: of ``computed``.
            result: digest of the release's bytes.

        Raises:
            SamklangError: ``audit-not-mine``: this node's records know nothing of it; ``audit-other-result``:
                another result is on record for the attempt; ``audit-other-answer``: what was computed isn't
                an answer to the query: another question, policy or snapshot.
        """
        charged = self._trail.find("charged", computed, attempt)
        if charged is None or not self._ledger.has(computed, attempt):
            raise SamklangError("audit-not-mine", node=self._trail.node)
        if query != computed:
            return self._serve(query, computed, attempt, result)
        event = replace(_again(charged), kind="released", result=result)
        once = f"released/{computed}/{attempt}"
        number = self._trail.append(event, once=once, as_long_as=charged.number)
        self._same(number, result)
        return number

    def prove(self, number: int, seen: Mapping[str, int]) -> tuple[Receipt, dict[str, bytes]]:
        """(the receipt with a new checkpoint, request for each witness).

        Args:
            seen: witness to the size that it has cosigned last.

        Raises:
            SamklangError: ``audit-not-mine``: no such entry, or none that receipts are about.
        """
        state, note = self._heads.sign()
        if number >= state.size:
            raise SamklangError("audit-not-mine", node=self._trail.node)
        entry = self._trail.entry(number)
        if entry.value("kind") not in ("released", "served"):
            raise SamklangError("audit-not-mine", node=self._trail.node)
        proof = self._trail.inclusion(number, state.size)
        receipt = Receipt(number, entry.leaf, disclosed(entry.shown, SHOWN), proof, note)
        requests = {}
        for witness, size in seen.items():
            if size > state.size:
                # The witness is to see it, refuse by name and put it on record; here it is in the log.
                log.error("a partner has seen more entries than there are", witness=witness, seen=size)
                size = 0
            requests[witness] = write_request(size, self._trail.consistency(size, state.size), note)
        return receipt, requests

    def _serve(self, query: str, computed: str, attempt: int, result: str) -> int:
        """A stored release answers another query, which this node has permitted."""
        released = self._trail.find("released", computed, attempt)
        asked = self._trail.find("asked", query)
        if released is None or asked is None or asked.value("decision") != "permit":
            raise SamklangError("audit-not-mine", node=self._trail.node)
        if not self._keys.same(query, computed, attempt):
            raise SamklangError("audit-other-answer", node=self._trail.node)
        self._same(released.number, result)
        details = {"computed": computed, "released": str(released.number)}
        event = replace(_again(asked), kind="served", result=result, details=details)
        return self._trail.append(event, once=f"served/{query}/{result}", as_long_as=asked.number)

    def _same(self, number: int, result: str) -> None:
        if self._trail.entry(number).value("result") != result:
            raise SamklangError("audit-other-result", node=self._trail.node)


def _again(entry: Logged) -> Event:
    """The event of an entry, to be said again with another kind; time and ledger are the new one's own."""
    values: dict[str, Any] = {name: item.value for name, item in entry.shown.items()}
    unsaid = {"at": None, "ledger": "", "rho_before": None, "rho_after": None}
    return Event(**(values | unsaid))
