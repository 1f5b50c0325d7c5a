"""One row per RPC, and nobody gets past it."""

from __future__ import annotations

import pytest

from samklang.errors import SamklangError
from samklang.identity.pki import KINDS
from samklang.transport.authorisation import MAY_CALL, authorise
from samklang.transport.peer import Peer
from samklang.v1 import federation_pb2, nodes_pb2


def methods() -> set[str]:
    found = set()
    for module in (federation_pb2, nodes_pb2):
        for service in module.DESCRIPTOR.services_by_name.values():
            found |= {f"/{service.full_name}/{method.name}" for method in service.methods}
    return found


def test_every_rpc_has_a_row_and_every_row_an_rpc() -> None:
    assert set(MAY_CALL) == methods()
    for kinds in MAY_CALL.values():
        assert kinds
        assert kinds <= set(KINDS)


@pytest.mark.parametrize("method", sorted(methods()))
@pytest.mark.parametrize("kind", KINDS)
def test_the_table_is_enforced(method: str, kind: str) -> None:
    peer = Peer("here", kind, "name", "00", 0.0)
    if kind in MAY_CALL[method]:
        authorise(method, peer, "here")
    else:
        with pytest.raises(SamklangError) as caught:
            authorise(method, peer, "here")
        assert caught.value.code == "transport-not-authorised"
    with pytest.raises(SamklangError) as caught:
        authorise(method, peer, "elsewhere")
    assert caught.value.code == "transport-other-federation"


def test_a_method_without_a_row_is_for_nobody() -> None:
    for kind in KINDS:
        with pytest.raises(SamklangError) as caught:
            authorise("/samklang.v1.Nodes/New", Peer("here", kind, "name", "00", 0.0), "here")
        assert caught.value.code == "transport-not-authorised"
