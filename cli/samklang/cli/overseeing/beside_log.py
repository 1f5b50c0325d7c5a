"""What stands beside the log and must fit it: what partners have seen of it, and the queries it speaks of."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from samklang.audit.entry import FIELDS
from samklang.cli.output import Output
from samklang.cli.overseeing.finding import Finding, Mark
from samklang.cli.overseeing.node import Log, LogLine, Overseen
from samklang.errors.times import moment

__all__ = ["questions", "seen_by_partners"]

PATIENCE: Final = timedelta(hours=72)
"""A result that was put on record may wait so long for a partner that is away; nobody has it until then."""
_SHOWN: Final = 5
"""Numbers of entries that a line names at most."""


def seen_by_partners(log: Log, overseen: Overseen, now: datetime, output: Output) -> Iterator[Finding]:
    """Who has cosigned how much of it, and for how much the node alone vouches.

    A node that begins its log anew, or shows another one than its partners have seen, has nobody's
    signature for it.
    """
    label = {node.id: getattr(node.label, output.lang) for node in overseen.manifest.document.nodes}
    newest = sorted(log.cosigned.values(), key=lambda one: -one.size)
    for size, group in groupby(newest, key=lambda one: one.size):
        same = list(group)
        names = ", ".join(sorted(label.get(one.witness, one.witness) for one in same))
        at = moment(datetime.fromtimestamp(max(one.at for one in same), UTC), output.lang)
        one, many = (
            "Seen and signed by {names} when it had {n} entry, {at}.",
            "Seen and signed by {names} when it had {n} entries, {at}.",
        )
        yield Finding("ok", output.say_n(one, many, size, names=names, at=at))
    seen = newest[0].size if newest else 0
    if rest := log.entries[seen:]:
        one = "{n} entry no partner has seen yet: for it the node alone vouches."
        many = "{n} entries no partner has seen yet: for them the node alone vouches."
        yield Finding("note", output.say_n(one, many, len(rest)))
    released = [entry for entry in rest if entry.value("kind") == "released"]
    if released:
        one = (
            "{n} result is on record as released, and no partner has seen that. None is handed out before: "
            "ask the partners what they have seen of this log."
        )
        many = (
            "{n} results are on record as released, and no partner has seen that. None is handed out before: "
            "ask the partners what they have seen of this log."
        )
        late = any(now - datetime.fromisoformat(str(e.value("at"))) > PATIENCE for e in released)
        yield Finding("wrong" if late else "note", output.say_n(one, many, len(released)))


def questions(log: Log, kept: Collection[str], output: Output) -> Iterator[Finding]:
    """Every query that the log speaks of can be read, but those that aren't kept for a reason on record.

    Args:
        kept: digests of the queries that the node has shown, each compared with the log's entries.
    """
    asked = [entry for entry in log.entries if entry.value("kind") == "asked" and entry.value("query")]
    # With anything of an entry the query goes that it is about.
    erased = {entry.value("query") for entry in log.entries if len(entry.shown) < len(FIELDS)}
    unnamed = sum(_says_nothing_of_its_query(entry) for entry in log.entries)
    missing: dict[object, int] = {}
    for entry in asked:
        query = entry.value("query")
        if query not in kept and query not in erased and not _unkept(entry):
            missing.setdefault(query, entry.number)
    first = min((entry.number for entry in asked if entry.value("query") in kept), default=len(log.entries))
    # A node that didn't keep queries yet when it was asked, and keeps them since.
    late = {query: number for query, number in missing.items() if number > first}
    if not missing:
        distinct = len({entry.value("query") for entry in asked})
        if distinct:
            one = "The query that the log speaks of can be read."
            many = "All {n} queries that the log speaks of can be read."
            yield Finding("ok", output.say_n(one, many, distinct))
        return
    numbers = ", ".join(map(str, sorted(missing.values())[:_SHOWN]))
    one = "The log speaks of {n} query that the node doesn't show: entry {numbers}."
    many = "The log speaks of {n} queries that the node doesn't show: entries {numbers}."
    mark: Mark = "wrong" if len(late) > unnamed else "note"
    yield Finding(mark, output.say_n(one, many, len(missing), numbers=numbers))


def _says_nothing_of_its_query(entry: LogLine) -> bool:
    return "query" not in entry.shown


def _unkept(entry: LogLine) -> bool:
    details = entry.value("details")
    return isinstance(details, dict) and "unkept" in details
