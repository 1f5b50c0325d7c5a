"""The coordinator's gRPC server: both services behind one guard, on one TLS 1.3 port."""

from __future__ import annotations

from samklang.transport import tls as _tls  # noqa: F401  (first: see there)

import grpc  # isort: skip
import grpc.aio  # isort: skip

from samklang.coordinator.bulk import Bulk
from samklang.coordinator.federation import Federation
from samklang.coordinator.links import Links
from samklang.errors import SamklangError
from samklang.transport.guard import Guard
from samklang.transport.options import SERVER
from samklang.transport.revocation import Revoked
from samklang.transport.tls import TlsFiles, server_credentials
from samklang.v1 import federation_pb2 as f1
from samklang.v1 import nodes_pb2 as n1


def build_server(
    address: str,
    files: TlsFiles,
    *,
    federation: str,
    me: str,
    analysts: Federation,
    links: Links,
    bulk: Bulk,
    revoked: Revoked | None = None,
) -> tuple[grpc.aio.Server, int]:
    """A server that isn't started yet, and the port it has bound.

    Raises:
        SamklangError: ``coordinator-address``, or what is wrong with the TLS files.
    """
    server = grpc.aio.server(interceptors=[Guard(federation, me, revoked)], options=SERVER)
    server.add_generic_rpc_handlers((_federation(analysts), _nodes(links, bulk)))
    try:
        port = server.add_secure_port(address, server_credentials(files))
    except RuntimeError:
        port = 0
    if not port:
        raise SamklangError("coordinator-address", address=address)
    return server, port


def _federation(service: Federation) -> grpc.GenericRpcHandler:
    unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
    return grpc.method_handlers_generic_handler(
        "samklang.v1.Federation",
        {
            "GetDocuments": unary(
                service.get_documents,
                f1.GetDocumentsRequest.FromString,
                f1.GetDocumentsResponse.SerializeToString,
            ),
            "Submit": unary(service.submit, f1.SubmitRequest.FromString, f1.SubmitResponse.SerializeToString),
            "Watch": stream(service.watch, f1.WatchRequest.FromString, f1.QueryStatus.SerializeToString),
            "GetRelease": unary(
                service.get_release, f1.GetReleaseRequest.FromString, f1.GetReleaseResponse.SerializeToString
            ),
            "List": unary(service.list_queries, f1.ListRequest.FromString, f1.ListResponse.SerializeToString),
            "Cancel": unary(service.cancel, f1.CancelRequest.FromString, f1.CancelResponse.SerializeToString),
            "ListParticipations": unary(
                service.list_participations,
                f1.ListParticipationsRequest.FromString,
                f1.ListParticipationsResponse.SerializeToString,
            ),
            "Plan": unary(service.plan, f1.PlanRequest.FromString, f1.PlanResponse.SerializeToString),
        },
    )


def _nodes(links: Links, bulk: Bulk) -> grpc.GenericRpcHandler:
    # No (de)serialisers for chunks: the relay passes their bytes on as they are.
    return grpc.method_handlers_generic_handler(
        "samklang.v1.Nodes",
        {
            "Link": grpc.stream_stream_rpc_method_handler(
                links.link, n1.LinkRequest.FromString, n1.LinkResponse.SerializeToString
            ),
            "Push": grpc.stream_unary_rpc_method_handler(bulk.push, None, n1.PushResponse.SerializeToString),
            "Pull": grpc.unary_stream_rpc_method_handler(bulk.pull, n1.PullRequest.FromString, None),
        },
    )
