"""``samklang policy simulate``: what a draft would have said to what was asked, beside today's policy.

Logged requests are signed queries as they were submitted (``*.json``), questions (``*.yaml``, asked by
``--organisation`` and ``--role``), and files of test cases (``*.cases.yaml``), whose requests are replayed;
or a node's audit log, with everything that was asked (:mod:`samklang.cli.policy.replayed`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from samklang.cli import exits
from samklang.cli.output import Output, table
from samklang.cli.policy.asking import Asker, request_of
from samklang.cli.policy.context import Context, context_with
from samklang.cli.policy.history import Source
from samklang.cli.policy.replay_text import ASSUMED_OF, replay_text, replay_value
from samklang.cli.policy.replayed import RANK, replayed
from samklang.cli.policy.sources import Around, beside_node, exported, is_export
from samklang.cli.policy.testing import question_reader
from samklang.errors import SamklangError
from samklang.model.cases import Cases
from samklang.model.loading import load
from samklang.policy import Decision, Request, decide
from samklang.policy.cases import trials
from samklang.policy.rows import assumed

__all__ = ["simulate", "simulate_log", "simulate_source"]


def simulate(
    draft: Context,
    today: Context,
    sources: list[Path],
    asker: Asker,
    attributed: bool | None,
    output: Output,
) -> int:
    """Print every request whose answer differs; 7 if any is answered more readily, else 0.

    Args:
        attributed: the tables of the node's configuration say whose their rows are; None: not known, so it is
            assumed of questions, and test cases say it themselves.
    """
    rows: list[dict[str, Any]] = []
    unread: list[tuple[str, str]] = []
    wider = guessed = 0
    for name, request, own in _requests(draft, sources, asker, attributed, unread):
        guessed += not own and any(
            assumed(one.policy.document, attributed, request.today) for one in (draft, today)
        )
        before, after = decide(today.rules, request), decide(draft.rules, request)
        wider += RANK[after.outcome] > RANK[before.outcome]
        rows.append({"request": name, "before": _said(before), "after": _said(after)})
    changed = [row for row in rows if row["before"] != row["after"]]
    value = {
        "requests": len(rows),
        "changed": changed,
        "wider": wider,
        "assumed_rows_told_apart": guessed,
        "unread": unread,
    }
    header = [output.say(text) for text in ("request", "now", "then")]
    cells = [(r["request"], _shown(r["before"]), _shown(r["after"])) for r in changed]
    lines = [table(cells, header)] if cells else []
    lines.append(
        output.say(
            "{changed} of {requests} requests are answered otherwise, {wider} more readily",
            changed=len(changed),
            requests=len(rows),
            wider=wider,
        )
    )
    if guessed:
        lines.append(output.say(ASSUMED_OF, number=guessed))
    lines += [output.say("not read: {file} ({code})", file=f, code=c) for f, c in unread]
    output.result(value, "\n".join(lines))
    return exits.WIDENED if wider else exits.OK


def simulate_log(
    draft: Path,
    log: Path,
    keys: Path | None,
    around: Around,
    first: date | None,
    attributed: bool | None,
    output: Output,
) -> int:
    """Replay a node's log, beside the node or from an export; 7 if anything is answered more readily.

    Args:
        attributed: as :func:`simulate` has it; None: as the log's newest snapshot, or the node, says.
    """
    source, today = exported(log, keys, around) if is_export(log) else beside_node(log, around)
    if attributed is not None:
        source = replace(source, attributed=attributed)
    return simulate_source(draft, source, today, first, output)


def simulate_source(draft: Path, source: Source, today: Context, first: date | None, output: Output) -> int:
    """Print what ``draft`` would have said to everything in ``source``, beside ``today``."""
    report = replayed(source, today, context_with(draft, today.manifest, today.codebook), first)
    output.result(replay_value(report), replay_text(report, output))
    return exits.WIDENED if report.wider else exits.OK


def _requests(
    context: Context,
    sources: list[Path],
    asker: Asker,
    attributed: bool | None,
    unread: list[tuple[str, str]],
) -> Iterator[tuple[str, Request, bool]]:
    """(what it is called, the request, whether it says itself that rows can be told apart or can't)."""
    files = [f for s in sources for f in (sorted(s.iterdir()) if s.is_dir() else [s])]
    for path in files:
        if path.suffix not in (".json", ".yaml"):
            continue
        try:
            if path.name.endswith(".cases.yaml"):
                cases = load(path, Cases).document
                reader = question_reader(context, path.parent)
                for trial in trials(cases, context.node, context.codebook, reader):
                    day = asker.day or trial.request.today
                    yield trial.entry.name, replace(trial.request, node=context.node, today=day), True
            else:
                yield path.name, request_of(context, path, asker, attributed)[0], False
        except SamklangError as error:
            if error.code == "policy-asker":
                raise
            unread.append((path.name, error.code))


def _said(decision: Decision) -> dict[str, Any]:
    return {"decision": decision.outcome, "codes": sorted({r.code for r in decision.reasons})}


def _shown(said: dict[str, Any]) -> str:
    return f"{said['decision']} {', '.join(said['codes'])}".strip()
