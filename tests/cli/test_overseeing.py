"""What an officer's check finds: words that were taken out, and rows that left too early."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.node.audit.world import MANIFEST, Node
from tests.node.test_approvals import PEOPLE, Asked

from samklang.audit.checkpoint import Checkpoint, origin_of
from samklang.audit.entry import FIELDS, Disclosed, Event
from samklang.audit.note import Line, Note
from samklang.audit.witness import write_request
from samklang.cli.output import Output
from samklang.cli.overseeing.beside_log import questions, seen_by_partners
from samklang.cli.overseeing.check import _charged, _gone
from samklang.cli.overseeing.finding import Finding
from samklang.cli.overseeing.node import Log, LogLine, approved_at, read_cases, read_log
from samklang.cli.overseeing.seen import Seen, load_seen, save_seen
from samklang.errors import SamklangError
from samklang.model.canonical import canonical
from samklang.model.signing import Signed
from samklang.node.ledger_chain import Head
from samklang.node.oversight.reader import REQUESTS
from samklang.v1 import oversight_pb2 as v1


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Callable[[], Asked]]:
    made: list[Asked] = []

    def build() -> Asked:
        made.append(Asked(tmp_path, "manual"))
        return made[-1]

    yield build
    for one in made:
        one.close()


class Told:
    """A node that shows its approvals, but for the last ``hidden`` statements."""

    def __init__(self, here: Asked, hidden: int = 0) -> None:
        self._here, self._hidden = here, hidden

    def approvals(self) -> v1.GetApprovalsResponse:
        answer = v1.GetApprovalsResponse()
        with self._here.file.reading() as rows:
            for request in rows.requests():
                said = rows.statements(request.id)
                shown = answer.requests.add(
                    shown=canonical(request.shown),
                    asker_key=request.asker_key,
                    statements=said[: len(said) - self._hidden],
                )
                for use in rows.uses(request.id):
                    shown.uses.add(attempt=use.attempt, at=use.at.isoformat())
        return answer


def seen_by_officer(here: Asked, hidden: int = 0) -> tuple[Any, Any]:
    class Overseen:
        policy = here.policy

    return read_cases(Told(here, hidden), Overseen(), here.now)  # type: ignore[arg-type]


def logged(here: Asked) -> Log:
    lines = tuple(LogLine(entry.number, dict(entry.shown)) for entry in here.world.partner.trail.entries())
    return Log(Checkpoint("log", len(lines), bytes(32)), Note("log\n", ()), lines)


class Shows:
    """A log as its node shows it: a partner has cosigned, ``lines`` are made up, ``hidden`` left out."""

    def __init__(self, folder: Path, lines: tuple[Line, ...] = (), hidden: tuple[int, ...] = ()) -> None:
        self.kommune, region = Node(folder, "kommune"), Node(folder, "region")
        self.kommune.take_part()
        state, note = self.kommune.heads.sign()
        statement = self.kommune.signer.statement.to_bytes()
        line = region.witness.cosign("kommune", statement, write_request(0, (), note))
        assert isinstance(line, Line)
        self.note = note.with_lines([line, *lines])
        self.answer = v1.GetLogResponse(statement=statement, checkpoint=str(self.note))
        self.answer.keys["region"] = region.signer.statement.to_bytes()
        for entry in self.kommune.trail.entries(0, state.size):
            shown = {} if entry.number in hidden else entry.shown
            fields = {n: {"salt": item.salt.hex(), "value": item.value} for n, item in shown.items()}
            self.answer.entries.add(number=entry.number, leaf=entry.leaf, fields=json.dumps(fields))
        for node in (self.kommune, region):
            node.close()

    def log(self, start: int = 0, limit: int = 0, seen: int = 0) -> v1.GetLogResponse:
        return self.answer


class Of:
    """The officer's node is ``kommune``."""

    node = MANIFEST.nodes[0]
    manifest = Signed(MANIFEST, "sha256:" + "0" * 64)


def test_only_who_has_cosigned_is_a_witness(tmp_path: Path) -> None:
    """Lines under a partner's name, or anybody's, that the node has made up itself vouch for nothing."""
    made_up = Line("fed.gp", b"1234", bytes(72)), Line(origin_of("fed", "gp"), b"abcd", bytes(72))
    shows = Shows(tmp_path, made_up)
    log = read_log(shows, Of())  # type: ignore[arg-type]
    assert len(log.note.lines) == 4
    assert [(one.witness, one.size) for one in log.cosigned.values()] == [("region", log.state.size)]
    forged = tuple(
        replace(line, signature=bytes(72)) if line.name == origin_of("fed", "region") else line
        for line in shows.note.lines
    )
    shows.answer.checkpoint = str(Note(shows.note.text, forged))
    with pytest.raises(SamklangError) as caught:
        read_log(shows, Of())  # type: ignore[arg-type]
    assert caught.value.code == "audit-note-signature"


