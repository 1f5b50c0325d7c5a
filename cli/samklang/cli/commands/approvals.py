"""``samklang approvals``: what waits for a person's decision at a node, what it is, and yes or no."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import action, group

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output
    from samklang.model.approval import Word
    from samklang.node.approvals.desk import Case, Desk


def add(commands: Subparsers) -> None:
    """Describe the command."""
    text = "See what waits for a person's decision at a node, and decide with your own key."
    actions = group(commands, "approvals", text)
    listing = action(
        actions,
        "list",
        _list,
        "List requests, newest first: those that wait, or all of them.",
        "samklang approvals list --config node.yaml",
    )
    listing.add_argument("--all", action="store_true", help="also those that are decided or over")
    _config(listing)
    show = action(
        actions,
        "show",
        _show,
        "Show exactly what would be answered, to whom, why, and at which cost.",
        "samklang approvals show 1a2b3c4d --config node.yaml --language da",
    )
    show.add_argument("request", metavar="ID", help="of the request, or how it begins")
    _config(show)
    grant = action(
        actions,
        "grant",
        _grant,
        "Say yes: shows the request, asks, and signs with your key.",
        "samklang approvals grant 1a2b3c4d --config node.yaml --key kirsten.key",
    )
    _person(grant)
    grant.add_argument("--seen", metavar="CODE", help="the code at the end of `show`, instead of being asked")
    reject = action(
        actions,
        "reject",
        _reject,
        "Say no: the query ends, and the analyst reads why.",
        'samklang approvals reject 1a2b3c4d --config node.yaml --key kirsten.key --why "Too detailed"',
    )
    _person(reject)
    reject.add_argument("--why", required=True, metavar="TEXT", help="for the analyst; no citizen's data")
    withdraw = action(
        actions,
        "withdraw",
        _withdraw,
        "Take your yes back; what has left the node already doesn't come back.",
        "samklang approvals withdraw 1a2b3c4d --config node.yaml --key kirsten.key",
    )
    _person(withdraw)
    request = action(
        actions,
        "request",
        _request,
        "Write a request into a file, for an approver to decide on a machine of their own.",
        "samklang approvals request 1a2b3c4d --config node.yaml --out request.json",
    )
    request.add_argument("request", metavar="ID", help="of the request, or how it begins")
    _config(request)
    request.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file to write")
    sign = action(
        actions,
        "sign",
        _sign,
        "Decide on your own machine: shows the request in the file, asks, and signs with your key.",
        "samklang approvals sign request.json --key kirsten.key --out decision.json",
    )
    sign.add_argument("file", type=Path, metavar="REQUEST", help="the file from `request`")
    sign.add_argument("--key", type=Path, required=True, metavar="FILE", help="your own signing key")
    sign.add_argument(
        "--out",
        type=Path,
        default=Path("decision.json"),
        metavar="FILE",
        help="the file to write (decision.json)",
    )
    words = sign.add_mutually_exclusive_group()
    words.add_argument("--reject", action="store_true", help="say no, with --why")
    words.add_argument("--withdraw", action="store_true", help="take your yes back")
    sign.add_argument(
        "--why", "--reason", default="", metavar="TEXT", help="of a no, for the analyst; no citizen's data"
    )
    sign.add_argument(
        "--seen", metavar="CODE", help="the code at the end of what is shown, instead of being asked"
    )
    enter = action(
        actions,
        "enter",
        _enter,
        "Enter a decision that was signed on another machine.",
        "samklang approvals enter decision.json --config node.yaml",
    )
    enter.add_argument("file", type=Path, metavar="DECISION", help="the file from `sign`")
    _config(enter)


def _config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the node's configuration")


def _person(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("request", metavar="ID", help="of the request, or how it begins")
    _config(parser)
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="your own signing key")


def _list(arguments: argparse.Namespace, output: Output) -> int:
    with _desk(arguments) as desk:
        cases = [case for case in desk.cases() if arguments.all or case.state == "waiting"]
    output.result([case.as_dict() for case in cases], cases_table(cases, output))
    return exits.OK


def cases_table(cases: list[Case], output: Output) -> str:
    """Requests, one a line."""
    from samklang.cli.output import table
    from samklang.errors.times import moment
    from samklang.node.approvals.desk import SHORT
    from samklang.node.approvals.words import say

    rows = [
        (
            case.request.id[:SHORT],
            say(output.lang, case.state),
            moment(case.request.shown.expires, output.lang),
            f"{case.request.shown.analyst}, {case.request.shown.organisation}",
            case.request.shown.grant,
            getattr(case.request.shown.title, output.lang),
        )
        for case in cases
    ]
    header = [output.say(name) for name in ("request", "state", "until", "who asks", "grant", "title")]
    return table(rows, header) if rows else output.say("Nothing waits for a decision.")


def _show(arguments: argparse.Namespace, output: Output) -> int:
    with _desk(arguments) as desk:
        case = desk.case(arguments.request)
    output.result(case.as_dict(), case_text(case, output))
    return exits.OK


def _grant(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.identity.keys import SigningKey

    key = SigningKey.load(arguments.key)
    with _desk(arguments) as desk:
        case = desk.case(arguments.request)
        _seen(case, arguments.seen, "Do you approve exactly this? Write yes or no:", output)
        case = desk.say(case.request.id, key, "approve")
    return _said(case, output)


def _seen(case: Case, told: str | None, question: str, output: Output) -> None:
    """Return once the person has said that the request was read; raises ``approval-unseen``."""
    from samklang.errors import SamklangError

    if told is None and sys.stdin.isatty() and not output.json:
        output.note(case_text(case, output))
        output.note("")
        output.note(output.say(question))
        seen = sys.stdin.readline().strip().lower() == output.say("yes")
    else:
        seen = told == case.seen
    if not seen:
        raise SamklangError("approval-unseen")


def _reject(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.identity.keys import SigningKey

    key = SigningKey.load(arguments.key)
    with _desk(arguments) as desk:
        return _said(desk.say(arguments.request, key, "reject", arguments.why), output)


def _withdraw(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.identity.keys import SigningKey

    key = SigningKey.load(arguments.key)
    with _desk(arguments) as desk:
        case = desk.say(arguments.request, key, "withdraw")
    if case.uses:
        output.note(output.say("Rows have left the node already; this stops further attempts alone."))
    return _said(case, output)


def _request(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.papers import write_new
    from samklang.identity.dsse import Envelope
    from samklang.node.approvals.desk import open_desk
    from samklang.node.approvals.paper import write_paper
    from samklang.node.documents import load_documents

    documents = load_documents(arguments.config)
    with open_desk(documents) as desk:
        case = desk.case(arguments.request)
        policy = Envelope.from_bytes(documents.config.documents.policy.read_bytes())
        write_new(arguments.out, write_paper(case, desk.statements(case), policy))
    value = {"file": str(arguments.out), "id": case.request.id, "seen": case.seen}
    text = "{file}: the approver signs it with samklang approvals sign; its code is {seen}"
    output.result(
        {**value, "digest": case.request.digest}, output.say(text, file=arguments.out, seen=case.seen)
    )
    return exits.OK


def _sign(arguments: argparse.Namespace, output: Output) -> int:
    from datetime import UTC, datetime

    from samklang.cli.enrolment.papers import write_new
    from samklang.identity.keys import SigningKey
    from samklang.model.approval import sign_statement
    from samklang.model.loading import about
    from samklang.node.approvals.paper import read_paper

    key, now = SigningKey.load(arguments.key), datetime.now(UTC)
    with about(arguments.file):
        paper = read_paper(_bytes(arguments.file), now)
    word: Word = "reject" if arguments.reject else "withdraw" if arguments.withdraw else "approve"
    statement = paper.statement(key.verify_key, word, arguments.why, now)
    _seen(paper.case, arguments.seen, QUESTIONS[word], output)
    write_new(arguments.out, sign_statement(statement, key))
    value = {"file": str(arguments.out), "id": paper.case.request.id, "seen": paper.case.seen}
    who = {"word": word, "person": statement.person, "node": statement.node}
    text = "{file}: signed as {person}; it counts once it is entered at {node}: samklang approvals enter"
    output.result({**value, **who}, output.say(text, file=arguments.out, **who))
    return exits.OK


QUESTIONS: dict[Word, str] = {
    "approve": "Do you approve exactly this? Write yes or no:",
    "reject": "Do you say no to exactly this? Write yes or no:",
    "withdraw": "Do you take back your yes to exactly this? Write yes or no:",
}


def _enter(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.model.loading import about

    envelope = _bytes(arguments.file)
    with _desk(arguments) as desk, about(arguments.file):
        case = desk.enter(envelope)
    return _said(case, output)


def _bytes(path: Path) -> bytes:
    from samklang.errors import SamklangError

    try:
        return path.read_bytes()
    except OSError as error:
        raise SamklangError("client-file", file=path.name, problem=error.strerror or "unreadable") from None


def _said(case: Case, output: Output) -> int:
    from samklang.node.approvals.desk import SHORT
    from samklang.node.approvals.words import say

    request, state = case.request.id[:SHORT], say(output.lang, case.state)
    output.result(case.as_dict(), output.say("request {request}: {state}", request=request, state=state))
    return exits.OK


def case_text(case: Case, output: Output) -> str:
    """A request as approvers are shown it."""
    from samklang.node.approvals.text import text

    return text(case, output.lang)


def _desk(arguments: argparse.Namespace) -> AbstractContextManager[Desk]:
    from samklang.node.approvals.desk import open_desk
    from samklang.node.documents import load_documents

    return open_desk(load_documents(arguments.config))
