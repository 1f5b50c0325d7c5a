"""Whatever bytes are sent to whichever call by whomever: a named refusal, and the coordinator goes on.

Real processes and TLS; calls go out as raw bytes, without the client's own checks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.coordinator.federation import RingFederation
from tests.coordinator.ring import COORDINATOR

from samklang.errors import CATALOGUE
from samklang.transport.authorisation import INVITED, MAY_CALL
from samklang.transport.options import ASKING, open_invited_channel, open_sync_channel
from samklang.transport.status import from_rpc_error

import grpc  # isort: skip
from samklang.v1 import enrolment_pb2 as e1  # isort: skip
from samklang.v1 import federation_pb2 as f1  # isort: skip
from samklang.v1 import nodes_pb2 as n1  # isort: skip

pytestmark = pytest.mark.processes

KINDS = ("analyst", "node", "dpo", "operator")
METHODS = sorted(method for method in MAY_CALL if ".Oversight/" not in method)
STREAMED = ("Link", "Push")
ANSWERS = ("Link", "Watch", "Pull")
MIB = 1 << 20


class Hostile:
    """Channels of everybody to a coordinator that runs."""

    def __init__(self, ring: RingFederation, stack: ExitStack) -> None:
        self.ring = ring
        self.channels: dict[str, grpc.Channel] = {}
        for kind in KINDS:
            name = "a" if kind == "node" else f"the-{kind}"
            if kind != "node":
                ring.issue(kind, name)  # type: ignore[arg-type]
            channel = open_sync_channel(ring.address, ring.files(name))
            self.channels[kind] = stack.enter_context(channel)
        (taking,) = ring.processes[COORDINATOR].lines("taking requests to join")
        self.door = f"127.0.0.1:{taking['port']}"
        authority = (ring.folder / "ca.pem").read_bytes()
        self.channels[INVITED] = stack.enter_context(open_invited_channel(self.door, authority))

    def say(self, who: str, method: str, *messages: bytes) -> str:
        """The code of the refusal; empty if it was answered. Raises for a status without one of ours."""
        name, channel = method.rpartition("/")[2], self.channels[who]
        form = f"{'stream' if name in STREAMED else 'unary'}_{'stream' if name in ANSWERS else 'unary'}"
        call = getattr(channel, form)(method, None, None)
        request: Any = iter(messages) if name in STREAMED else messages[0]
        try:
            answer = call(request, timeout=30)
            if name in ANSWERS:
                next(iter(answer), None)
                answer.cancel()
        except grpc.RpcError as failure:
            trailing = dict(failure.trailing_metadata() or ())
            if failure.code() == grpc.StatusCode.UNIMPLEMENTED:
                return "unimplemented"
            if trailing.get("samklang-code") not in CATALOGUE or "Traceback" in str(failure.details()):
                raise AssertionError((method, failure.code(), failure.details())) from failure
            return from_rpc_error(failure).code
        return ""

    def resident(self) -> int:
        """Bytes of memory that the coordinator holds."""
        status = Path(f"/proc/{self.ring.processes[COORDINATOR].pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) << 10


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    ring = RingFederation(tmp_path_factory.mktemp("hostile"), ["a", "b"], enrolment="127.0.0.1:0")
    with ExitStack() as stack:
        stack.callback(ring.end)
        ring.start(COORDINATOR)
        yield Hostile(ring, stack)


def wellformed(name: str) -> st.SearchStrategy[bytes]:
    """Messages of the call's own type, with anything in their fields."""
    words, data, number = st.text(max_size=30), st.binary(max_size=60), st.integers(0, (1 << 32) - 1)
    address = st.builds(
        n1.Address,
        attempt=st.builds(n1.Attempt, query_id=words, number=number),
        sender=words | st.just("a"),
        recipient=words | st.just("b"),
        stage=words,
    )
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "Submit": st.builds(f1.SubmitRequest, bundle=data),
        "Plan": st.builds(f1.PlanRequest, bundle=data),
        "Watch": st.builds(f1.WatchRequest, query_id=words),
        "GetRelease": st.builds(f1.GetReleaseRequest, query_id=words),
        "Cancel": st.builds(f1.CancelRequest, query_id=words),
        "List": st.builds(f1.ListRequest, limit=number),
        "ListParticipations": st.builds(f1.ListParticipationsRequest, limit=number),
        "Apply": st.builds(e1.ApplyRequest, invitation=words, request=data, proof=data),
        "Collect": st.builds(e1.CollectRequest, invitation=words, proof=data),
        "Pull": st.builds(n1.PullRequest, address=address),
        "Push": st.builds(n1.Chunk, address=address) | st.builds(n1.Chunk, data=data, last=st.booleans()),
        "Link": st.builds(
            n1.LinkRequest,
            hello=st.builds(
                n1.Hello, protocol_version=number, manifest_digest=words | st.just("m1"), process=data
            ),
        )
        | st.builds(n1.LinkRequest, control=st.builds(n1.Control, address=address, payload=data)),
    }
    return kinds.get(name, st.just(f1.GetDocumentsRequest())).map(lambda message: message.SerializeToString())


