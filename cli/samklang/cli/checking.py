"""``samklang node check``: read every source as the node would, and say what came of it.

Works on the signed documents the node works on and beside a node that runs: it has a snapshot of its own and
leaves the node's state alone. What is shown holds no value of a citizen and no small count (see
:mod:`samklang.node.data.check`).
"""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samklang.cli import exits
from samklang.cli.output import Output, table
from samklang.identity.keys import SigningKey, VerifyKey
from samklang.model.calendar import COPENHAGEN
from samklang.model.config import NodeConfig, load_node_config
from samklang.model.policy import Policy
from samklang.model.query import Period
from samklang.model.signing import verify_codebook, verify_document, verify_manifest

if TYPE_CHECKING:
    from samklang.model.codebook import Codebook
    from samklang.model.manifest import Manifest


def check_node(path: Path, output: Output, start: date | None = None, until: date | None = None) -> int:
    """Print the report; exit code 3 if a table or variable can't be read or computed.

    Args:
        start, until: the period [start, until) that variables look at; the twelve months before ``until``,
            or before today, unless given.

    Raises:
        SamklangError: the configuration, a document, a key or a source is wrong.
    """
    from samklang.node.data.check import check_report
    from samklang.node.data.snapshot import load_snapshot

    config = load_node_config(path)
    manifest, codebook = _documents(config)
    SigningKey.load(config.identity)
    sectors = next((node.sectors for node in manifest.nodes if node.id == config.node.id), ())
    with tempfile.TemporaryDirectory(prefix="samklang-check-") as spill:
        snapshot = load_snapshot(
            config.tables,
            codebook,
            sectors,
            spill_dir=Path(spill),
            threads=config.limits.threads,
            memory_mb=config.limits.memory_mb,
            registers=config.consent,
        )
        with snapshot:
            report = check_report(snapshot, codebook, period(start, until))
    problems = errors_in(report)
    output.result(report, "\n".join([*tables_text(report), *variables_text(report)]))
    for where, error in problems:
        output.note(f"error: {where}: {error['code']}\n  {error['what']}\n  {error['fix']}")
    return exits.DOCUMENT if problems else exits.OK


def period(start: date | None, until: date | None) -> Period:
    """A query's period; states are read on its last day."""
    until = until or datetime.now(COPENHAGEN).date()
    return Period(from_=start or until - timedelta(days=365), until=until, as_of=until - timedelta(days=1))


def _documents(config: NodeConfig) -> tuple[Manifest, Codebook]:
    """Manifest and codebook, and the policy's signatures, verified as the node verifies them."""
    manifest_keys, codebook_keys, policy_keys = (
        [VerifyKey.from_text(text) for text in texts]
        for texts in (config.trust.manifest, config.trust.codebook, config.trust.policy)
    )
    documents = config.documents
    manifest = verify_manifest(documents.manifest.read_bytes(), manifest_keys, datetime.now(UTC)).document
    verify_document(documents.policy.read_bytes(), Policy, policy_keys)
    return manifest, verify_codebook(documents.codebook.read_bytes(), codebook_keys, manifest).document


def errors_in(report: Any, where: str = "") -> list[tuple[str, dict[str, str]]]:
    """Every ``error`` of a report with its place."""
    if not isinstance(report, dict):
        return []
    found = [(where, report["error"])] if isinstance(report.get("error"), dict) else []
    for key, value in report.items():
        if key != "error":
            found += errors_in(value, f"{where}.{key}" if where else str(key))
    return found


def tables_text(report: dict[str, Any]) -> list[str]:
    """What became of the rows of every table."""
    rows = [
        (name, t["files"], t["rows_read"], t["rows_kept"], " ".join([*t["encodings"], *t["separators"]]))
        for name, t in report["tables"].items()
    ]
    lines = [table(rows, ("table", "files", "rows read", "kept", "format")), ""]
    for name, t in (*report["tables"].items(), *report["registers"].items()):
        for kind in ("quarantined", "notes"):
            for reason in t.get(kind, ()):
                column = f" in {reason['column']}" if "column" in reason else ""
                lines.append(f"{name}: {kind}: {reason['reason']}{column}: {reason['rows']} rows")
    return lines


def variables_text(report: dict[str, Any]) -> list[str]:
    """What every variable looks like."""
    lines = []
    for sector, facts in report["sectors"].items():
        if "error" in facts:
            continue
        lines.append(f"\nsector {sector}: about {facts['citizens']} citizens")
        rows = []
        for name, looks in facts["variables"].items():
            for part, look in looks.items():
                if "error" not in look:
                    shown = (look["citizens_with_value"], look["missing"], _looks(look))
                    rows.append((f"{name} {part}", *shown))
        if rows:
            lines.append(table(rows, ("variable", "citizens", "missing", "looks")))
    return lines


def _looks(look: dict[str, Any]) -> str:
    if look.get("mean") is not None:
        return f"mean {look['mean']}"
    return " ".join(f"{level}={share}" for level, share in look.get("levels", {}).items())
