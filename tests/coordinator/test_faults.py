"""What goes wrong between real processes has a name within its deadline, and nothing hangs."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.coordinator.federation import Analyst, RingFederation, codes_of, state_of
from tests.coordinator.ring import COORDINATOR

from samklang.errors import SamklangError
from samklang.v1 import federation_pb2 as v1

pytestmark = pytest.mark.processes

NODES = ["a", "b", "c"]


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RingFederation]:
    """Shared; a test that ends a node starts it again."""
    made = RingFederation(tmp_path_factory.mktemp("ring"), NODES, absent=8, authorise=3, stage=3)
    try:
        made.start_all()
        yield made
    finally:
        made.end()


@pytest.fixture
def anna(ring: RingFederation) -> Iterator[Analyst]:
    for name, process in list(ring.processes.items()):
        if not process.running():
            ring.start(name)
    with ring.analyst("anna") as analyst:
        yield analyst


def test_a_query_runs_through_its_states(ring: RingFederation, anna: Analyst) -> None:
    query = anna.submit(size=5 << 20, think=0.2)
    statuses = anna.watch(query)
    states = [state_of(s) for s in statuses]
    order = ["submitted", "authorising", "running", "releasing", "done"]
    assert [s for i, s in enumerate(states) if i == 0 or states[i - 1] != s] == order[
        order.index(states[0]) :
    ]
    assert "running" in states
    assert any(s.stage == "rows" and 0 < s.per_mille <= 1000 for s in statuses)
    assert anna.release(query) == {"nodes": NODES}
    assert all(ring.charges(node)[-1] == f"charge {query} 1 17" for node in NODES)


def test_the_same_bundle_is_one_query(anna: Analyst) -> None:
    first, second = (anna.submit(nonce=7) for _ in range(2))
    assert first == second
    assert state_of(anna.watch(first)[-1]) == "done"
    assert anna.submit(nonce=7) == first


def test_an_empty_message_travels(anna: Analyst) -> None:
    assert state_of(anna.ask(size=0)) == "done"


def test_a_refusing_node_denies_with_its_name_and_all_reasons(ring: RingFederation, anna: Analyst) -> None:
    refuse = ["transport-unknown-party", "transport-not-yourself"]
    status = anna.ask(trouble={"b": {"refuse": refuse}, "c": {"refuse": refuse[:1]}})
    assert state_of(status) == "denied"
    assert [(r.node, r.code) for r in status.reasons] == [
        ("b", refuse[0]),
        ("b", refuse[1]),
        ("c", refuse[0]),
    ]
    assert all(r.what and r.fix for r in status.reasons)
    assert not any(status.query_id in line for node in NODES for line in ring.charges(node))


def test_a_named_failure_at_a_node_is_the_reason_for_all(ring: RingFederation, anna: Analyst) -> None:
    status = anna.ask(trouble={"b": {"fail": "protocol-sealed"}}, max_attempts=3)
    assert (state_of(status), codes_of(status), status.attempt) == ("failed", ["protocol-sealed"], 1)
    assert status.reasons[0].node == "b"


def test_a_crash_shows_neither_its_message_nor_its_value(ring: RingFederation, anna: Analyst) -> None:
    status = anna.ask(trouble={"b": {"crash": True}})
    assert (state_of(status), codes_of(status)) == ("failed", ["transport-internal"])
    assert "0101504444" not in str(status)
    for process in ring.processes.values():
        assert "0101504444" not in process.text()
    assert "ring.py" in ring.processes["b"].text()


def test_a_failing_coordinator_role_ends_the_attempt_everywhere(ring: RingFederation, anna: Analyst) -> None:
    status = anna.ask(trouble={COORDINATOR: {"fail": "protocol-sealed"}})
    assert (state_of(status), codes_of(status)) == ("failed", ["protocol-sealed"])
    assert state_of(anna.ask()) == "done"


def test_a_party_that_sends_nothing_is_named_at_the_deadline(anna: Analyst) -> None:
    began = time.monotonic()
    status = anna.ask(trouble={"b": {"silent": True}})
    assert (state_of(status), codes_of(status)) == ("failed", ["transport-deadline"])
    assert "b did not finish" in status.reasons[0].what
    assert time.monotonic() - began < 40


def test_a_node_that_does_not_answer_the_offer_is_named(anna: Analyst) -> None:
    status = anna.ask(trouble={"c": {"ponder": 4}})
    assert (state_of(status), codes_of(status)) == ("failed", ["coordinator-node-silent"])
    assert status.reasons[0].what.endswith(": c.")


def test_the_next_attempt_has_its_own_number_and_charge(ring: RingFederation, anna: Analyst) -> None:
    status = anna.ask(trouble={"b": {"silent": True}}, troubled_attempts=[1], max_attempts=3)
    assert (state_of(status), status.attempt) == ("done", 2)
    charged = [line for line in ring.charges("a") if status.query_id in line]
    assert [line.split()[2] for line in charged] == ["1", "2"]


def test_a_missing_node_is_named(ring: RingFederation, anna: Analyst) -> None:
    ring.processes["c"].end()
    began = time.monotonic()
    status = anna.ask()
    assert (state_of(status), codes_of(status)) == ("failed", ["coordinator-node-absent"])
    assert status.reasons[0].what.endswith(": c.")
    assert 7 < time.monotonic() - began < 30
    ring.start("c")
    assert state_of(anna.ask()) == "done"


def test_a_killed_node_is_named_and_the_others_go_on(ring: RingFederation, anna: Analyst) -> None:
    query = anna.submit(trouble={"b": {"kill": True}}, max_attempts=1)
    status = anna.watch(query)[-1]
    assert (state_of(status), codes_of(status)) == ("failed", ["coordinator-node-lost"])
    assert "b disappeared" in status.reasons[0].what
    assert ring.processes["b"].wait() == -signal.SIGKILL
    ring.start("b")
    assert state_of(anna.ask()) == "done"


def test_a_killed_node_that_comes_back_gets_the_next_attempt(ring: RingFederation, anna: Analyst) -> None:
    query = anna.submit(trouble={"b": {"kill": True}}, troubled_attempts=[1], max_attempts=2)
    ring.processes["b"].wait()
    ring.start("b")
    status = anna.watch(query)[-1]
    assert (state_of(status), status.attempt) == ("done", 2)


def test_cancelling_ends_a_running_query(ring: RingFederation, anna: Analyst) -> None:
    query = anna.submit(trouble={"b": {"silent": True}}, max_attempts=3)
    anna.until(query, "RUNNING")
    cancelled = anna.call("Cancel", v1.CancelRequest(query_id=query)).status
    assert (state_of(cancelled), codes_of(cancelled)) == ("cancelled", ["coordinator-cancelled"])
    with pytest.raises(SamklangError) as caught:
        anna.call("Cancel", v1.CancelRequest(query_id=query))
    assert caught.value.code == "coordinator-ended"
    with pytest.raises(SamklangError) as caught:
        anna.release(query)
    assert caught.value.code == "coordinator-not-done"
    assert state_of(anna.ask()) == "done"


def test_queries_wait_for_each_other_and_can_be_cancelled_in_the_queue(anna: Analyst) -> None:
    first = anna.submit(trouble={"b": {"silent": True}})
    second, third = anna.submit(), anna.submit()
    anna.until(first, "RUNNING")
    waiting = anna.call("Cancel", v1.CancelRequest(query_id=third)).status
    assert state_of(waiting) == "cancelled"
    listed = {s.query_id: state_of(s) for s in anna.call("List", v1.ListRequest()).queries}
    assert (listed[first], listed[second], listed[third]) == ("running", "submitted", "cancelled")
    anna.call("Cancel", v1.CancelRequest(query_id=first))
    assert state_of(anna.watch(second)[-1]) == "done"


def test_a_query_that_waits_too_long_expires(anna: Analyst) -> None:
    first = anna.submit(think=2)
    late = anna.submit(valid=1)
    status = anna.watch(late)[-1]
    assert (state_of(status), codes_of(status)) == ("expired", ["coordinator-expired"])
    assert state_of(anna.watch(first)[-1]) == "done"


def test_analysts_see_their_own_queries_alone(ring: RingFederation, anna: Analyst) -> None:
    query = anna.submit()
    anna.watch(query)
    with ring.analyst("bo") as bo:
        for attempt in (
            lambda: bo.watch(query),
            lambda: bo.release(query),
            lambda: bo.call("Cancel", v1.CancelRequest(query_id=query)),
            lambda: bo.watch("no such query"),
        ):
            with pytest.raises(SamklangError) as caught:
                attempt()
            assert caught.value.code == "coordinator-unknown-query"
        assert not bo.call("List", v1.ListRequest()).queries
        with pytest.raises(SamklangError) as caught:
            bo.submit(analyst="anna")
        assert caught.value.code == "coordinator-not-your-query"
    assert anna.release(query) == {"nodes": NODES}


def test_documents_are_handed_out(anna: Analyst) -> None:
    documents = anna.call("GetDocuments", v1.GetDocumentsRequest())
    assert (documents.manifest, documents.codebook) == (b"manifest", b"codebook")


def test_logs_are_json_and_say_how_much_went_through(ring: RingFederation, anna: Analyst) -> None:
    size = 3 << 20
    status = anna.ask(size=size)
    over = [
        line for line in ring.processes[COORDINATOR].lines("attempt over") if line["query"] == status.query_id
    ]
    # Four parties in a ring: four messages through the relay, each a little longer than its plaintext.
    assert 4 * size < over[0]["relayed_bytes"] < 4 * size + 4 * 3 * 40


def test_the_coordinator_killed_and_restarted_finishes_or_fails_by_name(tmp_path: Path) -> None:
    ring = RingFederation(tmp_path, ["a", "b"], absent=20, authorise=5, stage=20)
    try:
        ring.start_all()
        with ring.analyst() as anna:
            done = anna.ask()
            again = anna.submit(trouble={"a": {"silent": True}}, troubled_attempts=[1], max_attempts=2)
            waiting = anna.submit()
            anna.until(again, "RUNNING")
        ring.processes[COORDINATOR].signal(signal.SIGKILL)
        ring.processes[COORDINATOR].wait()
        ring.start(COORDINATOR)
        with ring.analyst() as anna:
            assert anna.release(done.query_id) == {"nodes": ["a", "b"]}
            status = anna.watch(again)[-1]
            assert (state_of(status), status.attempt) == ("done", 2)
            assert state_of(anna.watch(waiting)[-1]) == "done"
            last = anna.submit(trouble={"a": {"silent": True}}, max_attempts=1)
            anna.until(last, "RUNNING")
        ring.processes[COORDINATOR].end()
        ring.start(COORDINATOR)
        with ring.analyst() as anna:
            status = anna.watch(last)[-1]
            assert (state_of(status), codes_of(status)) == ("failed", ["coordinator-restarted"])
            assert state_of(anna.ask()) == "done"
        assert not [line for line in ring.charges("a") if done.query_id in line][1:]
    finally:
        ring.end()


def test_stopped_processes_are_noticed_in_seconds_on_both_sides(tmp_path: Path) -> None:
    ring = RingFederation(tmp_path, ["a", "b"], absent=20, stage=60)
    try:
        ring.start_all()
        node, hub = ring.processes["b"], ring.processes[COORDINATOR]
        with ring.analyst() as anna:
            began = time.monotonic()
            status = anna.ask(trouble={"b": {"stop": True}}, max_attempts=1)
            assert (state_of(status), codes_of(status)) == ("failed", ["coordinator-node-lost"])
            assert "b disappeared" in status.reasons[0].what
            assert time.monotonic() - began < 40, "long before the stage's deadline"
            node.signal(signal.SIGCONT)
            assert state_of(anna.ask()) == "done"
        began = time.monotonic()
        hub.signal(signal.SIGSTOP)
        while not node.lines("not linked") and time.monotonic() - began < 40:
            time.sleep(0.2)
        assert node.lines("not linked")[-1]["code"] == "transport-lost"
        hub.signal(signal.SIGCONT)
        with ring.analyst() as anna:
            assert state_of(anna.ask()) == "done"
    finally:
        ring.end()


def test_processes_end_cleanly_on_sigterm(tmp_path: Path) -> None:
    ring = RingFederation(tmp_path, ["a", "b"])
    try:
        ring.start_all()
        with ring.analyst() as anna:
            assert state_of(anna.ask()) == "done"
        for name in ("a", COORDINATOR, "b"):
            assert ring.processes[name].end() == 0
            assert "Traceback" not in ring.processes[name].text()
            assert "never retrieved" not in ring.processes[name].text()
    finally:
        ring.end()


def test_a_store_that_is_none_is_named(tmp_path: Path) -> None:
    ring = RingFederation(tmp_path, ["a", "b"])
    try:
        ring.start(COORDINATOR)
        ring.processes[COORDINATOR].end()
        (found,) = tmp_path.rglob("coordinator.sqlite")
        found.write_bytes(b"no database" * 1000)
        for beside in found.parent.glob("coordinator.sqlite-*"):
            beside.unlink()
        again = ring.start(COORDINATOR, wait=False)
        assert again.wait() == 1
        assert '"transport-state"' in again.text()
    finally:
        ring.end()


def test_two_coordinators_never_share_a_state_folder(tmp_path: Path) -> None:
    ring = RingFederation(tmp_path, ["a", "b"])
    try:
        ring.start(COORDINATOR)
        second = ring.start(COORDINATOR, wait=False, listen="127.0.0.1:0")
        assert second.wait() == 1
        assert '"transport-state"' in second.text()
    finally:
        ring.end()


def test_of_two_who_ask_the_same_the_second_finds_the_answer_or_computes_it(
    ring: RingFederation, anna: Analyst
) -> None:
    """The second waits for the first; where the first fails, it computes itself; a third finds that."""
    failing = anna.submit(
        question="same", nonce=1, trouble={"b": {"ponder": 0.3, "refuse": ["transport-unknown-party"]}}
    )
    computing, finding = (anna.submit(question="same", nonce=n, size=1000) for n in (2, 3))
    assert state_of(anna.watch(failing)[-1]) == "denied"
    done, found = anna.watch(computing)[-1], anna.watch(finding)[-1]
    assert [(state_of(s), s.from_store) for s in (done, found)] == [("done", False), ("done", True)]
    assert anna.release(computing) == anna.release(finding)
    for node in NODES:
        notes = ring.charges(node)
        assert [n for n in notes if finding in n] == [f"serve {finding} 1"]
        assert [n for n in notes if computing in n] == [f"charge {computing} 1 17"]


def test_a_coordinator_killed_while_others_wait_for_the_same_answer_finds_it_afterwards(
    ring: RingFederation, anna: Analyst
) -> None:
    computing = anna.submit(question="kept", nonce=1, size=1000)
    assert state_of(anna.watch(computing)[-1]) == "done"
    ring.processes[COORDINATOR].signal(signal.SIGKILL)
    ring.processes[COORDINATOR].wait()
    ring.start(COORDINATOR)
    finding = anna.submit(question="kept", nonce=2)
    assert anna.watch(finding)[-1].from_store
    assert all(not [n for n in ring.charges(node) if f"charge {finding}" in n] for node in NODES)
