"""What a paper is written from: the documents a node has verified, and the rules it makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.errors import Language
from samklang.model.codebook import Codebook
from samklang.model.config import NodeConfig, Signer
from samklang.model.manifest import LegalRole, Manifest
from samklang.model.manifest import Node as Member
from samklang.model.policy import Grant, Policy

if TYPE_CHECKING:
    from samklang.cli.records.words import Words
    from samklang.policy import Enforced

__all__ = ["Facts", "bare", "hosting", "organisation_name", "read_facts"]


@dataclass(frozen=True)
class Facts:
    """A node's documents.

    Attributes:
        rules: what is enforced; ``policy`` of it is what every paper speaks of.
        node: the entry in the manifest.
        today: the day of writing, in Europe/Copenhagen.
        policy_digest, manifest_digest, codebook_digest: of the signed bytes.
    """

    rules: Enforced
    manifest: Manifest
    codebook: Codebook
    config: NodeConfig
    node: Member
    today: date
    policy_digest: str
    manifest_digest: str
    codebook_digest: str

    @property
    def policy(self) -> Policy:
        """The policy as it holds: under the federation's floor."""
        return self.rules.policy

    @property
    def signers(self) -> list[Signer]:
        """Whose signatures the policy carries, and as what."""
        return [signer for signer in self.config.trust.policy if isinstance(signer, Signer)]

    @property
    def legal_roles(self) -> list[LegalRole]:
        """Who is what in law: of this node and its organisation first, then of the others."""
        own = {self.node.id, self.node.organisation}
        return sorted(self.manifest.legal_roles, key=lambda role: role.party not in own)

    @property
    def hosts(self) -> bool:
        """Whether this node's organisation processes for the controllers whom its policy names."""
        return self.node.organisation in hosting(self.manifest)

    def served(self, role: LegalRole, words: Words) -> list[str]:
        """Whom a processor serves, as people read it. An organisation that only hosts others' data is no
        controller of them: its policy's are, by name in its own papers."""
        found: list[str] = []
        host = next((n for n in self.manifest.nodes if n.id == role.party), None)
        own = role.part == "node" and role.status == "processor" and host is not None
        for organisation in role.on_behalf_of or ([host.organisation] if own and host else []):
            if organisation not in hosting(self.manifest):
                found.append(self.name_of(organisation, words.lang))
            elif organisation == self.node.organisation:
                found.extend(controller.name for controller in self.policy.controllers)
            else:
                found.append(words("controllers-of", node=self.name_of(organisation, words.lang)))
        return found

    @property
    def computes(self) -> bool:
        """Whether this node also holds shares of the others' data."""
        return self.node.id in self.manifest.compute_parties

    @property
    def own_tables(self) -> dict[str, tuple[str, ...]]:
        """By logical table of this node's sectors, its columns."""
        return {
            name: tuple(table.columns)
            for name, table in self.codebook.tables.items()
            if table.sector in self.node.sectors
        }

    @property
    def variables(self) -> list[str]:
        """Everything that some grant may use here: ``variable/banding``, ``variable as measure``, …"""
        return list(dict.fromkeys(name for grant in self.policy.grants for name in grant.variables))

    def label(self, name: str, lang: str) -> str:
        """A variable's or a sector's label."""
        found = self.codebook.variables.get(name) or self.codebook.sectors.get(name)
        return name if found is None else str(found.label.model_dump()[lang])

    def group(self, name: str, lang: str) -> str:
        """A target group's label; the name itself for the whole population."""
        found = self.codebook.target_groups.get(name)
        return name if found is None else str(found.label.model_dump()[lang])

    def organisations(self, grant: Grant) -> list[tuple[str, str]]:
        """(organisation, role) of those who may ask under ``grant``."""
        kinds = [self.policy.people[name] for name in grant.who if name in self.policy.people]
        return list(dict.fromkeys((org, kind.role) for kind in kinds for org in kind.organisations))

    def name_of(self, organisation: str, lang: str) -> str:
        """An organisation as people call it, by its first node or as an evaluator."""
        for member in self.manifest.nodes:
            if organisation in (member.organisation, member.id):
                return str(member.label.model_dump()[lang])
        for evaluator in self.manifest.evaluators:
            if evaluator.organisation == organisation:
                return str(evaluator.label.model_dump()[lang])
        return organisation


def hosting(manifest: Manifest) -> set[str]:
    """Organisations whose node processes for the controllers whom its policy names."""
    parties = {r.party for r in manifest.legal_roles if r.part == "node" and r.status == "processor"}
    return {node.organisation for node in manifest.nodes if node.id in parties}


def organisation_name(manifest: Manifest, organisation: str, lang: Language) -> str:
    """An organisation by the labels of all its nodes, and by its own name where that is another one."""
    nodes = [node for node in manifest.nodes if node.organisation == organisation]
    labels = ", ".join(str(node.label.model_dump()[lang]) for node in nodes)
    if not labels:
        return organisation
    return labels if [node.id for node in nodes] == [organisation] else f"{labels} ({organisation})"


def bare(name: str) -> str:
    """``area/town``, ``bed_days as measure`` and ``presence of kommune`` without how they are used."""
    return name.removeprefix("presence of ").split("/")[0].removesuffix(" as measure")


def read_facts(config: Path, today: date) -> Facts:
    """The facts of the node whose configuration is at ``config``; its documents are verified as at a start.

    Raises:
        SamklangError: whatever is wrong with the configuration, a signature or a document.
    """
    from samklang.node.documents import load_documents

    found = load_documents(config)
    return Facts(
        rules=found.rules,
        manifest=found.manifest.document,
        codebook=found.codebook.document,
        config=found.config,
        node=found.node,
        today=today,
        policy_digest=found.policy.digest,
        manifest_digest=found.manifest.digest,
        codebook_digest=found.codebook.digest,
    )
