"""What a node says, once it was verified: documents, ledger, log, approvals, each by its own signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from samklang.audit.checkpoint import Checkpoint, read_checkpoint
from samklang.audit.encoding import load
from samklang.audit.entry import Disclosed
from samklang.audit.export import Cosigned, Export, LogEntry, VerifiedExport, query_digest, verify_export
from samklang.audit.merkle import verify_consistency
from samklang.audit.note import Note, parse_note
from samklang.audit.statement import read_statement
from samklang.cli.overseeing.calls import Calls
from samklang.cli.overseeing.config import OfficerConfig
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import VerifyKey
from samklang.model.canonical import digest_bytes, parse_canonical
from samklang.model.checks import check_codebook, check_manifest, check_policy
from samklang.model.codebook import Codebook
from samklang.model.loading import about
from samklang.model.manifest import Manifest, Node
from samklang.model.policy import Approver, Policy
from samklang.model.signing import Signed, verify_codebook, verify_document, verify_manifest
from samklang.node.approvals.desk import Case, case_of
from samklang.node.approvals.file import Request, Use
from samklang.node.approvals.shown import Shown
from samklang.node.documents import signing_keys
from samklang.node.ledger_chain import Head, Row, check_chain
from samklang.policy.approving import satisfied
from samklang.v1 import oversight_pb2 as v1

__all__ = [
    "Log", "LogLine", "Overseen", "approved_at", "read_cases", "read_ledger", "read_log", "read_node",
    "read_queries",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Overseen:
    """A node whose documents were signed by those whom the officer trusts."""

    node: Node
    manifest: Signed[Manifest]
    codebook: Signed[Codebook]
    policy: Signed[Policy]
    envelopes: Mapping[str, bytes]
    manifest_signers: int
    policy_signers: int


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry of the log: its number, and what was not deleted of it."""

    number: int
    shown: dict[str, Disclosed]

    def value(self, name: str) -> object:
        item = self.shown.get(name)
        return None if item is None else item.value


@dataclass(frozen=True, slots=True)
class Log:
    """A log whose entries have the root that the log's key has signed. ``verified``: with everything that
    partners have cosigned, each verified with the key that the manifest's identity vouches for."""

    state: Checkpoint
    note: Note
    entries: tuple[LogLine, ...]
    verified: VerifiedExport | None = None

    @property
    def cosigned(self) -> dict[str, Cosigned]:
        """By partner, the longest state of this log that it has cosigned."""
        return self.verified.newest_cosigned if self.verified else {}


def read_node(calls: Calls, config: OfficerConfig, now: datetime) -> Overseen:
    """The node's documents.

    Raises:
        SamklangError: ``identity-*``, ``document-*``, ``policy-other-node``, ``transport-unknown-party``.
    """
    said, trust = calls.documents(), config.trust
    policy_keys = signing_keys(trust.policy)
    with about("manifest"):
        manifest = verify_manifest(said.manifest, _keys(trust.manifest), now)
        check_manifest(manifest.document)
    with about("codebook"):
        codebook = verify_codebook(said.codebook, _keys(trust.codebook), manifest.document)
        check_codebook(codebook.document)
    with about("policy"):
        policy = verify_document(said.policy, Policy, _keys(policy_keys))
        check_policy(policy.document, manifest.document, codebook.document)
    wanted = config.node.id
    node = next((node for node in manifest.document.nodes if node.id == wanted), None)
    if node is None:
        raise SamklangError("transport-unknown-party", name=wanted)
    found = policy.document.policy
    if found.node != wanted:
        raise SamklangError("policy-other-node", policy=found.id, written_for=found.node, node=wanted)
    envelopes = {"manifest": said.manifest, "codebook": said.codebook, "policy": said.policy}
    return Overseen(node, manifest, codebook, policy, envelopes, len(trust.manifest), len(policy_keys))


def read_ledger(
    calls: Calls, known: Head | None = None
) -> tuple[Head, list[v1.LedgerEntry], list[v1.LedgerAccount]]:
    """The ledger with its chain walked, and its accounts.

    Raises:
        SamklangError: ``ledger-broken``, ``ledger-rolled-back``, ``ledger-head-form``.
    """
    first = calls.ledger()
    entries, accounts = [*first.entries], [*first.accounts]
    head = Head.from_text(first.head)
    while len(entries) < head.entries:
        last = entries[-1].number if entries else 0
        page = calls.ledger(last)
        # In order, so that this ends whatever the node says.
        if not page.entries or page.entries[0].number <= last:
            break
        entries.extend(page.entries)
    found = check_chain(head.ledger, (_row(entry) for entry in entries[: head.entries]), known)
    if found != head:
        raise SamklangError("ledger-broken", kind="ledger", where="its head")
    return head, entries[: head.entries], accounts


