"""The wire's status as the analyst sees it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from samklang.analyst.status import ENDED, Status, from_message
from samklang.v1 import federation_pb2 as v1

STATES = {
    v1.QUERY_STATE_SUBMITTED: "submitted",
    v1.QUERY_STATE_AUTHORISING: "authorising",
    v1.QUERY_STATE_AWAITING_APPROVAL: "awaiting-approval",
    v1.QUERY_STATE_RUNNING: "running",
    v1.QUERY_STATE_RELEASING: "releasing",
    v1.QUERY_STATE_DONE: "done",
    v1.QUERY_STATE_DENIED: "denied",
    v1.QUERY_STATE_FAILED: "failed",
    v1.QUERY_STATE_CANCELLED: "cancelled",
    v1.QUERY_STATE_EXPIRED: "expired",
}


def status(state: v1.QueryState.ValueType, *reasons: v1.Reason) -> Status:
    at = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp() * 1e6)
    return from_message(
        v1.QueryStatus(
            query_id="q",
            state=state,
            per_mille=500,
            reasons=reasons,
            submitted_at_us=at,
            changed_at_us=at + 1,
        )
    )


def test_all_states_of_the_wire_are_named() -> None:
    assert set(STATES) == {value for value in v1.QueryState.values() if value}
    for number, name in STATES.items():
        found = status(number)
        assert found.state == name
        assert found.ended == (name in ENDED)


def test_times_and_fraction() -> None:
    found = status(v1.QUERY_STATE_RUNNING)
    assert found.submitted_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert (found.changed_at - found.submitted_at).microseconds == 1
    assert found.fraction == 0.5
    json.dumps(found.as_dict())


def test_the_first_reason_becomes_the_error() -> None:
    reason = v1.Reason(code="policy-operation", what="No.", fix="Ask otherwise.", node="gp")
    error = status(v1.QUERY_STATE_DENIED, reason).error()
    assert (error.code, error.what, error.fix) == ("policy-operation", "No.", "Ask otherwise.")
    assert status(v1.QUERY_STATE_CANCELLED).error().code == "client-not-done"


@pytest.mark.parametrize("state", sorted(ENDED))
def test_ended_states_exist(state: str) -> None:
    assert state in STATES.values()
