"""Acceptances that are forged, exchanged, kept for later, or of something else."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.adversary import THREE, small
from tests.support.federation import COORDINATOR, Federation

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey
from samklang.model.canonical import canonical
from samklang.protocol.agreement import ACCEPTANCE_TYPE, Acceptance, Pledge, Terms, accept, agree
from samklang.protocol.hpke import MLKEM_BYTES, HpkePrivateKey, HpkePublicKey

FEDERATION: Federation = small(THREE)
NODES = FEDERATION.program.inputs


def envelopes(pledges: dict[str, Pledge]) -> dict[str, bytes]:
    return {p: pledge.envelope for p, pledge in pledges.items()}


def refusal(pledges: dict[str, Pledge], shown: dict[str, bytes], me: str = "home") -> str:
    """Why ``me`` refuses what the coordinator shows it."""
    with pytest.raises(SamklangError) as caught:
        agree(pledges[me], me, FEDERATION.program, FEDERATION.manifest, shown)
    assert caught.value.code == "protocol-agreement"
    return caught.value.what


def test_honest_acceptances_give_everybody_one_transcript() -> None:
    pledges = FEDERATION.pledges()
    agreed = {
        p: agree(pledges[p], p, FEDERATION.program, FEDERATION.manifest, envelopes(pledges)).transcript
        for p in pledges
    }
    assert len(set(agreed.values())) == 1
    again = FEDERATION.pledges()
    fresh = agree(again["home"], "home", FEDERATION.program, FEDERATION.manifest, envelopes(again))
    assert fresh.transcript not in agreed.values()


def test_an_acceptance_left_out_or_added_is_refused() -> None:
    pledges = FEDERATION.pledges()
    shown = envelopes(pledges)
    assert "participants" in refusal(pledges, {p: e for p, e in shown.items() if p != "clinic"})
    assert "participants" in refusal(pledges, shown | {"stranger": shown["clinic"]})
    assert "participants" in refusal(pledges, {})


def test_the_own_acceptance_can_not_be_replaced_not_even_by_an_older_one() -> None:
    pledges, older = FEDERATION.pledges(), FEDERATION.pledges()
    assert "own acceptance" in refusal(pledges, envelopes(pledges) | {"home": older["home"].envelope})


def test_acceptances_exchanged_between_parties_are_refused() -> None:
    pledges = FEDERATION.pledges()
    shown = envelopes(pledges)
    swapped = shown | {"clinic": shown["practice"], "practice": shown["clinic"]}
    assert "signature" in refusal(pledges, swapped)


def signed(name: str, terms: Terms, key: SigningKey, **other: Any) -> bytes:
    """An acceptance in the name of a party, signed by ``key``."""
    pledge = accept(terms, name, key, certificate="00", snapshot="s")
    payload = json.loads(Envelope.from_bytes(pledge.envelope).payload) | other
    document = Acceptance.model_validate_json(json.dumps(payload))
    return Envelope.sign(ACCEPTANCE_TYPE, canonical(document), [key]).to_bytes()


@pytest.mark.parametrize("signer", ["nobody", COORDINATOR, "practice"])
def test_an_acceptance_that_somebody_else_signed_is_refused(signer: str) -> None:
    """Also by the coordinator, whose key is in the manifest too, and by whoever runs the CA."""
    pledges = FEDERATION.pledges()
    key = FEDERATION.keys.get(signer, SigningKey.generate())
    forged = signed("clinic", FEDERATION.terms(), key)
    assert "signature" in refusal(pledges, envelopes(pledges) | {"clinic": forged})


@pytest.mark.parametrize("party", ["clinic", COORDINATOR])
@pytest.mark.parametrize("about", ["query", "manifest", "codebook", "program", "attempt", "party"])
def test_an_acceptance_of_something_else_is_refused(about: str, party: str) -> None:
    """A node that was told another query, or compiled another program, really says so, signed."""
    pledges = FEDERATION.pledges()
    said: dict[str, Any] = {about: "sha256:" + "2" * 64}
    if about == "attempt":
        said = {"attempt": 2}
    if about == "party":
        said = {"party": "home"}
    other = signed(party, FEDERATION.terms(), FEDERATION.keys[party], **said)
    for me in (p for p in pledges if p != party):
        assert "something else" in refusal(pledges, envelopes(pledges) | {party: other}, me)


@pytest.mark.parametrize(
    "damage",
    [
        lambda e: e[:-1],
        lambda e: b"",
        lambda e: e.replace(b"acceptance.v1", b"acceptance.v2"),
        lambda e: e + b" {}",
        lambda e: b'{"payload":"e30=","payloadType":"x","signatures":[]}',
    ],
)
def test_a_damaged_acceptance_is_refused(damage: Callable[[bytes], bytes]) -> None:
    pledges = FEDERATION.pledges()
    shown = envelopes(pledges)
    refusal(pledges, shown | {"clinic": damage(shown["clinic"])})


@pytest.mark.parametrize("bits", [0, 1, 2])
def test_a_changed_bit_in_an_acceptance_is_refused(bits: int) -> None:
    pledges = FEDERATION.pledges()
    shown = envelopes(pledges)
    for _ in range(40):
        data = bytearray(shown["clinic"])
        bit = secrets.randbelow(8 * len(data))
        data[bit // 8] ^= 1 << bit % 8
        print(f"bit {bit}")  # shown if it fails
        refusal(pledges, shown | {"clinic": bytes(data)})


@pytest.mark.parametrize("key", [b"", b"\1" * 5, b"\xff" * (MLKEM_BYTES + 32)])
def test_an_hpke_key_without_the_right_form_is_refused(key: bytes) -> None:
    pledges = FEDERATION.pledges()
    text = base64.b64encode(key).decode()
    said = envelopes(pledges) | {
        "clinic": signed("clinic", FEDERATION.terms(), FEDERATION.keys["clinic"], hpke=text)
    }

    def use() -> None:
        agreed = agree(pledges["home"], "home", FEDERATION.program, FEDERATION.manifest, said)
        agreed.keys["clinic"].seal(bytes(32), b"")

    with pytest.raises(SamklangError) as caught:
        use()
    assert caught.value.code == "protocol-agreement"


def test_a_public_key_of_low_order_is_refused() -> None:
    """With X25519's zero point the classical half of the secret would be known to all."""
    good = HpkePrivateKey.generate().public().raw
    with pytest.raises(SamklangError):
        HpkePublicKey(good[:MLKEM_BYTES] + bytes(32)).seal(bytes(32), b"")


def test_parties_that_were_shown_different_acceptances_can_not_talk() -> None:
    """A party that signed two acceptances, and a coordinator that shows each to another party."""
    pledges = FEDERATION.pledges()
    second = FEDERATION.pledges()["clinic"]
    one = agree(pledges["home"], "home", FEDERATION.program, FEDERATION.manifest, envelopes(pledges))
    shown = envelopes(pledges) | {"clinic": second.envelope}
    other = agree(pledges["practice"], "practice", FEDERATION.program, FEDERATION.manifest, shown)
    assert one.transcript != other.transcript
