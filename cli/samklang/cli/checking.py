"""``samklang node check``: read every source as the node would, and say what came of it.

Works on the signed documents the node works on and beside a node that runs: it has a snapshot of its own and
leaves the node's state alone. What is shown holds no value of a citizen and no small count (see
:mod:`samklang.node.data.check`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from samklang.cli import exits
from samklang.cli.output import Output, table
from samklang.model.calendar import COPENHAGEN
from samklang.model.query import Period

_KINDS: Final = {
    "quarantined": (
        "{table}: set aside: {reason}{where}: {n} row",
        "{table}: set aside: {reason}{where}: {n} rows",
    ),
    "notes": ("{table}: noted: {reason}{where}: {n} row", "{table}: noted: {reason}{where}: {n} rows"),
}


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
    from samklang.node.documents import load_documents

    documents = load_documents(path)
    config, codebook = documents.config, documents.codebook.document
    accession = documents.accession
    members = accession.on(datetime.now(COPENHAGEN).date()) if accession else None
    with tempfile.TemporaryDirectory(prefix="samklang-check-") as spill:
        snapshot = load_snapshot(
            config.tables,
            codebook,
            documents.node.sectors,
            spill_dir=Path(spill),
            threads=config.limits.threads,
            memory_mb=config.limits.memory_mb,
            registers=config.consent,
            members=members,
        )
        with snapshot:
            report = check_report(snapshot, codebook, period(start, until), members)
    problems = errors_in(report)
    output.result(report, "\n".join([*tables_text(report, output), *variables_text(report, output)]))
    what, fix = ("what_da", "fix_da") if output.lang == "da" else ("what", "fix")
    for where, error in problems:
        output.note(f"{output.say('error')}: {where}: {error['code']}\n  {error[what]}\n  {error[fix]}")
    return exits.DOCUMENT if problems else exits.OK


def period(start: date | None, until: date | None) -> Period:
    """A query's period; states are read on its last day."""
    until = until or datetime.now(COPENHAGEN).date()
    return Period(from_=start or until - timedelta(days=365), until=until, as_of=until - timedelta(days=1))


def errors_in(report: Any, where: str = "") -> list[tuple[str, dict[str, str]]]:
    """Every ``error`` of a report with its place."""
    if not isinstance(report, dict):
        return []
    found = [(where, report["error"])] if isinstance(report.get("error"), dict) else []
    for key, value in report.items():
        if key != "error":
            found += errors_in(value, f"{where}.{key}" if where else str(key))
    return found


def tables_text(report: dict[str, Any], output: Output) -> list[str]:
    """What became of the rows of every table."""
    say = output.say
    rows = [
        (name, t["files"], t["rows_read"], t["rows_kept"], " ".join([*t["encodings"], *t["separators"]]))
        for name, t in report["tables"].items()
    ]
    header = [say(name) for name in ("table", "files", "rows read", "kept", "format")]
    lines = [table(rows, header), ""]
    for name, t in (*report["tables"].items(), *report["registers"].items()):
        for kind, (one, many) in _KINDS.items():
            for found in t.get(kind, ()):
                where = say(" in {column}", column=found["column"]) if "column" in found else ""
                values = {"table": name, "reason": found["reason"], "where": where}
                lines.append(output.say_n(one, many, found["rows"], **values))
    return [*controllers_text(report["controllers"], say), *lines]


def controllers_text(controllers: dict[str, list[str]] | None, say: Callable[..., str]) -> list[str]:
    """Whose rows were read today, and whose weren't."""
    if controllers is None:
        return []
    named = {key: ", ".join(names) or say("nobody") for key, names in controllers.items()}
    read = say("rows of the controllers that have joined today: {controllers}", controllers=named["read"])
    out = say("left out, since they haven't joined today: {controllers}", controllers=named["left_out"])
    return [read, out, ""]


def variables_text(report: dict[str, Any], output: Output) -> list[str]:
    """What every variable looks like."""
    say = output.say
    lines = []
    for sector, facts in report["sectors"].items():
        if "error" in facts:
            continue
        about = output.say_n(
            "sector {sector}: about {n} citizen",
            "sector {sector}: about {n} citizens",
            facts["citizens"],
            sector=sector,
        )
        lines.append(f"\n{about}")
        rows = []
        for name, looks in facts["variables"].items():
            for part, look in looks.items():
                if "error" not in look:
                    shown = (look["citizens_with_value"], look["missing"], _looks(look, say))
                    rows.append((f"{name} {part}", *shown))
        if rows:
            header = [say(name) for name in ("variable", "citizens", "missing", "looks")]
            lines.append(table(rows, header))
    return lines


def _looks(look: dict[str, Any], say: Callable[..., str]) -> str:
    if look.get("mean") is not None:
        return say("mean {mean}", mean=look["mean"])
    return " ".join(f"{level}={share}" for level, share in look.get("levels", {}).items())
