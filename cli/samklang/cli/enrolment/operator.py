"""The operator's side: invite, certify a member's keys, list a node in the manifest's draft, revoke, remove.

An authority's certificate opens connections and nothing more; a node speaks by the identity key that the
members' controllers sign in the manifest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from samklang.cli.enrolment.manifest_draft import Draft
from samklang.cli.enrolment.papers import read_request, same, write_new
from samklang.cli.enrolment.setup import LEAF_DAYS, named
from samklang.coordinator.invitations import FILE, Invitations, Waiting
from samklang.errors import SamklangError
from samklang.identity.pki import LOCAL_HOSTS, Authority
from samklang.identity.requests import fingerprint, hosts_of
from samklang.model.enrolment import Invitation, MemberKind, Reply, Request, fitting
from samklang.model.yaml_tree import read_tree

__all__ = ["admit", "invite", "refuse", "remove", "revoke", "waiting"]

ISSUED = "issued.txt"
REVOKED = "revoked.txt"


def invite(
    folder: Path,
    *,
    kind: MemberKind,
    name: str,
    organisation: str,
    sectors: Sequence[str],
    until: datetime,
) -> Invitation:
    """A new invitation, kept where the coordinator finds it.

    Raises:
        SamklangError: ``enrolment-listen`` if the coordinator takes no requests, ``enrolment-name``,
            ``enrolment-kind``, ``client-file``.
    """
    named(name, organisation, *sectors)
    authority = (folder / "ca.pem").read_text(encoding="ascii")
    config = _config(folder)
    try:
        address = str(config["enrolment"]["listen"])
    except (KeyError, TypeError):
        raise SamklangError("enrolment-listen") from None
    host = address.rpartition(":")[0]
    if host in ("0.0.0.0", "::", ""):  # noqa: S104
        address = f"{_address(config).rpartition(':')[0]}:{address.rpartition(':')[2]}"
    invitation = Invitation.new(
        until,
        federation=Authority.load(folder / "ca.pem", folder / "ca.key").federation,
        address=address,
        authority=authority,
        kind=kind,
        id=name,
        organisation=organisation,
        sectors=tuple(sectors),
    )
    fitting(invitation)
    _invitations(folder).invite(invitation)
    return invitation


def waiting(folder: Path) -> list[Waiting]:
    """Requests that came with invitations and wait for the operator."""
    return _invitations(folder).waiting()


def admit(
    folder: Path,
    asked: Path | str,
    told: str,
    now: datetime,
    kind: MemberKind | None = None,
    organisation: str | None = None,
) -> tuple[Request, Path]:
    """Certify a request; returns it, and the reply's file (``replies/KIND-NAME.json``). One that came with an
    invitation gets its reply the same way.

    A node or evaluator that is new is added to the manifest's draft; one that changes its identity key gets
    the new one there; for one that keeps it, the draft stays. An evaluator gets no certificate.

    Args:
        folder: the operator's, as :func:`samklang.cli.enrolment.setup.set_up` made it.
        asked: the request's file, or the name of a member whose request waits.
        told: the request's fingerprint, as the member said it.
        kind, organisation: what the request must ask for, and whose it must be. An invitation says both, and
            a file only its sender: nobody becomes an operator by a file without the kind, nor an officer, who
            reads the organisation's nodes, without both.

    Raises:
        SamklangError: ``enrolment-fingerprint``, ``enrolment-known``, ``enrolment-manifest``,
            ``enrolment-none``, ``enrolment-file``, ``enrolment-taken``, ``client-file*``, ``identity-*``,
            ``document-*``.
    """
    came = None if Path(asked).is_file() else _waiting(folder, str(asked))
    request, found = (came.request, came.fingerprint) if came else read_request(Path(asked))
    same(told, found)
    authority = Authority.load(folder / "ca.pem", folder / "ca.key")
    if request.federation != authority.federation:
        raise SamklangError("enrolment-file", file=Path(asked).name, problem="it is for another federation")
    address = _address(_config(folder))
    _as_told(request, Path(asked).name, kind, organisation, invited=came is not None)
    if any(line.split()[4:5] == [found] for line in _lines(folder / ISSUED)):
        raise SamklangError("enrolment-known", name=request.id)
    draft = _drafted(folder, request) if request.kind in ("node", "evaluator") else None
    hosts = request.hosts if request.kind == "node" else ()
    names = {_host(host) for host in hosts}
    if names & _of_coordinator(folder, address):
        # Whoever is called like the coordinator could answer in its place.
        problem = "it asks for the coordinator's own name"
        raise SamklangError("enrolment-file", file=Path(asked).name, problem=problem)
    _not_taken(folder, request, names, now)
    certificate = b""
    if request.kind != "evaluator":
        certificate = authority.certify(
            request.csr.encode(),
            request.kind,
            request.id,
            request.organisation,
            days=LEAF_DAYS,
            now=now,
            hosts=hosts,
        )
    reply = Reply(
        certificate=certificate.decode("ascii"),
        authority=authority.certificate.decode("ascii"),
        coordinator=address,
    )
    paper = _place(folder, request)
    text = reply.model_dump_json(indent=1).encode()
    write_new(paper, text)
    with (folder / ISSUED).open("a", encoding="utf-8") as issued:
        name = fingerprint(certificate) if certificate else "-"
        issued.write(
            f"{name} {request.kind} {request.id} {now:%Y-%m-%d} {found} {request.organisation}"
            f" {','.join(sorted(names)) or '-'}\n"
        )
    if draft is not None:
        draft.write()
    if came:
        _invitations(folder).answer(came.number, text)
    return request, paper


def _as_told(
    request: Request, file: str, kind: str | None, organisation: str | None, *, invited: bool
) -> None:
    """Return if the request is what whoever admits has said; raises ``enrolment-file``."""
    problem = ""
    if request.kind == "operator" and not invited and kind is None:
        problem = "it asks to be an operator"
    elif request.kind == "dpo" and not invited and None in (kind, organisation):
        problem = "it asks to be an officer"
    elif kind not in (None, request.kind):
        problem = "it asks to be an operator" if request.kind == "operator" else "it is of another kind"
    elif organisation not in (None, request.organisation):
        problem = "it is of another organisation"
    if problem:
        raise SamklangError("enrolment-file", file=file, problem=problem)


def _host(name: str) -> str:
    """As it is compared in TLS (RFC 6125 section 6.4.1): without regard to case; nor to the root's dot."""
    return name.lower().rstrip(".")


