"""``samklang federation``: set one up, and let members join with keys that they made themselves."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import action, group, joining

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output

KINDS = ("manifest", "codebook", "policy")


def add(commands: Subparsers) -> None:
    """Describe the command."""
    text = "Set up a federation; enrol members, each with keys of its own making."
    actions = group(commands, "federation", text)
    _describe_operator(actions)
    _describe_member(actions)
    joining.describe(actions)
    _describe_signing(actions)


def _describe_operator(actions: Subparsers) -> None:
    init = action(
        actions,
        "init",
        _init,
        "Operator: make the authority, the coordinator's keys and a manifest to be completed.",
        "samklang federation init odense --id integrated-care --organisation driftsorganisation",
    )
    init.add_argument("folder", type=Path, metavar="FOLDER", help="new or empty")
    init.add_argument("--id", required=True, metavar="ID", help="the federation's name")
    init.add_argument("--organisation", required=True, metavar="ID", help="who runs the coordinator")
    init.add_argument("--coordinator", default="coordinator", metavar="ID", help="its name")
    init.add_argument("--address", default="127.0.0.1:7443", metavar="HOST:PORT", help="where it listens")
    init.add_argument(
        "--enrolment", metavar="HOST:PORT", help="where it takes requests to join (default: the next port)"
    )
    _labels(init)
    admit = action(
        actions,
        "admit",
        _admit,
        "Operator: certify a member's request; a node or evaluator is added to the manifest.",
        "samklang federation admit odense request.json --fingerprint 1a2b3c4d5e6f708192a3b4c5d6e7f809",
    )
    admit.add_argument("folder", type=Path, metavar="FOLDER", help="the operator's")
    admit.add_argument(
        "request", metavar="REQUEST", help="the member's request.json, or the name of one that waits"
    )
    admit.add_argument(
        "--kind", choices=joining.KINDS, help="what the request must be for; an operator's file needs it"
    )
    admit.add_argument(
        "--organisation", metavar="ID", help="whose it must be; an officer's file needs it, and the kind"
    )
    _told(admit, "as the member reads it to you")


def _describe_member(actions: Subparsers) -> None:
    enrol = action(
        actions,
        "enrol",
        _enrol,
        "Member: make keys in a folder of your own, and a request for the operator.",
        "samklang federation enrol node --federation integrated-care --id ouh --organisation region "
        "--sectors hospital",
    )
    enrol.add_argument("folder", type=Path, metavar="FOLDER", help="new or empty; the keys stay there")
    enrol.add_argument("--federation", required=True, metavar="ID")
    enrol.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="by which a node that serves oversight is called, for its certificate",
    )
    enrol.add_argument("--kind", choices=joining.KINDS, default="node", help="default: node")
    enrol.add_argument(
        "--id",
        required=True,
        metavar="ID",
        help="the node's or the person's name; of an evaluator, its organisation",
    )
    enrol.add_argument("--organisation", required=True, metavar="ID")
    enrol.add_argument("--sectors", default="", metavar="A,B", help="sectors that the node serves")
    _labels(enrol)
    install = action(
        actions,
        "install",
        _install,
        "Member: check the operator's reply and write the configuration.",
        "samklang federation install node reply.json --fingerprint 1a2b3c4d5e6f708192a3b4c5d6e7f809",
    )
    install.add_argument("folder", type=Path, metavar="FOLDER", help="where the keys were made")
    install.add_argument("reply", type=Path, metavar="REPLY", help="the operator's reply")
    install.add_argument(
        "--trust", action="append", default=[], metavar="KEY", help="a controller's public key, ed25519:…"
    )
    _told(install, "of the authority, as the operator reads it to you")


def _describe_signing(actions: Subparsers) -> None:
    key = action(
        actions,
        "key",
        _key,
        "Make a signing key for a controller or data-protection officer; prints its public half.",
        "samklang federation key controller.key",
    )
    key.add_argument("file", type=Path, metavar="FILE", help="is made, mode 0600")
    sign = action(
        actions,
        "sign",
        _sign,
        "Check a manifest, codebook or policy and sign it; prints its digest.",
        "samklang federation sign codebook codebook.yaml --key controller.key --out codebook.json",
    )
    sign.add_argument("kind", choices=KINDS)
    sign.add_argument("document", type=Path, metavar="FILE", help="YAML")
    sign.add_argument("--key", type=Path, action="append", required=True, metavar="FILE", help="one or more")
    sign.add_argument(
        "--onto", type=Path, metavar="FILE", help="the document as others have signed it; yours is added"
    )
    sign.add_argument("--out", type=Path, required=True, metavar="FILE", help="the signed document")
    vouch = action(
        actions,
        "vouch",
        _vouch,
        "A node's operator, or an evaluator: say that somebody is an analyst of the organisation.",
        "samklang federation vouch request.json --identity node/identity.key --out credential.json "
        "--fingerprint 1a2b3c4d5e6f708192a3b4c5d6e7f809",
    )
    vouch.add_argument("request", type=Path, metavar="REQUEST", help="the analyst's request.json")
    vouch.add_argument(
        "--identity", type=Path, required=True, metavar="FILE", help="the node's or evaluator's identity key"
    )
    vouch.add_argument("--role", default="analyst", metavar="ROLE", help="as policies name it")
    vouch.add_argument("--days", type=int, default=365, metavar="N", help="how long it holds (365)")
    vouch.add_argument("--out", type=Path, required=True, metavar="FILE", help="the credential")
    _told(vouch, "of the request, as the analyst reads it to you")


def _labels(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label-en", default="", metavar="TEXT", help="what people read (default: the id)")
    parser.add_argument("--label-da", default="", metavar="TEXT", help="in Danish")


def _told(parser: argparse.ArgumentParser, who: str) -> None:
    parser.add_argument("--fingerprint", required=True, metavar="HEX", help=f"32 hex digits, {who}")


def _init(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.setup import Federation, set_up
    from samklang.model.base import Label

    label = Label(en=arguments.label_en or arguments.id, da=arguments.label_da or arguments.id)
    host, _, port = arguments.address.rpartition(":")
    enrolment = arguments.enrolment or f"{host}:{int(port) + 1 if port != '0' else 0}"
    names = (arguments.coordinator, arguments.organisation, arguments.address, enrolment)
    found = set_up(arguments.folder, Federation(arguments.id, label, *names), datetime.now(UTC))
    _tell(output, str(arguments.folder / "federation.yaml"), found)
    return exits.OK


def _enrol(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.member import ask_to_join
    from samklang.model.base import Label

    paper, found = ask_to_join(
        arguments.folder,
        federation=arguments.federation,
        kind=arguments.kind,
        name=arguments.id,
        organisation=arguments.organisation,
        label=Label(en=arguments.label_en or arguments.id, da=arguments.label_da or arguments.id),
        sectors=[s.strip() for s in arguments.sectors.split(",") if s.strip()],
        hosts=arguments.host,
    )
    _tell(output, str(paper), {"request": found})
    return exits.OK


def _admit(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.operator import admit
    from samklang.identity.requests import fingerprint

    told, kind = arguments.fingerprint, arguments.kind
    whose = arguments.organisation
    _, paper = admit(arguments.folder, arguments.request, told, datetime.now(UTC), kind, whose)
    _tell(output, str(paper), {"authority": fingerprint((arguments.folder / "ca.pem").read_bytes())})
    return exits.OK


def _install(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.member import install

    path = install(arguments.folder, arguments.reply, arguments.fingerprint, arguments.trust)
    output.result({"file": str(path)}, str(path))
    return exits.OK


def _key(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.identity.keys import SigningKey

    key = SigningKey.generate()
    key.save(arguments.file)
    output.result({"file": str(arguments.file), "public": key.verify_key.text}, key.verify_key.text)
    return exits.OK


def _sign(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.signing import sign

    found = sign(arguments.kind, arguments.document, arguments.key, arguments.out, arguments.onto)
    output.result({"file": str(arguments.out), "digest": found}, found)
    return exits.OK


def _vouch(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.papers import write_new
    from samklang.cli.enrolment.signing import vouch

    told, identity, role = arguments.fingerprint, arguments.identity, arguments.role
    today = datetime.now(UTC).date()
    credential = vouch(arguments.request, told, identity, role=role, days=arguments.days, today=today)
    write_new(arguments.out, credential)
    output.result({"file": str(arguments.out)}, str(arguments.out))
    return exits.OK


def _tell(output: Output, file: str, fingerprints: dict[str, str]) -> None:
    """The file, and what to compare with the other side."""
    from samklang.cli.enrolment.papers import grouped

    shown = {name: grouped(found) for name, found in fingerprints.items()}
    told = {"authority": "authority", "coordinator": "coordinator", "request": "request to join"}
    names = {name: output.say(told[name]) for name in shown}
    width = max(map(len, names.values()))
    lines = [file, *(f"  {names[name].ljust(width)}  {found}" for name, found in shown.items())]
    output.result({"file": file, "fingerprints": shown}, "\n".join(lines))
    output.note(output.say("Read the fingerprint to the other side by telephone; it must hear the same."))
