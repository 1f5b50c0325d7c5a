"""A log of questions on days of one's choice, with real signatures, and no node."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.node.tiny import write_folder

from samklang.audit.entry import Event, commit
from samklang.audit.export import LogEntry, query_digest
from samklang.cli.policy.context import Context, context_with, read_document, read_manifest
from samklang.cli.policy.history import Source
from samklang.identity.keys import SigningKey
from samklang.model.canonical import digest
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest, Validity
from samklang.model.query import Query
from samklang.model.signing import issue_credential, sign_query
from samklang.model.yaml_tree import read_tree
from samklang.policy import Caps

VALID = Validity(from_=date(2026, 1, 1), until=date(2035, 12, 31))
COST = 13_500_000
"""nano-ρ, about what a question costs that asks for ε 1."""


@dataclass
class Logbook:
    """Region's log in the tiny federation; :meth:`ask` writes what a node would have written."""

    folder: Path
    entries: list[LogEntry] = field(default_factory=list)
    bundles: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        write_folder(self.folder)
        self.codebook: Codebook = read_document(self.folder / "codebook.yaml", Codebook).document
        manifest = read_manifest(self.folder / "federation.yaml", digest(self.codebook))
        self.keys = {node.id: SigningKey.generate() for node in manifest.nodes}
        pinned = tuple(
            n.model_copy(update={"identity": self.keys[n.id].verify_key.text}) for n in manifest.nodes
        )
        self.manifest: Manifest = manifest.model_copy(update={"nodes": pinned})
        self.analyst = SigningKey.generate()
        self.written = (self.folder / "policies" / "region.yaml").read_text()
        self.today = self.draft("today")
        self.question: dict[str, Any] = read_tree(
            (self.folder / "queries" / "areas.yaml").read_bytes(), "areas"
        ).data

    def draft(self, name: str, *changes: tuple[str, str]) -> Context:
        """Today's policy with every old text replaced."""
        text = self.written
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = self.folder / "policies" / f"{name}.yaml"
        path.write_text(text)
        return context_with(path, self.manifest, self.codebook)

    def bundle(self, role: str = "analyst", issuer: str = "kommune", **changes: Any) -> bytes:
        credential = issue_credential(
            self.keys[issuer],
            federation="tiny",
            analyst="anna",
            organisation="kommune",
            role=role,
            public=self.analyst.verify_key,
            valid=VALID,
        )
        said = {
            **self.question,
            "federation": "tiny",
            "codebook": digest(self.codebook),
            "analyst": {"id": "anna", "organisation": "kommune"},
            "recipients": ["anna"],
            "nonce": f"{len(self.entries):032x}",
            "not_after": "2035-01-01T00:00:00+00:00",
            **changes,
        }
        return sign_query(Query.model_validate_json(json.dumps(said)), self.analyst, credential)

    def write(self, event: Event) -> int:
        self.entries.append(LogEntry(*commit(event)))
        return len(self.entries) - 1

    def ask(
        self,
        day: str,
        decisions: Sequence[str] = ("permit",),
        *,
        charged: int = 1,
        codes: Sequence[str] = (),
        approvers: Sequence[str] = (),
        policy: str = "",
        role: str = "analyst",
        kept: bool = True,
        details: dict[str, str] | None = None,
        **changes: Any,
    ) -> int:
        """A question on ``day``; number of its first entry.

        Args:
            decisions: one for each time that it was decided about.
            charged: how many attempts sent rows, each for :data:`COST`.
        """
        bundle = self.bundle(role, **changes)
        found = query_digest(bundle)
        if kept:
            self.bundles[found] = bundle
        at = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(hours=10)
        about = {
            "query": found,
            "actor": "anna",
            "organisation": "kommune",
            "purpose": "statistical/overview",
            "policy": policy or digest(self.today.policy.document),
            "grant": "overview",
        }
        first = len(self.entries)
        for number, decision in enumerate(decisions, start=1):
            self.write(
                Event(
                    kind="asked", at=at + timedelta(minutes=number), attempt=number, decision=decision,
                    codes=codes if decision != "permit" else (),
                    approvers=approvers if decision == "permit" else (), details=details or {},
                    **about,  # type: ignore[arg-type]
                )
            )  # fmt: skip
        for number in range(1, charged + 1):
            self.write(
                Event(kind="charged", at=at + timedelta(hours=number), attempt=number, rho_before=0,
                      rho_after=COST, **about)  # type: ignore[arg-type]
            )  # fmt: skip
        return first

    def source(self, caps: Caps | None = None) -> Source:
        return Source("region", self.entries, self.bundles, self.manifest, self.codebook, caps)