def _of_coordinator(folder: Path, address: str) -> set[str]:
    """Names that the coordinator answers to; on one machine, everybody has those of the machine itself."""
    own = {_host(address.rpartition(":")[0])}
    certificate = folder / "coordinator" / "tls.pem"
    if certificate.is_file():
        own |= {_host(name) for name in hosts_of(certificate.read_bytes())} - {*LOCAL_HOSTS}
    return own


def _not_taken(folder: Path, request: Request, names: set[str], now: datetime) -> None:
    """Nobody gets a name that somebody else has: a member is known by kind and name, whatever organisation
    it is of, and a node's server by its hosts. Raises ``enrolment-taken``."""
    gone = {line.split()[0] for line in _lines(folder / "coordinator" / REVOKED)}
    since = f"{now - timedelta(days=LEAF_DAYS):%Y-%m-%d}"
    for line in _lines(folder / ISSUED):
        # Lines of an earlier version end before the organisation.
        certificate, kind, name, day, _, organisation, hosts = (*line.split(), "", "")[:7]
        if certificate in gone or day < since:
            continue
        if (kind, name) == (request.kind, request.id):
            if organisation not in ("", request.organisation):
                raise SamklangError("enrolment-taken", name=name, holder=organisation)
        elif taken := sorted(names & ({*hosts.split(",")} - {*LOCAL_HOSTS})):
            raise SamklangError("enrolment-taken", name=taken[0], holder=name)


def refuse(folder: Path, name: str) -> None:
    """Refuse the request of ``name`` that waits; raises ``enrolment-none``."""
    _invitations(folder).answer(_waiting(folder, name).number, None)


def revoke(folder: Path, kind: str, name: str, now: datetime, *, newest: bool = False) -> list[str]:
    """Revoke the certificates of a member; returns their fingerprints.

    Args:
        newest: the newest one too; else it stays, as after a renewal.

    Raises:
        SamklangError: ``enrolment-unknown`` if none was issued.
    """
    issued = [line.split() for line in _lines(folder / ISSUED)]
    mine = [words[0] for words in issued if words[1:3] == [kind, name] and words[0] != "-"]
    if not mine:
        raise SamklangError("enrolment-unknown", name=name)
    listed = folder / "coordinator" / REVOKED
    known = {line.split()[0] for line in _lines(listed)}
    gone = [found for found in (mine if newest else mine[:-1]) if found not in known]
    with listed.open("a", encoding="utf-8") as file:
        file.writelines(f"{found} {kind} {name} {now:%Y-%m-%d}\n" for found in gone)
    return gone


def remove(folder: Path, name: str, now: datetime, kind: Literal["node", "evaluator"] = "node") -> list[str]:
    """Take a node out of the manifest's draft and revoke its certificates, or an evaluator, which has none;
    raises ``enrolment-unknown``, ``enrolment-manifest``, ``enrolment-evaluators``."""
    draft = Draft(folder)
    draft.remove(name, kind)
    gone = revoke(folder, "node", name, now, newest=True) if kind == "node" else []
    draft.write()
    return gone


def _drafted(folder: Path, request: Request) -> Draft | None:
    """The draft as it must become; None where it stays."""
    draft = Draft(folder)
    known = draft.identity(request.id, request.kind)
    if known is not None and request.replaces == known:
        draft.replace_identity(known, request.identity)
        return draft
    if known is not None and request.identity == known and request.replaces is None:
        return None
    draft.add(request)
    return draft


def _place(folder: Path, request: Request) -> Path:
    """Where the reply goes: a member that asks again gets another file."""
    place = folder / "replies"
    place.mkdir(exist_ok=True)
    stem = f"{request.kind}-{request.id}"
    paper, number = place / f"{stem}.json", 1
    while paper.exists():
        number += 1
        paper = place / f"{stem}-{number}.json"
    return paper


def _waiting(folder: Path, name: str) -> Waiting:
    found = [w for w in waiting(folder) if w.request.id == name]
    if len(found) != 1:
        raise SamklangError("enrolment-none", name=name)
    return found[0]


def _invitations(folder: Path) -> Invitations:
    place = folder / "coordinator" / str(_config(folder).get("state", "state"))
    place.mkdir(mode=0o700, exist_ok=True)
    return Invitations(place / FILE)


def _config(folder: Path) -> dict[str, Any]:
    """The coordinator's configuration; the rest of it may still be incomplete."""
    path = folder / "coordinator" / "config.yaml"
    try:
        data = read_tree(path.read_bytes(), str(path)).data
    except OSError as error:
        raise SamklangError("client-file", file=path.name, problem=error.strerror or "unreadable") from None
    return data if isinstance(data, dict) else {}


def _address(config: dict[str, Any]) -> str:
    """Where members dial."""
    try:
        return str(config["coordinator"]["listen"])
    except (KeyError, TypeError):
        raise SamklangError("enrolment-file", file="config.yaml", problem="it has no address") from None


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    except FileNotFoundError:
        return []
