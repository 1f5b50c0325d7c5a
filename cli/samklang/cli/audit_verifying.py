"""``samklang audit verify`` and ``receipt``: for somebody who trusts nobody but the keys they hold."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from samklang.audit.checkpoint import origin_of, parse_checkpoint
from samklang.audit.encoding import bounded
from samklang.audit.export import VerifiedExport, read_export, verify_export
from samklang.audit.note import Note, parse_note
from samklang.audit.receipt import Verified, read_receipts, unpack, verify_receipts
from samklang.audit.report import local
from samklang.audit.words import family
from samklang.cli import exits
from samklang.cli.audit_page import write_report
from samklang.cli.output import Output, table
from samklang.errors import SamklangError
from samklang.errors.times import moment
from samklang.identity.keys import VerifyKey
from samklang.model.manifest import Manifest
from samklang.model.signing import verify_document

__all__ = ["read_keys", "receipt", "unseen", "verify"]


def verify(
    export: Path, keys: Path, earlier: Sequence[Path], output: Output, *, report: Path | None = None
) -> int:
    """Verify an export offline; 0 means that everything in it holds.

    Args:
        earlier: notes, receipts or exports of this log that were kept.
        report: write the page for people there, made from what was verified.
    """
    read, known = read_export(_read(export)), read_keys(keys)
    origin = origin_of(read.federation, read.node)
    found = verify_export(read, known, [note for path in earlier for note in _notes(path, origin)])
    if report is not None:
        write_report(found, report, output.lang)
    state, questions = found.checkpoint, found.export.questions
    seen = [{"witness": c.witness, "entries": c.size, "at": _time(c.at)} for c in found.cosigned]
    value = {
        "ok": True,
        "log": state.origin,
        "entries": state.size,
        "root": state.root.hex(),
        "cosigned": seen,
        "seen": found.seen,
        "unseen_releases": found.unseen_releases,
        "unknown_witnesses": list(found.unknown),
        "deleted": found.deleted,
        "earlier": len(earlier),
        "queries": len(questions.bundles) if questions else 0,
    }
    lines = [
        output.say_n(
            "{log}: {n} entry, which is whole.",
            "{log}: {n} entries, all of them whole.",
            state.size,
            log=state.origin,
        ),
        output.say("fingerprint: {root}", root=base64.b64encode(state.root).decode("ascii")),
    ]
    one, many = "seen by {witness} with {n} entry, {at}", "seen by {witness} with {n} entries, {at}"
    lines += [
        output.say_n(one, many, c.size, witness=c.witness, at=moment(_instant(c.at), output.lang))
        for c in found.cosigned
    ]
    if found.deleted:
        lines.append(
            output.say_n(
                "{n} entry has lost details to retention.",
                "{n} entries have lost details to retention.",
                found.deleted,
            )
        )
    if questions:
        one = "{n} signed query, the one that its entries commit to."
        many = "{n} signed queries, each the one that its entries commit to."
        lines.append(output.say_n(one, many, len(questions.bundles)))
    if found.unknown:
        names = ", ".join(found.unknown)
        lines.append(output.say("no key was given for these witnesses: {names}", names=names))
    if earlier:
        lines.append(output.say("What was kept from before is in its past."))
    lines += unseen(found, output)
    if report is not None:
        lines.append(output.say("saved {file}", file=report))
    output.result(value, "\n".join(lines))
    return exits.OK


def receipt(file: Path, manifest: Path | None, trust: Sequence[str], client: Path, output: Output) -> int:
    """Verify a release with its receipts; 0 means that every contributing node has it on record."""
    release, receipts = unpack(_read(file))
    found, _ = read_receipts(receipts)
    query = next((str(r.value("query")) for r in found.values()), "")
    verified = verify_receipts(receipts, release, query, _manifest(manifest, trust, client))
    rows = [_row(one, output) for one in verified]
    header = [
        output.say(name) for name in ("partner", "on record (Copenhagen)", "entry", "purpose", "witnesses")
    ]
    first = verified[0].receipt
    value = {
        "ok": True,
        "query": query,
        "result": first.value("result"),
        "receipts": [
            {
                "node": one.node,
                "kind": one.receipt.value("kind"),
                "at": one.receipt.value("at"),
                "entry": one.receipt.number,
                "log": one.checkpoint.origin,
                "size": one.checkpoint.size,
                "root": one.checkpoint.root.hex(),
                "purpose": one.receipt.value("purpose"),
                "basis": one.receipt.value("basis"),
                "recipients": one.receipt.value("recipients"),
                "cosigned": {witness: _time(at) for witness, at in one.cosigned.items()},
            }
            for one in verified
        ],
    }
    said = output.say_n(
        "This release is on record at the node whose records are in it.",
        "This release is on record at all {n} nodes whose records are in it.",
        len(rows),
    )
    output.result(value, f"{said}\n{output.say('query')}: {query}\n\n{table(rows, header)}")
    return exits.OK


def unseen(found: VerifiedExport, output: Output) -> list[str]:
    """What no partner has seen yet, and the node alone vouches for; nothing if there is no such entry."""
    number = found.checkpoint.size - found.seen
    if not number:
        return []
    if not found.seen:
        text = (
            "No partner whose key was given has seen this log: the node alone vouches for it. Keep this "
            "export; the next one must have it in its past (--earlier)."
        )
        lines = [output.say(text)]
    else:
        lines = [
            output.say_n(
                "The newest entry no partner has seen yet; the node alone vouches for it. Keep this export: "
                "the next one must have it in its past (--earlier).",
                "The newest {n} entries no partner has seen yet; the node alone vouches for them. Keep this "
                "export: the next one must have them in its past (--earlier).",
                number,
            )
        ]
    if found.unseen_releases:
        lines.append(
            output.say_n(
                "Of these, {n} says that a result was released. None is handed out before the partners have "
                "seen it: ask them what they have seen of this log, and why it isn't here.",
                "Of these, {n} say that results were released. None is handed out before the partners have "
                "seen it: ask them what they have seen of this log, and why it isn't here.",
                found.unseen_releases,
            )
        )
    return lines


def read_keys(path: Path) -> dict[str, VerifyKey]:
    """Lines of a node's name and its identity key; ``#`` begins a comment.

    Raises:
        SamklangError: ``audit-keys-line``.
    """
    found: dict[str, VerifyKey] = {}
    for number, line in enumerate(_read(path).decode("utf-8", "replace").splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            name, text = words
            found[name] = VerifyKey.from_text(text)
        except (ValueError, SamklangError):
            raise SamklangError("audit-keys-line", file=path.name, count=number) from None
    return found


def _row(one: Verified, output: Output) -> tuple[str, ...]:
    entry = one.receipt
    purpose = entry.value("purpose_text") or family(output.lang, str(entry.value("purpose")))
    return (
        one.node,
        local(str(entry.value("at") or "")),
        f"{entry.number} / {one.checkpoint.size}",
        str(purpose),
        ", ".join(one.cosigned),
    )


def _manifest(path: Path | None, trust: Sequence[str], client: Path) -> Manifest:
    """From a file, verified with the keys given; else as the client's configuration verifies it."""
    if path is None:
        from samklang.analyst import connect

        with connect(client) as connected:
            return connected.manifest()
    keys = [VerifyKey.from_text(text) for text in trust]
    # Not whether it is valid today: the release may be years old.
    return verify_document(_read(path), Manifest, keys).document


def _notes(path: Path, origin: str) -> list[Note]:
    """Of a note, a receipt file or an export that was kept: the notes of the log called ``origin``.

    Raises:
        SamklangError: ``audit-earlier`` if there is none of this log in it.
    """
    data = _read(path)
    if not data.lstrip().startswith(b"{"):
        found = [parse_note(data)]
    elif b'"entries"' in data and b'"heads"' in data:
        export = read_export(data)
        found = [*export.heads, export.note]
    else:
        receipts, _ = read_receipts(unpack(data)[1])
        found = [one.note for one in receipts.values()]
    own = [note for note in found if parse_checkpoint(note).origin == origin]
    if not own:
        raise SamklangError("audit-earlier", file=path.name, log=origin)
    return own


def _read(path: Path) -> bytes:
    try:
        return bounded(path)
    except OSError as error:
        reason = f"{path.name}: {error.strerror}"
        raise SamklangError("document-unreadable", reason=reason) from None


def _time(seconds: int) -> str:
    return _instant(seconds).isoformat()


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
