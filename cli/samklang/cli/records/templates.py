"""The two papers: a record of processing activities, and an appendix to an impact assessment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from samklang.cli.records import sections
from samklang.cli.records.facts import Facts
from samklang.cli.records.page import Page
from samklang.cli.records.risks import RISKS
from samklang.cli.records.words import Words
from samklang.errors import Language
from samklang.errors.phrases import in_words
from samklang.errors.times import day
from samklang.model.policy import Grant, Prohibition
from samklang.policy.names import group_label, use_label

__all__ = ["TEMPLATES", "Template", "write"]

Template = Literal["art30", "dpia"]
TEMPLATES: Final[tuple[Template, ...]] = ("art30", "dpia")


def write(template: Template, facts: Facts, lang: Language) -> Page:
    """The paper of that name in that language."""
    words = Words(lang)
    node = facts.name_of(facts.node.id, lang)
    page = Page(words(f"title-{template}", node=node), lang)
    page.warning(words("draft", today=day(facts.today, lang), node=facts.node.id))
    page.heading(words("h-documents"))
    sections.documents(page, facts, words)
    (_art30 if template == "art30" else _dpia)(page, facts, words)
    return page


def _art30(page: Page, facts: Facts, words: Words) -> None:
    for heading, section in (
        ("h-controller", sections.controllers),
        ("h-law", sections.law),
        ("h-purposes", sections.purposes),
        ("h-persons", sections.persons),
        ("h-recipients", sections.recipients),
    ):
        page.heading(words(heading))
        section(page, facts, words)
    page.heading(words("h-third"))
    page.warning(words("third"))
    page.heading(words("h-retention"))
    sections.retention(page, facts, words)
    page.heading(words("h-security"))
    sections.security(page, facts, words)


def _dpia(page: Page, facts: Facts, words: Words) -> None:
    page.heading(words("h-description"))
    federation = facts.manifest.federation.label.model_dump()[words.lang]
    page.text(words("description", federation=federation, count=len(facts.manifest.nodes)))
    if facts.computes:
        page.text(words("computes"))
    sections.purposes(page, facts, words)
    sections.persons(page, facts, words)
    sections.recipients(page, facts, words)
    page.heading(words("h-law"))
    sections.law(page, facts, words)
    page.heading(words("h-necessity"))
    page.text(words("necessity"))
    _limits(page, facts, words)
    page.heading(words("h-risks"))
    page.table(
        [words("c-risk"), words("c-answer"), words("c-more")],
        [
            [risk.risk[words.lang], risk.answer[words.lang], f"docs/threat-model.md#{risk.anchor}"]
            for risk in RISKS
            if risk.applies(facts)
        ],
    )
    page.heading(words("h-measures"))
    sections.security(page, facts, words)
    page.heading(words("h-rights"))
    page.items(_rights(facts, words))
    page.heading(words("h-open"))
    unconfirmed = [g.id for g in facts.policy.grants if g.basis.confirmed_by is None]
    lawyer = [words("open-lawyer", grants=", ".join(unconfirmed))] if unconfirmed else []
    page.items([*lawyer, words("open-agreements"), words("open-inform"), words("open-risk")])


def _limits(page: Page, facts: Facts, words: Words) -> None:
    columns = ("purpose", "budget", "axes", "count", "consent", "approval")
    least = facts.policy.defaults.min_count
    page.table(
        [words(f"c-{column}") for column in columns],
        [
            [
                grant.id,
                _budget(grant),
                str(grant.max_axes),
                str(max(least, grant.min_count or 0)),
                sections.consent_of(grant.consent, words),
                sections.approval_of(grant, words),
            ]
            for grant in facts.policy.grants
        ],
    )
    page.items(list(_prohibitions(facts, words)))


def _prohibitions(facts: Facts, words: Words) -> Iterator[str]:
    """Each once: that the policy and the federation's floor both have it is said, and not the rule again."""
    own = len(facts.rules.written.prohibitions)
    found: dict[Prohibition, tuple[list[str], list[str]]] = {}
    for place, one in enumerate(facts.policy.prohibitions):
        why, sources = found.setdefault(one.model_copy(update={"id": "", "why": ""}), ([], []))
        why.extend([one.why] if one.why not in why else [])
        sources.append(words("of-policy" if place < own else "of-floor", id=one.id))
    for one, (why, sources) in found.items():
        said = {"why": " / ".join(why), "sources": "; ".join(sources)}
        yield words("prohibited", what=_prohibited(one, facts, words), **said)


def _prohibited(prohibition: Prohibition, facts: Facts, words: Words) -> str:
    """Every condition of a prohibition; all of them together are forbidden."""
    parts = []
    if prohibition.from_family and prohibition.to_family:
        there, here = (words(f"short-{f}") for f in (prohibition.to_family, prohibition.from_family))
        parts.append(words("p-one-way", to=there, from_=here))
    for key in ("families", "organisations", "operations", "target_groups", "variables"):
        if names := getattr(prohibition, key):
            known = (_known(key, name, facts, words) for name in names)
            parts.append(words(f"p-{key}", names=", ".join(known)))
    return words("p-and").join(parts)


def _budget(grant: Grant) -> str:
    budget = grant.budget
    ever = budget.lifetime.epsilon if budget.lifetime else "-"
    spent = (budget.per_query.epsilon, budget.month.epsilon, budget.year.epsilon, ever)
    return " / ".join(str(amount) for amount in spent) + f" (δ {str(budget.delta).lower()})"


def _rights(facts: Facts, words: Words) -> list[str]:
    found = []
    for model, key in (("opt-out", "right-object"), ("opt-in", "right-consent")):
        registers = dict.fromkeys(
            register
            for grant in facts.policy.grants
            if grant.consent.model == model
            for register in grant.consent.registers
        )
        if registers:
            found.append(words(key, registers=", ".join(registers)))
    return [*found, words("right-access"), words("right-erasure")]


def _known(key: str, name: str, facts: Facts, words: Words) -> str:
    """A name of a prohibition as people read it."""
    match key:
        case "organisations":
            return facts.name_of(name, words.lang)
        case "families":
            return words(f"short-{name}")
        case "operations":
            return in_words("operation", name, words.lang)
        case "target_groups":
            return group_label(name, facts.codebook, words.lang)
        case _:
            return use_label(name, facts.codebook, words.lang)
