"""``samklang node snapshots``: which snapshot answers, how old it is, when the next is due, what is wrong.

Works beside a running node and reads only what a snapshot says of itself: no data, no counts.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from samklang.cli import exits
from samklang.cli.output import Output, table
from samklang.errors.times import moment
from samklang.model.calendar import day_of


def show_snapshots(path: Path, output: Output, now: datetime | None = None) -> int:
    """Print them; exit code 3 if none of them may answer now.

    JSON: ``{"snapshots": [{"id", "due", "loaded_at", "age_seconds", "controllers", "answers"}], "next_due",
    "problem"}``; ``controllers``: whose rows it holds, null if that can't be told. Of several, the newest
    answers. Times are UTC there, Copenhagen time in the text.

    Raises:
        SamklangError: the configuration, a document or a key is wrong.
    """
    from samklang.node.data.frozen import frozen
    from samklang.node.documents import load_documents
    from samklang.node.snapshots import PROBLEM, next_due, usable

    documents = load_documents(path)
    calendar, now = documents.manifest.document.snapshots, now or datetime.now(UTC)
    folder = documents.config.state / "snapshots"
    found = frozen(folder) if folder.is_dir() else []
    accession = documents.accession
    members = accession.on(day_of(now)).joined if accession else None
    answering = next(
        (one for one in reversed(found) if usable(one.due, calendar, now) and one.controllers == members),
        None,
    )
    coming = next_due(calendar, accession, now)
    problem: dict[str, Any] | None = None
    with suppress(OSError, ValueError):
        problem = json.loads((folder / PROBLEM).read_text(encoding="utf-8"))
    report = {
        "snapshots": [
            {
                "id": one.id,
                "due": one.due.isoformat(),
                "loaded_at": one.loaded_at.isoformat(timespec="seconds"),
                "age_seconds": round((now - one.loaded_at).total_seconds()),
                "controllers": None if one.controllers is None else sorted(one.controllers),
                "answers": one is answering,
            }
            for one in found
        ],
        "next_due": coming.isoformat(),
        "problem": problem,
    }
    rows = [
        (
            one.id,
            moment(one.due, output.lang),
            moment(one.loaded_at, output.lang),
            _age(now - one.loaded_at),
            output.say("yes" if one is answering else "no"),
        )
        for one in found
    ]
    header = [output.say(name) for name in ("snapshot", "period from", "read", "age", "answers")]
    lines = [table(rows, header) if rows else output.say("No snapshot yet.")]
    if answering and answering.controllers is not None:
        names = ", ".join(sorted(answering.controllers))
        lines.append(output.say("it holds rows of: {controllers}", controllers=names or output.say("nobody")))
    lines.append(output.say("next due {at}", at=moment(coming, output.lang)))
    output.result(report, "\n".join(lines))
    if problem:
        at = moment(datetime.fromisoformat(problem["at"]), output.lang)
        text = output.say("since {at} no new snapshot can be made: {code}", at=at, code=problem["code"])
        output.note("\n  ".join([text, *problem[output.lang]]))
    if found and answering is None:
        output.note(output.say("the node answers nothing: its snapshot is overdue"))
    return exits.OK if answering else exits.DOCUMENT


def _age(passed: timedelta) -> str:
    """Hours, minutes and seconds: ``26:03:04``."""
    minutes, seconds = divmod(int(passed.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
