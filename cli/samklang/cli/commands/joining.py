"""``samklang federation``, the part over the network: invite, join, renew, revoke, remove."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import action

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output

__all__ = ["describe"]

CERTIFIED = ("node", "analyst", "dpo", "operator")
KINDS = (*CERTIFIED, "evaluator")


def describe(actions: Subparsers) -> None:
    """Add the actions to the group ``federation``."""
    invite = action(
        actions,
        "invite",
        _invite,
        "Operator: make a one-time invitation; the member asks for itself, and you compare fingerprints.",
        "samklang federation invite odense --id ouh --organisation region-syddanmark --sectors hospital",
    )
    _folder(invite)
    invite.add_argument("--kind", choices=KINDS, default="node", help="default: node")
    invite.add_argument(
        "--id",
        required=True,
        metavar="ID",
        help="the node's or the person's name; of an evaluator, its organisation",
    )
    invite.add_argument("--organisation", required=True, metavar="ID")
    invite.add_argument("--sectors", default="", metavar="A,B", help="sectors that the node serves")
    invite.add_argument("--days", type=int, default=7, metavar="N", help="how long it is good (7)")
    requests = action(
        actions,
        "requests",
        _requests,
        "Operator: the requests that wait, with the fingerprints to compare.",
        "samklang federation requests odense",
    )
    _folder(requests)
    requests.add_argument("--refuse", metavar="NAME", help="refuse the request of this member")
    join = action(
        actions,
        "join",
        _join,
        "Member: make keys in a folder of your own, ask with an invitation, wait for the operator.",
        "samklang federation join node --invitation invitation.txt",
    )
    join.add_argument("folder", type=Path, metavar="FOLDER", help="new or empty; the keys stay there")
    _hosts(join)
    _invitation(join)
    join.add_argument("--label-en", default="", metavar="TEXT", help="what people read (default: the id)")
    join.add_argument("--label-da", default="", metavar="TEXT", help="in Danish")
    renew = action(
        actions,
        "renew",
        _renew,
        "Member: make new keys beside the old ones, and ask for their certificate.",
        "samklang federation renew node --invitation invitation.txt",
    )
    renew.add_argument("folder", type=Path, metavar="FOLDER", help="where the keys were made")
    renew.add_argument("--identity", action="store_true", help="a new identity key as well")
    _hosts(renew)
    _invitation(renew, required=False)
    swap = action(
        actions,
        "swap",
        _swap,
        "Member: check the reply to a renewal and put the new keys in the old ones' place.",
        "samklang federation swap node node/renewal/reply.json "
        "--fingerprint 1a2b3c4d5e6f708192a3b4c5d6e7f809",
    )
    swap.add_argument("folder", type=Path, metavar="FOLDER", help="where the keys were made")
    swap.add_argument("reply", type=Path, metavar="REPLY", help="the operator's reply")
    swap.add_argument(
        "--fingerprint",
        required=True,
        metavar="HEX",
        help="32 hex digits, of the authority, as the operator reads it to you",
    )
    revoke = action(
        actions,
        "revoke",
        _revoke,
        "Operator: revoke a member's certificates; the coordinator refuses them within a second.",
        "samklang federation revoke odense ouh --all",
    )
    _folder(revoke)
    revoke.add_argument("name", metavar="NAME", help="the member's")
    revoke.add_argument("--kind", choices=CERTIFIED, default="node", help="default: node")
    revoke.add_argument(
        "--all", action="store_true", help="the newest one too (without it, those before a renewal)"
    )
    remove = action(
        actions,
        "remove",
        _remove,
        "Operator: take a node or evaluator that leaves out of the manifest's draft; revoke certificates.",
        "samklang federation remove odense ouh",
    )
    _folder(remove)
    remove.add_argument("name", metavar="NAME", help="the node's, or the evaluator's organisation")
    remove.add_argument("--kind", choices=("node", "evaluator"), default="node", help="default: node")


def _folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the operator's")


def _invitation(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    text = "its file; - reads it from standard input"
    parser.add_argument("--invitation", metavar="FILE", required=required, help=text)
    parser.add_argument(
        "--wait", type=float, default=0.0, metavar="SECONDS", help="how long to wait for the operator (0)"
    )


def _invite(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.operator import invite

    invitation = invite(
        arguments.folder,
        kind=arguments.kind,
        name=arguments.id,
        organisation=arguments.organisation,
        sectors=_sectors(arguments.sectors),
        until=datetime.now(UTC) + timedelta(days=arguments.days),
    )
    text = invitation.text()
    output.result({"invitation": text, "until": invitation.until.isoformat()}, text)
    output.note(
        output.say("Good for one request. Nobody is admitted by it: compare the fingerprint by telephone.")
    )
    return exits.OK


def _requests(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.operator import refuse, waiting
    from samklang.cli.enrolment.papers import grouped

    if arguments.refuse:
        refuse(arguments.folder, arguments.refuse)
    found = [
        {
            "id": w.request.id,
            "kind": w.request.kind,
            "organisation": w.request.organisation,
            "fingerprint": grouped(w.fingerprint),
        }
        for w in waiting(arguments.folder)
    ]
    lines = [f"{w['id']} ({w['kind']}, {w['organisation']}): {w['fingerprint']}" for w in found]
    output.result(found, "\n".join(lines) or output.say("No request is waiting."))
    return exits.OK


def _hosts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="by which a node that serves oversight is called, for its certificate",
    )


def _join(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.member import REQUEST, ask_to_join
    from samklang.model.base import Label
    from samklang.model.enrolment import read_invitation

    invitation = read_invitation(_text(arguments.invitation))
    paper = arguments.folder / REQUEST
    if not paper.exists():
        ask_to_join(
            arguments.folder,
            federation=invitation.federation,
            kind=invitation.kind,
            name=invitation.id,
            organisation=invitation.organisation,
            label=Label(en=arguments.label_en or invitation.id, da=arguments.label_da or invitation.id),
            sectors=invitation.sectors,
            hosts=arguments.host,
        )
    return _ask(arguments, output, paper)


def _renew(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.member import REQUEST
    from samklang.cli.enrolment.renewal import RENEWAL, ask_again

    paper = arguments.folder / RENEWAL / REQUEST
    if not paper.exists():
        ask_again(arguments.folder, identity=arguments.identity, hosts=arguments.host)
    return _ask(arguments, output, paper)


def _ask(arguments: argparse.Namespace, output: Output, paper: Path) -> int:
    """Hand ``paper`` in, if there is an invitation, and wait; run again, it goes on where it was."""
    from samklang.cli.enrolment.joining import apply, collect
    from samklang.cli.enrolment.papers import grouped, read_request
    from samklang.model.enrolment import read_invitation

    _, found = read_request(paper)
    shown = {"request": grouped(found)}
    if not arguments.invitation:
        output.result({"file": str(paper), "fingerprints": shown}, f"{paper}\n  {shown['request']}")
        return exits.OK
    invitation = read_invitation(_text(arguments.invitation))
    apply(invitation, paper.read_bytes())
    output.note(
        output.say("request: {fingerprint}; read it to the operator by telephone", fingerprint=grouped(found))
    )
    reply = paper.with_name("reply.json")
    collect(invitation, wait=arguments.wait, out=reply)
    output.result({"file": str(reply), "fingerprints": shown}, str(reply))
    return exits.OK


def _swap(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.renewal import swap

    changed = swap(arguments.folder, arguments.reply, arguments.fingerprint)
    output.result({"changed": changed}, "\n".join(changed))
    output.note(output.say("The process takes them up when it starts again."))
    return exits.OK


def _revoke(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.operator import revoke

    now = datetime.now(UTC)
    gone = revoke(arguments.folder, arguments.kind, arguments.name, now, newest=arguments.all)
    output.result({"revoked": gone}, "\n".join(gone))
    return exits.OK


def _remove(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.operator import remove

    gone = remove(arguments.folder, arguments.name, datetime.now(UTC), arguments.kind)
    output.result({"revoked": gone}, "\n".join(gone))
    output.note(
        output.say("The members' controllers now sign the new manifest; until then the old one holds.")
    )
    return exits.OK


def _sectors(text: str) -> tuple[str, ...]:
    return tuple(s.strip() for s in text.split(",") if s.strip())


def _text(file: str) -> str:
    import sys

    from samklang.errors import SamklangError

    if file == "-":
        return sys.stdin.read(20_000)
    try:
        return Path(file).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or "unreadable"
        raise SamklangError("client-file", file=Path(file).name, problem=problem) from None
