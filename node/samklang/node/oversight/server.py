"""The oversight service on its own address: TLS 1.3, officers of the own organisation, reading alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from samklang.transport import tls as _tls  # noqa: F401  (first: see there)

import grpc  # isort: skip
import grpc.aio  # isort: skip

from samklang.errors import SamklangError
from samklang.transport.guard import Guard
from samklang.transport.log import Log
from samklang.transport.options import SMALL
from samklang.transport.peer import Peer, peer_of
from samklang.transport.revocation import Revoked
from samklang.transport.tls import TlsFiles, server_credentials
from samklang.transport.workers import run_in
from samklang.v1 import oversight_pb2 as v1

if TYPE_CHECKING:
    from samklang.node.oversight.reader import Reader

__all__ = ["Overseen", "overseeing"]

AT_ONCE = 16
"""Questions of all officers together; each is answered in a thread that the node's work needs as well."""

log = Log(__name__)


class Overseen:
    """What is served to whom.

    Args:
        reader: what can be read.
        listen: ``host:port``.
        only: SHA-256 of the certificates that may read; empty for every officer of the organisation.
        revoked: certificates that don't count.
    """

    def __init__(
        self, reader: Reader, listen: str, only: Sequence[str] = (), revoked: Revoked | None = None
    ) -> None:
        self.reader = reader
        self.listen = listen
        self.revoked = revoked
        self._only = frozenset(only)

    def admit(self, peer: Peer) -> None:
        """The kind of certificate was right; is it this organisation's, and one of those?

        Raises:
            SamklangError: ``transport-other-organisation``.
        """
        foreign = peer.organisation != self.reader.organisation
        if foreign or (self._only and peer.fingerprint not in self._only):
            raise SamklangError("transport-other-organisation", organisation=self.reader.organisation)


@asynccontextmanager
async def overseeing(
    overseen: Overseen | None,
    *,
    federation: str,
    me: str,
    files: TlsFiles,
    pool: Executor,
    linked: Callable[[], bool],
) -> AsyncIterator[str]:
    """Serve while the block runs; yields the address, or an empty text if nothing is configured.

    Raises:
        SamklangError: ``transport-oversight-address``: the address can't be used.
    """
    if overseen is None:
        yield ""
        return
    guard = Guard(federation, me, overseen.revoked, further=overseen.admit)
    server = grpc.aio.server(interceptors=[guard], options=SMALL, maximum_concurrent_rpcs=AT_ONCE)
    server.add_generic_rpc_handlers((_handlers(overseen.reader, pool, linked),))
    try:
        port = server.add_secure_port(overseen.listen, server_credentials(files))
    except RuntimeError:
        port = 0
    if not port:
        raise SamklangError("transport-oversight-address", address=overseen.listen)
    await server.start()
    address = f"{overseen.listen.rpartition(':')[0]}:{port}"
    log.info("oversight listens", address=address)
    try:
        yield address
    finally:
        await server.stop(1.0)


def _handlers(reader: Reader, pool: Executor, linked: Callable[[], bool]) -> grpc.GenericRpcHandler:
    calls: dict[str, tuple[Any, Callable[[Any], Any]]] = {
        "GetNodeDocuments": (v1.GetNodeDocumentsRequest, lambda _: reader.documents()),
        "GetLedger": (v1.GetLedgerRequest, lambda ask: reader.ledger(ask.after)),
        "GetLog": (v1.GetLogRequest, lambda ask: reader.log(ask.start, ask.limit, ask.seen)),
        "GetQueries": (v1.GetQueriesRequest, lambda ask: reader.queries(ask.after)),
        "GetApprovals": (v1.GetApprovalsRequest, lambda ask: reader.approvals(ask.limit)),
        "GetSnapshots": (v1.GetSnapshotsRequest, lambda _: reader.snapshots()),
        "GetHealth": (v1.GetHealthRequest, lambda _: reader.health(linked())),
    }

    def handler(name: str) -> grpc.RpcMethodHandler[Any, Any]:
        request, read = calls[name]

        async def call(asked: Any, context: Any) -> Any:
            log.info("read by an officer", method=name, peer=str(peer_of(context)))
            return await run_in(pool, partial(read, asked))

        # Requests and answers are of the same module: what one call gives is its answer's own type.
        return grpc.unary_unary_rpc_method_handler(
            call, request.FromString, lambda answer: answer.SerializeToString()
        )

    return grpc.method_handlers_generic_handler(
        "samklang.v1.Oversight", {name: handler(name) for name in calls}
    )
