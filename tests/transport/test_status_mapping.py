"""Errors cross the wire with their public texts and nothing else."""

from __future__ import annotations

import grpc
import pytest

from samklang.errors import CATALOGUE, UNSAID, SamklangError
from samklang.transport.status import (
    RemoteError,
    from_metadata,
    from_reason,
    from_rpc_error,
    named,
    status_code,
    to_metadata,
    to_reason,
)


def test_public_texts_arrive_as_they_were() -> None:
    error = SamklangError("transport-deadline", party="gp", stage="tags", seconds=3, private="secret detail")
    arrived = from_metadata(to_metadata(error))
    assert isinstance(arrived, RemoteError)
    assert (arrived.code, arrived.what, arrived.fix) == (error.code, error.what, error.fix)
    assert arrived.public() == error.public()
    assert "secret" not in repr(to_metadata(error)) + str(arrived)


def test_a_private_entry_arrives_as_its_code_alone() -> None:
    error = SamklangError("transport-state", folder="/srv/secret", problem="full")
    arrived = from_metadata(to_metadata(error))
    assert arrived is not None
    assert arrived.code == error.code
    assert "/srv/secret" not in str(arrived) + str(to_reason(error))


def test_reasons_keep_the_node() -> None:
    reason = to_reason(SamklangError("transport-stalled", party="gp"), "gp")
    error = from_reason(reason)
    assert (error.code, error.node) == ("transport-stalled", "gp")


def test_danish_letters_survive() -> None:
    error = SamklangError("transport-unknown-party", name="sønderborg")
    arrived = from_metadata(to_metadata(error))
    assert arrived is not None
    assert "sønderborg" in arrived.what


def test_both_languages_travel_and_an_older_sender_is_shown_in_english() -> None:
    error = SamklangError("transport-tls-untrusted", address="k:1", problem="not valid")
    for arrived in (from_metadata(to_metadata(error)), from_reason(to_reason(error, "gp"))):
        assert arrived is not None
        assert arrived.text("da") == error.text("da") != arrived.text("en")
        assert arrived.public("da")[1:] == arrived.text("da")
    older = [pair for pair in to_metadata(error) if "-da-" not in pair[0]]
    arrived = from_metadata(older)
    assert arrived is not None
    assert arrived.text("da") == error.text("en")
    hidden = SamklangError("transport-state", folder="/srv/secret", problem="full")
    assert "/srv/secret" not in "".join(str(value) for _, value in to_metadata(hidden))
    assert from_reason(to_reason(hidden)).text("da") == UNSAID["da"]


def test_metadata_without_a_code_is_no_named_error() -> None:
    assert from_metadata(None) is None
    assert from_metadata([("other", "x")]) is None


def test_what_is_known_of_a_bare_status() -> None:
    class Failed(grpc.RpcError):
        def __init__(self, status: grpc.StatusCode) -> None:
            self._status = status

        def code(self) -> grpc.StatusCode:
            return self._status

        def details(self) -> str:
            return "connection refused by 10.0.0.1"

        def trailing_metadata(self) -> tuple[()]:
            return ()

    error = from_rpc_error(Failed(grpc.StatusCode.UNAVAILABLE), "127.0.0.1:1")
    assert error.code == "transport-unreachable"
    assert from_rpc_error(Failed(grpc.StatusCode.CANCELLED)).code == "transport-lost"
    assert from_rpc_error(Failed(grpc.StatusCode.DEADLINE_EXCEEDED)).code == "transport-no-answer"
    assert "10.0.0.1" not in " ".join(from_rpc_error(Failed(grpc.StatusCode.UNKNOWN)).public())


def test_an_unnamed_error_keeps_its_place_and_loses_its_message() -> None:
    try:
        int("0101504444x")
    except ValueError as problem:
        error = named(problem, "gp")
    assert error.code == "transport-internal"
    assert "0101504444" not in error.private + str(error)
    assert "ValueError" in error.private
    assert "test_status_mapping" in error.private


@pytest.mark.parametrize("code", sorted(c for c in CATALOGUE if c.startswith(("transport-", "coordinator-"))))
def test_every_code_has_a_status(code: str) -> None:
    error = RemoteError(code, "", "")
    assert status_code(error) is not grpc.StatusCode.OK


class _Refused(grpc.RpcError):
    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.RESOURCE_EXHAUSTED

    def details(self) -> str:
        return "CLIENT: Sent message larger than max (5000000 vs. 4194304)"


def test_a_message_above_grpcs_limit_is_named() -> None:
    error = from_rpc_error(_Refused())
    assert error.code == "transport-message-size"
    assert "4194304" in error.what
