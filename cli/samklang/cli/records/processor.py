"""A processor's own record (GDPR art. 30(2)): of a host, of a compute party, of the coordinator's operator.

Who processes for whom is what the signed manifest says; whom a host serves is what its node's policy says,
as enforced. Of other nodes no policy is at hand: whose names stand there is left open and marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from samklang.cli.records import sections
from samklang.cli.records.facts import Facts, hosting, organisation_name, read_facts
from samklang.cli.records.page import Page
from samklang.cli.records.words import Words
from samklang.errors import Language, SamklangError
from samklang.model.codebook import Codebook
from samklang.model.config import CoordinatorConfig
from samklang.model.manifest import LegalRole, Manifest
from samklang.model.yaml_tree import read_tree

__all__ = ["Behalf", "Processor", "read_processor", "write_processor"]


@dataclass(frozen=True)
class Processor:
    """Whose record it is.

    Attributes:
        party: a node's id, or the coordinator's.
        digests: of the signed bytes, by ``policy`` (of a node alone), ``manifest`` and ``codebook``.
        own: of a node; None: the coordinator's operator.
        coordinator: the coordinator's configuration.
    """

    party: str
    organisation: str
    manifest: Manifest
    codebook: Codebook
    today: date
    digests: dict[str, str]
    own: Facts | None = None
    coordinator: CoordinatorConfig | None = None

    @property
    def roles(self) -> list[LegalRole]:
        """What it does as a processor."""
        return [r for r in self.manifest.legal_roles if r.party == self.party and r.status == "processor"]

    def name(self, lang: Language) -> str:
        """The processor, as people call it."""
        return organisation_name(self.manifest, self.organisation, lang)


@dataclass(frozen=True)
class Behalf:
    """One controller, or those whom another node's policy names, and what is done on its behalf."""

    name: str
    parts: tuple[str, ...]
    agreements: tuple[str, ...]
    takes_part: str


def read_processor(config: Path, today: date) -> Processor:
    """Of the node or coordinator whose configuration is at ``config``; documents are verified as at a start.

    Raises:
        SamklangError: whatever is wrong with the configuration, a signature or a document.
    """
    if _of_node(config):
        own = read_facts(config, today)
        digests = {
            "policy": own.policy_digest,
            "manifest": own.manifest_digest,
            "codebook": own.codebook_digest,
        }
        return Processor(
            own.node.id, own.node.organisation, own.manifest, own.codebook, today, digests, own=own
        )
    from samklang.coordinator.documents import load_documents

    found = load_documents(config)
    manifest = found.manifest.document
    return Processor(
        manifest.coordinator.id,
        manifest.coordinator.organisation,
        manifest,
        found.codebook.document,
        today,
        {"manifest": found.manifest.digest, "codebook": found.codebook.digest},
        coordinator=found.config,
    )


def _of_node(config: Path) -> bool:
    try:
        data = read_tree(config.read_bytes(), str(config)).data
    except OSError as problem:
        reason = f"{config.name}: {problem.strerror}"
        raise SamklangError("document-unreadable", reason=reason) from None
    return isinstance(data, dict) and "node" in data


def write_processor(found: Processor, lang: Language) -> Page:
    """The record in that language."""
    words = Words(lang)
    page = Page(words("title-processor", node=found.name(lang)), lang)
    page.warning(words("draft-processor", today=found.today.isoformat(), node=found.party))
    page.heading(words("h-documents"))
    _documents(page, found, words)
    page.heading(words("h-processor"))
    dpos = [signer.name for signer in found.own.signers if signer.as_ == "dpo"] if found.own else []
    dpo = words("dpo-contact", names="; ".join(dpos)) if dpos else words("dpo-missing")
    page.table(
        [words("c-name"), words("c-contact"), "DPO"], [[found.name(lang), words("contact-processor"), dpo]]
    )
    page.heading(words("h-behalf"))
    behalf = controllers(found, words)
    if not behalf:
        page.warning(words("no-behalf", node=found.name(lang)))
        return page
    header = ["c-controller", "c-contact-dpo", "c-agreement", "c-joined"]
    contact = words("contact-controller")
    page.table(
        [words(name) for name in header],
        [[one.name, contact, "; ".join(one.agreements), one.takes_part] for one in behalf],
    )
    page.heading(words("h-categories"))
    page.table(
        [words("c-controller"), words("c-category")],
        [[one.name, "; ".join(words(f"cat-{part}") for part in one.parts)] for one in behalf],
    )
    _categories(page, found, words)
    page.heading(words("h-third-processor"))
    page.warning(words("third"))
    page.heading(words("h-security-processor"))
    _security(page, found, words)
    page.warning(words("organisational"))
    return page


