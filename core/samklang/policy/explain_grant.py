"""One grant in plain words: who, what and why; in which detail; at what cost; with whose consent and
approval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from samklang.errors import Language
from samklang.errors.figures import decimals
from samklang.model.articles import basis as basis_text
from samklang.model.durations import in_words
from samklang.policy import explained as x
from samklang.policy.names import group_text, use_text
from samklang.policy.phrases import CONDITIONS, OPERATIONS
from samklang.policy.words import listed, number, say, say_n

__all__ = ["granted"]

_NOTHING: Final = {
    "askers": "it names nobody who could ask",
    "operations": "it names nothing that could be done",
    "groups": "there is nobody whom it could be about",
    "together": "the organisations that must be part of it have no other node here",
    "costs": "its budget for one question is nothing",
}
_REFUSED: Final = {
    "closed": "Listed, but closed by a rule, and so refused: {names}.",
    "bounds": "Listed, but wider than the bounds of its rule, and so refused: {names}.",
    "unknown": "Listed, but unknown here, and so refused: {names}.",
    "needs": "Listed, but made of what isn't granted, and so refused: {names}.",
    "return": "Listed, but without care as its purpose, a rule and a receiver, and so refused: {names}.",
}


def granted(one: x.Permission, near: x.Near, lang: Language) -> Iterator[str]:
    """The lines about a grant."""
    told = _Granted(one, near, lang)
    for part in (told.who, told.what, told.why, told.detail, told.limits, told.whose, told.learned):
        yield from part()


class _Granted:
    def __init__(self, one: x.Permission, near: x.Near, lang: Language) -> None:
        self.one, self.near, self.lang = one, near, lang

    def say(self, text: str, **values: object) -> str:
        return say(self.lang, text, **values)

    def any_of(self, names: Iterable[str]) -> str:
        return listed(self.lang, names, last=" or ")

    def who(self) -> Iterator[str]:
        if self.one.nothing:
            reasons = listed(self.lang, (self.say(_NOTHING[reason]) for reason in self.one.nothing))
            yield self.say("Nothing can be asked under this: {reasons}.", reasons=reasons)
        for asker in self.one.askers:
            who = self.say(
                "{role} at {organisations}, with a treatment relation to every citizen"
                if asker.treatment_relation
                else "{role} at {organisations}",
                role=asker.role,
                organisations=self.any_of(asker.organisations),
            )
            yield self.say("Who may ask: {who}.", who=who)
            same = {*asker.organisations} == {*asker.readers}
            if same and len(asker.readers) > 1:
                yield "  " + self.say("The answer goes to whoever asks, or to one of these organisations.")
            else:
                readers = self.any_of(asker.readers)
                yield "  " + self.say(
                    "The answer goes to whoever asks, or to {organisations}.", organisations=readers
                )

    def what(self) -> Iterator[str]:
        one = self.one
        if one.operations:
            done = "; ".join(self.say(OPERATIONS[operation]) for operation in one.operations)
            yield self.say("What may be done: {operations}.", operations=done)
        if one.returned:
            yield "  " + self.say(
                "By the rule {rule} alone; to {node}, at most {persons}.",
                node=one.returned.node,
                persons=one.returned.max_persons,
                rule=one.returned.rule,
            )
        if one.groups:
            groups = self.any_of(map(self._group, one.groups))
            yield self.say("About whom: {groups}.", groups=groups)
        yield from self._refused("people", "operation", "group")

    def _group(self, group: x.Group) -> str:
        label = group_text(group.name, group.label, self.lang)
        if not group.needs:
            return label
        names = listed(self.lang, (f"`{name}`" for name in group.needs))
        return self.say("{group}, found here by {names}", group=label, names=names)

    def why(self) -> Iterator[str]:
        one, legal = self.one, self.one.legal
        yield self.say(
            "For which purpose: {purpose} ({family}).", purpose=one.purpose, family=self.say(one.family)
        )
        articles = basis_text(legal.gdpr, legal.danish, self.lang)
        text = "On which basis: {articles}; decision on file: {decision}."
        yield self.say(text, articles=articles, decision=legal.decision)
        if legal.confirmed_by is None:
            yield "  " + self.say("That this basis holds is an assumption: no lawyer has confirmed it.")
        else:
            yield "  " + self.say("The basis has been confirmed by {name}.", name=legal.confirmed_by)

    def _refused(self, *kinds: str) -> Iterator[str]:
        for why, text in _REFUSED.items():
            if found := [r for r in self.one.refused if r.what in kinds and r.why == why]:
                yield self.say(text, names=listed(self.lang, map(self._name, found)))

    def _name(self, refused: x.Refused) -> str:
        match refused.what:
            case "operation":
                return self.say(OPERATIONS["return"]) if refused.name == "return" else refused.name
            case "group":
                return group_text(refused.name, refused.label, self.lang)
            case _:
                return use_text(refused.name, refused.label, self.lang)

    def detail(self) -> Iterator[str]:
        one, uses = self.one, self.one.uses
        every, some = listed(self.lang, one.together), self.any_of(one.together_any)
        match (bool(one.together), bool(one.together_any)):
            case (True, True):
                yield self.say("Only together with data of {every}, and of {some}.", every=every, some=some)
            case (True, False):
                yield self.say("Only together with data of {every}.", every=every)
            case (False, True):
                yield self.say("Only together with data of {some}.", some=some)
        if uses:
            yield self.say("In which detail, in tables that others' data are part of:")
            yield from (f"  {self._use(use)}" for use in uses)
        alone = [use for use in uses if use.alone]
        if alone and len(alone) == len(uses):
            yield self.say("All of it also in tables of this node alone.")
        elif alone:
            names = listed(self.lang, (use_text(use.name, use.label, self.lang) for use in alone))
            yield self.say("Of these, also in tables of this node alone: {names}.", names=names)
        yield from self._refused("use")

    def _use(self, use: x.Usable) -> str:
        label = use_text(use.name, use.label, self.lang)
        if use.bounds is not None and use.unit is not None:
            low, high = use.bounds
            unit = use.unit.da if self.lang == "da" else use.unit.en
            text = "{label}: sum or count per cell, each citizen between {low} and {high} {unit}"
            return self.say(text, label=label, low=low, high=high, unit=unit)
        levels = (level.da if self.lang == "da" else level.en for level in use.levels)
        return f"{label}: {' · '.join(levels)}" if use.levels else label

    def limits(self) -> Iterator[str]:
        answer, costs = self.one.answer, self.one.costs
        yield say_n(
            self.lang, "At most {n} axis in a table.", "At most {n} axes in a table.", answer.max_axes
        )
        yield self.say("Counts below {count} are not shown.", count=answer.min_count)
        if answer.subtraction:
            yield self.say("Nor is a hidden cell shown that could be found by subtraction.")
        values = {
            "query": number(self.lang, costs.per_query),
            "month": number(self.lang, costs.month),
            "year": number(self.lang, costs.year),
            "delta": number(self.lang, costs.delta),
        }
        month, year, lifetime = costs.questions
        if costs.lifetime is not None:
            yield self.say(
                "What it may cost: epsilon {query} for one question, {month} in a month, {year} in a year, "
                "{lifetime} altogether (delta {delta}).",
                lifetime=number(self.lang, costs.lifetime),
                **values,
            )
            yield "  " + self.say(
                "Questions at this price: {month} in a month, {year} in a year, {lifetime} altogether; "
                "more, if they cost less.",
                month=month, year=year, lifetime=lifetime,
            )  # fmt: skip
        else:
            yield self.say(
                "What it may cost: epsilon {query} for one question, {month} in a month, {year} in a year "
                "(delta {delta}).",
                **values,
            )
            yield "  " + self.say(
                "Questions at this price: {month} in a month, {year} in a year; more, if they cost less.",
                month=month, year=year,
            )  # fmt: skip

    def whose(self) -> Iterator[str]:
        yield self._consent()
        yield from self._approval()
        yield self.say(
            "Kept: releases {release}, audit entries {audit}.",
            release=in_words(self.one.answer.release_kept, self.lang),
            audit=in_words(self.one.answer.audit_kept, self.lang),
        )

    def _consent(self) -> str:
        whose = self.one.whose
        if whose.model == "opt-in" and not whose.registers:
            return self.say(
                "Consent: only those who have consented would take part, and no register says who has."
            )
        if whose.model == "opt-out" and not whose.registers:
            return self.say("Consent: everybody takes part but those who have objected.")
        text = {
            "opt-out": "Consent: everybody takes part but those who have objected ({registers}).",
            "opt-in": "Consent: only those take part who have consented ({registers}), and nobody who has "
            "objected.",
            "none": "Consent: the law asks for none.",
        }[whose.model]
        return self.say(text, registers=listed(self.lang, whose.registers, last=" or "))

    def _approval(self) -> Iterator[str]:
        found = self.one.approves
        if found is None:
            yield self.say("Approval: nobody has to; the policy decides.")
            return
        roles = listed(self.lang, found.roles, last=" and " if found.different else " or ")
        values = {"roles": roles, "time": in_words(found.waits, self.lang)}
        if found.always and found.persons == 1:
            yield self.say(
                "Approval: one person ({roles}) approves every question; waits {time} at most.", **values
            )
        elif found.always and found.different:
            yield self.say(
                "Approval: two persons in different roles ({roles}) approve every question; waits {time} at "
                "most.",
                **values,
            )
        elif found.always:
            yield self.say(
                "Approval: two persons ({roles}) approve every question; waits {time} at most.", **values
            )
        else:
            yield self.say(
                "Approval: the policy decides, but one person ({roles}) has to approve if {conditions}; "
                "waits {time} at most.",
                conditions=self.any_of(self._conditions(found)),
                **values,
            )
        if not found.enough:
            yield "  " + self.say("There are no such persons: what has to be approved is never answered.")

    def _conditions(self, found: x.Approves) -> Iterator[str]:
        if found.new_form:
            yield self.say(CONDITIONS["new-template"])
        if found.cells is not None:
            yield self.say(CONDITIONS["many-cells"])
        if found.epsilon is not None:
            yield self.say(CONDITIONS["large-budget"])
        if found.near:
            yield self.say("it differs in few citizens from an answered one")

    def learned(self) -> Iterator[str]:
        costs = self.one.costs
        yield self.say("What exactly can they learn?")
        if self.one.returned:
            yield "  " + self.say("Which citizens meet the rule, by name and without noise.")
        if self.one.operations == ("return",):
            return
        yield "  " + self.say(
            "About one citizen: a guess that is right 50 times in 100 becomes right at most {after} times in "
            "100 after one answer of epsilon {query}, and {after_year} after all answers of a year, whatever "
            "else is known (odds times {factor}, and times {year_factor}; with a probability of about "
            "{delta} an answer this may fail).",
            after=_after(costs.per_query),
            after_year=_after(costs.year),
            query=number(self.lang, costs.per_query),
            factor=decimals(_factor(costs.per_query), self.lang),
            year_factor=decimals(_factor(costs.year), self.lang),
            delta=number(self.lang, costs.delta),
        )


def _after(epsilon: Decimal) -> int:
    """What an even guess can become, in 100, rounded up: odds of 1 times e^ε."""
    return math.ceil(100 / (1 + math.exp(-float(epsilon))) - 1e-9)


def _factor(epsilon: Decimal) -> str:
    """e^ε, rounded up in its second digit, so that it is never understated."""
    value = math.exp(float(epsilon))
    step = 10 ** (math.floor(math.log10(value)) - 1)
    rounded = math.ceil(value / step - 1e-9) * step
    return f"{rounded:.2g}" if rounded < 100 else f"{rounded:.0f}"
