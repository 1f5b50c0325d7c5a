"""The sections that both papers have, each from one part of the rules."""

from __future__ import annotations

from samklang.cli.records.facts import Facts, bare
from samklang.cli.records.page import Page
from samklang.cli.records.words import Words
from samklang.errors.times import day
from samklang.model.articles import basis as basis_text
from samklang.model.policy import Consent, Grant

__all__ = ["consent_of", "controllers", "documents", "law", "persons", "purposes", "recipients", "retention"]


def documents(page: Page, facts: Facts, words: Words) -> None:
    """Which documents, in which version, with which digest."""
    policy, manifest, book = facts.policy.policy, facts.manifest.federation, facts.codebook.codebook
    page.table(
        [words("c-document"), words("c-version"), words("c-digest")],
        [
            [f"{words('policy')} {policy.id}", str(policy.version), facts.policy_digest],
            [f"{words('manifest')} {manifest.id}", str(manifest.version), facts.manifest_digest],
            [f"{words('codebook')} {book.id}", str(book.version), facts.codebook_digest],
        ],
    )
    page.items(
        [words("narrowed", place=".".join(map(str, narrowed.place))) for narrowed in facts.rules.narrowed]
    )


def controllers(page: Page, facts: Facts, words: Words) -> None:
    """Who answers in law, and who has signed as what."""
    rows = []
    for controller in facts.policy.controllers:
        joined = controller.joined
        takes_part = words("always")
        if joined:
            first, last = (day(d, words.lang) for d in (joined.from_, joined.until))
            takes_part = words("from-until", first=first, last=last)
        rows.append([controller.name, controller.record_of_processing, controller.dpia, takes_part])
    page.table([words("c-name"), words("c-record"), words("c-dpia"), words("c-joined")], rows)
    if len(rows) > 1:
        page.items([words("rows-told-apart" if facts.config.attributed else "rows-together")])
    signed = {"controller": "controller-signed", "dpo": "dpo"}
    lines = [words(signed[s.as_], name=s.name, public=s.key[:20] + "…") for s in facts.signers]
    page.items(lines or [words("unnamed-signers")])
    page.warning(words("contact"))


def law(page: Page, facts: Facts, words: Words) -> None:
    """Controller, joint controller, processor: as the manifest says, and what must be confirmed."""
    roles = facts.legal_roles
    if roles:
        header = [words(f"c-{column}") for column in ("party", "part", "status", "behalf", "agreement")]
        page.table(
            header,
            [
                [
                    facts.name_of(role.party, words.lang),
                    words(f"part-{role.part}"),
                    words(f"status-{role.status}"),
                    "; ".join(facts.served(role, words)),
                    role.agreement,
                ]
                for role in roles
            ],
        )
    else:
        page.warning(words("no-roles"))
    if facts.hosts:
        page.text(words("hosted", node=facts.name_of(facts.node.organisation, words.lang)))
    page.warning(words("law-shares"))


def purposes(page: Page, facts: Facts, words: Words) -> None:
    """A row per grant: the purpose as decided, its kind, its basis, and who has confirmed that."""
    rows = []
    for grant in facts.policy.grants:
        basis = grant.basis
        rows.append(
            [
                f"{grant.purpose.text} ({grant.id})",
                words(f"family-{grant.purpose.family}"),
                basis_text(basis.gdpr, basis.danish, words.lang),
                basis.decision,
                basis.confirmed_by or words("nobody"),
            ]
        )
    header = [words(f"c-{column}") for column in ("purpose", "family", "basis", "decision", "confirmed")]
    page.table(header, rows)


def persons(page: Page, facts: Facts, words: Words) -> None:
    """Whose data, which tables are read, what may be used and how far it may be shown."""
    lang = words.lang
    sectors = ", ".join(facts.label(sector, lang) for sector in facts.node.sectors)
    named = dict.fromkeys(group for grant in facts.policy.grants for group in grant.target_groups)
    groups = [words(name) if name == "whole-population" else facts.group(name, lang) for name in named]
    page.text(words("persons", sectors=sectors, groups="; ".join(groups)))
    page.text(words("tables"))
    tables = [[name, ", ".join(columns)] for name, columns in facts.own_tables.items()]
    page.table([words("c-table"), words("c-columns")], tables)
    page.text(words("uses"))
    rules = facts.policy.variables
    page.table(
        [words("c-use"), words("c-label"), words("c-release")],
        [
            [name, facts.label(bare(name), lang), words(f"release-{rules[name].release}")]
            for name in facts.variables
            if name in rules
        ],
    )


def recipients(page: Page, facts: Facts, words: Words) -> None:
    """Who gets what: askers by purpose, compute parties, the coordinator."""
    lang, rows = words.lang, []
    for grant in facts.policy.grants:
        there = grant.return_to
        gets = (
            words("gets-persons", most=there.max_persons, grant=grant.id)
            if there
            else words("gets-asker", grant=grant.id)
        )
        for organisation, role in facts.organisations(grant):
            rows.append([f"{facts.name_of(organisation, lang)} ({role})", gets])
    names = ", ".join(facts.name_of(party, lang) for party in facts.manifest.compute_parties)
    rows.append([words("compute-parties", names=names), words("gets-shares")])
    name = facts.manifest.coordinator.organisation
    rows.append([words("coordinator", name=name), words("gets-tags")])
    page.table([words("c-who"), words("c-gets")], rows)


def retention(page: Page, facts: Facts, words: Words) -> None:
    """How long what is kept; by grant for what is released and logged."""
    rows = []
    for grant in facts.policy.grants:
        kept = grant.retention
        rows.append([words("k-release", grant=grant.id), words.duration(kept.release)])
        rows.append([words("k-audit", grant=grant.id), words.duration(kept.audit)])
    rows.append([words("k-snapshot"), words("kept-snapshot")])
    rows.append([words("k-attempt"), words("kept-attempt")])
    rows.append([words("k-ledger"), words("kept-ever")])
    page.table([words("c-what"), words("c-kept")], rows)


def security(page: Page, facts: Facts, words: Words) -> None:
    """What the software does, and what this policy asks of it."""
    measures = ["m-stay", "m-transit", "m-shares", "m-noise", "m-policy", "m-consent", "m-log"]
    if any(g.approval.mode != "auto" or g.approval.manual_if for g in facts.policy.grants):
        measures.append("m-approval")
    least = words("m-count", count=facts.policy.defaults.min_count)
    page.items([*(words(measure) for measure in measures), least])


def consent_of(consent: Consent, words: Words) -> str:
    """How the citizens' will is heard."""
    if consent.model == "none":
        return words("no-consent")
    return words(consent.model, registers=", ".join(consent.registers))


def approval_of(grant: Grant, words: Words) -> str:
    """Whose yes a question needs."""
    approval = grant.approval
    roles, hours = ", ".join(approval.roles), words.duration(approval.expires)
    if approval.mode != "auto":
        return words(approval.mode, roles=roles, hours=hours)
    if not approval.manual_if:
        return words("auto")
    return words("auto-if", roles=roles, conditions="; ".join(words(c) for c in approval.manual_if))
