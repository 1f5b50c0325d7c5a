"""One look at a node: is everything signed, whole, continued, and approved where it must be?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

from samklang.cli.output import Output
from samklang.cli.overseeing.beside_log import questions, seen_by_partners
from samklang.cli.overseeing.calls import Calls
from samklang.cli.overseeing.config import OfficerConfig
from samklang.cli.overseeing.finding import Finding
from samklang.cli.overseeing.node import (
    Log,
    Overseen,
    approved_at,
    read_cases,
    read_ledger,
    read_log,
    read_node,
    read_queries,
)
from samklang.cli.overseeing.seen import Seen
from samklang.errors import SamklangError
from samklang.errors.times import day
from samklang.model.calendar import day_of
from samklang.node.oversight.reader import REQUESTS
from samklang.v1 import oversight_pb2 as v1

__all__ = ["look"]

Say = Callable[..., str]

_DOCUMENTS: Final = {
    "manifest": "The federation's manifest",
    "codebook": "The codebook",
    "policy": "The policy",
}


def look(
    calls: Calls, config: OfficerConfig, seen: Seen | None, now: datetime, output: Output
) -> tuple[list[Finding], Seen | None]:
    """Everything that was found, and what to remember if nothing is wrong."""
    found: list[Finding] = []
    say, say_n, lang = output.say, output.say_n, output.lang

    def wrong(error: SamklangError) -> None:
        text = " ".join(error.text(lang))
        if error.at and (document := _DOCUMENTS.get(error.at.file)):
            text = f"{say(document)}: {text}"
        found.append(Finding("wrong", text, error.code))

    try:
        overseen = read_node(calls, config, now)
        found.extend(_documents(overseen, now, output))
    except SamklangError as error:
        wrong(error)
        return found, None
    head = log = None
    entries: list[v1.LedgerEntry] = []
    try:
        head, entries, _ = read_ledger(calls, seen.ledger if seen else None)
        one, many = "The ledger's chain is whole: {n} charge.", "The ledger's chain is whole: {n} charges."
        found.append(Finding("ok", say_n(one, many, head.entries)))
    except SamklangError as error:
        wrong(error)
    try:
        log = read_log(calls, overseen, seen.log if seen else None)
        found.extend(_log(log, overseen, output))
        found.extend(seen_by_partners(log, overseen, now, output))
        found.extend(questions(log, read_queries(calls, log), output))
    except SamklangError as error:
        wrong(error)
    if seen is None:
        found.append(Finding("note", say("This is the first look: there is nothing to compare with yet.")))
    elif head and log:
        number = log.state.size - seen.log.size
        text = say_n(
            "Ledger and log continue what was seen last time; {n} new entry.",
            "Ledger and log continue what was seen last time; {n} new entries.",
            number,
        )
        found.append(Finding("ok", text))
    if log:
        found.extend(_charged(log, entries, say))
    try:
        found.extend(_approvals(calls, overseen, log, now, say))
    except SamklangError as error:
        wrong(error)
    good = head is not None and log is not None and all(finding.mark != "wrong" for finding in found)
    return found, Seen(head, log.state) if good and head and log else None


def _documents(overseen: Overseen, now: datetime, output: Output) -> Iterator[Finding]:
    say = output.say
    policy = overseen.policy.document.policy
    yield Finding(
        "ok",
        output.say_n(
            "The policy {policy}, version {version}, carries the signature that you ask for.",
            "The policy {policy}, version {version}, carries all {n} signatures that you ask for.",
            overseen.policy_signers,
            policy=policy.id,
            version=policy.version,
        ),
    )
    today = day_of(now)
    if policy.valid.from_ <= today <= policy.valid.until:
        text = say("It holds until {until}.", until=day(policy.valid.until, output.lang))
        yield Finding("ok" if (policy.valid.until - today).days > 30 else "note", text)
    else:
        text = say(
            "It doesn't hold today: from {first} to {until}.",
            first=day(policy.valid.from_, output.lang),
            until=day(policy.valid.until, output.lang),
        )
        yield Finding("wrong", text)


def _log(log: Log, overseen: Overseen, output: Output) -> Iterator[Finding]:
    say = output.say
    one = "The audit log is whole and signed: {n} entry."
    many = "The audit log is whole and signed: {n} entries."
    yield Finding("ok", output.say_n(one, many, log.state.size))
    now = {overseen.policy.digest}
    started = [entry for entry in log.entries if entry.value("kind") == "started"]
    if started and started[-1].value("policy") not in now:
        yield Finding("wrong", say("The node was last started with another policy than the one it shows."))


def _charged(log: Log, entries: list[v1.LedgerEntry], say: Say) -> Iterator[Finding]:
    """Ledger and log hold each other."""
    logged = {(e.value("query"), e.value("attempt")) for e in log.entries if e.value("kind") == "charged"}
    missing = [e for e in entries if (e.query_digest, e.attempt) not in logged]
    # What was deleted on record may have been a charge: so many, and of that time.
    gone = [n for n, e in enumerate(log.entries) if not {"kind", "query", "attempt"} <= e.shown.keys()]
    after = log.entries[gone[-1] + 1 :] if gone else ()
    until = next((str(at) for e in after if (at := e.value("at"))), "")
    excused = [e for e in missing if _instant(e.at) <= _instant(until)] if until else []
    if len(missing) > len(excused) or len(excused) > len(gone):
        yield Finding("wrong", say("Charges that the log doesn't have: {number}.", number=len(missing)))
    elif not missing:
        yield Finding("ok", say("Every charge stands in the log."))


def _approvals(
    calls: Calls, overseen: Overseen, log: Log | None, now: datetime, say: Say
) -> Iterator[Finding]:
    cases, digests = read_cases(calls, overseen, now)
    if log and (gone := list(_gone(log, digests))):
        text = say(
            "Words of approvers that the log has and the node doesn't show: {number}.", number=len(gone)
        )
        yield Finding("wrong", text)
    states = [case.state for case in cases]
    if void := states.count("void"):
        yield Finding("wrong", say("Approvals that don't verify: {number}.", number=void))
    approvers = overseen.policy.document.approvers
    for case in cases:
        if any(not approved_at(case, use.at, approvers) for use in case.uses):
            request = case.request.id[:8]
            yield Finding("wrong", say("Rows left without an approval: request {id}.", id=request))
    waiting = states.count("waiting")
    if waiting:
        yield Finding("note", say("Requests that wait for people: {number}.", number=waiting))
    else:
        yield Finding("ok", say("No request waits for people."))


def _instant(text: str) -> datetime:
    """Raises ``ledger-broken`` for what is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise SamklangError("ledger-broken", kind="ledger", where="its times") from None


def _gone(log: Log, digests: dict[str, set[str]]) -> Iterator[str]:
    """Statements on record that the node doesn't show: of a request that it shows without them, or of one
    that it leaves out, although it is newer than the oldest one shown, or fewer are shown than fit."""
    said = [
        (entry.number, details.get("request", ""), details.get("statement"))
        for entry in log.entries
        if entry.value("kind") in ("approval-requested", "approved", "rejected", "withdrawn")
        and isinstance(details := entry.value("details"), dict)
    ]
    opened: dict[str, int] = {}
    for number, request, _ in said:
        opened.setdefault(request, number)
    oldest = min((opened[request] for request in digests if request in opened), default=0)
    for _, request, statement in said:
        left_out = request not in digests and (len(digests) < REQUESTS or opened[request] > oldest)
        if statement and (left_out or statement not in digests.get(request, {statement})):
            yield statement
