"""The service behind ``samklang.v1.Enrolment``: on a port of its own, for people without a certificate.

Nothing is told apart in its refusals, wrong attempts are counted for everybody together, and what is handed
in is small and waits for a person.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Executor
from functools import partial
from typing import Any

from samklang.transport import tls as _tls  # noqa: F401  (first: see there)

import grpc  # isort: skip
import grpc.aio  # isort: skip

from samklang.coordinator.invitations import Invitations
from samklang.errors import SamklangError
from samklang.transport.guard import Guard
from samklang.transport.log import Log
from samklang.transport.options import SMALL
from samklang.transport.tls import TlsFiles, open_credentials
from samklang.transport.workers import run_in
from samklang.v1 import enrolment_pb2 as v1

LARGEST_REQUEST = 16 << 10
WRONG_A_MINUTE = 10
AT_ONCE = 16

log = Log(__name__)


class Enrolment:
    """Args:
    invitations: used from ``disk`` alone.
    """

    def __init__(self, invitations: Invitations, disk: Executor) -> None:
        self._invitations = invitations
        self._disk = disk
        self._wrong: deque[float] = deque()

    async def apply(self, request: v1.ApplyRequest, context: Any) -> v1.ApplyResponse:
        if len(request.request) > LARGEST_REQUEST:
            raise SamklangError("enrolment-invitation")
        await self._try(partial(self._invitations.apply, request.invitation, request.request, request.proof))
        log.info("request to join", invitation=request.invitation[:16])
        return v1.ApplyResponse()

    async def collect(self, request: v1.CollectRequest, context: Any) -> v1.CollectResponse:
        reply, refused = await self._try(
            partial(self._invitations.collect, request.invitation, request.proof)
        )
        return v1.CollectResponse(reply=reply, refused=refused)

    async def _try(self, step: Any) -> Any:
        """Run ``step`` on the disk's thread, unless too many have been wrong within a minute."""
        now = time.monotonic()
        while self._wrong and now - self._wrong[0] > 60:
            self._wrong.popleft()
        if len(self._wrong) >= WRONG_A_MINUTE:
            raise SamklangError("enrolment-busy")
        try:
            return await run_in(self._disk, step)
        except SamklangError:
            self._wrong.append(now)
            # Whatever is wrong inside a request is no business of somebody without an invitation.
            raise SamklangError("enrolment-invitation") from None


def build_enrolment(
    address: str, files: TlsFiles, service: Enrolment, *, federation: str, me: str
) -> tuple[grpc.aio.Server, int]:
    """A server that isn't started yet, and the port it has bound; raises ``coordinator-address``."""
    unary = grpc.unary_unary_rpc_method_handler
    methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        "Apply": unary(service.apply, v1.ApplyRequest.FromString, v1.ApplyResponse.SerializeToString),
        "Collect": unary(service.collect, v1.CollectRequest.FromString, v1.CollectResponse.SerializeToString),
    }
    # Anybody may connect here: what they can make this process hold is little, however many they are.
    server = grpc.aio.server(
        interceptors=[Guard(federation, me, invited=True)], options=SMALL, maximum_concurrent_rpcs=AT_ONCE
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("samklang.v1.Enrolment", methods),))
    try:
        port = server.add_secure_port(address, open_credentials(files))
    except RuntimeError:
        port = 0
    if not port:
        raise SamklangError("coordinator-address", address=address)
    return server, port
