"""What was asked of a node, as its audit log has it: every question once, with who asked, and what was lost.

A log is read beside its node, from an export that has the queries, or from the node over the network; it was
verified before it comes here. Who asked in which role isn't believed of the log: the credential is verified
again, against the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from samklang.audit.export import LogEntry
from samklang.audit.story import Asked, tell
from samklang.errors import SamklangError
from samklang.model.calendar import day_of
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.model.signing import VerifiedQuery, recall_query
from samklang.policy import Caps

__all__ = ["History", "Past", "Source", "history_of", "told_apart"]


@dataclass(frozen=True)
class Source:
    """A verified log with the signed queries that it speaks of, by digest.

    Attributes:
        manifest: against which credentials are verified.
        caps: of the node's data, over all grants; None: not known.
        attributed: the node's tables say whose their rows are; None: not known.
    """

    node: str
    entries: Sequence[LogEntry]
    bundles: Mapping[str, bytes]
    manifest: Manifest
    codebook: Codebook
    caps: Caps | None
    attributed: bool | None = None


def told_apart(entries: Sequence[LogEntry]) -> bool | None:
    """Whether the node's tables say whose their rows are: then the log's newest snapshot names whose rows it
    holds. None: there is no snapshot."""
    for entry in reversed(entries):
        details = entry.value("details") if entry.value("kind") == "snapshot" else None
        if isinstance(details, dict):
            return "controllers" in details
    return None


@dataclass(frozen=True)
class Past:
    """A question that was asked; its attempts are one.

    Attributes:
        number: of its first entry.
        day: on which it was asked first (Europe/Copenhagen); None if that was deleted.
        asked: everything that the log says of it.
        verified: the query, and who asked in which role; None if it is lost.
        lost: why it can't be asked again, empty if it can: ``unverified`` (it was refused before anybody
            could tell whose it was), ``erased`` (fields of its entry), ``not-kept`` (pruned, erased, or from
            before queries were kept), ``number``, ``size`` (see docs/audit-log.md), or an error's code.
    """

    number: int
    day: date | None
    asked: Asked
    verified: VerifiedQuery | None
    lost: str

    @property
    def then(self) -> str:
        """What was said: permit, if any attempt was permitted, else the last word."""
        said = {entry.value("decision") for entry in self.asked.of("asked")}
        return "permit" if "permit" in said else self.asked.decision

    @property
    def codes(self) -> list[str]:
        """Why not, as it was said."""
        return [] if self.then == "permit" else sorted(set(self.asked.codes))

    @property
    def waited(self) -> bool:
        """Whether people had to decide."""
        said = {entry.value("decision") for entry in self.asked.of("asked")}
        return "pending" in said or bool(self.asked.of("approval-requested", "approved", "rejected"))

    @property
    def approved(self) -> bool:
        """Whether people have said yes."""
        return self.then == "permit" and bool(self.asked.approvers)

    @property
    def charges(self) -> list[int]:
        """nano-ρ, one for each attempt that sent rows."""
        spent = [(e.value("rho_before"), e.value("rho_after")) for e in self.asked.of("charged")]
        return [after - before for before, after in spent if before is not None and after is not None]


@dataclass(frozen=True)
class History:
    """Questions in the order in which they were asked first.

    Attributes:
        deleted: numbers of entries that say nothing any more: what they were isn't known.
    """

    questions: tuple[Past, ...]
    deleted: tuple[int, ...]


def history_of(source: Source) -> History:
    """Everything that ``source`` says was asked."""
    asked = [found for found in tell(source.entries).asked if found.of("asked", "charged")]
    found = sorted((_past(one, source) for one in asked), key=lambda past: past.number)
    gone = [number for number, entry in enumerate(source.entries) if not entry.shown]
    return History(tuple(found), tuple(gone))


def _past(asked: Asked, source: Source) -> Past:
    number, first = asked.entries[0]
    at = first.value("at")
    when = datetime.fromisoformat(str(at)) if at else None
    day = day_of(when) if when else None
    if asked.digest.startswith("#"):
        lost = "unverified" if first.value("query") == "" else "erased"
        return Past(number, day, asked, None, lost)
    bundle = source.bundles.get(asked.digest)
    if bundle is None:
        kept = (dict(entry.value("details") or {}).get("unkept") for entry in asked.of("asked"))
        return Past(number, day, asked, None, next((why for why in kept if why), "not-kept"))
    if when is None:
        return Past(number, day, asked, None, "erased")
    try:
        verified = recall_query(bundle, source.manifest, when)
    except SamklangError as error:
        return Past(number, day, asked, None, error.code)
    if verified.digest != asked.digest:
        return Past(number, day, asked, None, "audit-export-query")
    return Past(number, day, asked, verified, "")