def said(found: Iterator[Finding]) -> list[tuple[str, str]]:
    return [(one.mark, one.text) for one in found]


def test_what_no_partner_has_seen_is_said_and_a_result_among_it_can_only_be_new(tmp_path: Path) -> None:
    shows = Shows(tmp_path)
    size = read_log(shows, Of()).state.size  # type: ignore[arg-type]
    kommune = Node(tmp_path, "kommune")
    kommune.heads.keep(shows.note, {"region": Node(tmp_path, "region").signer.statement})
    at = datetime(2027, 3, 1, 13, tzinfo=UTC)
    kommune.trail.append(Event(kind="released", at=at, recipients=["anna"]))
    assert [str(note) for note in kommune.heads.cosigned()] == [str(shows.note)]

    def look(heads: list[Note], now: datetime) -> list[tuple[str, str]]:
        """The node shows its log as it is now, and ``heads`` of what partners have signed."""
        state, note = kommune.heads.sign()
        answer = v1.GetLogResponse(statement=shows.answer.statement, checkpoint=str(note))
        answer.keys["region"] = shows.answer.keys["region"]
        answer.heads.extend(map(str, heads))
        for entry in kommune.trail.entries(0, state.size):
            fields = {n: {"salt": i.salt.hex(), "value": i.value} for n, i in entry.shown.items()}
            answer.entries.add(number=entry.number, leaf=entry.leaf, fields=json.dumps(fields))
        shows.answer = answer
        log = read_log(shows, Of())  # type: ignore[arg-type]
        return said(seen_by_partners(log, Of(), now, Output()))  # type: ignore[arg-type]

    soon = at + timedelta(hours=1)
    seen, rest, result = look([shows.note], soon)
    assert seen[0] == "ok"
    assert seen[1].startswith(f"Seen and signed by {MANIFEST.nodes[1].label.en} when it had {size} entries, ")
    assert rest == ("note", "1 entry no partner has seen yet: for it the node alone vouches.")
    assert result[0] == "note"
    assert result[1].startswith("1 result is on record as released")
    # A log that was begun anew, or is another one than the partners know, has nobody's signature.
    rest, result = look([], at + timedelta(days=4))
    assert rest == ("note", f"{size + 1} entries no partner has seen yet: for them the node alone vouches.")
    assert result[0] == "wrong"
    (tmp_path / "other").mkdir()
    other = Shows(tmp_path / "other")
    with pytest.raises(SamklangError) as caught:
        look([other.note], soon)
    assert caught.value.code in ("audit-note-signature", "audit-proof-consistency")
    kommune.close()


def test_a_query_that_the_node_doesnt_show_is_missed_unless_it_says_why() -> None:
    def line(number: int, query: str | None, **details: str) -> LogLine:
        values = {"kind": "asked", "query": query, "details": details}
        shown = {name: Disclosed(bytes(32), values.get(name)) for name in FIELDS}
        if query is None:
            del shown["query"]
        return LogLine(number, shown)

    def found(lines: list[LogLine], kept: set[str]) -> list[tuple[str, str]]:
        log = Log(Checkpoint("log", len(lines), bytes(32)), Note("log\n", ()), tuple(lines))
        return said(questions(log, kept, Output()))

    three = [line(0, "a"), line(1, "b"), line(2, "c")]
    assert found(three, {"a", "b", "c"}) == [("ok", "All 3 queries that the log speaks of can be read.")]
    missed = "The log speaks of 1 query that the node doesn't show: entry 1."
    assert found(three, {"a", "c"}) == [("wrong", missed)]
    assert found([line(0, "a"), line(1, "b", unkept="size")], {"a"})[0][0] == "ok"
    # Older than anything that is kept: a node that didn't keep queries yet. Erased: the query goes as well.
    assert found(three, {"c"})[0][0] == "note"
    assert found(three, set())[0][0] == "note"
    assert found([*three, line(3, None)], {"a", "c"})[0][0] == "note"
    erased = LogLine(1, {k: v for k, v in three[1].shown.items() if k != "actor"})
    assert found([three[0], erased, three[2]], {"a", "c"})[0][0] == "ok"
    assert found([], set()) == []


def test_a_node_that_leaves_words_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(SamklangError) as caught:
        read_log(Shows(tmp_path, hidden=(1,)), Of())  # type: ignore[arg-type]
    assert caught.value.code == "audit-withheld"


