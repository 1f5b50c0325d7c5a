"""One row per RPC, and nobody gets past it."""

from __future__ import annotations

import pytest

from samklang.errors import SamklangError
from samklang.identity.pki import KINDS
from samklang.transport.authorisation import INVITED, MAY_CALL, authorise
from samklang.transport.peer import Peer
from samklang.v1 import enrolment_pb2, federation_pb2, nodes_pb2, oversight_pb2


def methods() -> set[str]:
    found = set()
    for module in (enrolment_pb2, federation_pb2, nodes_pb2, oversight_pb2):
        for service in module.DESCRIPTOR.services_by_name.values():
            found |= {f"/{service.full_name}/{method.name}" for method in service.methods}
    return found


def test_every_rpc_has_a_row_and_every_row_an_rpc() -> None:
    assert set(MAY_CALL) == methods()
    for kinds in MAY_CALL.values():
        assert kinds
        assert kinds <= {*KINDS, INVITED}


def test_the_invited_may_ask_to_join_and_nothing_else() -> None:
    """No certificate can say so of its holder, and with one nobody needs to be invited."""
    assert INVITED not in KINDS
    open_to = {method for method, kinds in MAY_CALL.items() if INVITED in kinds}
    assert open_to == {m for m in MAY_CALL if m.startswith("/samklang.v1.Enrolment/")}
    assert all(MAY_CALL[method] == {INVITED} for method in open_to)


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
