"""What a draft would have said: budgets day by day, people, earlier questions, and what is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.policy.logbook import COST, Logbook

from samklang.audit.entry import FIELDS, Event
from samklang.audit.export import LogEntry
from samklang.cli.output import Output
from samklang.cli.policy.replay_text import replay_text, replay_value
from samklang.cli.policy.replayed import Report, replayed
from samklang.errors import Language, SamklangError
from samklang.policy import Caps

POOR = ("{epsilon: 2}, month: {epsilon: 16}", "{epsilon: 1}, month: {epsilon: 1.6}")
ALLOW = ("policy:", "differencing: {overlap: allow}\npolicy:")
MANUAL = ("approval: {mode: auto}", "approval: {mode: manual, roles: [steward], expires: PT72H}")
NEW = (
    "approval: {mode: auto}",
    "approval: {mode: auto, manual_if: [new-template], roles: [steward], expires: PT72H}",
)
STEWARD = (
    "people:",
    "approvers: {ann: {role: steward, key: 'ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='}}\npeople:",
)


@pytest.fixture
def book(tmp_path: Path) -> Logbook:
    return Logbook(tmp_path / "f")


def period(number: int) -> dict[str, Any]:
    """Another one for each question, so that they are different ones."""
    day = date(2020, 12, 31) - timedelta(days=number)
    return {"from": "2020-01-01", "until": "2021-01-01", "as_of": day.isoformat()}


def said(report: Report) -> list[tuple[str, str, list[str]]]:
    return [(row.draft.outcome, row.draft.by, row.draft.codes) for row in report.rows]


def text(report: Report, lang: Language = "en") -> str:
    return replay_text(report, Output(lang=lang))


def test_a_budget_that_is_too_small_is_used_up_on_its_day_and_new_in_the_next_month(book: Logbook) -> None:
    days = ("2027-02-27", "2027-03-03", "2027-03-10", "2027-03-20", "2027-03-31", "2027-04-01")
    numbers = [book.ask(day, period=period(n)) for n, day in enumerate(days)]
    draft = book.draft("draft", ALLOW, POOR)
    report = replayed(book.source(), book.draft("allow", ALLOW), draft)
    refused = [row for row in report.rows if row.draft.by == "budget"]
    assert [row.past.number for row in refused] == numbers[3:5]
    assert [row.draft.outcome for row in report.rows] == ["permit"] * 3 + ["deny"] * 2 + ["permit"]
    (used,) = report.budget_draft
    assert (used.grant, used.span, used.first, used.refused) == ("overview", "2027-03", date(2027, 3, 20), 2)
    assert report.budget_now == []
    line = draft.policy.position(("grants", 0, "budget", "month")).line
    (reason,) = refused[0].draft.reasons
    assert (reason.clause, reason.at and reason.at.line) == ("grants[0].budget.month", line)
    english, danish = text(report), text(report, "da")
    assert (
        f"the budget of the grant overview for the month 03.2027 is used up on 20.03.2027 (#{numbers[3]}); "
        "refused for it: 2"
    ) in english
    assert "budgettet for tilladelsen overview for måneden 03.2027 brugt op den 20.03.2027" in danish
    assert f"draft.yaml:{line}:" in english
    (total,) = report.totals()
    assert (total.asked, total.now, total.draft, total.narrower) == (6, 6, 4, 2)
    assert report.wider == 0


def test_the_nodes_own_cap_counts_for_both_and_a_lost_charge_too(book: Logbook) -> None:
    book.ask("2027-03-01", period=period(0), kept=False)
    book.ask("2027-03-02", period=period(1))
    book.ask("2027-03-03", period=period(2))
    open_ = book.draft("allow", ALLOW)
    one = replayed(book.source(), open_, open_).rows[0].now.charged
    caps = Caps(month=COST + one, year=10**12)
    report = replayed(book.source(caps), open_, open_)
    assert [row.now.by for row in report.rows] == ["policy", "budget"]
    assert [past.lost for past in report.lost] == ["not-kept"]
    assert [used.grant for used in report.budget_now] == [None]
    assert [row.why for row in report.rows] == [(), ("policy", "budget")], (
        "today's policy isn't the one of then either"
    )
    assert "only the grants' budgets count" in text(replayed(book.source(), open_, open_))
    assert "the node's own cap for the month 03.2027" in text(report)


def test_a_draft_for_next_year_is_asked_next_year(book: Logbook) -> None:
    book.ask("2027-02-27", period=period(0))
    book.ask("2027-03-03", period=period(1))
    draft = book.draft("draft", ALLOW, ("from: 2026-01-01", "from: 2028-01-01"))
    today = book.draft("allow", ALLOW)
    report = replayed(book.source(), today, draft)
    assert report.outside == 2
    assert [row.draft.codes for row in report.rows] == [["policy-not-valid"]] * 2
    assert "move them with --day" in text(report)
    moved = replayed(book.source(), today, draft, date(2028, 2, 27))
    assert [row.moved for row in moved.rows] == [date(2028, 2, 27), date(2028, 3, 2)]
    assert (moved.outside, moved.changed) == (0, [])
    assert "the draft is asked them from 27.02.2028 on" in text(moved)


def test_people_say_what_they_said_then_and_nothing_to_what_they_werent_asked(book: Logbook) -> None:
    book.ask("2027-03-01", ["pending", "permit"], approvers=["ann"], period=period(0))
    book.ask("2027-03-02", ["pending"], charged=0, codes=["policy-approval-needed"], period=period(1))
    book.ask("2027-03-03", period=period(2))
    draft = book.draft("draft", ALLOW, MANUAL, STEWARD)
    report = replayed(book.source(), draft, draft)
    assert [row.draft.outcome for row in report.rows] == ["pending"] * 3
    assert [row.draft.charged > 0 for row in report.rows] == [True, False, False]
    assert [row.why for row in report.rows] == [(), (), ("policy", "approval")]
    # Nobody has to approve a form of question again that people have approved once.
    report = replayed(book.source(), draft, book.draft("new", ALLOW, NEW, STEWARD))
    assert [row.draft.outcome for row in report.rows] == ["pending", "permit", "permit"]
    assert (report.wider, report.assumed) == (2, 1)
    assert "charged here as if they had run: 1" in text(report)


def test_attempts_of_a_query_count_once_and_that_is_said(book: Logbook) -> None:
    book.ask("2027-03-01", ["permit", "permit"], charged=2)
    report = replayed(book.source(), book.today, book.today)
    assert (len(report.rows), report.again, report.changed) == (1, 1, [])
    assert "Further attempts that were charged then, but not here: 1" in text(report)


def test_what_was_permitted_and_never_ran_costs_nothing(book: Logbook) -> None:
    book.ask("2027-03-01", charged=0)
    report = replayed(book.source(), book.today, book.today)
    assert (report.rows[0].draft.outcome, report.rows[0].draft.charged) == ("permit", 0)


def test_earlier_questions_that_a_draft_answers_stand_against_later_ones(book: Logbook) -> None:
    """The draft's own past counts: what it would have refused first is no earlier answer to it."""
    book.ask("2027-03-01", period=period(0))
    book.ask("2027-03-02", period=period(1))
    refuse = ("policy:", "differencing: {overlap: refuse, least: 100}\npolicy:")
    today = book.draft("allow", ALLOW)
    report = replayed(book.source(), today, book.draft("draft", refuse))
    assert said(report) == [("permit", "policy", []), ("deny", "differencing", ["policy-differencing"])]
    (row,) = report.changed
    assert row.direction == -1
    valid = ("from: 2026-01-01", "from: 2027-03-02")
    report = replayed(book.source(), today, book.draft("later", refuse, valid))
    assert said(report) == [("deny", "policy", ["policy-not-valid"]), ("permit", "policy", [])]


