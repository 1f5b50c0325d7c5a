"""A member's side: keys that never leave its machine, a request, and the reply put to use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from samklang.cli.enrolment.papers import read_reply, read_request, same
from samklang.cli.enrolment.papers import write_new as write
from samklang.cli.enrolment.setup import empty_folder, filled, named
from samklang.errors import SamklangError
from samklang.identity.files import read_private, write_private
from samklang.identity.keys import SigningKey
from samklang.identity.pki import peer_from_certificate, peer_uri
from samklang.identity.requests import fingerprint, issued_by, new_request, same_key
from samklang.model.base import Label
from samklang.model.enrolment import MemberKind, Request, fitting, sign_request

__all__ = ["REQUEST", "ask_to_join", "checked", "install"]

REQUEST: Final = "request.json"

_NODE: Final = """\
# The node {name}. Whose signatures count is for the controllers to say; tables and files are this partner's.
node: {{id: {name}}}
coordinator: {{address: "{address}"}}
tls: {{ca: ca.pem, certificate: tls.pem, key: tls.key}}
identity: identity.key
documents: {{manifest: manifest.json, codebook: codebook.json, policy: policy.json}}
trust: {{manifest: [{trust}], codebook: [{trust}], policy: [{trust}]}}
state: state
# One entry per logical table of the codebook: samklang node check --config config.yaml
tables: {{}}
"""

_CLIENT: Final = """\
# The client of {name}: export SAMKLANG_CLIENT=config.yaml
coordinator: {{address: "{address}"}}
tls: {{ca: ca.pem, certificate: tls.pem, key: tls.key}}
trust: {{manifest: [{trust}], codebook: [{trust}]}}
identity: identity.key
# Signed by a node of the own organisation: samklang federation vouch
credential: credential.json
"""

_OFFICER: Final = """\
# The data-protection officer {name}: samklang dpo check --config config.yaml
# The node that is looked at, and where its oversight listens; its operator knows.
# node: {{id: NODE, address: "HOST:PORT"}}
tls: {{ca: ca.pem, certificate: tls.pem, key: tls.key}}
# Whose signatures must be there: the members' controllers; for the policy, its controller's and yours.
trust: {{manifest: [{trust}], codebook: [{trust}], policy: [{trust}]}}
# Queries that the organisation's nodes take part in: samklang dpo queries --connect {address}
"""

_OPERATOR: Final = """\
# The operator {name}: samklang dpo health --config config.yaml --connect HOST:PORT
# The node of the own organisation whose health is asked for, and where its oversight listens.
# node: {{id: NODE, address: "HOST:PORT"}}
tls: {{ca: ca.pem, certificate: tls.pem, key: tls.key}}
# Whose signatures must be there: the members' controllers.
trust: {{manifest: [{trust}], codebook: [{trust}], policy: [{trust}]}}
# The coordinator: {address}
"""


def ask_to_join(
    folder: Path,
    *,
    federation: str,
    kind: MemberKind,
    name: str,
    organisation: str,
    label: Label,
    sectors: Sequence[str] = (),
    hosts: Sequence[str] = (),
) -> tuple[Path, str]:
    """Make the member's keys in ``folder`` and its request; returns the request's file and fingerprint.

    Raises:
        SamklangError: ``enrolment-folder``, ``enrolment-name``, ``enrolment-kind``, ``client-file``.
    """
    named(federation, name, organisation, *sectors)
    identity = SigningKey.generate()
    # An evaluator opens no connection itself, so it has no key to be certified.
    csr, private = (b"", b"") if kind == "evaluator" else new_request(name, organisation)
    request = Request(
        federation=federation,
        kind=kind,
        id=name,
        organisation=organisation,
        label=label,
        sectors=tuple(sectors),
        hosts=tuple(hosts),
        identity=identity.verify_key.text,
        csr=csr.decode("ascii"),
    )
    fitting(request)
    empty_folder(folder)
    paper, found = sign_request(request, identity)
    identity.save(folder / "identity.key")
    if private:
        write_private(folder / "tls.key", private)
    write(folder / REQUEST, paper)
    return folder / REQUEST, found


def install(folder: Path, reply_file: Path, told: str, trust: Sequence[str] = ()) -> Path:
    """Check a reply and put it to use; returns the configuration that was written (of an evaluator, which
    has nothing to configure, the authority's certificate).

    Args:
        folder: where the keys were made.
        told: the authority's fingerprint, as the operator said it.
        trust: keys whose signatures count, to stand in the configuration.

    Raises:
        SamklangError: ``enrolment-fingerprint``; ``enrolment-file`` if the certificate isn't the
            authority's, or not for this member and its key; ``client-file*``, ``identity-*``.
    """
    request, certificate, authority, address = checked(folder, reply_file, told)
    if request.kind == "evaluator":
        write(folder / "ca.pem", authority)
        return folder / "ca.pem"
    write(folder / "tls.pem", certificate)
    write(folder / "ca.pem", authority)
    template = {"node": _NODE, "analyst": _CLIENT, "dpo": _OFFICER, "operator": _OPERATOR}[request.kind]
    keys = ", ".join(f'"{key}"' for key in trust)
    words = {"name": request.id, "address": address, "trust": keys}
    write(folder / "config.yaml", filled(template, words).encode())
    return folder / "config.yaml"


def checked(folder: Path, reply_file: Path, told: str) -> tuple[Request, bytes, bytes, str]:
    """(request of ``folder``, certificate, authority, the coordinator's address) of a reply to it.

    Raises:
        SamklangError: as :func:`install`.
    """
    request, _ = read_request(folder / REQUEST)
    reply = read_reply(reply_file)
    certificate, authority = reply.certificate.encode(), reply.authority.encode()
    same(told, fingerprint(authority))
    if request.kind == "evaluator":
        if certificate:
            problem = "the certificate is another member's"
            raise SamklangError("enrolment-file", file=reply_file.name, problem=problem)
        return request, certificate, authority, reply.coordinator
    peer = peer_from_certificate(certificate)
    wanted = peer_uri(request.federation, request.kind, request.id)
    for wrong, problem in (
        (not issued_by(certificate, authority), "the certificate is not this authority's"),
        (peer.uri != wanted, "the certificate is another member's"),
        (not same_key(certificate, read_private(folder / "tls.key")), "the certificate is for another key"),
    ):
        if wrong:
            raise SamklangError("enrolment-file", file=reply_file.name, problem=problem)
    return request, certificate, authority, reply.coordinator
