"""Audit logs in memory: nodes that log, prove and witness with the same core functions, and no disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from samklang.audit.checkpoint import Checkpoint, origin_of
from samklang.audit.entry import Disclosed, Event, commit, disclosed
from samklang.audit.merkle import Tree, leaf_hash
from samklang.audit.note import Line, line_of
from samklang.audit.receipt import SHOWN, Receipt, witnesses_of, write_receipts
from samklang.audit.statement import LogKey, make_statement
from samklang.audit.witness import NOTHING, Conflict, Known, consider, parse_request, write_request
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey
from samklang.model.base import Label
from samklang.model.canonical import digest_bytes
from samklang.model.manifest import Coordinator, FederationId, Manifest, Node, Validity

AT = datetime(2027, 3, 1, 12, tzinfo=UTC)
LABEL = Label(en="x", da="x")
COSIGNED_AT = 1_800_000_000


@dataclass
class LogNode:
    """A node's log and its memory of others'."""

    name: str
    identity: SigningKey
    federation: str = "fed"
    key: SigningKey = field(default_factory=SigningKey.generate)
    tree: Tree = field(default_factory=Tree)
    entries: list[tuple[bytes, dict[str, Disclosed]]] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return origin_of(self.federation, self.name)

    @property
    def said(self) -> LogKey:
        key = self.key.verify_key.text
        return LogKey(federation=self.federation, node=self.name, origin=self.origin, key=key, since=AT)

    def statement(self) -> Envelope:
        return make_statement(self.said, self.identity)

    def append(self, event: Event) -> int:
        entry = commit(event)
        self.entries.append(entry)
        self.tree.append(leaf_hash(entry[0]))
        return len(self.entries) - 1

    def head(self) -> Checkpoint:
        return Checkpoint(self.origin, len(self.tree), self.tree.root())

    def request(self, old: int) -> bytes:
        return write_request(old, self.tree.consistency(old), self.head().sign(self.key))

    def cosign(self, other: LogNode, body: bytes) -> Line | Conflict:
        request = parse_request(body)
        outcome = consider(request, self.known.get(other.origin, NOTHING), other.said.log)
        if isinstance(outcome, Conflict):
            return outcome
        self.known[other.origin] = Known(outcome.size, outcome.root)
        return line_of(request.note.text, self.origin, self.key, cosign_at=COSIGNED_AT)

    def receipt(self, number: int, witnesses: Sequence[LogNode]) -> Receipt:
        note = self.head().sign(self.key)
        for witness in witnesses:
            line = witness.cosign(self, self.request(witness.known.get(self.origin, NOTHING).size))
            assert isinstance(line, Line)
            note = note.with_lines([line])
        leaf, shown = self.entries[number]
        return Receipt(number, leaf, disclosed(shown, SHOWN), self.tree.inclusion(number), note)


def manifest_of(
    identities: dict[str, SigningKey], organisations: dict[str, str] | None = None, federation: str = "fed"
) -> Manifest:
    """A manifest of these nodes; each is its own organisation unless said otherwise."""
    names = list(identities)
    compute = names[:3] if len(names) > 2 else ["coordinator", *names]
    return Manifest(
        federation=FederationId(
            id=federation,
            version=1,
            label=LABEL,
            valid=Validity(from_=date(2026, 1, 1), until=date(2035, 12, 31)),
        ),
        coordinator=Coordinator(
            id="coordinator",
            organisation="operator",
            identity=SigningKey.from_seed(b"\xfe" * 32).verify_key.text,
        ),
        nodes=tuple(
            Node(
                id=name,
                organisation=(organisations or {}).get(name, name),
                label=LABEL,
                sectors=("s",),
                identity=key.verify_key.text,
            )
            for name, key in identities.items()
        ),
        compute_parties=tuple(compute),
        codebook="sha256:" + "c" * 64,
    )


def released(node: str, release: bytes, query: str, participants: Sequence[str], **more: Any) -> Event:
    """The event of a release."""
    return Event(
        kind="released",
        at=AT,
        node=node,
        query=query,
        attempt=1,
        result=digest_bytes(release),
        participants=participants,
        **more,
    )


def receipts_for(
    release: bytes, query: str, logs: dict[str, LogNode], manifest: Manifest, **more: Any
) -> bytes:
    """Everybody's receipts of a release in which all of ``logs`` take part."""
    numbers = {
        name: log.append(released(name, release, query, [*logs], **more)) for name, log in logs.items()
    }
    receipts = {
        name: log.receipt(numbers[name], [logs[w] for w in witnesses_of(name, [*logs], manifest)])
        for name, log in logs.items()
    }
    return write_receipts(receipts, {name: log.statement() for name, log in logs.items()})
