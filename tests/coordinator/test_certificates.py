"""Who is let in: TLS 1.3, the federation's certificates, the right kind and the right name; else a reason."""

from __future__ import annotations

import json
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.coordinator.federation import RingFederation
from tests.coordinator.ring import COORDINATOR

from samklang.errors import SamklangError
from samklang.identity import requests
from samklang.identity.pki import Authority
from samklang.transport.diagnose import diagnose
from samklang.transport.options import open_sync_channel
from samklang.transport.status import from_rpc_error
from samklang.transport.tls import TlsFiles, channel_credentials, server_credentials

import grpc  # isort: skip
from samklang.v1 import federation_pb2 as v1  # isort: skip
from samklang.v1 import federation_pb2_grpc as v1_grpc  # isort: skip
from samklang.v1 import nodes_pb2 as n1  # isort: skip
from samklang.v1 import nodes_pb2_grpc as n1_grpc  # isort: skip

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RingFederation]:
    folder = tmp_path_factory.mktemp("ring")
    made = RingFederation(folder, ["a", "b"], revoked=str(folder / "revoked.txt"))
    try:
        made.start(COORDINATOR)
        yield made
    finally:
        made.end()


def handshake(ring: RingFederation, version: ssl.TLSVersion, files: TlsFiles | None) -> str | None:
    """Handshake in one version, by Python's own TLS; the version spoken, or None if the server then hangs
    up, which is how gRPC refuses a client's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2"])
    context.load_verify_locations(ring.folder / "ca.pem")
    if files:
        context.load_cert_chain(files.certificate, files.key)
    host, _, port = ring.address.rpartition(":")
    with (
        socket.create_connection((host, int(port)), timeout=5) as raw,
        context.wrap_socket(raw, server_hostname=host) as connection,
    ):
        return connection.version() if connection.recv(1) else None


def test_tls_1_3_works(ring: RingFederation) -> None:
    assert handshake(ring, ssl.TLSVersion.TLSv1_3, ring.files("anna")) == "TLSv1.3"


def test_tls_1_2_is_refused(ring: RingFederation) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(ring, ssl.TLSVersion.TLSv1_2, ring.files("anna"))


def test_no_foreign_and_expired_certificates_are_refused_by_the_server(ring: RingFederation) -> None:
    now = datetime.now(UTC)
    foreign = Authority.create("ring", days=1, now=now)
    ring.write("foreign", foreign.issue("analyst", "anna", "org", days=1, now=now))
    ring.issue("analyst", "late", now=now - timedelta(days=3))
    assert handshake(ring, ssl.TLSVersion.TLSv1_3, None) is None
    for name in ("foreign", "late"):
        assert handshake(ring, ssl.TLSVersion.TLSv1_3, ring.files(name)) is None


def call(ring: RingFederation, files: TlsFiles, method: str = "GetDocuments") -> SamklangError | None:
    """Call the analysts' service; returns the named error."""
    with open_sync_channel(ring.address, files) as channel:
        stub = v1_grpc.FederationStub(channel)
        asked = {"GetDocuments": v1.GetDocumentsRequest(), "List": v1.ListRequest()}
        try:
            getattr(stub, method)(asked[method], timeout=10)
        except grpc.RpcError as error:
            return from_rpc_error(error, ring.address)
    return None


def code_of(error: SamklangError | None) -> str:
    return error.code if error else "fine"


def test_kinds_are_told_apart(ring: RingFederation) -> None:
    ring.issue("operator", "olga")
    assert code_of(call(ring, ring.files("olga"))) == "fine"
    assert code_of(call(ring, ring.files("olga"), "List")) == "transport-not-authorised"
    assert code_of(call(ring, ring.files("a"), "List")) == "transport-not-authorised"
    assert code_of(call(ring, ring.files("anna"), "List")) == "fine"


def test_a_connection_does_not_outlast_its_certificate(ring: RingFederation) -> None:
    """TLS looks at the dates once, when a connection is made; it may stand for days."""
    ring.issue("analyst", "brief", seconds=4)
    with open_sync_channel(ring.address, ring.files("brief")) as channel:
        stub = v1_grpc.FederationStub(channel)
        stub.GetDocuments(v1.GetDocumentsRequest(), timeout=10)
        time.sleep(4.5)
        with pytest.raises(grpc.RpcError) as caught:
            stub.GetDocuments(v1.GetDocumentsRequest(), timeout=10)
        assert from_rpc_error(caught.value).code == "transport-certificate-expired"


