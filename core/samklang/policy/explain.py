"""What a node's rules mean, in plain English or Danish, written from the object that decides.

Nothing here knows more, or less, than :func:`samklang.policy.decide`: every sentence is made from a value of the
narrowed policy that the checks compare with. What the checks would refuse for ever is said to be refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from samklang.errors import Language
from samklang.errors.figures import decimals
from samklang.model.accession import Accession
from samklang.model.articles import basis as basis_text
from samklang.model.base import Label
from samklang.model.codebook import Codebook, Measure
from samklang.model.durations import in_words
from samklang.model.manifest import Manifest
from samklang.model.policy import RELEASE_ORDER, Grant, Operation, Prohibition
from samklang.model.problems import place
from samklang.policy.enforce import Enforced
from samklang.policy.names import group_label, use_label
from samklang.policy.vocabulary import bare
from samklang.policy.words import listed, number, say, say_n

__all__ = ["OPERATIONS", "Section", "explain"]

OPERATIONS: Final[dict[Operation, str]] = {
    "stratify": "tables by several characteristics",
    "score": "points summed over partners",
    "pathway": "time between events in different sectors",
    "evaluate": "a comparison of periods and areas",
    "return": "return of persons for treatment",
}
CONDITIONS: Final = {
    "new-template": "nobody here has approved the form of the question before",
    "many-cells": "the table has more than 200 cells",
    "large-budget": "it costs more than epsilon 1 at delta 1e-8",
}

_OVERLAP: Final = {
    "refuse": (
        "A question that differs from an answered one in fewer than {n} citizen, by public figures, is refused.",
        "A question that differs from an answered one in fewer than {n} citizens, by public figures, is "
        "refused.",
    ),
    "approve": (
        "A question that differs from an answered one in fewer than {n} citizen, by public figures, waits for "
        "a person's approval.",
        "A question that differs from an answered one in fewer than {n} citizens, by public figures, waits for "
        "a person's approval.",
    ),
}
"""What becomes of a question that is too near to an answered one: for one citizen, for several."""


@dataclass(frozen=True, slots=True)
class Section:
    """``grant``: which one it tells of; empty for the whole document. Lines that begin with two blanks are
    entries of the line above."""

    title: str
    grant: str
    lines: tuple[str, ...]


def explain(rules: Enforced, manifest: Manifest, codebook: Codebook, lang: Language) -> list[Section]:
    """One section for the document, one per grant, one for what is forbidden."""
    told = _Told(rules, manifest, codebook, lang)
    return [
        told.document(),
        *(told.grant(grant) for grant in rules.policy.grants),
        told.forbidden(),
    ]


class _Told:
    def __init__(self, rules: Enforced, manifest: Manifest, codebook: Codebook, lang: Language) -> None:
        self.rules, self.policy = rules, rules.policy
        self.codebook, self.lang = codebook, lang
        self.labels = {node.id: node.label for node in manifest.nodes}

    def say(self, text: str, **values: object) -> str:
        return say(self.lang, text, **values)

    def say_n(self, one: str, many: str, n: int, **values: object) -> str:
        return say_n(self.lang, one, many, n, **values)

    def label(self, label: Label) -> str:
        return label.da if self.lang == "da" else label.en

    def document(self) -> Section:
        policy = self.policy.policy
        node = self.label(self.labels[policy.node]) if policy.node in self.labels else policy.node
        returns = any("return" in grant.operations for grant in self.policy.grants)
        lines = [
            self.say(
                "Policy {policy}, version {version}, holds from {first} to {last}, both days included.",
                policy=policy.id,
                version=policy.version,
                first=policy.valid.from_,
                last=policy.valid.until,
            ),
            self.say(
                "Controllers: {names}.", names=listed(self.lang, (c.name for c in self.policy.controllers))
            ),
            self.say("Everything that isn't said here is refused.")
            if returns
            else self.say(
                "Everything that isn't said here is refused. Nothing is answered with a list of citizens or a "
                "record."
            ),
        ]
        differencing = self.policy.differencing
        lines.append(
            self.say("Nor is it looked at whether a question differs from an answered one in few citizens.")
            if differencing.overlap == "allow"
            else self.say_n(*_OVERLAP[differencing.overlap], differencing.least)
        )
        lines += self._accession()
        if self.rules.narrowed:
            clauses = ", ".join(dict.fromkeys(place(found.place) for found in self.rules.narrowed))
            text = "Stricter than the policy says, because the federation's floor is: {clauses}."
            lines.append(self.say(text, clauses=clauses))
        return Section(self.say("What {node} answers, and to whom", node=node), "", tuple(lines))

    def _accession(self) -> Iterator[str]:
        """Who takes part when, and what that means for rows."""
        controllers = self.policy.controllers
        named = Accession.of(self.policy).named
        text = (
            "{name} takes part from {first} to {last}; on other days its rows are left out."
            if named
            else "{name} takes part from {first} to {last}; on other days nothing is answered."
        )
        for one in controllers:
            if one.joined:
                yield self.say(text, name=one.name, first=one.joined.from_, last=one.joined.until)
        if named and any(one.joined for one in controllers):
            yield self.say(
                "This needs tables in the node's configuration that say whose their rows are; without them nothing "
                "is answered on a day when one of the controllers doesn't take part."
            )

    def grant(self, grant: Grant) -> Section:
        parts = (
            self._who,
            self._why,
            self._what,
            self._detail,
            self._limits,
            self._conditions,
            self._learned,
        )
        return Section(grant.id, grant.id, tuple(line for part in parts for line in part(grant)))

    def _who(self, grant: Grant) -> Iterator[str]:
        kinds = [self.policy.people[name] for name in grant.who if name in self.policy.people]
        if not kinds:
            yield self.say("Nobody can ask under this grant: its people don't exist.")
            return
        who = [
            self.say(
                "{role} at {organisations}, with a treatment relation to every citizen"
                if people.treatment_relation == "required"
                else "{role} at {organisations}",
                role=people.role,
                organisations=listed(self.lang, people.organisations, last=" or "),
            )
            for people in kinds
        ]
        yield self.say("Who may ask: {who}.", who="; ".join(who))
        readers = dict.fromkeys(o for people in kinds for o in people.organisations)
        text = "The answer goes to whoever asks, or to {organisations}."
        yield self.say(text, organisations=listed(self.lang, readers, last=" or "))

    def _why(self, grant: Grant) -> Iterator[str]:
        purpose, basis = grant.purpose, grant.basis
        yield self.say(
            "For which purpose: {purpose} ({family}).", purpose=purpose.text, family=self.say(purpose.family)
        )
        articles = basis_text(basis.gdpr, basis.danish, self.lang)
        text = "On which basis: {articles}; decision on file: {decision}."
        yield self.say(text, articles=articles, decision=basis.decision)
        if basis.confirmed_by is None:
            yield self.say("That this basis holds is an assumption: no lawyer has confirmed it.")
        else:
            yield self.say("The basis has been confirmed by {name}.", name=basis.confirmed_by)

    def _what(self, grant: Grant) -> Iterator[str]:
        operations = [self.say(OPERATIONS[operation]) for operation in grant.operations]
        yield self.say("What may be done: {operations}.", operations="; ".join(operations))
        groups = [self._group(name) for name in grant.target_groups]
        yield self.say("About whom: {groups}.", groups=listed(self.lang, groups, last=" or "))
        every = listed(self.lang, grant.joint_with.all_of)
        some = listed(self.lang, grant.joint_with.any_of, last=" or ")
        match (bool(grant.joint_with.all_of), bool(grant.joint_with.any_of)):
            case (True, True):
                yield self.say("Only together with data of {every}, and of {some}.", every=every, some=some)
            case (True, False):
                yield self.say("Only together with data of {every}.", every=every)
            case (False, True):
                yield self.say("Only together with data of {some}.", some=some)

    def _group(self, name: str) -> str:
        return group_label(name, self.codebook, self.lang)

    def _named(self, names: list[str]) -> str:
        return listed(self.lang, (use_label(name, self.codebook, self.lang) for name in names))

    def _detail(self, grant: Grant) -> Iterator[str]:
        levels = {name: self._level(name) for name in grant.variables}
        shown = [name for name, level in levels.items() if level >= RELEASE_ORDER.index("joint")]
        if shown:
            yield self.say("In which detail, in tables that others' data are part of:")
            yield from (f"  {self.use(name)}" for name in shown)
        needs = grant.joint_with.all_of or grant.joint_with.any_of
        local = [n for n, level in levels.items() if level >= RELEASE_ORDER.index("local") and not needs]
        if local:
            text = "Of these, also in tables of this node alone: {names}."
            yield self.say(text, names=self._named(local))
        if closed := [name for name in levels if name not in shown]:
            text = "Listed, but closed by a rule, and so refused: {names}."
            yield self.say(text, names=self._named(closed))

    def _level(self, name: str) -> int:
        """The release that holds; a measure wider than its rule's bounds is refused, as if it were closed."""
        rule, closed = self.policy.variables.get(name), self.policy.variables.get(bare(name))
        if rule is None:
            return 0
        variable = self.codebook.variables.get(bare(name)) if name.endswith(" as measure") else None
        if isinstance(variable, Measure) and rule.clip is not None:
            low, high = variable.clip
            if not rule.clip[0] <= low <= high <= rule.clip[1]:
                return 0
        return min(RELEASE_ORDER.index(r.release) for r in (rule, closed) if r)

    def use(self, name: str) -> str:
        """A use with its label and levels."""
        label = use_label(name, self.codebook, self.lang)
        if name.startswith("presence of "):
            return label
        variable = self.codebook.variables.get(bare(name))
        if isinstance(variable, Measure):
            low, high = variable.clip
            text = "{label}: sum or count per cell, each citizen between {low} and {high} {unit}"
            return self.say(text, label=label, low=low, high=high, unit=self.label(variable.unit))
        banding = variable.bandings.get(name.rpartition("/")[2]) if variable else None
        if variable is None or banding is None:
            return name
        return f"{label}: {' · '.join(self.label(level.label) for level in banding.levels)}"

    def _limits(self, grant: Grant) -> Iterator[str]:
        least = max(self.policy.defaults.min_count, grant.min_count or 0)
        yield self.say_n("At most {n} axis in a table.", "At most {n} axes in a table.", grant.max_axes)
        yield self.say("Counts below {count} are not shown.", count=least)
        if self.policy.defaults.secondary_suppression:
            yield self.say("Nor is a hidden cell shown that could be found by subtraction.")
        budget = grant.budget
        values = {
            "query": number(self.lang, budget.per_query.epsilon),
            "month": number(self.lang, budget.month.epsilon),
            "year": number(self.lang, budget.year.epsilon),
            "delta": number(self.lang, budget.delta),
        }
        if budget.lifetime:
            yield self.say(
                "What it may cost: epsilon {query} for one question, {month} in a month, {year} in a year, "
                "{lifetime} altogether (delta {delta}).",
                lifetime=number(self.lang, budget.lifetime.epsilon),
                **values,
            )
        else:
            yield self.say(
                "What it may cost: epsilon {query} for one question, {month} in a month, {year} in a year "
                "(delta {delta}).",
                **values,
            )

    def _conditions(self, grant: Grant) -> Iterator[str]:
        yield self._consent(grant)
        yield self._approval(grant)
        text = "Kept: releases {release}, audit entries {audit}."
        yield self.say(
            text,
            release=in_words(grant.retention.release, self.lang),
            audit=in_words(grant.retention.audit, self.lang),
        )
        if grant.return_to and grant.rule:
            yield self.say(
                "Persons are returned to {node}, at most {persons}, by the rule {rule} alone.",
                node=grant.return_to.node,
                persons=grant.return_to.max_persons,
                rule=grant.rule,
            )

    def _consent(self, grant: Grant) -> str:
        registers = listed(self.lang, grant.consent.registers)
        text = {
            "opt-out": "Consent: everybody takes part but those who have objected ({registers}).",
            "opt-in": "Consent: only those take part who have consented ({registers}), and nobody who has "
            "objected.",
            "none": "Consent: the law asks for none; whoever is in a register of objections is left out all the "
            "same.",
        }[grant.consent.model]
        return self.say(text, registers=registers)

    def _approval(self, grant: Grant) -> str:
        approval = grant.approval
        roles = listed(self.lang, approval.roles, last=" or " if approval.mode != "two-person" else " and ")
        values = {"roles": roles, "time": in_words(approval.expires, self.lang)}
        if approval.mode == "manual":
            text = "Approval: one person ({roles}) approves every question; waits {time} at most."
            return self.say(text, **values)
        if approval.mode == "two-person":
            return self.say(
                "Approval: two persons in different roles ({roles}) approve every question; waits {time} at "
                "most.",
                **values,
            )
        if not approval.manual_if:
            return self.say("Approval: nobody has to; the policy decides.")
        conditions = (self.say(CONDITIONS[condition]) for condition in approval.manual_if)
        return self.say(
            "Approval: the policy decides, but one person ({roles}) has to approve if {conditions}; waits "
            "{time} at most.",
            conditions=listed(self.lang, conditions, last=" or "),
            **values,
        )

    def _learned(self, grant: Grant) -> Iterator[str]:
        budget = grant.budget
        yield self.say("What exactly can they learn?")
        if "return" in grant.operations and grant.return_to:
            yield "  " + self.say(
                "Which of its own citizens meet the rule, by name and no noise: at {node}, at most {persons}.",
                node=grant.return_to.node,
                persons=grant.return_to.max_persons,
            )
        if grant.operations == ("return",):
            return
        yield "  " + self.say(
            "Tables of counts and sums, with noise, of groups: never a name, a CPR number or a citizen's row."
        )
        yield "  " + self.say(
            "About one citizen, one answer of epsilon {query} changes the odds of any guess by a factor of "
            "{factor} at most, whatever else is known; all answers of a year together by {year_factor} (and, with "
            "a probability of about {delta} an answer, this may fail).",
            query=number(self.lang, budget.per_query.epsilon),
            factor=decimals(_factor(float(budget.per_query.epsilon)), self.lang),
            year_factor=decimals(_factor(float(budget.year.epsilon)), self.lang),
            delta=number(self.lang, budget.delta),
        )
        yield "  " + self.say(
            "Not prevented: what is true of a group stays true of its members, also of those who have objected."
        )
        yield "  " + self.say(
            "Not prevented: two of the three compute parties that break the protocol together can see more."
        )

    def forbidden(self) -> Section:
        lines = list(dict.fromkeys(f"  {self._prohibition(p)}" for p in self.policy.prohibitions))
        lines.append(
            "  "
            + self.say(
                "that persons are returned for anything but care, or that statistics lead to anything but "
                "statistics; no policy can change this (DBL § 10)"
            )
        )
        never = [name for name, rule in self.policy.variables.items() if rule.release in ("never", "match")]
        if never:
            text = "Never used in an answer, whatever is granted: {names}."
            lines.append(self.say(text, names=self._named(never)))
        return Section(self.say("Whatever is granted, it is forbidden:"), "", tuple(lines))

    def _prohibition(self, p: Prohibition) -> str:
        parts = []
        if p.from_family and p.to_family:
            text = "that what was asked for {asked} purposes leads to {leads_to}"
            parts.append(self.say(text, asked=self.say(p.from_family), leads_to=self.say(p.to_family)))
        if p.organisations:
            parts.append(self.say("to {organisations}", organisations=self._any(p.organisations)))
        if p.operations:
            names = (self.say(OPERATIONS[o]) for o in p.operations)
            parts.append(self.say("to do this: {operations}", operations=self._any(names)))
        if p.target_groups:
            groups = (self._group(g) for g in p.target_groups)
            parts.append(self.say("to ask about {groups}", groups=self._any(groups)))
        if p.variables:
            parts.append(
                self.say(
                    "to use {names}",
                    names=self._any(use_label(v, self.codebook, self.lang) for v in p.variables),
                )
            )
        if p.families:
            families = (self.say(f) for f in p.families)
            parts.append(self.say("under purposes of the kind {families}", families=self._any(families)))
        return ", ".join(parts) + " " + self.say("(because: {why})", why=p.why)

    def _any(self, names: object) -> str:
        return listed(self.lang, names, last=" or ")  # type: ignore[arg-type]


def _factor(epsilon: float) -> str:
    """e^ε, rounded up in its second digit, so that it is never understated."""
    value = math.exp(epsilon)
    step = 10 ** (math.floor(math.log10(value)) - 1)
    rounded = math.ceil(value / step - 1e-9) * step
    return f"{rounded:.2g}" if rounded < 100 else f"{rounded:.0f}"