def test_a_no_that_was_taken_out_is_missed(asked: Callable[[], Asked]) -> None:
    here = asked()
    request = here.waits(here.world.bundle()).request.id
    here.desk.say(request, PEOPLE["ann"], "approve")
    here.desk.say(request, PEOPLE["bo"], "reject", "not this year")
    (case,), digests = seen_by_officer(here)
    assert case.state == "rejected"
    assert list(_gone(logged(here), digests)) == []
    (case,), digests = seen_by_officer(here, hidden=1)
    assert case.state == "approved", "without the no it looks like a yes"
    assert len(list(_gone(logged(here), digests))) == 1


def test_a_whole_request_that_was_taken_out_is_missed(asked: Callable[[], Asked]) -> None:
    """With it goes the no; the node would ask anew, under another id."""
    here = asked()
    request = here.waits(here.world.bundle()).request.id
    here.desk.say(request, PEOPLE["bo"], "reject", "not this year")
    assert len(list(_gone(logged(here), {}))) == 1
    _, digests = seen_by_officer(here)
    many = {f"{n:032x}": set[str]() for n in range(REQUESTS)}
    assert len(list(_gone(logged(here), many))) == 0, "older than all that fit may be left out"
    assert list(_gone(logged(here), many | digests)) == []


class Logged:
    """A log of entries that say this much, and charges in the ledger beside it."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        lines = [{n: Disclosed(b"", v) for n, v in entry.items()} for entry in entries]
        told = tuple(LogLine(n, line) for n, line in enumerate(lines))
        self.log = Log(Checkpoint("log", len(told), bytes(32)), Note("log\n", ()), told)

    def found(self, *charges: tuple[str, str]) -> list[str]:
        entries = [v1.LedgerEntry(query_digest=query, attempt=1, at=at) for query, at in charges]
        return [finding.mark for finding in _charged(self.log, entries, lambda text, **_: text)]


def test_one_deleted_entry_excuses_one_charge_of_its_time() -> None:
    """Whatever is deleted later, a charge that never stood in the log is missed."""
    early, late = "2026-01-01T12:00:00.000000+00:00", "2026-03-01T12:00:00.000000+00:00"
    whole = {"kind": "charged", "query": "b", "attempt": 1, "at": "2026-02-01T12:00:00.000000Z"}
    log = Logged({}, whole)
    assert log.found(("b", early)) == ["ok"]
    assert log.found(("a", early), ("b", early)) == []
    assert log.found(("a", early), ("c", early)) == ["wrong"]
    assert log.found(("a", late), ("b", early)) == ["wrong"]
    assert Logged(whole).found(("a", early)) == ["wrong"]


def test_entries_whose_bodies_were_deleted_accuse_nobody(asked: Callable[[], Asked]) -> None:
    here = asked()
    request = here.waits(here.world.bundle()).request.id
    here.desk.say(request, PEOPLE["ann"], "approve")
    _, digests = seen_by_officer(here, hidden=1)
    log = logged(here)
    assert len(list(_gone(log, digests))) == 1
    pruned = replace(log, entries=tuple(LogLine(line.number, {}) for line in log.entries))
    assert list(_gone(pruned, digests)) == []
    odd = LogLine(0, {"kind": Disclosed(b"", "approved"), "details": Disclosed(b"", None)})
    assert list(_gone(replace(log, entries=(odd,)), digests)) == []


def test_rows_that_left_without_a_yes_are_found(asked: Callable[[], Asked]) -> None:
    here = asked()
    bundle = here.world.bundle()
    request = here.waits(bundle).request.id
    here.desk.say(request, PEOPLE["ann"], "approve")
    here.charge(here.world.offer(bundle))
    approvers = here.policy.document.approvers
    (case,), _ = seen_by_officer(here)
    (use,) = case.uses
    assert approved_at(case, use.at, approvers)
    (case,), _ = seen_by_officer(here, hidden=1)
    assert not approved_at(case, use.at, approvers)
    (case,), _ = seen_by_officer(here)
    assert not approved_at(case, case.request.shown.expires, approvers), "it had run out"


def test_what_was_seen_is_kept_and_a_broken_file_is_not_looked_over(tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    assert load_seen(path) is None
    seen = Seen(Head("0" * 32, 3, "1" * 64), Checkpoint("samklang/odense/ouh", 7, bytes(range(32))))
    save_seen(path, seen)
    assert load_seen(path) == seen
    for text in ("", "{}", json.dumps({"ledger": "x", "log": {}}), "[1]"):
        path.write_text(text)
        with pytest.raises(SamklangError) as caught:
            load_seen(path)
        assert caught.value.code == "client-file"