def test_who_is_revoked_hears_no_more_on_a_stream_that_stands(ring: RingFederation) -> None:
    ring.issue("analyst", "old", as_name="carl")
    ring.issue("analyst", "new", as_name="carl")
    with (
        open_sync_channel(ring.address, ring.files("old")) as before,
        open_sync_channel(ring.address, ring.files("new")) as after,
    ):
        bundle = json.dumps({"analyst": "carl", "nodes": ["a", "b"], "size": 1}).encode()
        old, new = v1_grpc.FederationStub(before), v1_grpc.FederationStub(after)
        query = old.Submit(v1.SubmitRequest(bundle=bundle), timeout=10).query_id
        watching = old.Watch(v1.WatchRequest(query_id=query), timeout=20)
        assert next(watching).query_id == query
        (ring.folder / "revoked.txt").write_text(f"{fingerprint(ring.files('old'))} analyst carl\n")
        new.Cancel(v1.CancelRequest(query_id=query), timeout=10)
        with pytest.raises(grpc.RpcError) as caught:
            next(watching)
        assert from_rpc_error(caught.value).code == "transport-certificate-revoked"


def fingerprint(files: TlsFiles) -> str:
    return requests.fingerprint(files.certificate.read_bytes())


def test_an_analyst_cannot_link_or_pull(ring: RingFederation) -> None:
    with open_sync_channel(ring.address, ring.files("anna")) as channel:
        stub = n1_grpc.NodesStub(channel)
        address = n1.Address(
            attempt=n1.Attempt(query_id="q", number=1), sender="a", recipient="b", stage="tags"
        )
        for answers in (
            stub.Link(iter([n1.LinkRequest(hello=n1.Hello(protocol_version=1))])),
            stub.Pull(n1.PullRequest(address=address)),
        ):
            with pytest.raises(grpc.RpcError) as caught:
                next(answers)
            assert from_rpc_error(caught.value).code == "transport-not-authorised"


def test_a_node_speaks_and_listens_as_itself_alone(ring: RingFederation) -> None:
    address = n1.Address(attempt=n1.Attempt(query_id="q", number=1), sender="b", recipient="b", stage="tags")
    with open_sync_channel(ring.address, ring.files("a")) as channel:
        stub = n1_grpc.NodesStub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            stub.Push(iter([n1.Chunk(address=address)]), timeout=10)
        assert from_rpc_error(caught.value).code == "transport-not-yourself"
        with pytest.raises(grpc.RpcError) as caught:
            next(stub.Pull(n1.PullRequest(address=address), timeout=10))
        assert from_rpc_error(caught.value).code == "transport-not-yourself"
        address.sender = "a"
        with pytest.raises(grpc.RpcError) as caught:
            stub.Push(iter([n1.Chunk(address=address)]), timeout=10)
        assert from_rpc_error(caught.value).code == "transport-no-attempt"


def test_a_certificate_of_another_federation_on_the_same_authority(ring: RingFederation) -> None:
    other = Authority.create("elsewhere", days=1, now=datetime.now(UTC))
    other._key, other._certificate = ring.authority._key, ring.authority._certificate
    issued = Authority(ring.authority._certificate, ring.authority._key)
    issued.__class__ = type("Other", (Authority,), {"federation": property(lambda self: "elsewhere")})
    ring.write("stranger", issued.issue("analyst", "stranger", "org", days=1, now=datetime.now(UTC)))
    assert code_of(call(ring, ring.files("stranger"))) == "transport-other-federation"


