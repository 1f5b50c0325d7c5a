"""The Oversight service as plain blocking calls; every failure is a named error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from samklang.transport.options import open_sync_channel  # first: it sets up TLS before gRPC is loaded
from samklang.transport.tls import TlsFiles

import grpc  # isort: skip

from samklang.errors import SamklangError
from samklang.transport.diagnose import diagnose
from samklang.transport.status import from_rpc_error
from samklang.v1 import federation_pb2 as f1
from samklang.v1 import federation_pb2_grpc as federation
from samklang.v1 import oversight_pb2 as v1
from samklang.v1 import oversight_pb2_grpc as oversight

__all__ = ["Calls", "calling", "participations"]

SECONDS: Final = 60.0
MOST_SECONDS: Final = 1800.0
MOST_BYTES: Final = 1 << 30
"""How long a node may take, and how much it may say, while one command runs: whoever never comes to an end
isn't waited for. A log that is longer (of some hundred thousand entries) is exported and verified."""

R = TypeVar("R")


class Calls:
    """One channel to a node; what it says altogether is bounded (``transport-endless``)."""

    def __init__(
        self, stub: oversight.OversightStub, named: Callable[[grpc.RpcError], SamklangError]
    ) -> None:
        self._stub = stub
        self._named = named
        self._began = time.monotonic()
        self._heard = 0

    def documents(self) -> v1.GetNodeDocumentsResponse:
        return self._call(self._stub.GetNodeDocuments, v1.GetNodeDocumentsRequest())

    def ledger(self, after: int = 0) -> v1.GetLedgerResponse:
        return self._call(self._stub.GetLedger, v1.GetLedgerRequest(after=after))

    def log(self, start: int = 0, limit: int = 0, seen: int = 0) -> v1.GetLogResponse:
        return self._call(self._stub.GetLog, v1.GetLogRequest(start=start, limit=limit, seen=seen))

    def queries(self, after: str = "") -> v1.GetQueriesResponse:
        return self._call(self._stub.GetQueries, v1.GetQueriesRequest(after=after))

    def approvals(self) -> v1.GetApprovalsResponse:
        return self._call(self._stub.GetApprovals, v1.GetApprovalsRequest())

    def snapshots(self) -> v1.GetSnapshotsResponse:
        return self._call(self._stub.GetSnapshots, v1.GetSnapshotsRequest())

    def health(self) -> v1.GetHealthResponse:
        return self._call(self._stub.GetHealth, v1.GetHealthRequest())

    def _call(self, method: Callable[..., R], request: Any) -> R:
        left = MOST_SECONDS - (time.monotonic() - self._began)
        try:
            if left <= 0:
                raise _endless()
            answer = method(request, timeout=min(SECONDS, left))
        except grpc.RpcError as failure:
            raise self._named(failure) from None
        self._heard += answer.ByteSize()  # type: ignore[attr-defined]
        if self._heard > MOST_BYTES:
            raise _endless()
        return answer


def _endless() -> SamklangError:
    minutes, megabytes = round(MOST_SECONDS / 60), MOST_BYTES >> 20
    return SamklangError("transport-endless", minutes=minutes, megabytes=megabytes)


@contextmanager
def calling(address: str, files: TlsFiles) -> Iterator[Calls]:
    """Calls to the node at ``address`` (host:port)."""
    with open_sync_channel(address, files) as channel:
        yield Calls(oversight.OversightStub(channel), lambda failure: _named(failure, address, files))


def participations(address: str, files: TlsFiles, limit: int) -> list[f1.ParticipationStatus]:
    """What the coordinator at ``address`` says of queries that the organisation's nodes take part in."""
    with open_sync_channel(address, files) as channel:
        stub = federation.FederationStub(channel)
        try:
            answer = stub.ListParticipations(f1.ListParticipationsRequest(limit=limit), timeout=SECONDS)
        except grpc.RpcError as failure:
            raise _named(failure, address, files) from None
    return [*answer.queries]


def _named(failure: grpc.RpcError, address: str, files: TlsFiles) -> SamklangError:
    error = from_rpc_error(failure, address)
    if error.code == "transport-unreachable":
        return diagnose(address, files) or error
    return error
