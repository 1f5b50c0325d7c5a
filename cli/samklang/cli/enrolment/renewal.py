"""New keys for a member that is one already: made beside the old ones, swapped in when the reply is there.

A new TLS key is certified under the identity key that the manifest has. A new identity key is signed for by
the old one as well, and counts once the controllers have signed a manifest that names it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from samklang.cli.enrolment.member import REQUEST, checked
from samklang.cli.enrolment.papers import read_request, write_new
from samklang.cli.enrolment.setup import empty_folder
from samklang.errors import SamklangError
from samklang.identity.files import write_private
from samklang.identity.keys import SigningKey
from samklang.identity.requests import new_request
from samklang.model.enrolment import sign_request

__all__ = ["RENEWAL", "ask_again", "swap"]

RENEWAL = "renewal"


def ask_again(folder: Path, *, identity: bool, hosts: Sequence[str] = ()) -> tuple[Path, str]:
    """Make a new TLS key, and with ``identity`` a new identity key, in ``folder/renewal``; returns the
    request's file and fingerprint.

    ``hosts``: names for the new certificate; those of the old request, if there are none.

    Raises:
        SamklangError: ``enrolment-folder`` if a renewal is under way, ``enrolment-kind`` for an evaluator
            that keeps its identity key (it has no other), ``client-file*``, ``identity-*``.
    """
    before, _ = read_request(folder / REQUEST)
    certified = before.kind != "evaluator"
    if not certified and not identity:
        raise SamklangError("enrolment-kind", kind=before.kind)
    old = SigningKey.load(folder / "identity.key")
    place = folder / RENEWAL
    empty_folder(place)
    csr, private = new_request(before.id, before.organisation) if certified else (b"", b"")
    new = SigningKey.generate() if identity else old
    request = before.model_copy(
        update={
            "csr": csr.decode("ascii"),
            "identity": new.verify_key.text,
            "hosts": tuple(hosts) or before.hosts,
            "replaces": old.verify_key.text if identity else None,
        }
    )
    paper, found = sign_request(request, *([new, old] if identity else [old]))
    if certified:
        write_private(place / "tls.key", private)
    if identity:
        new.save(place / "identity.key")
    write_new(place / REQUEST, paper)
    return place / REQUEST, found


def swap(folder: Path, reply_file: Path, told: str) -> list[str]:
    """Check the reply and put the new keys in the old ones' place, which stay beside them as ``*.old``;
    returns the names of the files that are new. The process takes them up when it starts again.

    Raises:
        SamklangError: as :func:`samklang.cli.enrolment.member.install`.
    """
    place = folder / RENEWAL
    _, certificate, authority, _ = checked(place, reply_file, told)
    if certificate:
        write_new(place / "tls.pem", certificate)
    write_new(place / "ca.pem", authority)
    changed = []
    # The certificate last: a crash in between leaves a pair that doesn't fit, which the process says by name.
    for name in ("identity.key", REQUEST, "ca.pem", "tls.key", "tls.pem"):
        if (place / name).exists():
            os.replace(folder / name, folder / f"{name}.old")
            os.replace(place / name, folder / name)
            changed.append(name)
    shutil.rmtree(place)
    return changed