def read_log(calls: Calls, overseen: Overseen, seen: Checkpoint | None = None) -> Log:
    """The whole log: signed by its key, for which the node's identity vouches; continuing what was seen.

    Raises:
        SamklangError: ``audit-*``; ``audit-log-seen`` if it doesn't continue what was seen.
    """
    first = calls.log(seen=seen.size if seen else 0)
    manifest, own = overseen.manifest.document, overseen.node
    statement = Envelope.from_bytes(first.statement)
    identities = {
        node.id: VerifyKey.from_text(node.identity)
        for node in manifest.nodes
        if node.organisation != own.organisation or node.id == own.id
    }
    key = read_statement(statement, own.id, manifest.federation.id, identities[own.id])
    note = parse_note(first.checkpoint)
    state = read_checkpoint(note, key.log)
    if seen is not None:
        _continues(seen, state, first)
    pages = enumerate(_pages(calls, first, state.size))
    export = Export(
        node=own.id,
        federation=manifest.federation.id,
        note=note,
        heads=tuple(parse_note(text) for text in first.heads),
        keys={
            **{name: Envelope.from_bytes(said) for name, said in first.keys.items() if name in identities},
            own.id: statement,
        },
        entries=[LogEntry(entry.leaf, _disclosed(entry.fields, number)) for number, entry in pages],
    )
    verified = verify_export(export, identities)
    lines = (LogLine(number, dict(entry.shown)) for number, entry in enumerate(export.entries))
    return Log(state, note, tuple(lines), verified)


def _continues(seen: Checkpoint, state: Checkpoint, said: v1.GetLogResponse) -> None:
    """Return if the state continues what was seen; raises ``audit-log-seen``."""
    try:
        if seen.origin != state.origin or seen.size > state.size:
            raise SamklangError("audit-proof-consistency")
        verify_consistency(seen.size, state.size, seen.root, state.root, tuple(said.consistency))
    except SamklangError:
        raise SamklangError("audit-log-seen", before=seen.size, now=state.size) from None


def read_queries(calls: Calls, log: Log) -> dict[str, bytes]:
    """The signed queries that the log's entries commit to, by digest.

    Raises:
        SamklangError: ``audit-export-query``: one that isn't what an entry commits to; ``identity-*``,
            ``document-*``: none at all.
    """
    asked = {entry.value("query") for entry in log.entries if entry.value("kind") == "asked"}
    found: dict[str, bytes] = {}
    more, after = True, ""
    while more:
        page = calls.queries(after)
        for one in page.queries:
            # In order, so that this ends whatever the node says.
            if one.digest <= after or one.digest not in asked or query_digest(one.bundle) != one.digest:
                raise SamklangError("audit-export-query", query=one.digest[:19])
            found[one.digest] = one.bundle
            after = one.digest
        more = page.more and bool(page.queries)
    return found


def read_cases(
    calls: Calls, overseen: Overseen, now: datetime | None = None
) -> tuple[list[Case], dict[str, set[str]]]:
    """Requests for approval, newest first, judged by the policy that was verified; and by request the digests
    of all statements about it.

    Raises:
        SamklangError: ``approval-void``: what approvers were shown can't be read.
    """
    clock: Callable[[], datetime] = lambda: now or datetime.now(UTC)  # noqa: E731
    cases = []
    digests: dict[str, set[str]] = {}
    for number, said in enumerate(calls.approvals().requests):
        try:
            shown = parse_canonical(said.shown, Shown)
        except SamklangError as error:
            raise SamklangError("approval-void", private=error.code) from None
        request = Request(
            number, shown.request, shown.query, shown.policy, "", said.asker_key, "", shown,
            said.shown,
        )  # fmt: skip
        digests[shown.request] = {digest_bytes(envelope) for envelope in said.statements}
        uses = tuple(Use(use.attempt, _instant(use.at)) for use in said.uses)
        cases.append(case_of(request, [*said.statements], uses, said.ended, overseen.policy, clock()))
    return cases, digests


def approved_at(case: Case, at: datetime, approvers: Mapping[str, Approver]) -> bool:
    """Whether the approval was complete when rows left. Statements carry whole seconds, and one may be dated
    a moment ahead: a word that was said within these seconds may have come before or after."""
    if case.state == "changed":
        return True  # under another policy, whose approvers nobody knows any more
    for slack in (timedelta(0), timedelta(seconds=5)):
        yes = [said for said in case.said if said.at <= at + slack]
        last = {said.person: said for said in yes}
        approved = [said for said in last.values() if said.word == "approve"]
        rejected = any(said.word == "reject" for said in yes)
        people = [(said.person, said.role, approvers[said.person].key) for said in approved]
        shown = case.request.shown
        if not rejected and at < shown.expires and satisfied(people, shown.mode, shown.roles):
            return True
    return False


def _pages(calls: Calls, first: v1.GetLogResponse, size: int) -> Iterator[v1.LogEntry]:
    page, count = [*first.entries], 0
    while page and count < size:
        yield from page[: size - count]
        count += len(page)
        page = [*calls.log(start=count).entries] if count < size else []


def _disclosed(fields: str, number: int) -> dict[str, Disclosed]:
    try:
        found = load(fields.encode("utf-8"))
        return {name: Disclosed(bytes.fromhex(item["salt"]), item["value"]) for name, item in found.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise SamklangError("audit-entry", entry=number, field="its form") from None


def _instant(text: str) -> datetime:
    """An aware instant; raises ``approval-void``."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.min
    if found.tzinfo is None:
        raise SamklangError("approval-void", private="when rows left")
    return found


def _row(entry: v1.LedgerEntry) -> Row:
    return (
        entry.number, entry.query_digest, entry.attempt, entry.grant, entry.nano_rho, entry.delta, entry.at,
        entry.month, entry.hash,
    )  # fmt: skip


def _keys(texts: object) -> list[VerifyKey]:
    assert isinstance(texts, list | tuple), "of a checked configuration"
    return [VerifyKey.from_text(str(text)) for text in texts]
