"""What a log entry says, and how it says it without saying it: a salted commitment to every field.

An entry's leaf is ``samklang/audit/entry/1`` and a newline, then 32 bytes for each field of :data:`FIELDS` in
that order: SHA-256(``samklang/audit/field/1`` ‖ newline ‖ field ‖ newline ‖ salt ‖ RFC 8785 JSON of the
value), with a random salt of 32 bytes for each field. So

- a receipt shows the analyst that *this* result was logged for *this* query, and not what the node has left
  of its budget: fields are disclosed one by one (one salt for a whole entry would show all or nothing);
- what isn't disclosed can't be guessed, however few values it could have, and all leaves look alike;
- who deletes salt and value has deleted the field, and the leaf and every root over it stay what they were.

A text that looks like a CPR number is masked before anything is committed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785

from samklang.errors import SamklangError
from samklang.model.plain_text import has_number, masked

__all__ = [
    "FIELDS", "KINDS", "Disclosed", "Event", "commit", "disclosed", "has_number", "instant", "masked",
    "open_leaf",
]  # fmt: skip

KINDS: Final = (
    "started",
    "snapshot",
    "asked",
    "approval-requested",
    "approved",
    "rejected",
    "withdrawn",
    "charged",
    "released",
    "served",
    "policy-changed",
    "pruned",
    "witness-refused",
    "witness-reset",
)

_LEAF = b"samklang/audit/entry/1\n"
_FIELD = b"samklang/audit/field/1\n"
SALT_BYTES = 32

Json = str | int | None | list[str] | dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at a node. Never a citizen's number, never a value of anybody's.

    Digests are ``sha256:`` and 64 hex digits; ρ is whole nano-ρ; what doesn't apply stays empty. The order of
    the fields is that of the commitments in a leaf: a new one makes a new version.
    """

    kind: str
    """One of :data:`KINDS`."""
    at: datetime | None = None
    """When, aware; None: the log's own time, which never runs backwards."""
    node: str = ""
    """Whose log; filled in by the log."""
    actor: str = ""
    """Who did it: an analyst, an approver, the node itself."""
    organisation: str = ""
    """Of the actor."""
    key: str = ""
    """SHA-256 (hex) of the actor's public key or certificate."""
    purpose: str = ""
    """``family/id`` as in the query."""
    purpose_text: str = ""
    """The purpose in the words of the policy's grant; not the analyst's, who could write anything."""
    basis: Sequence[str] = ()
    """Legal basis, as in the grant."""
    operation: str = ""
    target_group: str = ""
    variables: Sequence[str] = ()
    """What was asked for, in the codebook's names: ``variable/banding``, ``variable as measure``."""
    grant: str = ""
    query: str = ""
    """Digest of the signed query."""
    attempt: int | None = None
    policy: str = ""
    codebook: str = ""
    manifest: str = ""
    snapshot: str = ""
    """Random id of the snapshot of data and consents."""
    decision: str = ""
    """permit, pending or deny."""
    codes: Sequence[str] = ()
    """Of the reasons."""
    rho_before: int | None = None
    """Charged to the ledger before, in all."""
    rho_after: int | None = None
    ledger: str = ""
    """Head of the ledger: ``id/entries/hash``."""
    result: str = ""
    """Digest of the release's bytes."""
    recipients: Sequence[str] = ()
    participants: Sequence[str] = ()
    """Nodes whose records are in the result."""
    approvers: Sequence[str] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    """What is peculiar to a kind; see docs/audit-log.md."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such kind of event: {self.kind}")
        if self.at is not None and self.at.tzinfo is None:
            raise ValueError("at must be aware")

    def values(self) -> dict[str, Json]:
        """Plain JSON by field."""
        return {name: _plain(getattr(self, name)) for name in FIELDS}


FIELDS: Final = tuple(f.name for f in fields(Event))


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A field that is shown: its salt and its value."""

    salt: bytes
    value: Json

    def commitment(self, name: str) -> bytes:
        """32 bytes."""
        return hashlib.sha256(_FIELD + name.encode() + b"\n" + self.salt + rfc8785.dumps(self.value)).digest()


def commit(event: Event) -> tuple[bytes, dict[str, Disclosed]]:
    """(leaf data, every field with its new salt)."""
    shown = {n: Disclosed(secrets.token_bytes(SALT_BYTES), v) for n, v in event.values().items()}
    return _LEAF + b"".join(shown[name].commitment(name) for name in FIELDS), shown


def open_leaf(leaf: bytes, shown: Mapping[str, Disclosed], number: int) -> None:
    """Return if ``leaf``, entry ``number`` of its log, is a leaf that commits to every field of ``shown``,
    and each is of its field's type: a log can commit to anything, and readers rely on that.

    Raises:
        SamklangError: ``audit-entry``, naming entry and field.
    """
    if not leaf.startswith(_LEAF) or len(leaf) != len(_LEAF) + 32 * len(FIELDS):
        raise SamklangError("audit-entry", entry=number, field="its form")
    for name, item in shown.items():
        if name not in FIELDS or len(item.salt) != SALT_BYTES or not _fits(name, item.value):
            raise SamklangError("audit-entry", entry=number, field="its form")
        start = len(_LEAF) + 32 * FIELDS.index(name)
        try:
            same = item.commitment(name) == leaf[start : start + 32]
        except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError):
            same = False
        if not same:
            raise SamklangError("audit-entry", entry=number, field=name)


_NUMBERS: Final = frozenset({"attempt", "rho_before", "rho_after"})
_LISTS: Final = frozenset({"basis", "variables", "codes", "recipients", "participants", "approvers"})


def _fits(name: str, value: object) -> bool:
    if name in _NUMBERS:
        return value is None or type(value) is int
    if name in _LISTS:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if name == "details":
        return isinstance(value, dict) and all(
            isinstance(item, str) for pair in value.items() for item in pair
        )
    return isinstance(value, str)


def disclosed(shown: Mapping[str, Disclosed], names: Sequence[str]) -> dict[str, Disclosed]:
    """The fields ``names`` alone."""
    return {name: shown[name] for name in names}


def instant(at: datetime) -> str:
    """``2027-01-31T12:00:00.000000Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: Any) -> Json:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, Mapping):
        return {str(k): masked(str(v)) for k, v in value.items()}
    return [masked(str(item)) for item in value]
