"""Log lines are JSON and hold no citizen and no key."""

from __future__ import annotations

import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey
from samklang.transport.log import JsonFormatter, Log, redact


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(stream: io.StringIO) -> Log:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter("gp"))
    logger = logging.getLogger("samklang.test")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO)
    return Log("samklang.test")


def test_a_line_is_one_json_object(log: Log, stream: io.StringIO) -> None:
    log.info("linked", node="gp", count=3, codes=["a", "b"], payload=b"abc")
    line = json.loads(stream.getvalue())
    assert line["event"] == "linked"
    assert line["process"] == "gp"
    assert (line["node"], line["count"], line["codes"], line["payload"]) == ("gp", 3, ["a", "b"], "[3 bytes]")


@given(
    day=st.integers(1, 31),
    month=st.integers(1, 12),
    year=st.integers(0, 99),
    rest=st.integers(0, 9999),
    gap=st.sampled_from(["", "-", " "]),
    around=st.sampled_from(["{}", "'{}'", "cpr={};", "({})", "a {} b"]),
)
def test_cpr_numbers_are_blanked(day: int, month: int, year: int, rest: int, gap: str, around: str) -> None:
    cpr = f"{day:02}{month:02}{year:02}{gap}{rest:04}"
    assert cpr not in redact(around.format(cpr))


def test_keys_are_blanked(tmp_path: object) -> None:
    import base64

    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()).decode()
    assert pem.splitlines()[1] not in redact(f"read {pem} from disk")
    secret = base64.b64encode(bytes(range(32))).decode()
    assert secret not in redact(f"pair key {secret}")
    assert repr(SigningKey.generate()).startswith("SigningKey(<private>")


def test_digests_and_ids_stay_readable() -> None:
    digest = "sha256:" + "0123456789abcdef" * 4
    assert redact(f"query {digest} 88aedc0c1b4dc61d") == f"query {digest} 88aedc0c1b4dc61d"


def test_an_unnamed_error_shows_type_and_place_only(log: Log, stream: io.StringIO) -> None:
    try:
        int("0101504444")
        raise ValueError("citizen 0101504444 Hansen")
    except ValueError as problem:
        log.error("failed", problem)
    line = json.loads(stream.getvalue())
    assert "ValueError" in line["error"]
    assert "test_log" in line["error"]
    assert "Hansen" not in stream.getvalue()


def test_a_named_error_shows_its_code_and_its_private_part(log: Log, stream: io.StringIO) -> None:
    log.error("failed", SamklangError("transport-lost", private="silence"))
    line = json.loads(stream.getvalue())
    assert (line["code"], line["private"]) == ("transport-lost", "silence")
