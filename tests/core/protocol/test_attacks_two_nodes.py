"""The coordinator as compute party A of a two-node federation: linker, relay and share holder at once.

It has a pair key with both nodes and passes every message on. Shown here: what it holds contains neither
the link key nor a way to it, no tag of a citizen it could name, and no value.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pytest
from tests.support.adversary import CITIZENS, THREE, TWO, small, values
from tests.support.federation import COORDINATOR, Federation
from tests.support.quiet import NoNoise

from samklang.identity.dsse import Envelope
from samklang.protocol.packing import pack
from samklang.protocol.participant import Participant
from samklang.protocol.prg import prefixed
from samklang.protocol.roles.keying import Keying
from samklang.protocol.simulation import Chunk, Simulation
from samklang.protocol.tags import tags


@dataclass
class Seen:
    """Everything that the coordinator's process has in its hands during one attempt."""

    roles: dict[str, Participant]
    received: dict[tuple[str, str], bytearray] = field(default_factory=dict)
    """(stage, sender) → opened bytes."""
    relayed: list[Chunk] = field(default_factory=list)

    def everything(self) -> bytes:
        own = [*self.roles[COORDINATOR].session.pair.values(), self.roles[COORDINATOR].session.transcript]
        return b"".join([*own, *map(bytes, self.received.values()), *(c.data for c in self.relayed)])


def attempt(federation: Federation, held: list[str] = CITIZENS[:40]) -> Seen:
    known = values(federation.program, dict.fromkeys(federation.program.inputs, held))
    roles = federation.participants(known, NoNoise())
    seen = Seen(roles)

    def witness(recipient: str, sender: str, stage: str, data: bytes) -> None:
        if recipient == COORDINATOR:
            seen.received.setdefault((stage, sender), bytearray()).extend(data)

    def network(chunk: Chunk) -> list[Chunk]:
        seen.relayed.append(chunk)
        return [chunk]

    Simulation(roles, network, witness).run()
    return seen


@pytest.fixture(scope="module", params=[TWO, THREE], ids=["compute party A", "linker and relay"])
def seen(request: pytest.FixtureRequest) -> Seen:
    return attempt(small(request.param))


def true_tags(seen: Seen, key: bytes | None = None) -> set[bytes]:
    """The 16 bytes of each citizen's tag, as they lie in a message."""
    key = key or seen.roles["home"].session.link_key
    assert key is not None
    made = tags(key, np.array(CITIZENS[:40], "S10"))
    return {bytes(row) for row in np.ascontiguousarray(made.T).view(np.uint8).reshape(-1, 16)}


def opened_tags(seen: Seen) -> set[bytes]:
    """What the linker adds up."""
    shares = [np.frombuffer(bytes(d), "<u8") for (stage, _), d in seen.received.items() if stage == "tags"]
    total = shares[0].copy()
    for share in shares[1:]:
        total += share
    halves = total.reshape(2, -1)
    return {bytes(row) for row in np.ascontiguousarray(halves.T).view(np.uint8).reshape(-1, 16)}


def test_it_has_no_link_key_and_was_sent_no_part_of_it(seen: Seen) -> None:
    assert seen.roles[COORDINATOR].session.link_key is None
    for (stage, _), data in seen.received.items():
        if stage == "key":
            (part,) = bytes(data).split(b"\n")
            assert json.loads(Envelope.from_bytes(part).payload)["purpose"] == "pair"


