"""Receipts: every contributing node's proof that *this* result of *this* query stands in its log.

No receipt, no result: a release is handed out and shown only with a receipt of each node whose records are in
it. A receipt discloses one entry, proves that it stands in the log (inclusion), and comes with a checkpoint
that the node's log key has signed and that partners have cosigned. All receipts of a release travel
together with the statements about the log keys; with the manifest, nothing else is needed to verify them.

Who must cosign node N's checkpoint (:func:`witnesses_of`): all other contributing nodes. If none of them
belongs to another organisation than N, the compute parties of other organisations as well. With two nodes
each is the other's only witness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import rfc8785

from samklang.audit.checkpoint import Checkpoint, read_checkpoint
from samklang.audit.encoding import as_bytes, dump_shown, load, read_shown, steps, text
from samklang.audit.entry import Disclosed, open_leaf
from samklang.audit.merkle import leaf_hash, verify_inclusion
from samklang.audit.note import Note, parse_note
from samklang.audit.statement import LogKey, read_statement
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import VerifyKey
from samklang.model.canonical import digest_bytes
from samklang.model.manifest import Manifest

__all__ = [
    "SHOWN",
    "Receipt",
    "Verified",
    "dump_receipt",
    "pack",
    "read_receipt",
    "read_receipts",
    "unpack",
    "verify_receipts",
    "witnesses_of",
    "write_receipts",
]

VERSION = "samklang/receipt/1"
FILE_VERSION = "samklang/receipted-release/1"

SHOWN: Final = (
    "kind",
    "at",
    "node",
    "actor",
    "organisation",
    "purpose",
    "purpose_text",
    "basis",
    "query",
    "attempt",
    "policy",
    "codebook",
    "manifest",
    "snapshot",
    "result",
    "recipients",
    "participants",
)
"""What a receipt discloses of its entry: nothing of the ledger, of approvers, of other queries."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One node's; not yet verified."""

    number: int
    leaf: bytes
    shown: Mapping[str, Disclosed]
    proof: tuple[bytes, ...]
    note: Note

    def value(self, name: str) -> Any:
        item = self.shown.get(name)
        return None if item is None else item.value


@dataclass(frozen=True, slots=True)
class Verified:
    """A receipt that holds. ``cosigned``: witness to seconds since 1970."""

    node: str
    receipt: Receipt
    checkpoint: Checkpoint
    cosigned: Mapping[str, int]


def witnesses_of(node: str, contributors: Sequence[str], manifest: Manifest) -> tuple[str, ...]:
    """Nodes that must cosign the checkpoint in the receipt of ``node``, in the manifest's order.

    Raises:
        SamklangError: ``audit-no-witness``: nobody of another organisation could.
    """
    organisations = {n.id: n.organisation for n in manifest.nodes}
    others = {n for n in contributors if n != node}
    if node not in organisations or not others <= organisations.keys():
        raise SamklangError("audit-receipt-format")
    if all(organisations[n] == organisations[node] for n in others):
        compute = {n for n in manifest.compute_parties if n in organisations}
        others |= {n for n in compute if organisations[n] != organisations[node]}
    if all(organisations[n] == organisations[node] for n in others):
        raise SamklangError("audit-no-witness", node=node)
    return tuple(n.id for n in manifest.nodes if n.id in others)


def write_receipts(receipts: Mapping[str, Receipt], statements: Mapping[str, Envelope]) -> bytes:
    """All receipts of a release as RFC 8785 JSON. ``statements``: of those nodes and of their witnesses."""
    return rfc8785.dumps(
        {
            "version": VERSION,
            "keys": {node: envelope.to_json() for node, envelope in statements.items()},
            "receipts": {node: dump_receipt(receipt) for node, receipt in receipts.items()},
        }
    )


def read_receipts(data: bytes) -> tuple[dict[str, Receipt], dict[str, Envelope]]:
    """(receipts, statements) by node, nothing verified; raises ``audit-receipt-format``."""
    try:
        document = load(data)
        if document.keys() != {"version", "keys", "receipts"} or document["version"] != VERSION:
            raise ValueError("another version")
        receipts = {str(node): read_receipt(value) for node, value in document["receipts"].items()}
        statements = {str(n): Envelope.from_json(value) for n, value in document["keys"].items()}
    except (AttributeError, KeyError, TypeError, ValueError, SamklangError):
        raise SamklangError("audit-receipt-format") from None
    return receipts, statements


