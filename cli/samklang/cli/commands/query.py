"""``samklang query``: ask, watch, read."""

from __future__ import annotations

import argparse
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import action, group, new
from samklang.cli.commands.release import check_picture, draw, drawing, reading, save, show
from samklang.cli.texts import Language, say, stage_name, state_name

if TYPE_CHECKING:
    from samklang.analyst import Client
    from samklang.analyst.status import Status
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output

CLIENT = "client.yaml"


def add(commands: Subparsers) -> None:
    """Describe the command."""
    actions = group(commands, "query", "Ask a federation a question, watch it, read the released table.")
    new.describe(_action, actions)
    check = _action(
        actions,
        "check",
        _check,
        "Check a question against the federation's documents; sends no question.",
        "samklang query check question.yaml",
    )
    check.add_argument("draft", type=Path, metavar="FILE", help="the question (YAML)")
    plan = _action(
        actions,
        "plan",
        _plan,
        "Say what a question would give and cost and what every node would say to it; spends nothing.",
        "samklang query plan question.yaml",
    )
    plan.add_argument("draft", type=Path, metavar="FILE", help="the question (YAML)")
    submit = _action(
        actions,
        "submit",
        _submit,
        "Complete, sign and submit a question.",
        "samklang query submit question.yaml --watch --save answer.csv",
    )
    submit.add_argument("draft", type=Path, metavar="FILE", help="the question (YAML)")
    submit.add_argument("--watch", action="store_true", help="wait for the answer and show it")
    submit.add_argument(
        "--days",
        type=_days,
        metavar="N",
        help="how long it may wait (an hour; where people approve, as long as they are waited for)",
    )
    submit.add_argument("--attempts", type=int, choices=(1, 2, 3), default=3, help="attempts at most")
    _save(submit)
    watch = _action(actions, "watch", _watch, "Follow a query until it has ended.", "samklang query watch ID")
    watch.add_argument("query", metavar="ID")
    shown = _action(
        actions, "show", _show, "Show a released table.", "samklang query show ID --save answer.parquet"
    )
    shown.add_argument("query", metavar="ID")
    _save(shown)
    listing = _action(actions, "list", _list, "List your queries, newest first.", "samklang query list")
    listing.add_argument("--limit", type=_count, default=20, metavar="N", help="how many at most")
    cancel = _action(actions, "cancel", _cancel, "End a query that hasn't ended.", "samklang query cancel ID")
    cancel.add_argument("query", metavar="ID")


def _action(actions: Subparsers, *description: object) -> argparse.ArgumentParser:
    parser = action(actions, *description)  # type: ignore[arg-type]
    parser.add_argument(
        "--client",
        type=Path,
        metavar="FILE",
        default=Path(os.environ.get("SAMKLANG_CLIENT") or CLIENT),
        help=f"the client's configuration (default: $SAMKLANG_CLIENT, else {CLIENT})",
    )
    return parser


def _save(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="write the table as .csv, .parquet or .json"
    )
    reading(parser)
    parser.add_argument("--picture", type=Path, metavar="PICTURE", help="draw the table as .png or .svg")
    drawing(parser)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= 200:
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 200")
    return int(text)


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= 31:
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 31")
    return int(text)


def _check_files(arguments: argparse.Namespace) -> None:
    """What couldn't be saved is said before anything is asked and charged."""
    from samklang.analyst.release_files import check_name

    if arguments.save:
        check_name(arguments.save)
    check_picture(arguments.picture)


def _connect(arguments: argparse.Namespace) -> Client:
    from samklang.analyst import connect

    return connect(arguments.client)


def _check(arguments: argparse.Namespace, output: Output) -> int:
    with _connect(arguments) as client:
        client.check(arguments.draft)
    output.result({"ok": True}, output.say("The question can be asked."))
    return exits.OK


def _plan(arguments: argparse.Namespace, output: Output) -> int:
    """Exit code 0 if every node would take part or the answer is in the store, 4 if one says no, 6 if one
    can't be asked."""
    with _connect(arguments) as client:
        plan = client.plan(arguments.draft)
    output.result(plan.as_dict(), plan.to_text(output.lang))
    if plan.stored:
        return exits.OK
    said = {node.decision for node in plan.nodes}
    if said & {"deny", "pending"}:
        return exits.DENIED
    return exits.OK if said <= {"permit"} else exits.UNREACHABLE