@pytest.mark.parametrize("nodes", [TWO, THREE], ids=["two", "three"])
def test_it_opens_no_contribution_that_it_relays(nodes: dict[str, tuple[str, ...]]) -> None:
    """With its own HPKE key, under the context of every recipient and purpose; its own messages it opens."""
    federation = small(nodes)
    roles = federation.participants(values(federation.program, dict.fromkeys(nodes, CITIZENS[:5])), NoNoise())
    keying = roles[COORDINATOR]._keying
    assert isinstance(keying, Keying)
    private = keying._own
    opened = {True: 0, False: 0}

    def network(chunk: Chunk) -> list[Chunk]:
        for part in chunk.data.split(b"\n") if chunk.stage == "key" else []:
            content = json.loads(Envelope.from_bytes(part).payload)
            for recipient, purpose in product(roles, ("pair", "link")):
                names = (content["version"], content["sender"], recipient, purpose)
                info = prefixed(bytes.fromhex(content["transcript"]), *(n.encode() for n in names))
                secret = private.open(base64.b64decode(content["ciphertext"]), info)
                opened[secret is not None] += 1
                assert secret is None or chunk.recipient == COORDINATOR
        return [chunk]

    Simulation(roles, network).run()
    n = len(nodes)
    assert opened[True] == n, "one pair contribution from each node"
    parts = n + n + 2 * n * (n - 1)  # to the coordinator, from it, and between nodes
    assert sum(opened.values()) == parts * len(roles) * 2


def test_the_tags_it_adds_up_are_the_ones_that_only_the_link_key_makes(seen: Seen) -> None:
    """The comparison itself works: with the link key every citizen would be found."""
    assert true_tags(seen) <= opened_tags(seen)
    wrong = true_tags(seen, bytes(32))
    assert not wrong & opened_tags(seen)


def test_no_32_bytes_that_it_ever_held_are_the_link_key(seen: Seen) -> None:
    """Every position of every message is tried as a key on one citizen, and looked for."""
    everything = seen.everything()
    one = np.array(CITIZENS[:1], "S10")
    found = opened_tags(seen)
    key = seen.roles["home"].session.link_key
    assert key is not None
    assert key not in everything
    material = b"".join(
        [
            *seen.roles[COORDINATOR].session.pair.values(),
            *(bytes(d) for (stage, _), d in seen.received.items() if len(d) <= 4096 or stage == "key"),
        ]
    )
    for start in range(len(material) - 31):
        tag = tags(material[start : start + 32], one)
        assert tag[:, 0].tobytes() not in found


def test_tags_of_two_attempts_have_nothing_in_common() -> None:
    federation = small(TWO)
    assert not opened_tags(attempt(federation)) & opened_tags(attempt(federation))


def spellings(cpr: str) -> list[bytes]:
    """How a CPR number could lie in a message or a log."""
    number = int(cpr)
    packed = int(pack(np.array([cpr], "S10"))[0])
    dashed = f"{cpr[:6]}-{cpr[6:]}"
    encoded = [base64.b64encode(cpr.encode())[:12], cpr.encode().hex().encode(), dashed.encode()]
    return [
        cpr.encode(),
        cpr.encode("utf-16-le"),
        *encoded,
        *(n.to_bytes(8, order) for n in (number, packed) for order in ("little", "big")),
    ]


def test_nothing_that_it_holds_or_prints_has_a_citizens_number(seen: Seen) -> None:
    everything = seen.everything()
    role = seen.roles[COORDINATOR]
    printed = repr([role, role.session, role.agreement, role.session.program, vars(role)]).encode()
    for cpr in CITIZENS[:40]:
        for spelling in spellings(cpr):
            assert spelling not in everything
            assert spelling not in printed


def test_sessions_and_shares_print_no_secret(seen: Seen) -> None:
    for role in seen.roles.values():
        printed = repr([role.session, role.agreement, role])
        secrets = [*role.session.pair.values(), *([role.session.link_key] if role.session.link_key else [])]
        for secret in secrets:
            assert secret.hex() not in printed
            assert repr(secret)[2:-1] not in printed
            assert base64.b64encode(secret).decode() not in printed


def test_key_messages_never_stand_alone_for_two_recipients(seen: Seen) -> None:
    """Each contribution is sealed afresh: no ciphertext that the relay passes on occurs twice."""
    ciphertexts = [
        json.loads(Envelope.from_bytes(part).payload)["ciphertext"]
        for chunk in seen.relayed
        if chunk.stage == "key"
        for part in chunk.data.split(b"\n")
    ]
    assert len(set(ciphertexts)) == len(ciphertexts)
