"""The page for people: everything on it is from a verified log, nothing on it runs or loads anything."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from tests.support.audit import AT, LogNode

from samklang.audit.entry import KINDS as ALL_KINDS
from samklang.audit.entry import Event
from samklang.audit.export import Export, LogEntry, VerifiedExport, verify_export
from samklang.audit.report import report_html
from samklang.audit.story import tell
from samklang.audit.why import DETAIL
from samklang.audit.words import DECISIONS, DETAILS, KINDS, TEXTS, basis, family, reason, say, word
from samklang.errors import Language
from samklang.identity.keys import SigningKey

QUERY, DENIED = "sha256:" + "1" * 64, "sha256:" + "2" * 64
IDENTITY = SigningKey.from_seed(b"\x01" * 32)
EVIL = "<script>alert(1)</script>"


def verified(events: list[Event]) -> VerifiedExport:
    log = LogNode("kommune", IDENTITY)
    for number, event in enumerate(events):
        at = AT + timedelta(minutes=number)
        log.append(Event(**{**{n: getattr(event, n) for n in event.__slots__}, "at": at, "node": "kommune"}))
    entries = [LogEntry(*entry) for entry in log.entries]
    export = Export("kommune", "fed", log.head().sign(log.key), (), {"kommune": log.statement()}, entries)
    return verify_export(export, {"kommune": IDENTITY.verify_key})


EVENTS = [
    Event(kind="started", actor="kommune", details={"version": "1"}),
    Event(kind="asked", query=QUERY, decision="pending", codes=["policy-purpose-unknown"], actor="anna"),
    Event(kind="approved", query=QUERY, actor="dorte"),
    Event(
        kind="asked",
        query=QUERY,
        decision="permit",
        actor="anna",
        organisation="region",
        purpose="statistical/plan",
        purpose_text="Planlægning",
        basis=["art6-1-e", "DBL § 10"],
        variables=["age/ten"],
        participants=["kommune", "region"],
    ),
    Event(kind="charged", query=QUERY, rho_before=10, rho_after=17),
    Event(kind="released", query=QUERY, recipients=["anna"]),
    Event(kind="asked", query=DENIED, decision="deny", codes=["policy-purpose-unknown"], actor=EVIL),
    Event(kind="witness-refused", actor="region", codes=["audit-log-forked"], details={"log": EVIL}),
]


class Reader(HTMLParser):
    """Text and tags; a tag that is closed in the wrong order is a fault."""

    VOID = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(events: list[Event], lang: Language) -> Reader:
    page = report_html(
        verified(events),
        lang,
        title="Odense",
        made_at=datetime(2027, 4, 1, 12, tzinfo=UTC),
        price=lambda nano_rho: f"<{nano_rho}>",
        name=lambda name: {"age/ten": "Alder & år"}.get(name, name),
    )
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert not reader.seen & {"script", "link", "img", "iframe", "form"}
    assert not re.search(r"https?://|url\(|\son\w+=", page)
    return reader


def test_a_dpo_reads_who_asked_for_what_and_why() -> None:
    text = read(EVENTS, "da").text
    for said in (
        "Revisionslog",
        "Odense i føderationen fed",
        "anna, region",
        "Planlægning",
        "databeskyttelsesforordningens artikel 6, stk. 1, litra e; DBL § 10",
        "Alder & år",
        "imødekommet",
        "afvist",
        "dorte",
        "<7>",
        "En partners log blev afvist",
        "Loggen indeholder hverken CPR-numre",
    ):
        assert said in text, said
    assert text.count(reason("da", "policy-purpose-unknown")) == 1, "what was waited for is over"


REASONS = [
    {"code": "policy-who", "clause": "grants[1].who", "grant": "evaluate-project",
     "params": {"role": "analyst", "organisation": "herning-kommune"}},
    {"code": "policy-axes", "clause": "grants[1].max_axes", "params": {"axes": EVIL, "allowed": "3"}},
]  # fmt: skip


def test_a_dpo_reads_why_it_was_refused_and_which_clause_says_so() -> None:
    codes = [item["code"] for item in REASONS]
    details = {DETAIL: json.dumps(REASONS)}
    reader = read([Event(kind="asked", query=DENIED, decision="deny", codes=codes, details=details)], "da")
    assert "…" not in reader.text
    assert "rollen 'analyst' hos 'herning-kommune'" in reader.text
    assert "politikken: grants[1].who, i tilladelsen evaluate-project" in reader.text
    assert "politikken: grants[1].max_axes" in reader.text
    assert EVIL in reader.text
    assert "reasons" not in reader.text, "shown as reasons, and not once more as details"


def test_an_overlap_is_shown_to_the_dpo() -> None:
    details = {"overlaps": QUERY, "differs_in": "age/ten", "citizens_expected": "unknown"}
    text = read([Event(kind="asked", query=DENIED, decision="deny", details=details)], "da").text
    assert "adskiller sig kun i age/ten; borgere mellem de to, efter offentlige tal: ukendt" in text


def test_times_say_their_zone_and_nothing_of_a_detail_is_left_in_english() -> None:
    details = {"loaded_at": "2026-11-25T08:20:36+00:00", "due": "2026-07-25T08:20:36+00:00"}
    events = [
        Event(kind="snapshot", actor="kommune", details=details),
        Event(kind="policy-changed", details={"id": "p", "version": "2", "before": "sha256:1"}),
        Event(kind="pruned", details={"entries": "2", "first": "0", "last": "1", "why": "retention ended"}),
        Event(kind="witness-reset", details={"log": "l", "cosigned": "l\n5\n"}),
        Event(kind="witness-refused", details={"log": "l", "shown": "l\n4\n", "cosigned": "l\n5\n"}),
    ]
    text = read(events, "da").text
    assert "data læst: 25.11.2026 09:20 +01:00; planlagt til: 25.07.2026 10:20 +02:00" in text
    assert "Tidspunkter er dansk tid (Europe/Copenhagen), hvert med sin afstand til UTC." in text
    assert "01.04.2027 14:00 +02:00" in text, "when the report was made"
    for moment in re.findall(r"\d\d\.\d\d\.\d{4} \d\d:\d\d(.{0,7})", text):
        assert re.match(r" \+0[12]:00", moment)
    for key in {key for event in events for key in event.details}:
        assert f"{word('da', DETAILS, key)}: " in text
        assert word("da", DETAILS, key) != key or key in ("version", "log"), key


def test_in_english_there_is_no_danish_left() -> None:
    text = read(EVENTS, "en").text
    assert "GDPR art. 6(1)(e)" in text
    for danish in TEXTS.values():
        if danish not in TEXTS and "{" not in danish:
            assert f">{danish}<" not in text
    assert not re.search(r"\b(og|ikke|blev)\b", text.replace("Planlægning", ""))


def test_what_others_wrote_is_text() -> None:
    reader = read(EVENTS, "da")
    assert EVIL in reader.text


def test_what_was_asked_is_text_too() -> None:
    found = verified(EVENTS)
    asked = {QUERY: [("By", "Area"), ("Title", EVIL)]}
    page = report_html(
        found, "en", title="x", made_at=AT, price=str, question=lambda digest: asked.get(digest, ())
    )
    assert page.count("What was asked</dt>") == 1
    assert "By: Area<br>Title: &lt;script&gt;" in page
    assert "<script" not in page


@pytest.mark.parametrize("lang", ["da", "en"])
def test_an_empty_log_has_a_page(lang: Language) -> None:
    assert "Samklang" in read([], lang).text


def test_a_story_gathers_what_belongs_to_a_query() -> None:
    story = tell(verified(EVENTS).export.entries)
    assert [q.digest for q in story.asked] == [DENIED, QUERY]
    assert (story.count("permit"), story.count("deny"), story.results(), story.charged()) == (1, 1, 1, 7)
    assert story.asked[1].approvers == ["dorte"]
    assert [number for number, _ in story.rest] == [7, 0]


def test_words_have_both_languages() -> None:
    assert set(KINDS) == set(ALL_KINDS)
    for table in (KINDS, DECISIONS):
        assert all(english and danish and english != danish for english, danish in table.values())
    for english, danish in TEXTS.items():
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", danish))
        assert say("en", english, **dict.fromkeys(re.findall(r"{(\w+)}", english), "x"))
    assert family("da", "care/find") == "behandling og omsorg (find)"
    assert basis("da", "26/11873") == "26/11873"
    assert "…" in reason("da", "policy-purpose-unknown") or reason("da", "policy-purpose-unknown")
    assert reason("en", "of-another-version") == "of-another-version"


@pytest.mark.parametrize(
    ("words", "approvers"),
    [
        (["approved"], ["dorte/data-steward"]),
        (["rejected"], []),
        (["approved", "withdrawn"], []),
        (["approved", "rejected"], []),
        (["withdrawn", "approved"], ["dorte/data-steward"]),
    ],
)
def test_who_said_no_has_not_approved(words: list[str], approvers: list[str]) -> None:
    who = {"query": QUERY, "actor": "dorte", "approvers": ["dorte/data-steward"]}
    asked = Event(kind="asked", query=QUERY, decision="pending", codes=["policy-approval-needed"])
    story = tell(verified([asked, *(Event(kind=word, **who) for word in words)]).export.entries)
    assert story.asked[0].approvers == approvers


def test_the_page_begins_with_what_somebody_has_to_do() -> None:
    def short(events: list[Event], lang: Language = "en") -> str:
        page = report_html(verified(events), lang, title="Kommune", made_at=AT, price=str)
        return page.partition("<section class=proof>")[2].partition("</section>")[0]

    assert "All 8 entries hold." in short(EVENTS)
    for text in (
        "logs that this node has refused: 1.",
        "Results on record that no partner has seen: 1.",
        "the node alone vouches for: 8.",
    ):
        assert text in short(EVENTS)
    assert "wait for a person" not in short(EVENTS)
    assert "Forespørgsler, der venter på en person: 1." in short(EVENTS[:2], "da")
    assert "nothing to act on" in short([])
