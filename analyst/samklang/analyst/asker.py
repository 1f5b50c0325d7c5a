"""Who asks: the analyst's signing key and the credential that vouches for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey
from samklang.model.canonical import parse_canonical
from samklang.model.loading import about
from samklang.model.manifest import Manifest
from samklang.model.query import Analyst, Query
from samklang.model.signing import PAYLOAD_TYPES, Credential, Intent, sign_query, verify_query


@dataclass(frozen=True, slots=True)
class Asker:
    """An analyst as their organisation's node vouches for them."""

    analyst: Analyst
    role: str
    key: SigningKey = field(repr=False)
    credential: bytes = field(repr=False)

    def sign(self, query: Query, manifest: Manifest, now: datetime, *, intent: Intent = "query") -> bytes:
        """The bundle to hand in, checked as the coordinator and every node will check it.

        Raises:
            SamklangError: ``identity-*``: the credential has expired, is for another key, or its issuer is
                not in the manifest.
        """
        bundle = sign_query(query, self.key, self.credential, intent=intent)
        verify_query(bundle, manifest, now, intent=intent)
        return bundle


def load_asker(identity: Path, credential: Path) -> Asker:
    """Read both files. Whether the credential is good shows when a query is signed.

    Raises:
        SamklangError: ``client-file``, ``client-other-key``, ``identity-*``, ``document-*``.
    """
    key = SigningKey.load(identity)
    try:
        data = credential.read_bytes()
    except OSError as error:
        problem = error.strerror or "unreadable"
        raise SamklangError("client-file", file=credential.name, problem=problem) from None
    with about(credential):
        envelope = Envelope.from_bytes(data)
        if envelope.payload_type != PAYLOAD_TYPES[Credential]:
            raise SamklangError("identity-envelope-type", expected=PAYLOAD_TYPES[Credential])
        said = parse_canonical(envelope.payload, Credential)
    if said.key != key.verify_key.text:
        raise SamklangError("client-other-key", file=identity.name)
    return Asker(Analyst(id=said.analyst, organisation=said.organisation), said.role, key, data)
