"""The operator's folder: the federation's authority, the coordinator, and a manifest to be filled.

=================================== ===============================================================
``ca.pem``, ``ca.key``              the authority; the key (0600) belongs on a machine without network
``federation.yaml``                 the manifest's draft; :mod:`.operator` adds nodes at its end
``coordinator/``                    ``tls.pem``, ``tls.key``, ``identity.key``, ``config.yaml``
=================================== ===============================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey
from samklang.identity.pki import LOCAL_HOSTS, Authority
from samklang.identity.requests import fingerprint
from samklang.model.base import NAME, NAME_LENGTH, Label
from samklang.model.problems import printable

__all__ = ["Federation", "empty_folder", "filled", "named", "set_up"]

AUTHORITY_DAYS: Final = 10 * 365
LEAF_DAYS: Final = 2 * 365

_MANIFEST: Final = """\
# The federation's manifest, to be completed and then signed by the members' controllers.
# Nodes are added at the end: samklang federation admit FOLDER REQUEST --fingerprint "..."
federation:
  id: {federation}
  version: 1
  label: {{en: {en}, da: {da}}}
  valid: {{from: {today}, until: {until}}}
coordinator:
  id: {coordinator}
  organisation: {organisation}
  identity: "{identity}"
# Who hold shares: three nodes of three organisations; of two organisations, the coordinator and two nodes.
# compute_parties: [A, B, C]
memberships_per_sector: 1
# Organisations that ask and have no node: samklang federation invite FOLDER --kind evaluator; or by hand:
# evaluators: [{{organisation: ID, label: {{en: NAME, da: NAVN}}, identity: "ed25519:..."}}]
# The codebook's digest, once it is agreed upon.
# codebook: "sha256:..."
nodes:
"""

_CONFIG: Final = """\
# The coordinator. Whose signatures count is for the members to say: put their controllers' keys below.
coordinator: {{id: {coordinator}, listen: "{address}"}}
tls: {{ca: ../ca.pem, certificate: tls.pem, key: tls.key}}
identity: identity.key
# Requests to join with an invitation are taken here; leave it out to take files alone.
enrolment: {{listen: "{enrolment}"}}
revoked: revoked.txt
documents: {{manifest: ../manifest.json, codebook: ../codebook.json}}
trust: {{manifest: [{trust}], codebook: [{trust}]}}
state: state
"""


@dataclass(frozen=True, slots=True)
class Federation:
    """What an operator says when setting up: names, and the address the coordinator listens on."""

    id: str
    label: Label
    coordinator: str
    organisation: str
    address: str
    enrolment: str


def set_up(folder: Path, wanted: Federation, now: datetime) -> dict[str, str]:
    """Make the folder; returns the fingerprints that members are told.

    Raises:
        SamklangError: ``enrolment-folder``, ``enrolment-name``, ``client-file``.
    """
    named(wanted.id, wanted.coordinator, wanted.organisation)
    empty_folder(folder)
    authority = Authority.create(wanted.id, days=AUTHORITY_DAYS, now=now)
    authority.write(folder / "ca.pem", folder / "ca.key")
    place = folder / "coordinator"
    place.mkdir(mode=0o700)
    hosts = list(dict.fromkeys([wanted.address.rpartition(":")[0], *LOCAL_HOSTS]))
    issued = authority.issue(
        "coordinator", wanted.coordinator, wanted.organisation, days=LEAF_DAYS, now=now, hosts=hosts
    )
    issued.write(place / "tls.pem", place / "tls.key")
    identity = SigningKey.generate()
    identity.save(place / "identity.key")
    words = {
        "federation": wanted.id,
        "en": quoted(wanted.label.en),
        "da": quoted(wanted.label.da),
        "coordinator": wanted.coordinator,
        "organisation": wanted.organisation,
        "identity": identity.verify_key.text,
        "today": now.date().isoformat(),
        "until": (now.date() + timedelta(days=LEAF_DAYS)).isoformat(),
        "address": wanted.address,
        "trust": "",
        "enrolment": wanted.enrolment,
    }
    (folder / "federation.yaml").write_text(filled(_MANIFEST, words), encoding="utf-8")
    (place / "config.yaml").write_text(filled(_CONFIG, words), encoding="utf-8")
    return {
        "authority": f"sha256:{fingerprint(authority.certificate)}",
        "coordinator": f"sha256:{identity.verify_key.keyid}",
    }


def filled(template: str, words: Mapping[str, str]) -> str:
    return template.format(**words)


def quoted(text: str) -> str:
    """A text in YAML's double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{" ".join(escaped.split())}"'


def named(*names: str) -> None:
    """Raise ``enrolment-name`` unless all can stand in documents and certificates."""
    for name in names:
        if len(name) > NAME_LENGTH or not re.fullmatch(NAME, name):
            raise SamklangError("enrolment-name", name=printable(name[:40]))


def empty_folder(folder: Path) -> None:
    """Make ``folder`` (0700); raises ``enrolment-folder`` if something is in it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise SamklangError("enrolment-folder", folder=folder.name)
        folder.chmod(0o700)
    except OSError as error:
        raise SamklangError("client-file", file=folder.name, problem=error.strerror or "unusable") from None
