"""Nodes of one federation with real files: trail, log key, ledger, and the service about them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.support.audit import manifest_of

from samklang.audit.entry import Event
from samklang.identity.keys import SigningKey
from samklang.model.manifest import Manifest
from samklang.node.audit.heads import Heads
from samklang.node.audit.keys import LogSigner, open_log_key
from samklang.node.audit.results import Results
from samklang.node.audit.service import AuditService
from samklang.node.audit.trail import Trail, open_trail
from samklang.node.audit.witness import Witness
from samklang.node.ledger import Ledger
from samklang.node.release_keys import ReleaseKeys
from samklang.policy import Caps

AT = datetime(2027, 3, 1, 12, tzinfo=UTC)
QUERY = "sha256:" + "1" * 64
OTHER = "sha256:" + "2" * 64
RESULT = "sha256:" + "e" * 64
NAMES = ("kommune", "region", "gp")
IDENTITIES = {n: SigningKey.from_seed(bytes([i + 1]) * 32) for i, n in enumerate(NAMES)}
MANIFEST: Manifest = manifest_of(IDENTITIES)


class Node:
    """One node's state folder, opened."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.state = folder / name
        self.state.mkdir(exist_ok=True)
        self.open()

    def open(self) -> None:
        self.trail: Trail = open_trail(self.state, "fed", self.name)
        self.ledger = Ledger(self.state / "ledger.sqlite", Caps(month=10**9, year=10**9))
        self.signer: LogSigner = open_log_key(self.state, "fed", self.name, IDENTITIES[self.name])
        self.heads = Heads(self.trail, self.signer)
        self.keys = ReleaseKeys(self.state / "releases.sqlite")
        self.results = Results(self.trail, self.heads, self.ledger, self.keys)
        self.witness = Witness(self.trail, self.signer, MANIFEST)
        self.service = AuditService(self.trail, self.signer, self.ledger, MANIFEST, self.keys)

    def close(self) -> None:
        self.trail.close()
        self.ledger.close()
        self.keys.close()

    def reopen(self) -> None:
        self.close()
        self.open()

    def take_part(self, query: str = QUERY, attempt: int = 1) -> None:
        """Decide, charge, and put both on record, as an attempt does."""
        said = {"query": query, "attempt": attempt, "participants": NAMES, "recipients": ["anna"]}
        self.trail.append(Event(kind="asked", at=AT, decision="permit", **said))  # type: ignore[arg-type]
        head = self.ledger.charge(
            query=query,
            attempt=attempt,
            grant="g",
            nano_rho=5,
            delta=0.0,
            granted=5,
            caps=Caps(month=10**9, year=10**9),
            now=AT,
        )
        text = f"{head.ledger}/{head.entries}/{head.hash}"
        self.trail.append(Event(kind="charged", at=AT, ledger=text, **said))  # type: ignore[arg-type]

    def kinds(self) -> list[object]:
        return [entry.value("kind") for entry in self.trail.entries()]
