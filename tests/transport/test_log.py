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


@pytest.mark.parametrize(
    "spelled", ["01.01.90.1234", "010190\u20111234", "0101\u200b901234", "cpr0101901234"]
)
def test_cpr_numbers_are_blanked_however_they_are_spelled(spelled: str) -> None:
    assert "90" not in redact(f"of {spelled}.")


HOSTILE = ("\n", "\r", "\x0b", "\x0c", "\x1b[2K", "\x7f", "\x85", "\x9b2K", "\u2028", "\u2029", "\u202e",
           "\u200f", "\ufeff", "\ud800", "\U000e0001")  # fmt: skip


@given(
    st.lists(st.sampled_from([*HOSTILE, '{"event": "linked"}', '"', "\\", "æ", "a"]), max_size=12).map(
        "".join
    )
)
def test_no_word_of_a_partner_makes_a_line_of_its_own_or_hides_in_one(text: str) -> None:
    """By whatever rule a reader splits lines, and whatever its terminal obeys: one line, the same words."""
    logger = logging.LogRecord("samklang.x", logging.INFO, "", 0, "failure reported", (), None)
    logger.fields = {"code": text, "many": [text], "no": float("nan")}
    line = JsonFormatter("gp").format(logger)
    assert line.splitlines() == [line]
    assert not any(hostile[0] in line for hostile in HOSTILE)
    said = json.loads(line, parse_constant=lambda _: pytest.fail("no JSON"))
    assert (said["code"], said["many"], said["no"]) == (text, [text], "nan")
    line.encode()


def test_a_text_without_end_is_cut(log: Log, stream: io.StringIO) -> None:
    log.info("failure reported", code="x" * 1_000_000)
    assert len(stream.getvalue()) < 5000


def test_of_a_library_s_message_the_first_line_is_enough(stream: io.StringIO) -> None:
    """asyncio shows the exception of a task that nobody waited for, with its message, on the second."""
    record = logging.LogRecord(
        "asyncio", logging.ERROR, "", 0, "Task exception was never retrieved\nValueError('Hansen')", (), None
    )
    assert (
        json.loads(JsonFormatter("gp").format(record))["event"]
        == "asyncio: Task exception was never retrieved"
    )


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
