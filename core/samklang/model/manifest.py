"""The federation manifest: who takes part, in which role, with which identity key.

Signed by the members' controllers. Everything a node must know about its partners comes from here and
never from the coordinator: whoever runs the certificate authority can't invent a node.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from samklang.model.base import Digest, Document, Identifier, Label
from samklang.model.base import PublicKey as PublicKey
from samklang.model.base import Validity as Validity
from samklang.model.floor import Floor
from samklang.model.snapshot_calendar import SnapshotCalendar


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


class LegalRole(Document):
    """Who is what in law (GDPR art. 4, 26, 28) for one part of the processing; confirmed by a lawyer.

    Shares and tags in transit are personal data: a compute party that isn't a controller of all of them
    processes other controllers' data, and says here on what agreement.
    """

    party: Identifier
    """A node, the coordinator, or an organisation that only evaluates."""
    part: Literal["node", "compute-party", "coordinator", "evaluator"]
    """What it does in the federation; a node that is also a compute party has two entries."""
    status: Literal["controller", "joint-controller", "processor"]
    """Dataansvarlig, fælles dataansvarlig (art. 26) or databehandler (art. 28)."""
    on_behalf_of: tuple[Identifier, ...] = ()
    """For a processor: the organisations whose data it processes. For a processor's own `node` it is left
    out: those are the controllers that the node's policy names, each with its signature."""
    agreement: str = ""
    """Where the arrangement (art. 26) or the processing agreement (art. 28) is filed."""


class Evaluator(Document):
    """An organisation without a node whose people may ask: it measures, and holds no record, share or tag.

    What they may ask is for every node's policy to say, as for anybody else.
    """

    organisation: Identifier
    """Its name in policies and credentials; no node's and not the coordinator's."""
    label: Label
    identity: PublicKey
    """The key that vouches for its people, as a node's identity key vouches for its organisation's."""


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
    snapshots: SnapshotCalendar = SnapshotCalendar()
    """When the nodes freeze data and consents anew."""
    floor: Floor = Floor()
    """What every node's policy has to keep to; a node may only narrow it."""
    legal_roles: tuple[LegalRole, ...] = ()
    """Who is what in law."""
    evaluators: Annotated[tuple[Evaluator, ...], Field(max_length=20)] = ()
    """Organisations that may ask and hold no data."""

    @property
    def organisations(self) -> frozenset[str]:
        """Whose people can be vouched for: those with a node, and evaluators."""
        return frozenset(n.organisation for n in self.nodes) | {e.organisation for e in self.evaluators}