def test_the_role_is_the_credentials_and_not_the_logs(book: Logbook) -> None:
    book.ask("2027-03-01", role="clinician")
    book.ask("2027-03-02", role="analyst", period=period(1))
    book.ask("2027-03-03", issuer="region", period=period(2))
    draft = book.draft("draft", ALLOW, ("role: analyst", "role: clinician"))
    report = replayed(book.source(), book.draft("allow", ALLOW), draft)
    assert [(row.now.codes, row.draft.codes) for row in report.rows] == [
        (["policy-who"], []),
        ([], ["policy-who"]),
    ]
    assert report.wider == 1
    assert [past.lost for past in report.lost] == ["identity-credential-organisation"]


def gone(entry: LogEntry, names: Sequence[str]) -> LogEntry:
    return LogEntry(entry.leaf, {n: item for n, item in entry.shown.items() if n not in names})


def test_what_cant_be_asked_again_is_counted_and_named(book: Logbook) -> None:
    book.ask("2027-03-01", charged=0)
    erased = book.ask("2027-03-02", charged=0, period=period(1))
    number = book.ask("2027-03-03", charged=0, period=period(2), kept=False, details={"unkept": "number"})
    at = book.entries[-1].value("at")
    unread = book.write(Event(kind="asked", decision="deny", codes=["identity-envelope"], attempt=1))
    deleted = [book.write(Event(kind="asked", query="x")) for _ in range(3)]
    book.entries[erased] = gone(book.entries[erased], ["query"])
    for one in deleted:
        book.entries[one] = gone(book.entries[one], FIELDS)
    report = replayed(book.source(), book.today, book.today)
    assert len(report.rows) == 1
    assert {past.number: past.lost for past in report.lost} == {
        erased: "erased",
        number: "number",
        unread: "unverified",
    }
    assert report.history.deleted == tuple(deleted)
    shown = text(report, "da")
    assert f"#{unread}: afvist dengang, før nogen kunne se, hvem der spurgte" in shown
    assert f"#{deleted[0]}-#{deleted[-1]}: disse poster siger ikke længere noget" in shown
    assert replay_value(report)["deleted"] == deleted
    assert at


