"""The Federation service as plain blocking calls; every failure is a named error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, TypeVar

from samklang.transport.options import (  # first: it sets up TLS before gRPC is loaded
    BUNDLE,
    open_sync_channel,
)
from samklang.transport.tls import TlsFiles

import grpc  # isort: skip

from samklang.analyst.asked import title_of
from samklang.analyst.status import Status, from_message
from samklang.errors import SamklangError
from samklang.transport.diagnose import diagnose
from samklang.transport.status import from_rpc_error
from samklang.v1 import federation_pb2 as v1
from samklang.v1 import federation_pb2_grpc as services

R = TypeVar("R")

SECONDS: Final = 30.0
"""How long any one call may take, but for watching."""

PATIENCE: Final = 60.0
"""How long a watch survives a coordinator that has gone away, before it gives up."""


class Calls:
    """One channel to a coordinator. Not for several threads at once, but for one at a time.

    Args:
        address: ``host:port``.
        files: the analyst's TLS files.
    """

    def __init__(self, address: str, files: TlsFiles) -> None:
        self.address = address
        self._files = files
        self._channel = open_sync_channel(address, files)
        self._stub = services.FederationStub(self._channel)

    def close(self) -> None:
        self._channel.close()

    def documents(self) -> tuple[bytes, bytes]:
        """(manifest, codebook) as signed envelopes, not yet verified."""
        reply = self._call(self._stub.GetDocuments, v1.GetDocumentsRequest())
        return reply.manifest, reply.codebook

    def submit(self, bundle: bytes) -> str:
        """Hand in a signed query; returns its id. The same bytes twice are one query."""
        _check_size(bundle)
        return self._call(self._stub.Submit, v1.SubmitRequest(bundle=bundle)).query_id

    def plan(self, bundle: bytes) -> v1.PlanResponse:
        """What every node would say to a query that is signed as a plan, and whether its answer is there."""
        _check_size(bundle)
        return self._call(self._stub.Plan, v1.PlanRequest(bundle=bundle))

    def release(self, query: str) -> v1.GetReleaseResponse:
        """The release's bytes as the coordinator stored them, and what belongs to them."""
        return self._call(self._stub.GetRelease, v1.GetReleaseRequest(query_id=query))

    def queries(self, limit: int = 0) -> list[Status]:
        """The analyst's own queries, newest first."""
        reply = self._call(self._stub.List, v1.ListRequest(limit=limit))
        titles = {query: title for query, title in map(title_of, reply.bundles) if title}
        return [replace(s, title=titles.get(s.query)) for s in map(from_message, reply.queries)]

    def cancel(self, query: str) -> Status:
        """End a query that hasn't ended."""
        return from_message(self._call(self._stub.Cancel, v1.CancelRequest(query_id=query)).status)

    def watch(self, query: str) -> Iterator[Status]:
        """The status now, then every change, until the query has ended.

        A coordinator that restarts meanwhile is waited for.

        Raises:
            SamklangError: what the coordinator says; ``transport-unreachable`` if it was never there, or
                stays away for longer than :data:`PATIENCE`.
        """
        seen: Status | None = None
        lost_at: float | None = None
        while True:
            call = self._stub.Watch(v1.WatchRequest(query_id=query))
            try:
                for message in call:
                    lost_at = None
                    status = from_message(message)
                    if status != seen:
                        seen = status
                        yield status
                    if status.ended:
                        return
                error = SamklangError("transport-unreachable", address=self.address)
            except grpc.RpcError as failure:
                error = from_rpc_error(failure, self.address) if seen else self._named(failure)
            finally:
                call.cancel()
            now = time.monotonic()
            lost_at = lost_at or now
            passing = error.code in ("transport-unreachable", "coordinator-stopping")
            if seen is None or not passing or now - lost_at > PATIENCE:
                raise error
            time.sleep(0.5)

    def _call(self, method: Callable[..., R], request: Any) -> R:
        try:
            return method(request, timeout=SECONDS)
        except grpc.RpcError as failure:
            raise self._named(failure) from None

    def _named(self, failure: grpc.RpcError) -> SamklangError:
        """What the coordinator says, or why it can't be talked to: often a certificate."""
        error = from_rpc_error(failure, self.address)
        if error.code == "transport-unreachable":
            return diagnose(self.address, self._files) or error
        return error


def _check_size(bundle: bytes) -> None:
    """Said here: what exceeds a message's limit never arrives, and gRPC doesn't say why."""
    if len(bundle) > BUNDLE:
        raise SamklangError("transport-bundle-size", limit=BUNDLE)
