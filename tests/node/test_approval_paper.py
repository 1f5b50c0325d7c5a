"""An approver decides on a machine of their own: they read what the node made, or it counts nowhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from tests.node.test_approvals import PEOPLE, Asked

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey
from samklang.model.approval import Word, sign_statement
from samklang.model.canonical import digest_bytes
from samklang.model.policy import Policy
from samklang.model.signing import sign_document, verify_document
from samklang.node.approvals.desk import Case
from samklang.node.approvals.paper import Paper, read_paper, write_paper
from samklang.node.approvals.text import text

CONTROLLER = SigningKey.generate()


class Node(Asked):
    """A node whose policy is really signed, with a request that waits."""

    def __init__(self, folder: Path, mode: str = "manual", **approval: Any) -> None:
        super().__init__(folder, mode, **approval)
        self.envelope = sign_document(self.policy.document, [CONTROLLER])
        self.use(verify_document(self.envelope, Policy, [CONTROLLER.verify_key]))
        self.request = self.waits(self.world.bundle()).request

    def paper(self) -> bytes:
        case = self.desk.case(self.request.id)
        return write_paper(case, self.desk.statements(case), Envelope.from_bytes(self.envelope))

    def enter(self, envelope: bytes) -> Case:
        return self.desk.enter(envelope)


Made = Callable[..., Node]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    nodes: list[Node] = []

    def build(mode: str = "manual", **approval: Any) -> Node:
        folder = tmp_path / str(len(nodes))
        folder.mkdir()
        nodes.append(Node(folder, mode, **approval))
        return nodes[-1]

    yield build
    for node in nodes:
        node.close()


def decided(paper: bytes, person: str, what: Word = "approve", why: str = "", *, now: datetime) -> bytes:
    """On the person's own machine."""
    return sign_statement(
        read_paper(paper, now).statement(PEOPLE[person].verify_key, what, why, now), PEOPLE[person]
    )


def code(call: Callable[[], object]) -> str:
    with pytest.raises(SamklangError) as caught:
        call()
    return caught.value.code


def test_the_person_reads_what_the_node_shows_and_the_yes_counts(made: Made) -> None:
    node = made()
    case = node.desk.case(node.request.id)
    read: Paper = read_paper(node.paper(), node.now)
    for lang in ("en", "da"):
        assert text(read.case, lang) == text(case, lang)  # type: ignore[arg-type]
    assert read.case.seen == case.seen
    assert node.enter(decided(node.paper(), "ann", now=node.now)).state == "approved"
    node.charge(node.world.offer(node.world.bundle()))
    again = decided(node.paper(), "bo", now=node.now)
    node.enter(again)
    assert code(lambda: node.enter(again)) == "approval-repeated"


def test_a_no_and_a_yes_that_is_taken_back(made: Made) -> None:
    node = made()
    node.enter(decided(node.paper(), "ann", now=node.now))
    assert code(lambda: decided(node.paper(), "ann", now=node.now)) == "approval-repeated"
    node.now += timedelta(seconds=2)
    assert node.enter(decided(node.paper(), "ann", "withdraw", now=node.now)).state == "waiting"
    assert code(lambda: decided(node.paper(), "bo", "reject", now=node.now)) == "approval-text"
    assert code(lambda: decided(node.paper(), "bo", "approve", "well", now=node.now)) == "approval-text"
    no = decided(node.paper(), "bo", "reject", "too fine", now=node.now)
    assert node.enter(no).state == "rejected"
    assert node.refused(node.world.bundle()) == "approval-rejected"
    assert code(node.paper) == "approval-over"


def test_two_persons_with_different_roles(made: Made) -> None:
    """Each with a file of their own; both were written before either had decided."""
    node = made("two-person")
    paper = node.paper()
    assert node.enter(decided(paper, "ann", now=node.now)).state == "waiting"
    assert node.enter(decided(paper, "bo", now=node.now)).state == "waiting", "two stewards are not enough"
    assert "ann (steward)" in text(read_paper(node.paper(), node.now).case, "en")
    assert node.enter(decided(paper, "cat", now=node.now)).state == "approved"


def test_who_may_not_decide_is_told_before_anything_is_signed(made: Made) -> None:
    node = made(roles=("clinician",))
    stranger = SigningKey.generate().verify_key
    paper = read_paper(node.paper(), node.now)
    assert code(lambda: paper.statement(stranger, "approve", "", node.now)) == "approval-not-approver"
    assert code(lambda: decided(node.paper(), "ann", now=node.now)) == "approval-role"
    assert code(lambda: decided(node.paper(), "cat", "withdraw", now=node.now)) == (
        "approval-nothing-to-withdraw"
    )


def test_a_decision_for_another_node_or_request_is_refused(made: Made) -> None:
    one, other = made(), made()
    yes = decided(one.paper(), "ann", now=one.now)
    assert code(lambda: other.enter(yes)) == "approval-unknown"
    statement = read_paper(one.paper(), one.now).statement(PEOPLE["ann"].verify_key, "approve", "", one.now)
    for change, expected in (
        ({"node": "kommune"}, "approval-other"),
        ({"request": other.request.id}, "approval-unknown"),
        ({"query": "sha256:" + "0" * 64}, "approval-other"),
        ({"policy": "sha256:" + "0" * 64}, "approval-other"),
        ({"grant": "other"}, "approval-other"),
        ({"shown": "sha256:" + "0" * 64}, "approval-other"),
        ({"nano_rho": 1}, "approval-other"),
        ({"person": "bo"}, "approval-not-approver"),
        ({"role": "clinician"}, "approval-not-approver"),
        ({"word": "reject"}, "approval-text"),
        ({"why": "because"}, "approval-text"),
        ({"at": one.now.replace(microsecond=0) - timedelta(days=1)}, "approval-other"),
        ({"at": one.now.replace(microsecond=0) + timedelta(hours=1)}, "approval-other"),
    ):
        forged = sign_statement(statement.model_copy(update=change), PEOPLE["ann"])
        assert code(lambda forged=forged: one.enter(forged)) == expected, change  # type: ignore[misc]
    assert one.enter(yes).state == "approved"


