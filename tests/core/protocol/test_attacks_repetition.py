"""Nothing is opened twice: the durable record comes first, and a second time is refused."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.adversary import TWO, overlapping, refused, small
from tests.support.federation import COORDINATOR, Federation
from tests.support.quiet import NoNoise

from samklang.errors import SamklangError
from samklang.protocol.actions import START, Charge, Event, Persist, Receive, Send
from samklang.protocol.messages import STAGES
from samklang.protocol.simulation import Simulation
from samklang.protocol.streams import BytesSink, BytesSource

THREE_PARTIES, TWO_PARTIES = small(), small(TWO)

RECORDED: dict[str, str] = {
    "tags": "open tags",
    "grouping/digest": "grouping",
    "tables/open": "open table indices",
    "open/commit": "open cells",
    "open/cells": "open cells",
    "release/shares": "release",
    "grouping/order": "grouping sent",
    "margin/open/commit": "margin/open cells",
    "margin/open/cells": "margin/open cells",
    "margin/release/shares": "margin/release",
}
"""Stage → what its sender has recorded before it sends."""


def honest(federation: Federation, **hooks: Any) -> Simulation:
    run = federation.simulation(overlapping(federation.program), NoNoise(), **hooks)
    run.run()
    return run


def test_everything_that_the_message_table_calls_durable_is_covered_here() -> None:
    durable = {stage for stage, spec in STAGES.items() if spec.durable and spec.durable != "charge"}
    assert durable <= set(RECORDED)


@pytest.mark.parametrize("federation", [THREE_PARTIES, TWO_PARTIES], ids=["three", "two"])
@pytest.mark.parametrize("stage", RECORDED)
def test_with_the_step_in_the_journal_its_message_never_leaves_again(
    stage: str, federation: Federation
) -> None:
    """A party that restarts, or is told to do the step again, finds it in its journal."""
    event = RECORDED[stage]
    run = honest(federation)
    senders = {party for party, done in run.records.items() if event in done}
    assert senders == {sender for s, sender, _ in run.relayed if s == stage}
    for sender in senders:
        again = refused(
            federation,
            overlapping(federation.program),
            "protocol-repeated",
            sender,
            records={sender: [event]},
        )
        assert not [r for r in again.relayed if r[0] == stage and r[1] == sender]


@pytest.mark.parametrize("federation", [THREE_PARTIES, TWO_PARTIES], ids=["three", "two"])
def test_a_second_run_over_the_same_journals_opens_nothing(federation: Federation) -> None:
    first = honest(federation)
    second = refused(
        federation,
        overlapping(federation.program),
        "protocol-repeated",
        records={party: list(done) for party, done in first.records.items()},
    )
    assert not RECORDED.keys() & {r[0] for r in second.relayed}


def test_a_grouping_is_accepted_once() -> None:
    """The second of two groupings in one attempt finds no receive; asked again, the journal refuses."""
    for party in ("home", "practice"):
        refused(
            THREE_PARTIES,
            overlapping(THREE_PARTIES.program),
            "protocol-repeated",
            party,
            records={party: ["grouping"]},
        )


@pytest.mark.parametrize("federation", [THREE_PARTIES, TWO_PARTIES], ids=["three", "two"])
def test_records_and_charges_come_before_what_they_stand_for(federation: Federation) -> None:
    """In every list of actions and over the whole run, in the order in which a runner executes them."""
    participants = federation.participants(overlapping(federation.program), NoNoise())
    log: dict[str, list[str]] = {p: [] for p in participants}

    class Listening(Simulation):
        def _execute(self, party: str, action: Any) -> list[tuple[str, Event]]:
            match action:
                case Persist(event):
                    log[party].append(f"persist {event}")
                case Charge():
                    log[party].append("charge")
                case Send(_, stage):
                    log[party].append(f"send {stage}")
            return super()._execute(party, action)

    Listening(participants).run()
    for party, lines in log.items():
        for stage, event in RECORDED.items():
            sent = [i for i, line in enumerate(lines) if line == f"send {stage}"]
            recorded = [i for i, line in enumerate(lines) if line == f"persist {event}"]
            if sent:
                assert len(recorded) == 1
                assert recorded[0] < min(sent)
        rows = [i for i, line in enumerate(lines) if line.startswith("send rows/")]
        if party in federation.program.inputs:
            assert lines.count("charge") == 1
            assert lines.index("charge") < min(rows)
        else:
            assert "charge" not in lines


@pytest.mark.parametrize(
    "event", ["recv:key:clinic", "send:tags:coordinator", "compute:link", "recv:tags:home", START]
)
def test_an_event_that_a_role_did_not_ask_for_is_not_taken(event: str) -> None:
    """Each receive is answered once: a second answer, or one that was never asked for, is an error."""
    run = honest(THREE_PARTIES)
    for role in run.roles.values():
        with pytest.raises((KeyError, AssertionError, SamklangError)):
            role.on(Event(event))


def test_a_message_is_sent_and_received_once() -> None:
    """The runner that tests use keeps the rule of the transport: one message per (sender, stage)."""
    run = honest(THREE_PARTIES)
    for action in (
        Send(COORDINATOR, "rows/count", BytesSource(bytes(8))),
        Receive("clinic", "open/cells", BytesSink(8)),
    ):
        with pytest.raises(SamklangError) as caught:
            run._execute("home" if isinstance(action, Send) else "practice", action)
        assert caught.value.code == "protocol-repeated"
