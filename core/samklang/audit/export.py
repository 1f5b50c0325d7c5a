"""An export: a node's whole log in one file that anybody can verify who has the nodes' public keys.

Every leaf is in it, so the root is recomputed; of the entries whatever wasn't deleted. The checkpoint is
signed by the log; earlier ones with the cosignatures of partners come along, and must be what the log was at
their size. The signed queries that entries commit to, and the documents that they were decided by, come
along if that is asked for. Whoever kept a checkpoint from before (a note, a receipt) hands it in as well: a
log that was rewritten since, with new keys even, doesn't have it in its past.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785

from samklang.audit.checkpoint import Checkpoint, parse_checkpoint, read_checkpoint
from samklang.audit.deletions import check_deletions
from samklang.audit.encoding import as_bytes, dump_shown, load, read_shown, text
from samklang.audit.entry import FIELDS, Disclosed, open_leaf
from samklang.audit.merkle import Tree, leaf_hash
from samklang.audit.note import Note, parse_note
from samklang.audit.statement import LogKey, read_statement
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope, fields, parse_json
from samklang.identity.keys import VerifyKey
from samklang.model.canonical import digest_bytes

__all__ = [
    "Cosigned", "Export", "LogEntry", "Questions", "VerifiedExport", "query_digest", "read_export",
    "verify_export", "write_export",
]  # fmt: skip

VERSION = "samklang/audit-export/1"
WITH_QUERIES = "samklang/audit-export/2"

_NAMES = {"version", "node", "federation", "note", "heads", "keys", "entries"}


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A leaf and what is still known of what it commits to."""

    leaf: bytes
    shown: Mapping[str, Disclosed]

    def value(self, name: str) -> Any:
        item = self.shown.get(name)
        return None if item is None else item.value


@dataclass(frozen=True, slots=True)
class Questions:
    """What was asked, in full, and what a decision about it depends on.

    Attributes:
        bundles: by digest of the query: it, signed, with the credential.
        documents: envelopes of the ``manifest``, ``codebook`` and ``policy`` that the log's newest entries
            name; one that isn't what they name is left out.
        caps: nano-ρ that the node's data may be asked in the ``month``, the ``year`` and altogether
            (``lifetime``), over all grants. The node's own word.
    """

    bundles: Mapping[str, bytes]
    documents: Mapping[str, bytes]
    caps: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Export:
    """A log as it was exported; not yet verified.

    Attributes:
        node, federation: whose log.
        note: the checkpoint over all ``entries``.
        heads: earlier checkpoints with cosignatures, oldest first.
        keys: statements about the log keys of this node and of those who cosigned.
        questions: None: they weren't exported.
    """

    node: str
    federation: str
    note: Note
    heads: tuple[Note, ...]
    keys: Mapping[str, Envelope]
    entries: Sequence[LogEntry]
    questions: Questions | None = None

    def newest(self, name: str) -> Any:
        """What the newest entry says of a field that it says anything of."""
        return next((value for entry in reversed(self.entries) if (value := entry.value(name))), None)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """``witness`` saw the log with ``size`` entries at ``at`` (seconds since 1970)."""

    witness: str
    size: int
    at: int


@dataclass(frozen=True, slots=True)
class VerifiedExport:
    """An export that holds.

    Attributes:
        checkpoint: of all its entries.
        cosigned: what partners whose keys were given have seen, by size.
        unknown: those who cosigned and whose keys were not given.
        deleted: entries of which salts and values are gone, wholly or in part.
    """

    export: Export
    checkpoint: Checkpoint
    cosigned: tuple[Cosigned, ...]
    unknown: tuple[str, ...]
    deleted: int

    @property
    def newest_cosigned(self) -> dict[str, Cosigned]:
        """By witness, the longest state that it has seen."""
        # In order of size: the last one of a witness is its longest.
        return {one.witness: one for one in self.cosigned}

    @property
    def seen(self) -> int:
        """Entries that some witness has seen; for those from here on the node alone vouches."""
        return max((one.size for one in self.cosigned), default=0)

    @property
    def unseen_releases(self) -> int:
        """Results on record that no witness has seen, although none is handed out before."""
        return sum(entry.value("kind") == "released" for entry in self.export.entries[self.seen :])


def write_export(export: Export) -> bytes:
    """As RFC 8785 JSON."""
    written: dict[str, Any] = {
        "version": VERSION,
        "node": export.node,
        "federation": export.federation,
        "note": str(export.note),
        "heads": [str(note) for note in export.heads],
        "keys": {node: envelope.to_json() for node, envelope in export.keys.items()},
        "entries": [{"leaf": text(e.leaf), "shown": dump_shown(e.shown)} for e in export.entries],
    }
    if (found := export.questions) is not None:
        written["version"] = WITH_QUERIES
        written["queries"] = {digest: text(bundle) for digest, bundle in found.bundles.items()}
        written["documents"] = {name: text(envelope) for name, envelope in found.documents.items()}
        written["caps"] = dict(found.caps)
    return rfc8785.dumps(written)


def read_export(data: bytes) -> Export:
    """Read an export, verifying nothing; raises ``audit-export-format``."""
    try:
        document = load(data)
        known = {VERSION: _NAMES, WITH_QUERIES: _NAMES | {"queries", "documents", "caps"}}
        if document.keys() != known[document["version"]]:
            raise ValueError("another version")
        texts = (document["node"], document["federation"], document["note"], *document["heads"])
        if not all(isinstance(item, str) for item in texts):
            raise ValueError("not a text")
        return Export(
            node=document["node"],
            federation=document["federation"],
            note=parse_note(document["note"]),
            heads=tuple(parse_note(note) for note in document["heads"]),
            keys={node: Envelope.from_json(value) for node, value in document["keys"].items()},
            entries=[_entry(value) for value in document["entries"]],
            questions=_questions(document) if document["version"] == WITH_QUERIES else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError, SamklangError):
        raise SamklangError("audit-export-format") from None


