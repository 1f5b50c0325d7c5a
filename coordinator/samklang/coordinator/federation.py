"""The analyst's side: documents, plan, submit, watch, release, list, cancel; each sees its own alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from samklang.coordinator.plans import Plans
from samklang.coordinator.queries import Queries
from samklang.errors import SamklangError
from samklang.transport.options import BUNDLE, MESSAGE
from samklang.transport.peer import peer_of
from samklang.v1 import federation_pb2 as v1

LISTED = 200
BUNDLES = MESSAGE // 2
"""Bytes of signed queries in one list at most; a usual one has some 3,000."""


class Federation:
    """The service behind ``samklang.v1.Federation``.

    Args:
        queries: the queries.
        plans: asks nodes about queries that are only planned.
        manifest: DSSE envelope that is handed out.
        codebook: DSSE envelope that is handed out.
        organisations: node → whose it is.
    """

    def __init__(
        self,
        queries: Queries,
        plans: Plans,
        manifest: bytes,
        codebook: bytes,
        organisations: Mapping[str, str],
    ) -> None:
        self._queries = queries
        self._plans = plans
        self._organisations = organisations
        self._documents = v1.GetDocumentsResponse(manifest=manifest, codebook=codebook)

    async def get_documents(self, request: v1.GetDocumentsRequest, context: Any) -> v1.GetDocumentsResponse:
        return self._documents

    async def submit(self, request: v1.SubmitRequest, context: Any) -> v1.SubmitResponse:
        _check_size(request.bundle)
        caller = peer_of(context)
        query = await self._queries.submit(request.bundle, caller.name, caller.organisation)
        return v1.SubmitResponse(query_id=query)

    async def watch(self, request: v1.WatchRequest, context: Any) -> AsyncIterator[v1.QueryStatus]:
        query = request.query_id
        changes = self._queries.watch(query)
        try:
            record = await self._queries.get(query, peer_of(context).name)
            yield record.to_wire()
            while not record.state.ended:
                newer = await changes.get()
                # What was queued while the first status was read may be older than it.
                if newer.changed_us >= record.changed_us and newer != record:
                    record = newer
                    yield record.to_wire()
        finally:
            self._queries.unwatch(query, changes)

    async def get_release(self, request: v1.GetReleaseRequest, context: Any) -> v1.GetReleaseResponse:
        return await self._queries.release(request.query_id, peer_of(context).name)

    async def list_queries(self, request: v1.ListRequest, context: Any) -> v1.ListResponse:
        limit = min(request.limit or LISTED, LISTED)
        records = await self._queries.of(peer_of(context).name, limit)
        bundles = await self._queries.bundles([record.id for record in records], BUNDLES)
        return v1.ListResponse(queries=[record.to_wire() for record in records], bundles=bundles)

    async def list_participations(
        self, request: v1.ListParticipationsRequest, context: Any
    ) -> v1.ListParticipationsResponse:
        """What an officer may know here: that nodes of the own organisation take part, and what became of
        it. Texts of reasons are the analyst's to read; the officer gets their codes."""
        mine = peer_of(context).organisation
        nodes = [node for node, organisation in self._organisations.items() if organisation == mine]
        limit = min(request.limit or LISTED, LISTED)
        answer = v1.ListParticipationsResponse()
        for record, taking in await self._queries.with_nodes(nodes, limit):
            status = record.to_wire()
            for reason in status.reasons:
                reason.CopyFrom(v1.Reason(code=reason.code, node=reason.node, clause=reason.clause))
            answer.queries.add(status=status, analyst=record.analyst, nodes=taking)
        return answer

    async def cancel(self, request: v1.CancelRequest, context: Any) -> v1.CancelResponse:
        # Shielded: a caller that hangs up must not leave the query half cancelled.
        work = self._queries.cancel(request.query_id, peer_of(context).name)
        record = await asyncio.shield(asyncio.ensure_future(work))
        return v1.CancelResponse(status=record.to_wire())

    async def plan(self, request: v1.PlanRequest, context: Any) -> v1.PlanResponse:
        _check_size(request.bundle)
        caller = peer_of(context)
        return await self._plans.ask(request.bundle, caller.name, caller.organisation)


def _check_size(bundle: bytes) -> None:
    if len(bundle) > BUNDLE:
        raise SamklangError("transport-bundle-size", limit=BUNDLE)
