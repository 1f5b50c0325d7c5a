"""The operator's side: certify a member's keys, and list a node in the manifest's draft.

An authority's certificate opens connections and nothing more; a node speaks by the identity key that the
members' controllers sign in the manifest.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Final

from samklang.cli.enrolment.papers import Reply, Request, read_request, same, write_new
from samklang.cli.enrolment.setup import LEAF_DAYS, quoted
from samklang.errors import SamklangError
from samklang.identity.pki import Authority
from samklang.model.yaml_tree import read_tree

__all__ = ["admit"]

MANIFEST: Final = "federation.yaml"

_ENTRY: Final = """\
  - id: {id}
    organisation: {organisation}
    label: {{en: {en}, da: {da}}}
    sectors: [{sectors}]
    identity: "{identity}"
"""


def admit(folder: Path, request_file: Path, told: str, now: datetime) -> tuple[Request, Path]:
    """Certify a request; returns it, and the reply's file (``replies/NAME.json``).

    Args:
        folder: the operator's, as :func:`samklang.cli.enrolment.setup.set_up` made it.
        told: the request's fingerprint, as the member said it.

    Raises:
        SamklangError: ``enrolment-fingerprint``, ``enrolment-known``, ``enrolment-manifest``,
            ``enrolment-file``, ``client-file*``, ``identity-*``, ``document-*``.
    """
    request, found = read_request(request_file)
    same(told, found)
    authority = Authority.load(folder / "ca.pem", folder / "ca.key")
    if request.federation != authority.federation:
        raise SamklangError("enrolment-file", file=request_file.name, problem="it is for another federation")
    address = _address(folder / "coordinator" / "config.yaml")
    certificate = authority.certify(
        request.csr.encode(), request.kind, request.id, request.organisation, days=LEAF_DAYS, now=now
    )
    manifest = _with_node(folder / MANIFEST, request) if request.kind == "node" else None
    reply = Reply(
        certificate=certificate.decode("ascii"),
        authority=authority.certificate.decode("ascii"),
        coordinator=address,
    )
    place = folder / "replies"
    place.mkdir(exist_ok=True)
    paper = place / f"{request.kind}-{request.id}.json"
    write_new(paper, reply.model_dump_json(indent=1).encode())
    if manifest is not None:
        _replace(folder / MANIFEST, manifest)
    return request, paper


def _address(path: Path) -> str:
    """Where the coordinator listens; the rest of its configuration may still be incomplete."""
    try:
        return str(read_tree(path.read_bytes(), str(path)).data["coordinator"]["listen"])
    except OSError as error:
        raise SamklangError("client-file", file=path.name, problem=error.strerror or "unreadable") from None
    except (KeyError, TypeError):
        raise SamklangError("enrolment-file", file=path.name, problem="it has no address") from None


def _with_node(path: Path, request: Request) -> bytes:
    """The manifest's text with one node more; comments and order stay."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise SamklangError("client-file", file=path.name, problem=error.strerror or "unreadable") from None
    before = _nodes(source, path)
    if any(request.id == node.get("id") or request.identity == node.get("identity") for node in before):
        raise SamklangError("enrolment-known", name=request.id)
    entry = _ENTRY.format(
        id=request.id,
        organisation=request.organisation,
        en=quoted(request.label.en),
        da=quoted(request.label.da),
        sectors=", ".join(request.sectors),
        identity=request.identity,
    )
    text = source.rstrip() + b"\n" + entry.encode()
    after = _nodes(text, path)
    if len(after) != len(before) + 1 or after[-1].get("identity") != request.identity:
        raise SamklangError("enrolment-manifest", file=path.name)
    return text


def _nodes(source: bytes, path: Path) -> list[dict[str, object]]:
    try:
        data = read_tree(source, str(path)).data
    except SamklangError:
        raise SamklangError("enrolment-manifest", file=path.name) from None
    nodes = data.get("nodes") if isinstance(data, dict) else None
    return [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(data)
    os.replace(beside, path)
