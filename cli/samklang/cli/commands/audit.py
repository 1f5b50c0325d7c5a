"""``samklang audit``: read, export and verify audit logs and receipts.

``show``, ``export``, ``keys``, ``citizen``, ``prune`` and ``readmit`` work on a node's own files, also while
the node runs; ``verify`` and ``receipt`` need nothing but what they are given.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli.commands import action, group

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output

_CONFIG = "the node's configuration"


def add(commands: Subparsers) -> None:
    """Describe the command."""
    actions = group(commands, "audit", "Read, export and verify audit logs and receipts.")
    show = _at_node(
        actions, "show", _show, "List the entries of a node's audit log, newest first.", "--entries 50"
    )
    show.add_argument(
        "number", type=int, nargs="?", metavar="N", help="this entry alone, with what was asked in words"
    )
    show.add_argument("--entries", type=int, default=20, metavar="N", help="how many at most (20)")
    show.add_argument("--query", metavar="ID", help="only those about this query (id or digest)")
    export = _at_node(
        actions,
        "export",
        _export,
        "Write the audit log: JSON that others can verify, CSV, or a page to read (HTML).",
        "--out log.html --language da",
    )
    export.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="write there: .json, .csv or .html"
    )
    export.add_argument(
        "--queries", action="store_true", help="JSON with the signed queries, for `policy simulate` elsewhere"
    )
    _at_node(
        actions,
        "keys",
        _keys,
        "Print the identity keys of all nodes, for others to verify exports with.",
        "",
    )
    verify = action(
        actions,
        "verify",
        _verify,
        "Verify an export with public keys alone.",
        "samklang audit verify log.json --keys keys.txt --earlier log-from-last-time.json",
    )
    verify.add_argument("export", type=Path, metavar="FILE", help="the export (JSON)")
    verify.add_argument(
        "--keys",
        type=Path,
        required=True,
        metavar="FILE",
        help="identity keys, a line `NODE ed25519:...` each",
    )
    verify.add_argument(
        "--earlier",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="an export, receipt or checkpoint of this log that was kept: it must be in the log's past",
    )
    verify.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="write what was verified as a page to read, with your own program and not the node's (.html)",
    )
    receipt = action(
        actions,
        "receipt",
        _receipt,
        "Verify a release with its receipts, and say what it proves.",
        "samklang audit receipt answer.receipt.json --manifest manifest.json --trust ed25519:...",
    )
    receipt.add_argument("receipt", type=Path, metavar="FILE", help="as it was saved beside the release")
    receipt.add_argument(
        "--manifest",
        type=Path,
        metavar="FILE",
        help="the federation's signed manifest (default: asked of the coordinator)",
    )
    receipt.add_argument(
        "--trust", action="append", default=[], metavar="KEY", help="a key that must have signed the manifest"
    )
    receipt.add_argument(
        "--client",
        type=Path,
        metavar="FILE",
        default=Path(os.environ.get("SAMKLANG_CLIENT") or "client.yaml"),
        help="the client's configuration (default: $SAMKLANG_CLIENT, else client.yaml)",
    )
    _at_node(
        actions,
        "citizen",
        _citizen,
        "Say for which purposes and when a citizen's record took part; the CPR number is read from the "
        "terminal or standard input, never from the command line.",
        "",
    )
    prune = _at_node(
        actions,
        "prune",
        _prune,
        "Delete salts and values whose retention has ended; what was proven stays proven.",
        "--dry-run",
    )
    prune.add_argument("--dry-run", action="store_true", help="only say how much would be deleted")
    prune.add_argument("--entry", type=int, metavar="NUMBER", help="instead: erase fields of this entry")
    prune.add_argument(
        "--field", action="append", default=[], metavar="NAME", help="which field (all of them)"
    )
    readmit = _at_node(
        actions,
        "readmit",
        _readmit,
        "Let a partner's log begin anew, after it has lost its file and has said so.",
        "--node region",
    )
    readmit.add_argument("--node", required=True, metavar="NAME", help="whose log")


def _at_node(actions: Subparsers, name: str, run: object, text: str, example: str) -> argparse.ArgumentParser:
    whole = f"samklang audit {name} --config node.yaml {example}".rstrip()
    parser = action(actions, name, run, text, whole)  # type: ignore[arg-type]
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help=_CONFIG)
    return parser


def _show(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.auditing import show, show_one

    if arguments.number is not None:
        return show_one(arguments.config, arguments.number, output)
    return show(arguments.config, output, most=max(0, arguments.entries), query=arguments.query)


def _export(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.auditing import export

    return export(arguments.config, arguments.out, output, queries=arguments.queries)


def _keys(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.auditing import keys

    return keys(arguments.config, output)


def _verify(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.audit_verifying import verify

    return verify(arguments.export, arguments.keys, arguments.earlier, output, report=arguments.report)


def _receipt(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.audit_verifying import receipt

    return receipt(arguments.receipt, arguments.manifest, arguments.trust, arguments.client, output)


def _citizen(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.auditing import citizen

    return citizen(arguments.config, output)


def _prune(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.auditing import erase, prune

    if arguments.entry is not None:
        return erase(arguments.config, arguments.entry, arguments.field, output)
    return prune(arguments.config, output, dry_run=arguments.dry_run)


def _readmit(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.auditing import readmit

    return readmit(arguments.config, arguments.node, output)
