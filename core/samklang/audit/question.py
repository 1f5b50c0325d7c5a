"""A signed query in words, for whoever reads a log: what was to be counted, of whom, by what, at which cost.

The names of a query become the codebook's labels; a name that the codebook doesn't have any more stays as it
is. The analyst's own words are shown as such, as :mod:`samklang.model.plain_text` lets them be.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from samklang.audit.words import say
from samklang.errors import Language
from samklang.model.base import Label
from samklang.model.codebook import Codebook, Measure
from samklang.model.plain_text import one_line
from samklang.model.query import Filter, MeasureUse, PresenceAxis, Query, VariableAxis

__all__ = ["in_brief", "in_words"]

Line = tuple[str, str]
"""(what the line is about, what it says)."""


def in_words(query: Query, codebook: Codebook, lang: Language) -> list[Line]:
    """The whole question, a line for each thing that it says."""
    return [line for line in _Words(codebook, lang).lines(query) if line[1]]


def in_brief(query: Query, codebook: Codebook, lang: Language) -> str:
    """Axes, whom it is about, what is summed and the price, in one line."""
    words = _Words(codebook, lang)
    axes = ", ".join(words.axis(axis) for axis in query.axes)
    parts = [
        words.say("by {axes}", axes=axes),
        words.group(query),
        *(words.filter(found) for found in query.filter),
        *(words.measure(measure) for measure in query.measures),
        words.number(f"\u03b5 {query.privacy.epsilon.normalize():f}"),
    ]
    return "; ".join(parts)


class _Words:
    def __init__(self, codebook: Codebook, lang: Language) -> None:
        self.codebook = codebook
        self.lang: Language = lang

    def say(self, text: str, **values: object) -> str:
        return say(self.lang, text, **values)

    def lines(self, query: Query) -> Iterator[Line]:
        yield self.say("Title"), one_line(self.label(query.title))
        yield self.say("In the analyst's words"), one_line(query.purpose.text)
        yield self.say("About"), self.group(query)
        for axis in query.axes:
            yield self.say("By"), self.axis(axis) + self.levels_of(axis)
        yield self.say("Only"), "; ".join(self.filter(found) for found in query.filter)
        yield self.say("Summed"), "; ".join(self.measure(measure) for measure in query.measures)
        margin = (self.name(m.axis) + (f" ({m.banding})" if m.banding else "") for m in query.report_by)
        yield self.say("Margin by"), ", ".join(margin)
        required = (f"{self.name(name)}: {', '.join(levels)}" for name, levels in query.require.items())
        yield self.say("Released only"), "; ".join(required)
        period = query.period
        said = self.say(
            "{first} to {last}, states as of {as_of}",
            first=_day(period.from_),
            last=_day(period.until - timedelta(days=1)),
            as_of=_day(period.as_of),
        )
        yield self.say("Period"), said
        privacy = query.privacy
        price = f"\u03b5 {privacy.epsilon.normalize():f} (\u03b4 {privacy.delta.normalize():e})"
        yield self.say("Price"), self.number(price)
        yield self.say("To be released to"), ", ".join(query.recipients)
        yield self.say("Nodes"), ", ".join(query.nodes or ())
        yield self.say("At most"), self.say("{attempts} attempts", attempts=query.max_attempts)

    def group(self, query: Query) -> str:
        if query.target_group is None:
            return self.say("everybody")
        found = self.codebook.target_groups.get(query.target_group)
        group = self.label(found.label) if found else query.target_group
        return self.say("target group {group}", group=group)

    def axis(self, axis: VariableAxis | PresenceAxis) -> str:
        if isinstance(axis, PresenceAxis):
            return self.say("known at {sector} or not", sector=self.name(axis.presence))
        return f"{self.name(axis.variable)} ({axis.banding})"

    def levels_of(self, axis: VariableAxis | PresenceAxis) -> str:
        if isinstance(axis, PresenceAxis):
            return ""
        labels = self.banding(axis.variable, axis.banding)
        return f": {', '.join(labels.values())}" if labels else ""

    def filter(self, found: Filter) -> str:
        labels = self.banding(found.variable, found.banding)
        levels = self.say(" or ").join(labels.get(level, level) for level in found.levels)
        return self.say("{name} is {levels}", name=self.name(found.variable), levels=levels)

    def measure(self, use: MeasureUse) -> str:
        name = self.name(use.variable)
        if use.as_ == "count":
            return self.say("how many have a value for {name}", name=name)
        found = self.codebook.variables.get(use.variable)
        if not isinstance(found, Measure):
            return self.say("the sum of {name}", name=name)
        low, high = found.clip
        unit = self.label(found.unit)
        return self.say(
            "the sum of {name} ({low} to {high} {unit} of each)", name=name, low=low, high=high, unit=unit
        )

    def banding(self, variable: str, banding: str) -> dict[str, str]:
        found = self.codebook.variables.get(variable)
        if found is None or isinstance(found, Measure) or banding not in found.bandings:
            return {}
        return {level.id: self.label(level.label) for level in found.bandings[banding].levels}

    def name(self, name: str) -> str:
        found = self.codebook.variables.get(name) or self.codebook.sectors.get(name)
        return self.label(found.label) if found else name

    def label(self, label: Label) -> str:
        return label.da if self.lang == "da" else label.en

    def number(self, text: str) -> str:
        return text.replace(".", ",") if self.lang == "da" else text


def _day(day: date) -> str:
    return day.strftime("%d.%m.%Y")
