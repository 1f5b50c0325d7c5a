"""Ed25519 keys: published vectors, files only their owner may read, nothing printed."""

from __future__ import annotations

import copy
import os
import pickle
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from samklang.errors import SamklangError
from samklang.identity.files import read_private, write_private
from samklang.identity.keys import SigningKey, VerifyKey

# RFC 8032 section 7.1: secret, public, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_rfc_8032(secret: str, public: str, message: str, signature: str) -> None:
    key = SigningKey.from_seed(bytes.fromhex(secret))
    assert key.verify_key.raw.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    VerifyKey(bytes.fromhex(public)).verify(bytes.fromhex(signature), bytes.fromhex(message))


@given(st.binary(max_size=64), st.integers(0, 511))
def test_one_changed_bit_is_noticed(message: bytes, bit: int) -> None:
    key = SigningKey.from_seed(bytes(32))
    signature = bytearray(key.sign(message))
    signature[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(SamklangError, match="identity-signature"):
        key.verify_key.verify(bytes(signature), message)
    with pytest.raises(SamklangError, match="identity-signature"):
        key.verify_key.verify(key.sign(message), message + b"x")


def test_text_form_has_one_spelling() -> None:
    key = SigningKey.generate().verify_key
    assert VerifyKey.from_text(key.text) == key
    short = key.text.removeprefix("ed25519:")
    for other in (short, "ed25519:" + short[:-1], key.text + "\n", "ED25519:" + short, "ed25519:é", ""):
        with pytest.raises(SamklangError, match="identity-public-key"):
            VerifyKey.from_text(other)
    # The last character before '=' carries two bits that mean nothing; another one there is refused.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    sibling = alphabet[alphabet.index(key.text[-2]) ^ 1]
    with pytest.raises(SamklangError, match="identity-public-key"):
        VerifyKey.from_text(key.text[:-2] + sibling + "=")


def test_a_private_key_shows_and_gives_nothing() -> None:
    seed = bytes(range(32))
    key = SigningKey.from_seed(seed)
    for text in (repr(key), str(key), f"{key}"):
        assert seed.hex() not in text
        assert "private" in text
    with pytest.raises(TypeError):
        pickle.dumps(key)
    for take in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            take(key)


def test_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    key = SigningKey.generate()
    old = os.umask(0)
    try:
        key.save(path)
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o600
    assert SigningKey.load(path).verify_key == key.verify_key
    with pytest.raises(SamklangError, match="identity-key-exists"):
        SigningKey.generate().save(path)
    assert SigningKey.load(path).verify_key == key.verify_key
    assert [p.name for p in tmp_path.iterdir()] == ["identity.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "identity.key"
    SigningKey.generate().save(path)
    path.chmod(mode)
    with pytest.raises(SamklangError, match="identity-key-open"):
        SigningKey.load(path)


def test_other_files_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SamklangError, match="identity-key-unreadable"):
        SigningKey.load(tmp_path / "missing")
    with pytest.raises(SamklangError, match="identity-key-unreadable"):
        SigningKey.load(tmp_path)
    write_private(tmp_path / "text", b"hemmelig tekst")
    with pytest.raises(SamklangError, match="identity-key-kind") as caught:
        SigningKey.load(tmp_path / "text")
    assert "hemmelig" not in str(caught.value)
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(tmp_path / "ec", pem)
    with pytest.raises(SamklangError, match="identity-key-kind"):
        SigningKey.load(tmp_path / "ec")
    write_private(tmp_path / "large", b"x" * 20_000)
    with pytest.raises(SamklangError, match="identity-key-unreadable"):
        read_private(tmp_path / "large")