@st.composite
def said(draw: st.DrawFn) -> tuple[str, str, list[bytes]]:
    method = draw(st.sampled_from(METHODS))
    who = draw(st.sampled_from([*KINDS, INVITED]))
    message = st.binary(max_size=200) | wellformed(method.rpartition("/")[2])
    return who, method, draw(st.lists(message, min_size=1, max_size=3))


@settings(max_examples=250, deadline=None)
@given(asked=said())
def test_any_bytes_to_any_call_by_anybody(hostile: Hostile, asked: tuple[str, str, list[bytes]]) -> None:
    who, method, messages = asked
    found = hostile.say(who, method, *messages)
    mine = (method.startswith("/samklang.v1.Enrolment/")) == (who == INVITED)
    if not mine:
        assert found == "unimplemented", "each port has its own calls"
    elif who not in MAY_CALL[method]:
        assert found == "transport-not-authorised", "whatever is in it, nobody reads it"


def test_bytes_that_are_no_message_are_named_to_those_who_may_call(hostile: Hostile) -> None:
    calls = {
        "Federation/Submit": "analyst", "Federation/Watch": "analyst", "Nodes/Link": "node",
        "Nodes/Push": "node", "Nodes/Pull": "node", "Enrolment/Apply": INVITED,
    }  # fmt: skip
    for method, who in calls.items():
        assert hostile.say(who, f"/samklang.v1.{method}", b"\xff" * 9) == "transport-message"


def at_once(number: int, work: Any) -> None:
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_port_that_asks_for_no_certificate_holds_little(hostile: Hostile) -> None:
    """Anybody can reach it: a message longer than a request is refused before it is there."""
    before = hostile.resident()
    ask = hostile.channels[INVITED].unary_unary("/samklang.v1.Enrolment/Apply", None, None)
    statuses = []

    def flood(size: int) -> None:
        try:
            ask(e1.ApplyRequest(request=bytes(size)).SerializeToString(), timeout=30)
        except grpc.RpcError as failure:
            statuses.append(failure.code())

    at_once(64, partial(flood, 3 * MIB))
    assert set(statuses) == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert hostile.resident() - before < 48 * MIB
    statuses.clear()
    at_once(64, partial(flood, ASKING // 2))
    assert len(statuses) == 64
    assert hostile.say("analyst", "/samklang.v1.Federation/List", b"") == "", "others are answered"


def test_one_caller_does_not_take_all_places(hostile: Hostile) -> None:
    """Streams of one analyst are counted; another one is answered beside them."""
    ring = hostile.ring
    with ring.analyst("anna") as anna, ring.analyst("bo") as bo:
        query = anna.submit(size=1)  # waits for nodes that aren't there
        watching = [anna.stub.Watch(f1.WatchRequest(query_id=query), timeout=60) for _ in range(170)]
        ends = []
        for stream in watching:
            try:
                ends.append(next(stream).query_id == query)
            except grpc.RpcError as failure:
                ends.append(from_rpc_error(failure).code)
        assert ends.count(True) == 150
        assert ends.count("transport-busy") == 20
        assert bo.call("List", f1.ListRequest()) is not None
        for stream in watching:
            stream.cancel()
        anna.call("Cancel", f1.CancelRequest(query_id=query))


def test_after_all_of_it_nothing_is_wrong_with_it(hostile: Hostile) -> None:
    """No line of its log but JSON, no defect, no time series for what others have made up."""
    process = hostile.ring.processes[COORDINATOR]
    assert process.running()
    assert process.lines("call failed") == []
    with hostile.ring.analyst("anna") as anna:
        anna.call("GetDocuments", f1.GetDocumentsRequest())