def test_a_decision_that_comes_too_late_is_refused(made: Made) -> None:
    node = made(expires="PT1H")
    paper = node.paper()
    yes = decided(paper, "ann", now=node.now)
    node.now += timedelta(hours=1)
    assert code(lambda: node.enter(yes)) == "approval-over"
    assert code(lambda: decided(paper, "ann", now=node.now)) == "approval-over"


def test_a_decision_under_a_policy_that_has_changed_is_refused(made: Made) -> None:
    node = made()
    yes = decided(node.paper(), "ann", now=node.now)
    changed = node.policy.document.policy.model_copy(update={"version": 2})
    envelope = sign_document(node.policy.document.model_copy(update={"policy": changed}), [CONTROLLER])
    node.use(verify_document(envelope, Policy, [CONTROLLER.verify_key]))
    assert code(lambda: node.enter(yes)) == "approval-over"


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in items:
            yield from leaves(one, (*path, key))
    else:
        yield path, value


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return "x" if value is None else f"{value}x"


def altered(data: Any, path: tuple[str | int, ...]) -> Any:
    made = json.loads(json.dumps(data))
    here = made
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = other(here[path[-1]])
    return made


def test_every_value_of_what_is_shown_binds(made: Made) -> None:
    """Altered in the file, with the digest made to fit: it isn't read, or what is signed counts nowhere."""
    node = made()
    paper = json.loads(node.paper())
    shown = json.loads(base64.b64decode(paper["shown"]))
    read, refused = 0, set()
    places = [path for path, _ in leaves(shown)]
    assert len(places) > 60
    for path in places:
        data = rfc8785.dumps(altered(shown, path))
        forged = paper | {"shown": base64.b64encode(data).decode(), "digest": digest_bytes(data)}
        try:
            yes = decided(json.dumps(forged).encode(), "ann", now=node.now)
        except SamklangError as error:
            refused.add(error.code)
            continue
        read += 1
        assert code(lambda yes=yes: node.enter(yes)) in ("approval-other", "approval-unknown"), path  # type: ignore[misc]
    assert refused <= {"approval-paper", "approval-role", "approval-over", "approval-other"}
    assert read > 20, "most of them are texts that only the digest knows"
    assert node.desk.case(node.request.id).said == ()


def test_whatever_else_is_altered_in_the_file_is_refused_where_it_is_read(made: Made) -> None:
    node = made()
    node.enter(decided(node.paper(), "bo", now=node.now))
    good = json.loads(node.paper())
    assert read_paper(json.dumps(good).encode(), node.now).case.said[0].person == "bo"
    said = good["said"][0]
    words = json.loads(base64.b64decode(said["payload"]))
    places = [path for path, _ in leaves(good) if path[0] in ("version", "digest", "shown")]
    bad: list[Any] = [altered(good, path) for path in places]
    for key in good:
        bad.append({k: v for k, v in good.items() if k != key})
    bad.append(good | {"more": "x"})
    for path, _ in leaves(words):
        payload = base64.b64encode(rfc8785.dumps(altered(words, path))).decode()
        bad.append(good | {"said": [said | {"payload": payload}]})
    bad += [good | {"said": [said, said]}, good | {"said": said}, good | {"policy": said}]
    policy = json.loads(base64.b64decode(good["policy"]["payload"]))
    policy["approvers"]["ann"]["role"] = "clinician"
    payload = base64.b64encode(rfc8785.dumps(policy)).decode()
    bad.append(good | {"policy": good["policy"] | {"payload": payload}})
    for forged in bad:
        assert code(lambda forged=forged: read_paper(json.dumps(forged).encode(), node.now)) == (  # type: ignore[misc]
            "approval-paper"
        )
    for odd in (b"", b"{}", b"[]", b"\xff", node.envelope, json.dumps(good).encode()[:-1]):
        assert code(lambda odd=odd: read_paper(odd, node.now)) == "approval-paper"  # type: ignore[misc]


def test_every_byte_of_a_decision_binds(made: Made) -> None:
    node = made()
    yes = json.loads(decided(node.paper(), "ann", now=node.now))
    words = json.loads(base64.b64decode(yes["payload"]))
    for path, _ in leaves(words):
        payload = base64.b64encode(rfc8785.dumps(altered(words, path))).decode()
        forged = json.dumps(yes | {"payload": payload}).encode()
        assert code(lambda forged=forged: node.enter(forged)) in (  # type: ignore[misc]
            "identity-signature",
            "identity-envelope",
            "identity-signature-missing",
        )
    assert node.desk.case(node.request.id).said == ()


def test_a_no_is_still_taken_when_the_coordinator_says_that_it_is_over(made: Made) -> None:
    """It may offer the query again."""
    node = made()
    yes = decided(node.paper(), "ann", now=node.now)
    with node.file.writing() as rows:
        rows.end(node.request.id, "coordinator-cancelled", node.now)
    assert code(lambda: node.enter(yes)) == "approval-over"
    assert node.enter(decided(node.paper(), "ann", "reject", "too fine", now=node.now)).state == "rejected"
