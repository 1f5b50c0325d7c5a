"""A node's log as the officer's own file, made on the officer's machine from what was verified there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from samklang.audit.export import Questions, verify_export, write_export
from samklang.cli import exits
from samklang.cli.audit_page import page, save
from samklang.cli.output import Output
from samklang.cli.overseeing.calls import Calls
from samklang.cli.overseeing.node import Log, Overseen, read_ledger, read_queries
from samklang.errors import SamklangError
from samklang.identity.keys import VerifyKey

__all__ = ["save_log"]

_KINDS: Final = (".json", ".html")


def save_log(calls: Calls, overseen: Overseen, log: Log, out: Path, output: Output) -> int:
    """Write the whole log with what was asked: JSON as ``audit export --queries`` writes it, or the page.

    Raises:
        SamklangError: ``audit-officer-name``, ``client-save-file``; what the node says that doesn't hold.
    """
    if out.suffix not in _KINDS:
        raise SamklangError("audit-officer-name", file=out.name)
    assert log.verified is not None, "read from a node"
    export = log.verified.export
    _, _, accounts = read_ledger(calls)
    digests = {
        "manifest": overseen.manifest.digest,
        "codebook": overseen.codebook.digest,
        "policy": overseen.policy.digest,
    }
    questions = Questions(
        bundles=read_queries(calls, log),
        # What was replaced since the node has decided anything isn't what its entries commit to.
        documents={
            name: overseen.envelopes[name]
            for name, digest in digests.items()
            if digest == export.newest(name)
        },
        caps={a.period: a.cap for a in accounts if not a.grant and a.HasField("cap")},
    )
    nodes = overseen.manifest.document.nodes
    keys = {node.id: VerifyKey.from_text(node.identity) for node in nodes}
    verified = verify_export(replace(export, questions=questions), keys)
    if out.suffix == ".json":
        save(out, write_export(verified.export))
    else:
        manifest, codebook = overseen.manifest.document, overseen.codebook.document
        save(out, page(verified, output.lang, manifest, codebook))
    value = {"file": str(out), "log": log.state.origin, "entries": log.state.size}
    output.result(value, output.say("saved {file}", file=out))
    return exits.OK