def verify_receipts(data: bytes, release: bytes, query: str, manifest: Manifest) -> list[Verified]:
    """The receipts of ``release``, if there is one of every contributing node and all hold.

    Args:
        data: as :func:`write_receipts` wrote them.
        release: the release's bytes.
        query: digest of the query that was answered, or its first 32 hex digits (the query's id).
        manifest: verified.

    Returns:
        In the order of the release's participants.

    Raises:
        SamklangError: ``audit-receipt-*``, ``audit-statement``, ``audit-note*``, ``audit-proof-inclusion``,
            ``audit-entry``, ``audit-no-witness``.
    """
    receipts, statements = read_receipts(data)
    contributors = _contributors(release)
    if missing := [node for node in contributors if node not in receipts]:
        raise SamklangError("audit-receipt-missing", nodes=", ".join(missing))
    keys = _log_keys(statements, manifest)
    result = digest_bytes(release)
    return [
        _verify(node, receipts[node], keys, witnesses_of(node, contributors, manifest))
        for node in contributors
        if _is_about(node, receipts[node], result, query, contributors)
    ]


def pack(release: bytes, receipts: bytes) -> bytes:
    """Release and receipts in one file, readable and complete: all that ``audit receipt`` needs but keys."""
    document = {"version": FILE_VERSION, "release": load(release), "receipts": load(receipts)}
    return rfc8785.dumps(document)


def unpack(data: bytes) -> tuple[bytes, bytes]:
    """(release, receipts) of a file that :func:`pack` wrote, nothing verified.

    Raises:
        SamklangError: ``audit-receipt-format``.
    """
    try:
        document = load(data)
        if document.keys() != {"version", "release", "receipts"} or document["version"] != FILE_VERSION:
            raise ValueError("another version")
        # A release's bytes are RFC 8785 JSON, so the object gives them again.
        return rfc8785.dumps(document["release"]), rfc8785.dumps(document["receipts"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise SamklangError("audit-receipt-format") from None


def _verify(node: str, receipt: Receipt, keys: Mapping[str, LogKey], witnesses: Sequence[str]) -> Verified:
    if node not in keys:
        raise SamklangError("audit-statement", node=node)
    checkpoint = read_checkpoint(receipt.note, keys[node].log)
    open_leaf(receipt.leaf, receipt.shown, receipt.number)
    leaf = leaf_hash(receipt.leaf)
    verify_inclusion(leaf, receipt.number, checkpoint.size, receipt.proof, checkpoint.root)
    cosigned = {}
    for witness in witnesses:
        if witness not in keys or not receipt.note.signatures(keys[witness].witness):
            raise SamklangError("audit-receipt-witness", node=node, party=witness)
        cosigned[witness] = receipt.note.cosigned(keys[witness].witness)
    return Verified(node, receipt, checkpoint, cosigned)


def _is_about(node: str, receipt: Receipt, result: str, query: str, contributors: Sequence[str]) -> bool:
    """Always True; raises ``audit-receipt-other`` if the entry is about something else."""
    asked = str(receipt.value("query")).removeprefix("sha256:")
    wanted = query.removeprefix("sha256:")
    if (
        receipt.value("kind") not in ("released", "served")
        or receipt.value("node") != node
        or receipt.value("result") != result
        or len(wanted) not in (32, 64)
        or asked[: len(wanted)] != wanted
        or set(receipt.value("participants") or ()) != set(contributors)
    ):
        raise SamklangError("audit-receipt-other", node=node)
    return True


def _log_keys(statements: Mapping[str, Envelope], manifest: Manifest) -> dict[str, LogKey]:
    pinned = {node.id: VerifyKey.from_text(node.identity) for node in manifest.nodes}
    federation = manifest.federation.id
    return {
        node: read_statement(envelope, node, federation, pinned[node])
        for node, envelope in statements.items()
        if node in pinned
    }


def _contributors(release: bytes) -> list[str]:
    try:
        document = load(release)
        found = [participant["node"] for participant in document["participants"]]
    except (KeyError, TypeError, ValueError):
        found = []
    if not found or not all(isinstance(node, str) for node in found) or len({*found}) != len(found):
        raise SamklangError("audit-receipt-format")
    return found


def dump_receipt(receipt: Receipt) -> dict[str, Any]:
    """One receipt as plain JSON values."""
    return {
        "number": receipt.number,
        "leaf": text(receipt.leaf),
        "shown": dump_shown(receipt.shown),
        "proof": steps(receipt.proof),
        "note": str(receipt.note),
    }


def read_receipt(value: Any) -> Receipt:
    """Raises ``ValueError`` or another of Python's own errors for what is no receipt, or ``audit-note``."""
    if value.keys() != {"number", "leaf", "shown", "proof", "note"} or type(value["number"]) is not int:
        raise ValueError("not a receipt")
    proof = tuple(as_bytes(step) for step in value["proof"])
    note = parse_note(value["note"]) if isinstance(value["note"], str) else None
    if note is None:
        raise ValueError("no note")
    return Receipt(value["number"], as_bytes(value["leaf"]), read_shown(value["shown"]), proof, note)
