"""Who takes part in a query: the sectors it touches and the nodes that serve them."""

from __future__ import annotations

from collections.abc import Iterable

from samklang.errors import SamklangError
from samklang.model.checks.codebook import suppliers
from samklang.model.checks.query import touched_sectors
from samklang.model.codebook import Codebook
from samklang.model.manifest import Manifest
from samklang.model.query import Draft


class Scope:
    """A query between its documents.

    Attributes:
        sectors: input party → its sectors that the query touches, in the manifest's order.
        largest_group: k_max, at how many nodes a citizen may be.

    Raises:
        SamklangError: ``program-too-few-nodes``.
    """

    def __init__(self, manifest: Manifest, codebook: Codebook, query: Draft) -> None:
        self.manifest, self.codebook, self.query = manifest, codebook, query
        touched = set(touched_sectors(query, codebook))
        chosen = [n for n in manifest.nodes if query.nodes is None or n.id in query.nodes]
        self.sectors = {
            n.id: tuple(s for s in n.sectors if s in touched) for n in chosen if touched & set(n.sectors)
        }
        if len(self.sectors) < 2:
            raise SamklangError("program-too-few-nodes", nodes=len(self.sectors))
        self.largest_group = min(len(self.sectors), len(touched) * manifest.memberships_per_sector)

    def suppliers(self, variable: str) -> set[str]:
        """The sectors that supply a variable."""
        return suppliers(self.codebook.variables[variable])

    def nodes(self, sector: str) -> int:
        """Nodes of a sector, as many as one citizen's group can hold rows of."""
        return min(sum(sector in served for served in self.sectors.values()), self.largest_group)

    def per_row(self, sectors: Iterable[str]) -> int:
        """Most of these sectors that one node serves."""
        wanted = set(sectors)
        return max(len(wanted & set(served)) for served in self.sectors.values())