def test_own_mistakes_are_named_before_anybody_is_called(ring: RingFederation, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    good = ring.files("anna")
    ring.issue("analyst", "late", now=now - timedelta(days=3))
    foreign = Authority.create("ring", days=1, now=now)
    ring.write("foreign", foreign.issue("analyst", "anna", "org", days=1, now=now))
    open_key = tmp_path / "open.key"
    open_key.write_bytes(good.key.read_bytes())
    open_key.chmod(0o644)
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    cases = {
        "transport-certificate-expired": ring.files("late"),
        "transport-certificate-foreign": ring.files("foreign"),
        "transport-tls-key-readable": TlsFiles(good.ca, good.certificate, open_key),
        "transport-tls-file": TlsFiles(good.ca, empty, good.key),
    }
    for code, files in cases.items():
        for make in (channel_credentials, server_credentials):
            with pytest.raises(SamklangError) as caught:
                make(files)
            assert caught.value.code == code
    for files in (
        TlsFiles(good.ca, good.certificate, ring.files("bo").key),
        TlsFiles(good.ca, good.certificate, empty),
    ):
        empty.chmod(0o600)
        with pytest.raises(SamklangError) as caught:
            channel_credentials(files)
        assert caught.value.code == "transport-tls-file"


def test_a_server_certificate_that_would_allow_tls_1_2_is_refused(
    ring: RingFederation, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = tmp_path / "rsa.key"
    key.touch(0o600)
    private = rsa.generate_private_key(65537, 2048)
    key.write_bytes(private.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()))
    with pytest.raises(SamklangError) as caught:
        server_credentials(TlsFiles(ring.folder / "ca.pem", ring.files(COORDINATOR).certificate, key))
    assert caught.value.code == "transport-certificate-not-ecdsa"


def test_the_servers_refusal_is_told_from_a_dead_address(ring: RingFederation) -> None:
    now = datetime.now(UTC)
    foreign = Authority.create("ring", days=1, now=now)
    ring.write("foreign", foreign.issue("analyst", "anna", "org", days=1, now=now))
    ring.issue("analyst", "late", now=now - timedelta(days=3))
    assert code_of(diagnose(ring.address, ring.files("foreign"))) == "transport-certificate-foreign"
    assert code_of(diagnose(ring.address, ring.files("late"))) == "transport-certificate-expired"
    assert code_of(diagnose(ring.address, ring.files("anna"))) == "fine"
    other_ca = ring.folder / "other-ca.pem"
    other_ca.write_bytes(foreign.certificate)
    foreigner, anna = ring.files("foreign"), ring.files("anna")
    elsewhere = TlsFiles(other_ca, foreigner.certificate, foreigner.key)
    assert code_of(diagnose(ring.address, elsewhere)) == "transport-tls-untrusted"
    # Somebody whose own files fit together, and whom the server doesn't know.
    both = ring.folder / "both-ca.pem"
    both.write_bytes(foreign.certificate + ring.authority.certificate)
    stranger = TlsFiles(both, foreigner.certificate, foreigner.key)
    assert code_of(diagnose(ring.address, stranger)) == "transport-tls-refused"
    assert code_of(call(ring, stranger)) == "transport-unreachable"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{free.getsockname()[1]}"
    assert code_of(diagnose(nobody, anna)) == "transport-unreachable"


@pytest.mark.parametrize(
    ("ends", "code"), [(True, "transport-unreachable"), (False, "transport-tls-refused")]
)
def test_a_coordinator_that_ends_during_the_handshake_has_not_refused_it(
    ring: RingFederation, ends: bool, code: str
) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(4)
        address = f"127.0.0.1:{listening.getsockname()[1]}"

        def end() -> None:
            connection = listening.accept()[0]
            connection.recv(1)
            if ends:
                listening.shutdown(socket.SHUT_RDWR)
                listening.close()
            connection.close()

        ending = threading.Thread(target=end)
        ending.start()
        assert code_of(diagnose(address, ring.files("anna"))) == code
        ending.join()


@pytest.mark.parametrize(
    ("certificate", "changes", "code"),
    [
        ("late-node", {}, "transport-certificate-expired"),
        ("foreign-node", {}, "transport-certificate-foreign"),
        ("anna", {}, "transport-not-authorised"),
        ("nobody", {}, "transport-unknown-party"),
        ("a", {"codebook": "c2"}, "coordinator-node-documents"),
    ],
)
def test_a_node_that_is_refused_for_good_ends_by_name(
    ring: RingFederation, certificate: str, changes: dict[str, str], code: str
) -> None:
    now = datetime.now(UTC)
    if certificate == "late-node":
        ring.issue("node", certificate, as_name="a", now=now - timedelta(days=3))
    if certificate == "foreign-node":
        foreign = Authority.create("ring", days=1, now=now)
        ring.write(certificate, foreign.issue("node", "a", "org", days=1, now=now))
    if certificate == "nobody":
        ring.issue("node", certificate)
    node = ring.start("a", wait=False, certificate=certificate, **changes)
    assert node.wait() == 1
    last = json.loads(node.text().splitlines()[-1])
    assert (last["ready"], last["code"]) == (False, code)
    assert last["what"]
    assert last["fix"]


def test_a_second_process_of_a_node_takes_over_by_name(ring: RingFederation) -> None:
    first = ring.start("b")
    second = ring.start("b")
    assert first.wait() == 1
    codes = [json.loads(line).get("code") for line in first.text().splitlines()]
    assert "coordinator-replaced" in codes
    assert second.running()
    second.end()


def test_of_two_dials_of_one_process_the_later_one_stands(ring: RingFederation) -> None:
    """Whatever order they are heard in: a node that dials again isn't told that it has been replaced."""

    def hello(process: bytes, dial: int) -> n1.LinkRequest:
        digests = {"manifest_digest": "m1", "codebook_digest": "c1"}
        return n1.LinkRequest(hello=n1.Hello(protocol_version=2, process=process, dial=dial, **digests))

    def dialled(process: bytes, dial: int) -> Any:
        said: queue.SimpleQueue[n1.LinkRequest] = queue.SimpleQueue()
        said.put(hello(process, dial))
        return stub.Link(iter(said.get, None), timeout=20)

    def end(answers: Any) -> str:
        with pytest.raises(grpc.RpcError) as caught:
            list(answers)
        return from_rpc_error(caught.value).code

    with open_sync_channel(ring.address, ring.files("a")) as channel:
        stub = n1_grpc.NodesStub(channel)
        second = dialled(b"one process", 2)
        assert next(second).WhichOneof("message") == "welcome"
        assert end(dialled(b"one process", 1)) == "transport-lost"
        assert next(second).WhichOneof("message") == "heartbeat"
        third = dialled(b"one process", 3)
        assert next(third).WhichOneof("message") == "welcome"
        assert end(second) == "transport-lost"
        other = dialled(b"another", 1)
        assert next(other).WhichOneof("message") == "welcome"
        assert end(third) == "coordinator-replaced"
        other.cancel()
