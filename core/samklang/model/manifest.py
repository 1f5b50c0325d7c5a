"""The federation manifest: who takes part, in which role, with which identity key.

Signed by the members' controllers. Everything a node must know about its partners comes from here and
never from the coordinator: whoever runs the certificate authority can't invent a node.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from samklang.model.base import Digest, Document, Identifier, Label

PublicKey = Annotated[str, StringConstraints(pattern=r"^ed25519:[A-Za-z0-9+/]{43}=$")]
"""A raw Ed25519 public key, 32 bytes, base64."""


class Validity(Document):
    """Dates in Europe/Copenhagen, both inclusive."""

    from_: Annotated[date, Field(alias="from")]
    until: date


class FederationId(Document):
    id: Identifier
    version: Annotated[int, Field(ge=1)]
    """Grows with every change."""
    label: Label
    valid: Validity


class Coordinator(Document):
    """Linker and relay; in a two-node federation also compute party A."""

    id: Identifier
    organisation: Identifier
    """Who runs it; an organisation without a node in the federation."""
    identity: PublicKey


class Node(Document):
    """One partner's node. It may serve several sectors (a region with somatic and psychiatric care)."""

    id: Identifier
    organisation: Identifier
    """Who answers for it; one organisation may have several nodes."""
    label: Label
    sectors: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """The sectors of the codebook whose citizens it holds."""
    identity: PublicKey


class Manifest(Document):
    """The whole document.

    ``compute_parties`` names A, B, C in order. Three nodes of three organisations where there are three;
    in a two-node federation (coordinator, node, node), so that both parties that open cells are nodes.
    ``memberships_per_sector``: how many nodes of one sector may hold the same citizen.
    """

    federation: FederationId
    coordinator: Coordinator
    nodes: Annotated[tuple[Node, ...], Field(min_length=2, max_length=200)]
    """Everybody who takes part."""
    compute_parties: Annotated[tuple[Identifier, Identifier, Identifier], Field()]
    memberships_per_sector: Annotated[int, Field(ge=1, le=4)] = 2
    codebook: Digest
    """Digest of the codebook that the members have signed."""
