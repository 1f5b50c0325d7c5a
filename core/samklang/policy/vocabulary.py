"""Everything that can be asked of one node: the finite vocabulary that policies are compared over."""

from __future__ import annotations

from dataclasses import dataclass

from samklang.model.checks.policy import names_of
from samklang.model.codebook import Codebook, Measure
from samklang.model.manifest import Manifest
from samklang.model.policy import WHOLE_POPULATION, banding_name, measure_name

__all__ = ["Vocabulary", "bare", "vocabulary"]

Clip = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a request to ``node`` can name.

    Attributes:
        organisations: who has analysts in the federation, evaluators without a node included.
        partners: organisations with a node, but the node's own.
        uses: every name that a grant can list, with the codebook's bounds where it is a measure.
        groups: by target group, the uses of this node's sectors that every query about it has.
    """

    node: str
    organisations: frozenset[str]
    partners: frozenset[str]
    uses: dict[str, Clip]
    groups: dict[str, frozenset[str]]


def vocabulary(node: str, manifest: Manifest, codebook: Codebook) -> Vocabulary:
    """The vocabulary of ``node``; one that the manifest doesn't have has no sectors."""
    organisations = frozenset(n.organisation for n in manifest.nodes)
    here = next((n for n in manifest.nodes if n.id == node), None)
    uses: dict[str, Clip] = dict.fromkeys(sorted(names_of(codebook)))
    for name, variable in codebook.variables.items():
        if isinstance(variable, Measure):
            uses[measure_name(name)] = variable.clip
    groups: dict[str, frozenset[str]] = {WHOLE_POPULATION: frozenset()}
    for name, group in codebook.target_groups.items():
        groups[name] = frozenset(
            banding_name(clause.variable, clause.banding)
            for part in group.parts
            if here and part.sector in here.sectors
            for clause in part.all
        )
    return Vocabulary(
        node=node,
        organisations=organisations | {e.organisation for e in manifest.evaluators},
        partners=organisations - ({here.organisation} if here else set()),
        uses=uses,
        groups=groups,
    )


def bare(name: str) -> str:
    """The variable or sector of a use's name."""
    return name.removeprefix("presence of ").removesuffix(" as measure").split("/")[0]
