"""The log in one file, for whoever wants to verify it or read it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from samklang.audit.deletions import withheld
from samklang.audit.entry import FIELDS
from samklang.audit.export import Export, LogEntry, Questions, VerifiedExport, verify_export
from samklang.errors import SamklangError
from samklang.identity.keys import VerifyKey
from samklang.node.audit.heads import Heads
from samklang.node.audit.keys import LogSigner, open_log_key
from samklang.node.audit.trail import FILE, Trail, open_trail
from samklang.node.documents import Documents, load_documents
from samklang.policy import Caps

__all__ = ["Beside", "as_csv", "beside", "export_log", "verified_log"]


@dataclass(frozen=True, slots=True)
class Beside:
    """A node's log, opened beside the node that may be running."""

    documents: Documents
    trail: Trail
    signer: LogSigner
    heads: Heads

    @property
    def state(self) -> Path:
        return self.documents.config.state


@contextmanager
def beside(config: Path | str) -> Iterator[Beside]:
    """Open the log of the node with this configuration.

    Raises:
        SamklangError: ``audit-no-log``; what is wrong with the configuration or its documents; ``ledger-*``.
    """
    documents = load_documents(config)
    state, node = documents.config.state, documents.node.id
    if not (state / FILE).is_file():
        raise SamklangError("audit-no-log", folder=state.name)
    federation = documents.manifest.document.federation.id
    trail = open_trail(state, federation, node)
    try:
        signer = open_log_key(state, federation, node, documents.identity)
        yield Beside(documents, trail, signer, Heads(trail, signer))
    finally:
        trail.close()


def export_log(found: Beside, *, queries: bool = False) -> Export:
    """The whole log under a new checkpoint; ``queries``: with what was asked in full, and by what it was
    decided."""
    while True:
        state, note = found.heads.sign()
        entries = [LogEntry(e.leaf, e.shown) for e in found.trail.entries(0, state.size)]
        # What a running node deletes meanwhile, an entry after these says.
        if len(found.trail) == state.size or not withheld(entries):
            break
    export = Export(
        node=found.documents.node.id,
        federation=found.documents.manifest.document.federation.id,
        note=note,
        # Those that a log key from before has signed (it was lost) say nothing to whoever has the new one.
        heads=tuple(h for h in found.heads.all() if len(h.lines) > 1 and h.signatures(found.signer.said.log)),
        keys={**found.heads.partners(), found.documents.node.id: found.signer.statement},
        entries=entries,
    )
    return replace(export, questions=_questions(found, export)) if queries else export


def _questions(found: Beside, export: Export) -> Questions:
    """What the entries speak of yet. A document that was replaced on disk since the node has started isn't
    the one that anything was decided by."""
    documents = found.documents
    files, caps = documents.config.documents, documents.config.caps
    signed = {"manifest": files.manifest, "codebook": files.codebook, "policy": files.policy}
    asked = {str(e.value("query")) for e in export.entries if e.value("kind") == "asked" and e.value("query")}
    kept = {digest: bundle for digest in sorted(asked) if (bundle := found.trail.questions.find(digest))}
    own = Caps.from_epsilon(caps.delta, month=caps.month, year=caps.year, lifetime=caps.lifetime)
    return Questions(
        bundles=kept,
        documents={
            name: path.read_bytes()
            for name, path in signed.items()
            if getattr(documents, name).digest == export.newest(name)
        },
        caps={period: cap for period, cap in own.by_period() if cap is not None},
    )


def verified_log(found: Beside, *, queries: bool = False) -> VerifiedExport:
    """The log, exported and verified against the keys that the manifest pins."""
    nodes = found.documents.manifest.document.nodes
    keys = {n.id: VerifyKey.from_text(n.identity) for n in nodes}
    return verify_export(export_log(found, queries=queries), keys)


def as_csv(entries: Sequence[LogEntry]) -> str:
    """A row per entry, a column per field; lists are joined by blanks, deleted fields are empty."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["number", *FIELDS])
    for number, entry in enumerate(entries):
        table.writerow([number, *(_cell(entry.value(name)) for name in FIELDS)])
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        text = " ".join(value)
    elif isinstance(value, dict):
        text = json.dumps(value, ensure_ascii=False) if value else ""
    else:
        text = str(value)
    # A spreadsheet must not take a text for a formula.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
