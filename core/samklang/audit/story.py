"""A log as a story: what was asked and answered, query by query, and what else happened.

The entries about one query (decided, approved, charged, released, served again) belong together for a reader;
in the log they stand where they happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from samklang.audit.export import LogEntry
from samklang.audit.why import Why, read_reasons

__all__ = ["Asked", "Story", "tell"]

ABOUT_QUERIES = frozenset(
    {"asked", "approval-requested", "approved", "rejected", "withdrawn", "charged", "released", "served"}
)


@dataclass(slots=True)
class Asked:
    """A query as this node saw it: its entries by number, in order."""

    digest: str
    entries: list[tuple[int, LogEntry]] = field(default_factory=list)

    def of(self, *kinds: str) -> list[LogEntry]:
        return [entry for _, entry in self.entries if entry.value("kind") in kinds]

    def first(self, name: str) -> Any:
        """The first entry's value that says something."""
        return next((v for _, e in self.entries if (v := e.value(name))), None)

    @property
    def decision(self) -> str:
        """The last word about it."""
        said = [entry.value("decision") for entry in self.of("asked") if entry.value("decision")]
        return str(said[-1]) if said else ""

    @property
    def codes(self) -> list[str]:
        """Those of the reasons, each once."""
        return list(dict.fromkeys(why.code for why in self.reasons))

    @property
    def reasons(self) -> list[Why]:
        """Why it wasn't permitted; what was waited for is over when there is a decision."""
        found: list[Why] = []
        for entry in self.of("asked"):
            if entry.value("decision") == self.decision:
                said = read_reasons(entry.value("details") or {}, entry.value("codes") or ())
                found.extend(why for why in said if why not in found)
        return found

    @property
    def charged(self) -> int:
        """nano-ρ, over all attempts."""
        spent = [(e.value("rho_before"), e.value("rho_after")) for e in self.of("charged")]
        return sum(after - before for before, after in spent if before is not None and after is not None)

    @property
    def approvers(self) -> list[str]:
        """Whose last word was yes, and who are named where it was permitted."""
        said: dict[str, bool] = {}
        for _, entry in self.entries:
            kind = entry.value("kind")
            named = [str(a) for a in entry.value("approvers") or ()]
            if kind in ("approved", "rejected", "withdrawn"):
                actor = entry.value("actor")
                said |= dict.fromkeys(named or [str(actor)] * bool(actor), kind == "approved")
            elif entry.value("decision") == "permit":
                said |= dict.fromkeys(named, True)
        return [who for who, yes in said.items() if yes]


@dataclass(frozen=True, slots=True)
class Story:
    """``asked``: queries, newest first. ``rest``: other entries by number, newest first."""

    asked: Sequence[Asked]
    rest: Sequence[tuple[int, LogEntry]]
    first: str
    last: str

    def count(self, decision: str) -> int:
        return sum(asked.decision == decision for asked in self.asked)

    def results(self) -> int:
        return sum(len(asked.of("released", "served")) for asked in self.asked)

    def charged(self) -> int:
        return sum(asked.charged for asked in self.asked)

    def refused(self) -> int:
        return sum(entry.value("kind") == "witness-refused" for _, entry in self.rest)


def tell(entries: Sequence[LogEntry]) -> Story:
    """Sort a whole log's entries; what was deleted is left out."""
    queries: dict[str, Asked] = {}
    rest: list[tuple[int, LogEntry]] = []
    times = [str(at) for entry in entries if (at := entry.value("at"))]
    for number, entry in enumerate(entries):
        kind = entry.value("kind")
        if kind in ABOUT_QUERIES:
            digest = str(entry.value("query") or f"#{number}")
            queries.setdefault(digest, Asked(digest)).entries.append((number, entry))
        elif kind is not None:
            rest.append((number, entry))
    asked = sorted(queries.values(), key=lambda q: q.entries[-1][0], reverse=True)
    return Story(asked, rest[::-1], min(times, default=""), max(times, default=""))
