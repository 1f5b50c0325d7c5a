"""The node's side of approvals: on disk before it is said, believed once verified, one yes for one thing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.node.test_daemon_decisions import World

from samklang.errors import SamklangError
from samklang.errors.times import moment
from samklang.identity.keys import SigningKey
from samklang.model.approval import read_statement, sign_statement
from samklang.model.policy import Approver
from samklang.model.query import Period
from samklang.model.signing import Signed
from samklang.node.approvals import gate as gates
from samklang.node.approvals.desk import Case, Desk
from samklang.node.approvals.file import ApprovalFile
from samklang.node.approvals.gate import Gate
from samklang.node.approvals.text import text
from samklang.node.differencing import Guard
from samklang.policy import Earlier, Overlap
from samklang.policy.differencing import Finding, Shape
from samklang.protocol.compile import compile_query
from samklang.transport.participation import Awaiting, Refusal

PEOPLE = {name: SigningKey.generate() for name in ("ann", "bo", "cat")}
SHAPE = Shape(
    period=Period(from_=date(2020, 1, 1), until=date(2021, 1, 1), as_of=date(2020, 12, 31)), nodes={}
)
ROLES = {"ann": "steward", "bo": "steward", "cat": "clinician"}


class Asked:
    """A region whose policy leaves everything to people; the clock can be set."""

    def __init__(self, folder: Path, mode: str, **approval: Any) -> None:
        self.world = World(folder, "region")
        documents = self.world.documents
        policy = documents.policy.document
        roles = tuple(dict.fromkeys(ROLES.values()))
        rule = policy.grants[0].approval.model_copy(update={"mode": mode, "roles": roles, **approval})
        approvers = {p: Approver(role=ROLES[p], key=PEOPLE[p].verify_key.text) for p in PEOPLE}
        grant = policy.grants[0].model_copy(update={"approval": rule})
        changed = policy.model_copy(update={"grants": (grant,), "approvers": approvers})
        self.policy = Signed(changed, "sha256:" + "5" * 64)
        object.__setattr__(documents, "policy", self.policy)
        self.now = datetime.now(UTC)
        self.path = folder / "approvals.sqlite"
        self.file = ApprovalFile(self.path)
        self.use(self.policy)

    def use(self, policy: Signed[Any]) -> None:
        """Work with this policy from now on."""
        object.__setattr__(self.world.documents, "policy", policy)
        trail = self.world.partner.trail
        self.gate = Gate(self.file, policy, trail, clock=lambda: self.now)
        self.desk = Desk(self.file, policy, trail, clock=lambda: self.now)
        self.world.partner.approvals = self.gate

    def waits(self, bundle: bytes) -> Case:
        with pytest.raises(Awaiting):
            self.world.offer(bundle)
        return self.desk.cases()[0]

    def waits_all(self, bundle: bytes) -> list[Case]:
        self.waits(bundle)
        return self.desk.cases()

    def refused(self, bundle: bytes) -> str:
        with pytest.raises(Refusal) as caught:
            self.world.offer(bundle)
        return str(caught.value.reasons[0].code)

    def charge(self, part: Any) -> None:
        noise = part._program.noise
        part.charge(noise.rho_charged, noise.delta)

    def close(self) -> None:
        self.file.close()
        self.world.close()


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Callable[..., Asked]]:
    made: list[Asked] = []

    def build(mode: str = "manual", **approval: Any) -> Asked:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Asked(folder, mode, **approval))
        return made[-1]

    yield build
    for one in made:
        one.close()


def test_a_request_is_on_disk_before_anybody_hears_of_it(
    asked: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the request and Pending: offered again, it is the same request."""
    here = asked()
    bundle = here.world.bundle()

    class Died(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(gates, "Awaiting", die)
        with pytest.raises(Died):
            here.world.offer(bundle)
    copied = here.path.with_name("after.sqlite")
    with sqlite3.connect(here.path) as db:
        (number,) = db.execute("SELECT count(*) FROM requests").fetchone()
    assert number == 1
    shutil.copy(here.path, copied)
    before = here.desk.cases()[0].request
    assert here.waits(bundle).request == before
    kinds = [entry.value("kind") for entry in here.world.partner.trail.entries()]
    assert kinds.count("approval-requested") == 1
    assert here.world.ledger.head.entries == 0, "waiting costs nothing"


def test_a_yes_counts_until_rows_leave_and_for_every_attempt(asked: Callable[..., Asked]) -> None:
    here = asked()
    bundle = here.world.bundle()
    case = here.waits(bundle)
    here.desk.say(case.request.id, PEOPLE["ann"], "approve")
    part = here.world.offer(bundle)
    here.desk.say(case.request.id, PEOPLE["ann"], "withdraw")
    with pytest.raises(SamklangError) as caught:
        here.charge(part)
    assert caught.value.code == "approval-withdrawn"
    assert here.world.ledger.head.entries == 0
    here.waits(bundle)
    here.desk.say(case.request.id, PEOPLE["cat"], "approve")
    for number in (1, 2):
        here.charge(here.world.offer(bundle, number))
    assert here.world.ledger.head.entries == 2
    assert [use.attempt for use in here.desk.case(case.request.id).uses] == [1, 2]
    charged = here.world.partner.trail.newest("charged")
    assert charged is not None
    assert charged.value("approvers") == ["cat/clinician"]


def test_a_no_before_the_charge_stops_it(asked: Callable[..., Asked]) -> None:
    here = asked()
    bundle = here.world.bundle()
    request = here.waits(bundle).request.id
    here.desk.say(request, PEOPLE["ann"], "approve")
    part = here.world.offer(bundle)
    here.desk.say(request, PEOPLE["bo"], "reject", "not this year")
    with pytest.raises(SamklangError) as caught:
        here.charge(part)
    assert caught.value.code == "approval-rejected"
    assert here.refused(bundle) == "approval-rejected"
    assert here.world.ledger.head.entries == 0


def test_a_coordinator_that_says_it_is_over_keeps_no_no_out(asked: Callable[..., Asked]) -> None:
    """Else it would end a request while somebody has doubts, and offer it again to others."""
    here = asked("two-person")
    bundle = here.world.bundle()
    request = here.waits(bundle).request
    here.desk.say(request.id, PEOPLE["ann"], "approve")
    here.gate.over(request.called, "client-cancelled")
    with pytest.raises(SamklangError) as caught:
        here.desk.say(request.id, PEOPLE["cat"], "approve")
    assert caught.value.code == "approval-over"
    here.desk.say(request.id, PEOPLE["ann"], "withdraw")
    assert here.desk.say(request.id, PEOPLE["bo"], "reject", "not this year").state == "rejected"
    assert here.refused(bundle) == "approval-rejected"


def test_a_yes_from_the_future_that_nobody_could_take_back_is_not_entered(
    asked: Callable[..., Asked],
) -> None:
    """Signed elsewhere, with a date just before the request's end: no later word would fit before it."""
    here = asked()
    request = here.waits(here.world.bundle()).request
    said = read_statement(_envelopes(here, here.desk.say(request.id, PEOPLE["ann"], "approve").request.id)[0],
                          here.policy.document.approvers)  # fmt: skip
    here.desk.say(request.id, PEOPLE["ann"], "withdraw")
    for at, key in (
        (request.shown.expires - timedelta(seconds=1), "ann"),
        (here.now + timedelta(hours=1), "bo"),
    ):
        late = said.model_copy(update={"at": at.replace(microsecond=0), "person": key, "role": ROLES[key]})
        with pytest.raises(SamklangError) as caught:
            here.desk.enter(sign_statement(late, PEOPLE[key]))
        assert caught.value.code == "approval-other"
    soon = said.model_copy(
        update={"at": (here.now + timedelta(minutes=3)).replace(microsecond=0), "person": "bo"}
    )
    assert here.desk.enter(sign_statement(soon, PEOPLE["bo"])).state == "approved"
    assert here.desk.say(request.id, PEOPLE["bo"], "withdraw").state == "waiting"


def test_what_an_analyst_writes_can_not_pass_for_what_the_node_says(asked: Callable[..., Asked]) -> None:
    """Nobody who decides reads forged lines, turned text, or a citizen's number."""
    here = asked()
    forged = "Plan\n\nWhat it costs\n  epsilon 0.001\u202e\x1b[2J"
    # Generated numbers, nobody's.
    numbers = (
        "010150\u20114444",
        "01 01 50 4444",
        "cpr0101504444",
        "\uff10\uff11\uff10\uff11\uff15\uff10\uff14\uff14\uff14\uff14",
    )
    bundle = here.world.bundle(
        title={"en": forged, "da": forged},
        purpose={"family": "statistical", "id": "overview", "text": " og ".join((forged, *numbers))},
    )
    case = here.waits(bundle)
    told = text(case, "en")
    assert told.count("\nWhat it costs\n") == 1
    assert "\x1b" not in told
    assert "\u202e" not in told
    stored = case.request.shown.model_dump_json()
    assert stored.count("[number]") == len(numbers)
    for number in numbers:
        assert number not in stored


@pytest.mark.parametrize("number", ["0101504444", "01 01 50 4444", "010150\u20134444"])
def test_a_no_does_not_tell_the_analyst_of_a_citizen(asked: Callable[..., Asked], number: str) -> None:
    here = asked()
    request = here.waits(here.world.bundle()).request.id
    with pytest.raises(SamklangError) as caught:
        here.desk.say(request, PEOPLE["ann"], "reject", f"not with {number}")
    assert caught.value.code == "approval-text"


def test_it_ends_when_it_said_also_when_it_was_complete(asked: Callable[..., Asked]) -> None:
    here = asked(expires="PT1H")
    bundle = here.world.bundle()
    request = here.waits(bundle).request
    assert request.shown.expires <= here.now + timedelta(hours=1)
    here.desk.say(request.id, PEOPLE["ann"], "approve")
    part = here.world.offer(bundle)
    here.now += timedelta(hours=1)
    with pytest.raises(SamklangError) as caught:
        here.charge(part)
    assert caught.value.code == "approval-expired"
    with pytest.raises(SamklangError) as caught:
        here.desk.say(request.id, PEOPLE["bo"], "approve")
    assert caught.value.code == "approval-over"


def test_what_was_seen_to_expire_stays_so_when_the_clock_is_set_back(asked: Callable[..., Asked]) -> None:
    here = asked(expires="PT1H")
    bundle = here.world.bundle()
    request = here.waits(bundle).request
    here.desk.say(request.id, PEOPLE["ann"], "approve")
    here.now += timedelta(hours=1)
    assert here.refused(bundle) == "approval-expired"
    here.now -= timedelta(hours=1)
    assert here.refused(bundle) == "approval-expired"
    assert here.desk.cases()[0].state == "expired"
    with pytest.raises(SamklangError, match="approval-over"):
        here.desk.say(request.id, PEOPLE["bo"], "approve")


def test_a_coordinator_that_says_it_has_expired_is_not_believed(asked: Callable[..., Asked]) -> None:
    here = asked()
    bundle = here.world.bundle()
    case = here.waits(bundle)
    here.gate.over(case.request.called, "approval-expired")
    assert here.desk.cases()[0].state == "ended"
    assert here.waits(bundle).state == "waiting"
    here.desk.say(case.request.id, PEOPLE["ann"], "approve")
    here.charge(here.world.offer(bundle))


def test_another_policy_is_another_request_and_the_old_yes_is_gone(asked: Callable[..., Asked]) -> None:
    here = asked()
    bundle = here.world.bundle()
    first = here.waits(bundle).request
    here.desk.say(first.id, PEOPLE["ann"], "approve")
    here.world.offer(bundle)
    here.use(Signed(here.policy.document, "sha256:" + "6" * 64))
    assert here.gate.decided() == ["q"], "the coordinator is asked to offer it again"
    second = here.waits(bundle).request
    assert second.id != first.id
    assert {case.state for case in here.desk.cases()} == {"changed", "waiting"}
    yes = [bytes(e) for e in _envelopes(here, first.id)]
    with pytest.raises(SamklangError):
        here.desk.enter(yes[0])


def _envelopes(here: Asked, request: str) -> list[bytes]:
    with here.file.reading() as rows:
        return rows.statements(request)


def test_a_yes_to_one_query_is_none_to_another_put_straight_into_the_file(
    asked: Callable[..., Asked],
) -> None:
    here = asked()
    one, other = here.world.bundle(), here.world.bundle(nonce="1" * 32)
    first = here.waits(one).request
    here.desk.say(first.id, PEOPLE["ann"], "approve")
    second = here.waits(other).request
    (yes,) = _envelopes(here, first.id)
    said = read_statement(yes, here.policy.document.approvers)
    moved = said.model_copy(update={"request": second.id})
    for forged in (yes, sign_statement(moved, PEOPLE["ann"]), sign_statement(moved, SigningKey.generate())):
        with sqlite3.connect(here.path) as db:
            (number,) = db.execute("SELECT max(number) + 1 FROM statements").fetchone()
            db.execute(
                "INSERT INTO statements VALUES (?, ?, ?, ?, ?)",
                (number, second.id, f"sha256:{number}", forged, "2026-01-01T00:00:00+00:00"),
            )
        assert here.refused(other) == "approval-void"
        assert here.desk.case(second.id).state == "void"
    here.world.offer(one)


@pytest.mark.parametrize("table", ["requests", "statements", "uses", "ends"])
def test_nothing_is_changed_or_taken_out(asked: Callable[..., Asked], table: str) -> None:
    here = asked()
    bundle = here.world.bundle()
    request = here.waits(bundle).request.id
    here.desk.say(request, PEOPLE["ann"], "approve")
    here.charge(here.world.offer(bundle))
    here.gate.over("q", "coordinator-cancelled")
    with here.file.writing() as rows:
        rows.end(request, "coordinator-cancelled", here.now)
    for statement in (
        f"DELETE FROM {table}",
        f"UPDATE {table} SET rowid = 99" if table != "uses" else f"UPDATE {table} SET attempt = 9",
    ):
        with sqlite3.connect(here.path) as db, pytest.raises(sqlite3.IntegrityError):
            db.execute(statement)


def test_a_template_is_known_once_people_let_rows_leave_for_it(asked: Callable[..., Asked]) -> None:
    here = asked("auto", manual_if=("new-template",))
    bundle = here.world.bundle()
    request = here.waits(bundle).request.id
    here.desk.say(request, PEOPLE["ann"], "approve")
    other = here.world.bundle(nonce="2" * 32)
    here.waits(other)
    here.charge(here.world.offer(bundle))
    here.world.offer(other)  # no person any more
    assert not here.gate.template_known(here.world.query(axes=[{"variable": "area", "banding": "area"}]))
    here.use(Signed(here.policy.document, "sha256:" + "7" * 64))
    here.waits(here.world.bundle(nonce="3" * 32))


@pytest.mark.parametrize("overlap", ["approve", "allow"])
def test_a_yes_counts_only_with_the_overlap_that_was_shown(
    asked: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch, overlap: str
) -> None:
    """Two questions that differ in few wait side by side, neither with the other's note."""
    here = asked()
    said = here.policy.document.differencing.model_copy(update={"overlap": overlap})
    document = here.policy.document.model_copy(update={"differencing": said})
    here.use(Signed(document, here.policy.digest))
    found: list[Overlap] = []
    here.world.partner.guard = Guard(here.world.documents, here.world.answers)
    monkeypatch.setattr(here.world.partner.guard, "overlap", lambda *_: found[-1] if found else None)
    bundle = here.world.bundle()
    here.desk.say(here.waits(bundle).request.id, PEOPLE["ann"], "approve")
    here.world.offer(bundle).close()
    other = Earlier("sha256:" + "7" * 64, "analyst", here.now.date(), SHAPE)
    found.append(Overlap(other, Finding(("area",), 3.0)))
    if overlap == "allow":
        here.world.offer(bundle).close()
        return
    assert here.refused(bundle) == "approval-changed"
    again = here.world.bundle(nonce="1" * 32)
    case = next(c for c in here.waits_all(again) if c.request.shown.notes)
    assert other.query[7:19] in case.request.shown.notes[0].en
    here.desk.say(case.request.id, PEOPLE["ann"], "approve")
    here.world.offer(again).close()
    found.append(Overlap(replace(other, query="sha256:" + "8" * 64), Finding(("area",), 3.0)))
    assert here.refused(again) == "approval-changed", "what was shown was another one"


def test_what_is_shown_is_what_would_be_computed(asked: Callable[..., Asked]) -> None:
    here = asked("two-person")
    bundle = here.world.bundle(purpose={"family": "statistical", "id": "overview", "text": "Vinterplan"})
    case = here.waits(bundle)
    query = here.world.query(purpose={"family": "statistical", "id": "overview", "text": "Vinterplan"})
    program = compile_query(here.world.material.manifest, here.world.material.codebook, query)
    shown = case.request.shown
    assert shown.program == program.digest()
    assert shown.cells == program.released
    assert shown.nano_rho == program.noise.rho_charged
    assert [(a.name, len(a.levels)) for a in shown.axes] == [
        (a.name, sum(not c for c in a.levels.conflict)) for a in program.axes
    ]
    assert shown.left.month - shown.left_after.month == program.noise.rho_charged
    assert sorted(use.name for use in shown.used) == ["contacts/contacts", "days as measure"]
    for lang, words in (
        ("en", ("Areas", "North, South", "Contacts", "the sum of Days (days; 0 to 100", "kommune", "Overblik",
                "Vinterplan", "Article 6(1)(e)", "DBL § 10", "rho", "two persons", "steward, clinician")),
        ("da", ("Områder", "Nord, Syd", "Kontakter", "summen af Dage (dage; 0 til 100", "kommune", "Overblik",
                "Vinterplan", "stk. 1, litra e", "DBL § 10", "rho", "to personer", "steward, clinician")),
    ):  # fmt: skip
        told = text(case, lang)  # type: ignore[arg-type]
        for word in words:
            assert word in told, word
        assert case.seen in told
        assert "{" not in told
        # In numbers that people can weigh: how many more of it there is room for, and until when they decide.
        room = {
            "en": "more of this size: this month {}, ",
            "da": "flere af samme størrelse: denne måned {}, ",
        }[lang]
        assert room.format(shown.left_after.month // shown.nano_rho) in told
        assert (
            moment(shown.expires, lang)
            in told.partition({"en": "Who decides", "da": "Hvem der afgør det"}[lang])[2]
        )


def test_every_word_has_its_danish() -> None:
    import ast
    import string

    from samklang.node.approvals import text as module
    from samklang.node.approvals.words import DANISH, PLURALS

    tree = ast.parse(Path(str(module.__file__)).read_text())
    said: dict[str, set[str]] = {"say": set(), "say_n": set()}
    for node in ast.walk(tree):
        name = getattr(getattr(node, "func", None), "attr", "")
        if (
            isinstance(node, ast.Call)
            and name in said
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            said[name].add(node.args[0].value)
    assert len(said["say"]) > 40
    assert said["say"] <= DANISH.keys()
    assert said["say_n"] == PLURALS.forms.keys()
    for english, danish in DANISH.items():
        fields = [sorted(f for _, f, _, _ in string.Formatter().parse(t) if f) for t in (english, danish)]
        assert fields[0] == fields[1], english