def test_an_answer_that_nothing_explains_is_called_that(book: Logbook) -> None:
    number = book.ask("2027-03-01", ["deny"], charged=0, codes=["policy-who"])
    other = book.ask(
        "2027-03-02", ["deny"], charged=0, codes=["policy-who"], policy="sha256:" + "1" * 64, period=period(1)
    )
    away = book.ask("2027-03-03", ["deny"], charged=0, codes=["node-register-unknown"], period=period(2))
    today = book.draft("today", ALLOW)
    report = replayed(book.source(), book.today, book.today)
    assert {row.past.number: row.why for row in report.rows}[number] == ("unexplained",)
    report = replayed(book.source(), today, today)
    assert {row.past.number: row.why[-1] for row in report.rows} == {
        number: "policy", other: "policy", away: "node",
    }  # fmt: skip
    assert "then:  denied (policy-who); another policy held then" in text(report)


def test_a_query_that_the_codebook_cant_answer_any_more_is_refused_for_that(book: Logbook) -> None:
    book.ask("2027-03-01", charged=0, axes=[{"variable": "gone", "banding": "gone"}], measures=[])
    report = replayed(book.source(), book.today, book.today)
    assert (report.rows[0].now.outcome, report.rows[0].now.by) == ("deny", "documents")
    assert report.rows[0].why[0] == "documents"
    assert "by gone (gone)" in text(report)


def test_a_draft_for_another_node_is_no_draft_for_this_one(book: Logbook) -> None:
    book.ask("2027-03-01")
    other = book.draft("other", ("node: region", "node: kommune"))
    with pytest.raises(SamklangError) as caught:
        replayed(book.source(), book.today, other)
    assert caught.value.code == "policy-other-node"
