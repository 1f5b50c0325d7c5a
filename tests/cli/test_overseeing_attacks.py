"""A node that answers its officer with whatever it likes: refused by name, and never waited for for long."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cli import test_overseeing as overseeing
from tests.cli.test_overseeing import Of, Shows, Told
from tests.node.test_approvals import Asked
from tests.support.refusals import code_of

from samklang.cli.overseeing import calls as module
from samklang.cli.overseeing.calls import Calls
from samklang.cli.overseeing.node import read_cases, read_ledger, read_log
from samklang.node.ledger_chain import Head
from samklang.transport.status import named
from samklang.v1 import oversight_pb2 as v1

asked = overseeing.asked


class Endless:
    """The node's service: every answer is well formed, and there is always one more."""

    def __init__(self, bytes_each: int = 100, *, moving: bool = True) -> None:
        self.asked = 0
        self._bytes, self._moving = bytes_each, moving

    def GetLedger(self, request: v1.GetLedgerRequest, timeout: float) -> v1.GetLedgerResponse:
        self.asked += 1
        answer = v1.GetLedgerResponse(head=Head("0" * 32, 10**9, "1" * 64).text)
        number = self.asked if self._moving else 1
        answer.entries.add(number=number, query_digest="x" * self._bytes)
        return answer


def calls(node: Endless) -> Calls:
    return Calls(node, lambda failure: named(failure, "node"))  # type: ignore[arg-type]


def test_a_node_that_always_has_more_is_not_heard_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1 << 20)
    node = Endless(1 << 14)
    assert code_of(read_ledger, calls(node)) == "transport-endless"
    assert node.asked <= 65


def test_nor_one_that_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer comes within the minute that one may take."""
    clock = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock.__setitem__(0, clock[0] + 50) or clock[0])
    node = Endless()
    assert code_of(read_ledger, calls(node)) == "transport-endless"
    assert node.asked <= module.MOST_SECONDS / 50


def test_a_ledger_that_repeats_itself_ends(tmp_path: Path) -> None:
    node = Endless(moving=False)
    assert code_of(read_ledger, calls(node)) == "ledger-broken"
    assert node.asked == 2


@pytest.mark.parametrize(
    "fields",
    [
        "[" * 100_000, '{"kind":' * 50_000, "[]", "5", '{"kind":5}', '{"kind":{"salt":"zz","value":""}}',
        '{"kind":{"salt":5,"value":""}}', '{"kind":{"value":""}}', '{"a":1,"a":1}', "\x00",
    ],
)  # fmt: skip
def test_entries_of_any_form_are_refused_by_name(fields: str, tmp_path: Path) -> None:
    shows = Shows(tmp_path)
    shows.answer.entries[1].fields = fields
    assert code_of(read_log, shows, Of()) in ("audit-entry", "audit-withheld")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.none()
    | st.integers()
    | st.text(max_size=5)
    | st.lists(st.lists(st.text(max_size=5)), max_size=3)
)
def test_a_field_is_what_its_kind_says_or_the_log_is_refused(value: Any, tmp_path_factory: Any) -> None:
    """Whatever a node has committed to, the officer's commands don't meet a list where a text should be."""
    shows = Shows(tmp_path_factory.mktemp("shows"))
    said = json.loads(shows.answer.entries[1].fields)
    said["query"]["value"] = value
    shows.answer.entries[1].fields = json.dumps(said)
    assert code_of(read_log, shows, Of()) == "audit-entry"


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-25", "2026-11-25T10:00:00", "9" * 5000])
def test_when_rows_left_is_an_instant_or_nothing_holds(at: str, asked: Callable[[], Asked]) -> None:
    here = asked()
    here.waits(here.world.bundle())
    told = Told(here).approvals()
    told.requests[0].uses.add(attempt=1, at=at)

    class Says:
        def approvals(self) -> v1.GetApprovalsResponse:
            return told

    assert code_of(read_cases, Says(), SimpleNamespace(policy=here.policy), here.now) == "approval-void"