def verify_export(
    export: Export, identities: Mapping[str, VerifyKey], earlier: Sequence[Note] = ()
) -> VerifiedExport:
    """The export, if everything in it holds.

    Args:
        identities: identity keys of nodes, this one's among them; those of witnesses make their cosignatures
            count.
        earlier: checkpoints of this log that were kept elsewhere.

    Raises:
        SamklangError: ``audit-keys`` (no key for this node), ``audit-statement``, ``audit-note*``,
            ``audit-origin``, ``audit-proof-consistency`` (leaves and checkpoints don't belong together),
            ``audit-entry``, ``audit-export-order``, ``audit-withheld`` (what isn't shown wasn't deleted on
            record), ``audit-log-behind``, ``audit-log-forked`` (against ``earlier``),
            ``audit-export-query``, ``audit-export-document`` (not what the entries commit to).
    """
    if export.node not in identities or export.node not in export.keys:
        raise SamklangError("audit-keys", node=export.node)
    keys = {
        node: read_statement(envelope, node, export.federation, identities[node])
        for node, envelope in export.keys.items()
        if node in identities
    }
    own = keys[export.node]
    tree = Tree(leaf_hash(entry.leaf) for entry in export.entries)
    checkpoint = read_checkpoint(export.note, own.log)
    notes = (*export.heads, export.note)
    for state in (read_checkpoint(note, own.log) for note in notes):
        if state.size > len(tree) or tree.root(state.size) != state.root:
            raise SamklangError("audit-proof-consistency")
    if checkpoint.size != len(tree):
        raise SamklangError("audit-proof-consistency")
    deleted = _check_entries(export)
    check_deletions(export.entries)
    _check_questions(export)
    for note in earlier:
        _check_earlier(note, tree, own)
    cosigned, unknown = _cosignatures(notes, keys, own)
    return VerifiedExport(export, checkpoint, cosigned, unknown, deleted)


def _check_entries(export: Export) -> int:
    """How many entries aren't whole any more; time must not run backwards in the others."""
    last, deleted = "", 0
    for number, entry in enumerate(export.entries):
        open_leaf(entry.leaf, entry.shown, number)
        deleted += len(entry.shown) < len(FIELDS)
        node, at = entry.value("node"), entry.value("at")
        if node not in (None, export.node) or (isinstance(at, str) and at < last):
            raise SamklangError("audit-export-order")
        last = at if isinstance(at, str) else last
    return deleted


def _check_questions(export: Export) -> None:
    """Queries and documents are those that the entries commit to."""
    if export.questions is None:
        return
    asked = {entry.value("query") for entry in export.entries if entry.value("kind") == "asked"}
    for digest, bundle in export.questions.bundles.items():
        if digest not in asked or query_digest(bundle) != digest:
            raise SamklangError("audit-export-query", query=digest[:19])
    for name, envelope in export.questions.documents.items():
        try:
            found = digest_bytes(Envelope.from_bytes(envelope).payload)
        except SamklangError:
            found = ""
        if found != export.newest(name):
            raise SamklangError("audit-export-document", document=name)


def query_digest(bundle: bytes) -> str:
    """Digest of the signed query in a bundle, nothing verified; empty if there is none."""
    try:
        return digest_bytes(Envelope.from_json(fields(parse_json(bundle), "credential", "query")[1]).payload)
    except SamklangError:
        return ""


def _check_earlier(note: Note, tree: Tree, own: LogKey) -> None:
    """One of a log key from before, which was lost, counts by the word of whoever has kept it."""
    signed = bool(note.signatures(own.log))
    known = read_checkpoint(note, own.log) if signed else parse_checkpoint(note)
    if known.origin != own.origin:
        raise SamklangError("audit-origin", log=own.origin)
    if known.size > len(tree):
        raise SamklangError("audit-log-behind", log=own.origin)
    if tree.root(known.size) != known.root:
        raise SamklangError("audit-log-forked", log=own.origin)


def _cosignatures(
    notes: Sequence[Note], keys: Mapping[str, LogKey], own: LogKey
) -> tuple[tuple[Cosigned, ...], tuple[str, ...]]:
    witnesses = {key.origin: (node, key.witness) for node, key in keys.items() if key.origin != own.origin}
    found: set[tuple[int, int, str]] = set()
    unknown = set()
    for note in notes:
        size = parse_checkpoint(note).size
        for line in note.lines:
            if line.name in witnesses:
                node, key = witnesses[line.name]
                if note.signatures(key):
                    found.add((size, note.cosigned(key), node))
            elif line.name != own.origin:
                unknown.add(line.name)
    return tuple(Cosigned(node, size, at) for size, at, node in sorted(found)), tuple(sorted(unknown))


def _questions(document: Mapping[str, Any]) -> Questions:
    caps, documents = document["caps"], document["documents"]
    if not documents.keys() <= {"manifest", "codebook", "policy"}:
        raise ValueError("another document")
    if not caps.keys() <= {"month", "year", "lifetime"} or not all(type(cap) is int for cap in caps.values()):
        raise ValueError("not caps")
    return Questions(
        bundles={digest: as_bytes(bundle) for digest, bundle in document["queries"].items()},
        documents={name: as_bytes(envelope) for name, envelope in documents.items()},
        caps=caps,
    )


def _entry(value: Any) -> LogEntry:
    if value.keys() != {"leaf", "shown"}:
        raise ValueError("not an entry")
    return LogEntry(as_bytes(value["leaf"]), read_shown(value["shown"]))