def _submit(arguments: argparse.Namespace, output: Output) -> int:
    _check_files(arguments)
    with _connect(arguments) as client:
        valid_for = None if arguments.days is None else timedelta(days=arguments.days)
        query = client.submit(arguments.draft, max_attempts=arguments.attempts, valid_for=valid_for)
        if not arguments.watch:
            output.result({"query": query}, query)
            return exits.OK
        output.note(output.say("query {query}", query=query))
        last = _follow(client, query, output)
        if last.state != "done":
            return _ended(last, output)
        return _print_release(client, query, arguments, output)


def _watch(arguments: argparse.Namespace, output: Output) -> int:
    with _connect(arguments) as client:
        return _ended(_follow(client, arguments.query, output), output)


def _show(arguments: argparse.Namespace, output: Output) -> int:
    _check_files(arguments)
    with _connect(arguments) as client:
        return _print_release(client, arguments.query, arguments, output)


def _list(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.analyst.status import local
    from samklang.cli.output import table

    with _connect(arguments) as client:
        queries = client.queries(arguments.limit)
    rows = [
        (
            q.query,
            state_name(q.state, output.lang),
            stage_name(q.stage, output.lang),
            local(q.submitted_at),
            output.say("deleted {day}", day=q.kept_until)
            if q.deleted and q.kept_until
            else q.kept_until or "",
            getattr(q.title, output.lang) if q.title else "",
        )
        for q in queries
    ]
    header = [output.say(name) for name in ("query", "state", "stage", "submitted", "kept until", "title")]
    text = table(rows, header) if rows else output.say("No queries.")
    output.result([q.as_dict() for q in queries], text)
    return exits.OK


def _cancel(arguments: argparse.Namespace, output: Output) -> int:
    with _connect(arguments) as client:
        status = client.cancel(arguments.query)
    output.result(status.as_dict(), f"{status.query}: {state_name(status.state, output.lang)}")
    return exits.OK


def _follow(client: Client, query: str, output: Output) -> Status:
    last: Status | None = None
    for last in client.watch(query):
        output.note(describe(last, output.lang))
        for line in awaited(last, output.lang):
            output.note(line)
    assert last is not None
    return last


def _ended(status: Status, output: Output) -> int:
    """Print how it ended: on stderr with reasons unless it is done."""
    output.result(status.as_dict(), f"{status.query}: {state_name(status.state, output.lang)}")
    for reason in status.reasons:
        output.note(reason.line(output.lang))
    return exits.of_state(status.state)


def _print_release(client: Client, query: str, arguments: argparse.Namespace, output: Output) -> int:
    from samklang.analyst.status import local

    release = client.release(query)
    if served := release.header["served_from"]:
        at = local(datetime.fromisoformat(served["released_at"]))
        output.note(output.say("answered from the store, computed {at}: nothing spent", at=at))
    if arguments.save:
        save(release, [arguments.save], output)
    if arguments.picture:
        draw(release, arguments.picture, arguments, output)
        output.note(output.say("saved {file}", file=arguments.picture))
    show(release, arguments, output)
    return exits.OK


def awaited(status: Status, lang: Language) -> list[str]:
    """Where people have to approve, and until when."""
    from samklang.analyst.status import local

    lines = []
    for waits in status.awaiting:
        until = local(waits.until)
        lines.append(say(lang, "  {node} is waited for until {until}", node=waits.node, until=until))
    return lines


def describe(status: Status, lang: Language = "en") -> str:
    """One line of progress."""
    parts = [f"{100 * status.fraction:3.0f} % {state_name(status.state, lang)}"]
    if status.stage and not status.ended:
        parts.append(say(lang, "({stage} done)", stage=stage_name(status.stage, lang)))
    if status.attempt > 1:
        attempt, most = status.attempt, status.max_attempts
        parts.append(say(lang, "(attempt {attempt} of {most})", attempt=attempt, most=most))
    if status.from_store:
        parts.append(say(lang, "(answered from the store, nothing spent)"))
    return " ".join(parts)
