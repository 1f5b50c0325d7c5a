"""``samklang audit`` at the node: what stands in its log, and what may be deleted."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.audit.export import write_export
from samklang.audit.report import local
from samklang.audit.words import DECISIONS, KINDS, family, word
from samklang.cli import exits
from samklang.cli.audit_entry import told_entry
from samklang.cli.audit_page import page, save
from samklang.cli.output import Output, table
from samklang.errors import Language, SamklangError
from samklang.model.articles import articles_in
from samklang.model.calendar import day_of
from samklang.node.audit.export import as_csv, beside, verified_log

if TYPE_CHECKING:
    from samklang.model.manifest import Manifest
    from samklang.node.audit.trail import Logged

__all__ = ["citizen", "erase", "export", "keys", "print_keys", "prune", "readmit", "show", "show_one"]


def show(config: Path, output: Output, *, most: int, query: str | None) -> int:
    """The newest entries, each checked against the log's tree."""
    with beside(config) as found:
        verified = verified_log(found)
        wanted = (query or "").removeprefix("sha256:")
        chosen = [
            entry
            for entry in found.trail.entries(0, verified.checkpoint.size)
            if str(entry.value("query") or "").removeprefix("sha256:").startswith(wanted)
        ]
    newest = chosen[::-1][:most]
    header = [
        output.say(name)
        for name in ("entry", "time (Copenhagen)", "what", "who", "purpose", "decision", "query")
    ]
    state = verified.checkpoint
    said = output.say_n(
        "{log}: {n} entry, which is whole.",
        "{log}: {n} entries, all of them whole.",
        state.size,
        log=state.origin,
    )
    shown = table([_line(entry, output.lang) for entry in newest], header) if newest else ""
    value = {
        "log": state.origin,
        "entries": state.size,
        "root": state.root.hex(),
        "shown": [{"number": e.number, **{n: i.value for n, i in e.shown.items()}} for e in newest],
    }
    output.result(value, f"{said}\n\n{shown}".rstrip())
    return exits.OK


def show_one(config: Path, number: int, output: Output) -> int:
    """One entry with all that it says, and what was asked in words, if the query is kept."""

    with beside(config) as found:
        export = verified_log(found, queries=True).export
        codebook = found.documents.codebook.document
    if not 0 <= number < len(export.entries):
        raise SamklangError("audit-no-entry")
    assert export.questions is not None, "asked for"
    entry = export.entries[number]
    bundle = export.questions.bundles.get(str(entry.value("query") or ""))
    output.result(*told_entry(number, entry.shown, bundle, codebook, output))
    return exits.OK


def _line(entry: Logged, lang: Language) -> tuple[str, ...]:
    kind = entry.value("kind")
    if kind is None:
        return (str(entry.number), "", "slettet" if lang == "da" else "deleted", "", "", "", "")
    purpose = str(entry.value("purpose") or "")
    who = [str(p) for p in (entry.value("actor"), entry.value("organisation")) if p]
    return (
        str(entry.number),
        local(str(entry.value("at"))),
        word(lang, KINDS, str(kind)),
        ", ".join(dict.fromkeys(who)),
        str(entry.value("purpose_text") or (family(lang, purpose) if purpose else "")),
        word(lang, DECISIONS, str(entry.value("decision") or "")) if kind == "asked" else "",
        str(entry.value("query") or "").removeprefix("sha256:")[:12],
    )


def export(config: Path, out: Path, output: Output, *, queries: bool = False) -> int:
    """Write the log as JSON (to verify), CSV or HTML (to read), by the file's name; ``queries``: JSON with
    everything that was asked."""
    if out.suffix not in (".json", ".csv", ".html"):
        raise SamklangError("audit-export-name", file=out.name)
    with beside(config) as found:
        verified = verified_log(found, queries=queries or out.suffix == ".html")
        documents = found.documents
    manifest, codebook = documents.manifest.document, documents.codebook.document
    delta = documents.config.caps.delta
    data = {
        ".json": lambda: write_export(verified.export),
        ".csv": lambda: as_csv(verified.export.entries).encode(),
        ".html": lambda: page(verified, output.lang, manifest, codebook, delta=delta),
    }[out.suffix]()
    save(out, data)
    state = verified.checkpoint
    text = output.say("saved {file}", file=out)
    output.result({"file": str(out), "log": state.origin, "entries": state.size}, text)
    return exits.OK


