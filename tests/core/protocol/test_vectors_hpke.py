"""HPKE: the suite and the form of keys are pinned by a ciphertext that was sealed once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tests.core.protocol.second import keys
from tests.core.protocol.vectors.inputs import fixed

from samklang.errors import SamklangError
from samklang.protocol.hpke import HpkePrivateKey, HpkePublicKey

VECTOR = {
    k: bytes.fromhex(v)
    for k, v in json.loads((Path(__file__).parent / "vectors" / "hpke.json").read_text()).items()
}


@pytest.fixture
def private() -> HpkePrivateKey:
    return HpkePrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(VECTOR["mlkem_seed"]),
        X25519PrivateKey.from_private_bytes(VECTOR["x25519"]),
    )


def test_known_ciphertext_opens(private: HpkePrivateKey) -> None:
    assert private.public().raw == VECTOR["public"]
    assert VECTOR["info"] == keys.key_info(fixed("transcript"), "dalby", "amtsgaard", "pair")
    assert private.open(VECTOR["ciphertext"], VECTOR["info"]) == VECTOR["plaintext"]


@pytest.mark.parametrize("at", [0, 600, 1087, 1088, 1119, 1120, -1])
def test_altered_ciphertext_does_not_open(private: HpkePrivateKey, at: int) -> None:
    """Every part of it: ML-KEM's, X25519's, the sealed bytes, the tag."""
    altered = bytearray(VECTOR["ciphertext"])
    altered[at] ^= 1
    assert private.open(bytes(altered), VECTOR["info"]) is None


@pytest.mark.parametrize(
    ("sender", "recipient", "purpose"),
    [("amtsgaard", "dalby", "pair"), ("dalby", "birkelund", "pair"), ("dalby", "amtsgaard", "link")],
)
def test_another_context_does_not_open(
    private: HpkePrivateKey, sender: str, recipient: str, purpose: str
) -> None:
    info = keys.key_info(fixed("transcript"), sender, recipient, purpose)
    assert private.open(VECTOR["ciphertext"], info) is None
    other = keys.key_info(fixed("another transcript"), "dalby", "amtsgaard", "pair")
    assert private.open(VECTOR["ciphertext"], other) is None


@pytest.mark.parametrize("cut", [0, 1119, 1120, 1135])
def test_truncated_ciphertext_does_not_open(private: HpkePrivateKey, cut: int) -> None:
    assert private.open(VECTOR["ciphertext"][:cut], VECTOR["info"]) is None


def test_public_key_has_one_form() -> None:
    key = HpkePublicKey(VECTOR["public"])
    assert HpkePublicKey.from_text(key.text()) == key
    for bad in (key.text()[:-4], key.text() + "AAAA", "!" + key.text()[1:], ""):
        with pytest.raises(SamklangError) as caught:
            HpkePublicKey.from_text(bad)
        assert caught.value.code == "protocol-agreement"