def controllers(found: Processor, words: Words) -> list[Behalf]:
    """Every controller on whose behalf it acts, once, in the manifest's and the policy's order."""
    parts: dict[str, list[LegalRole]] = {}
    joined: dict[str, str] = {}
    for role in found.roles:
        for name, takes_part in _served(found, role, words):
            parts.setdefault(name, []).append(role)
            joined.setdefault(name, takes_part)
    missing = words("agreement-missing")
    return [
        Behalf(
            name,
            tuple(role.part for role in roles),
            tuple(dict.fromkeys(role.agreement or missing for role in roles)),
            joined[name],
        )
        for name, roles in parts.items()
    ]


def _served(found: Processor, role: LegalRole, words: Words) -> list[tuple[str, str]]:
    """(name, when it takes part) of the controllers whom a role serves."""
    valid = found.manifest.federation.valid
    while_valid = words("not-said", first=valid.from_, last=valid.until)
    hosts, served = hosting(found.manifest), []
    own = [found.organisation] if role.part == "node" else []
    for organisation in role.on_behalf_of or own:
        label = organisation_name(found.manifest, organisation, words.lang)
        if organisation not in hosts:
            served.append((label, while_valid))
        elif found.own and organisation == found.organisation:
            for one in found.own.policy.controllers:
                when = one.joined
                said = words("from-until", first=when.from_, last=when.until) if when else words("always")
                served.append((one.name, said))
        else:
            whose = words("controllers-of", node=label)
            served.append((words("names-elsewhere", whose=whose), while_valid))
    return served


def _documents(page: Page, found: Processor, words: Words) -> None:
    federation, book = found.manifest.federation, found.codebook.codebook
    named = {"manifest": (federation.id, federation.version), "codebook": (book.id, book.version)}
    if found.own:
        policy = found.own.policy.policy
        named["policy"] = (policy.id, policy.version)
    page.table(
        [words("c-document"), words("c-version"), words("c-digest")],
        [
            [f"{words(kind)} {named[kind][0]}", str(named[kind][1]), digest]
            for kind, digest in found.digests.items()
        ],
    )


def _categories(page: Page, found: Processor, words: Words) -> None:
    """What is done in each part; of what, and to what end, where the policy at hand says it."""
    done = dict.fromkeys(role.part for role in found.roles)
    for part in done:
        page.text(words(f"does-{part}"))
        if part == "compute-party":
            opens = found.party in found.manifest.compute_parties[1:]
            page.text(words("opens" if opens else "opens-not"))
        if part == "node" and found.own:
            sections.purposes(page, found.own, words)
            sections.persons(page, found.own, words)
    if set(done) != {"node"}:
        names = dict.fromkeys(sector for node in found.manifest.nodes for sector in node.sectors)
        labels = (found.codebook.sectors[name].label.model_dump()[words.lang] for name in names)
        page.text(words("citizens-others", sectors=", ".join(labels)))


def _security(page: Page, found: Processor, words: Words) -> None:
    """What the software does for it, as configured here."""
    if found.own:
        sections.security(page, found.own, words)
        config = found.own.config
        more = ["m-oversight"] if config.oversight else []
        if found.own.hosts and len(found.own.policy.controllers) > 1:
            more.append("rows-told-apart" if config.attributed else "rows-together")
    else:
        more = ["m-transit", "m-sealed", "m-members", "m-receipts", "m-folder"]
        if found.coordinator and found.coordinator.revoked:
            more.append("m-revoked")
    page.items([words(name) for name in more])