def keys(config: Path, output: Output) -> int:
    """The nodes' identity keys, as the signed manifest pins them."""
    from samklang.node.documents import load_documents

    return print_keys(load_documents(config).manifest.document, output)


def print_keys(manifest: Manifest, output: Output) -> int:
    """As ``audit verify --keys`` reads them."""
    pinned = {node.id: node.identity for node in manifest.nodes}
    lines = [f"# {manifest.federation.id} {manifest.federation.version}"]
    output.result(pinned, "\n".join([*lines, *(f"{name} {key}" for name, key in pinned.items())]))
    return exits.OK


def citizen(config: Path, output: Output) -> int:
    """When and why one citizen's record took part (GDPR art. 15)."""
    from samklang.model.config import load_node_config
    from samklang.node.audit.citizens import FILE, Citizens

    state = load_node_config(config).state
    if not (state / FILE).is_file():
        raise SamklangError("audit-no-log", folder=state.name)
    number = getpass.getpass(output.say("CPR number: ")) if sys.stdin.isatty() else sys.stdin.readline()
    store = Citizens(state)
    try:
        found = store.of(number)
    finally:
        store.close()
    header = [
        output.say(name) for name in ("time (Copenhagen)", "purpose", "legal basis", "asked by", "query")
    ]
    rows = [
        (
            local(one.at),
            one.purpose_text or family(output.lang, one.purpose),
            articles_in(one.basis, output.lang),
            one.organisation,
            one.query.removeprefix("sha256:")[:12],
        )
        for one in found
    ]
    value = [
        {
            "at": one.at,
            "purpose": one.purpose,
            "purpose_text": one.purpose_text,
            "basis": one.basis,
            "organisation": one.organisation,
            "query": one.query,
            "attempt": one.attempt,
        }
        for one in found
    ]
    none = output.say("This citizen's record has taken part in nothing that is on record here.")
    output.result(value, table(rows, header) if rows else none)
    return exits.OK


def prune(config: Path, output: Output, *, dry_run: bool) -> int:
    """Delete what has been kept long enough."""
    from samklang.node.audit import retention
    from samklang.node.audit.citizens import Citizens

    now = datetime.now(UTC)
    with beside(config) as found:
        if dry_run:
            entries = len(retention.due(found.trail, day_of(now)))
            attempts = queries = 0
        else:
            store = Citizens(found.state)
            try:
                pruned = retention.delete_kept(found.trail, store, lambda: now)
            finally:
                store.close()
            entries, queries, attempts = pruned.entries, pruned.queries, pruned.attempts
    said = (
        output.say_n("{n} entry would lose its details.", "{n} entries would lose their details.", entries)
        if dry_run
        else output.say_n("{n} entry has lost its details.", "{n} entries have lost their details.", entries)
    )
    value = {
        "entries": entries,
        "queries": queries,
        "attempts_of_citizens": attempts,
        "dry_run": dry_run,
    }
    output.result(value, said)
    return exits.OK


def erase(config: Path, number: int, names: Sequence[str], output: Output) -> int:
    """Delete fields of one entry (GDPR art. 17)."""
    from samklang.audit.entry import FIELDS
    from samklang.node.audit import retention

    with beside(config) as found:
        try:
            retention.forget(found.trail, number, names or FIELDS)
        except ValueError:
            raise SamklangError("audit-no-entry") from None
    fields = ", ".join(names) or output.say("all fields")
    text = output.say("Entry {number} has lost: {fields}", number=number, fields=fields)
    output.result({"entry": number, "fields": list(names or FIELDS)}, text)
    return exits.OK


def readmit(config: Path, node: str, output: Output) -> int:
    """Let a partner's log begin anew."""
    from samklang.node.audit.witness import Witness

    with beside(config) as found:
        done = Witness(found.trail, found.signer, found.documents.manifest.document).readmit(node)
    said = (
        "The log of {node} may begin anew; that is on record."
        if done
        else "Nothing of {node} was remembered."
    )
    output.result({"node": node, "readmitted": done}, output.say(said, node=node))
    return exits.OK
